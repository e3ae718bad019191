"""The queue of jobs: begins them, claims them, and runs their steps."""

from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import asyncpg
from prospectconnect.jobs.v1 import jobs_pb2 as pb

from services.caller import CURRENT_CALL, Caller
from services.clock import AHEAD, DAY, SECOND, from_timestamp, now, to_timestamp
from services.ids import new_id
from services.jobs.work import ENDED, Json, Runners, Transactions, Work
from services.postgres.database import Database, Row, Transaction
from services.records import job_statements as sql
from services.records.log.actor import JOB_USER, acting

KEEP = 30 * DAY
# So long after its end nobody asks any more how far a job was on its way: webhooks have
# given up what they could not deliver.
KEEP_PROGRESS = 3 * DAY
# A step that ends so long after what was told last tells anew. Steps are shorter than
# the rest of a second.
TELL = 8 * SECOND // 10
# A job ends as failed when so many of its steps failed in a row.
MOST_FAILURES = 5
# At most so many tenants are looked up at a time; the others follow.
_MOST_TENANTS = 100
# So often a step is done again at once that lost a race for a unique value.
_MOST_RACES = 5

# Kinds of jobs whose steps need more than a plain transaction: none.
_PLAIN: Transactions = MappingProxyType({})

_DUE = f"""
SELECT DISTINCT j.business_id, n.clock_ahead FROM jobs AS j
JOIN tenants AS n ON n.business_id = j.business_id
WHERE j.is_open AND j.due_at <= now() LIMIT {_MOST_TENANTS}
"""

_WAITING = (
    "SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)"
    " FROM jobs WHERE is_open"
)


def drafted(caller: Caller, kind: pb.JobKind.ValueType, subject_id: str) -> pb.Job:
    """Returns a job that waits, as the request that begins it answers it."""
    moment = to_timestamp(now())
    return pb.Job(
        id=new_id("job_"),
        kind=kind,
        state=pb.JOB_STATE_WAITING,
        subject_id=subject_id,
        progress=pb.JobProgress(),
        created_at=moment,
        updated_at=moment,
        created_by=caller.user_id,
        etag="1",
    )


async def begin(
    transaction: Transaction, business_id: str, job: pb.Job, task: Json
) -> None:
    """Puts a job into the queue, in the transaction of what begins it."""
    await transaction.run(sql.BEGIN, *begun(business_id, job, task))


def begun(business_id: str, job: pb.Job, task: Json) -> tuple[Any, ...]:
    """The values of the statement that puts a job into the queue.

    Where a call of an app begins it, it is that app's.
    """
    moment, call = from_timestamp(job.created_at), CURRENT_CALL.get(None)
    client_id = call.caller.client_id or None if call is not None else None
    given = job.id, job.kind, job.subject_id, moment, job.created_by, task, client_id
    return business_id, *given, acting() or job.created_by


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that a worker has by a lease."""

    business_id: str
    id: str
    kind: int
    lease: str


async def due(database: Database) -> list[tuple[str, int]]:
    """Returns tenants with jobs that a worker may claim, and how their clocks are."""
    return [(row[0], row[1]) for row in await database.rows(_DUE)]


async def claim(
    database: Database,
    business_id: str,
    lease: str,
    ahead: int = 0,
    *,
    given_up: bool = False,
) -> Claim | None:
    """Claims the job of a tenant that is due for the longest, if there is one.

    `ahead` is the tenant's clock (`clock.AHEAD`). `given_up`: only one that was
    cancelled before it began.
    """
    AHEAD.set(ahead)  # of this task, until it works for another tenant
    row = await database.row(sql.CLAIM, business_id, lease, now(), given_up)
    return None if row is None else Claim(business_id, row[0], row[1], lease)


async def step(
    database: Database,
    claimed: Claim,
    runners: Runners,
    transactions: Transactions = _PLAIN,
) -> Work | None:
    """Runs the next step of a job. Returns None if the worker has lost the job.

    A step that wrote a unique value at the same time as somebody else is done again: it
    then sees the other value.
    """
    run = partial(_step, claimed, runners)
    begin = transactions.get(claimed.kind, database.in_transaction)
    for _ in range(_MOST_RACES):
        try:
            return await begin(run)
        except asyncpg.UniqueViolationError:
            continue
    return await begin(run)


async def _step(
    claimed: Claim, runners: Runners, transaction: Transaction
) -> Work | None:
    mine = claimed.business_id, claimed.id, claimed.lease
    row = await transaction.row(sql.READ, *mine)
    if row is None:
        return None
    work = Work(
        business_id=claimed.business_id,
        id=claimed.id,
        kind=claimed.kind,
        subject_id=row["subject_id"],
        state=row["state"],
        task=row["task"],
        progress=row["progress"],
        is_cancelled=row["is_cancelled"],
        is_given_up=row["failures"] >= MOST_FAILURES,
        problem=row["problem"],
        result=row["result"],
    )
    JOB_USER.set(row["created_by"] or "")  # of this task's context
    AHEAD.set(row["clock_ahead"])
    await runners[claimed.kind](transaction, work)
    moment = now()
    await transaction.run(
        sql.ADVANCE,
        *mine,
        work.task,
        work.progress,
        work.state,
        work.problem,
        work.result,
        moment,
        work.state in ENDED,
        work.is_open,
        _is_to_tell(row, work, moment),
    )
    return work


def _is_to_tell(row: Row, work: Work, moment: int) -> bool:
    """Whether clients are to see the job as a step left it.

    They see its first progress and its end at once, and what is between in time.
    """
    shown: Json = row["shown"]
    if row["finished_at"] is not None:
        return False
    if work.has_ended:
        return True
    is_due: bool = not shown or moment >= row["updated_at"] + TELL
    return is_due and work.progress != shown


async def put_off(database: Database, claimed: Claim) -> None:
    """Lets a job whose step failed wait, longer after each failure."""
    await database.run(sql.PUT_OFF, *_held(claimed))


async def wait(database: Database, claimed: Claim) -> None:
    """Lets a job wait for what is outside."""
    await database.run(sql.WAIT, *_held(claimed))


async def rest(database: Database, claimed: Claim, seconds: float) -> None:
    """Lets other jobs of the tenant go on before this one does."""
    await database.run(sql.REST, *_held(claimed), seconds)


async def give_back(database: Database, claimed: Claim) -> None:
    """Lets other workers go on with a job."""
    await database.run(sql.GIVE_BACK, *_held(claimed))


def _held(claimed: Claim) -> tuple[str, str, str]:
    return claimed.business_id, claimed.id, claimed.lease


async def waiting(database: Database) -> tuple[int, float]:
    """How many jobs of all tenants are open, and how many seconds the oldest is."""
    row = await database.row(_WAITING)
    return (row[0], float(row[1])) if row else (0, 0.0)


async def cancel(transaction: Transaction, business_id: str, job_id: str) -> None:
    """Wants a job to end. Nothing happens to one that has ended."""
    await transaction.run(sql.CANCEL, business_id, job_id)


async def sweep(database: Database, business_id: str, keep: int = KEEP) -> None:
    """Deletes a tenant's jobs that ended long ago, and what was told of their way."""
    await database.run(sql.FORGET_PROGRESS, business_id, now() - KEEP_PROGRESS)
    await database.run(sql.SWEEP, business_id, now() - keep)
