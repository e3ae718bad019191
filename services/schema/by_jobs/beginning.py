"""How a request begins a job on a definition, and what it may not do meanwhile."""

from collections.abc import Awaitable, Callable

from prospectconnect.jobs.v1 import jobs_pb2 as jobs
from prospectconnect.schema.v1 import fields_pb2 as pb

from services.caller import Caller
from services.errors import JobRunning
from services.jobs import queue
from services.postgres.database import Database, Transaction
from services.records.engine import Change
from services.schema import existing
from services.schema.by_jobs import change_jobs, formula_jobs
from services.schema.by_jobs.field_jobs import task_of

# Makes the records that use a key fit its definition: (transaction, caller, the
# definition before and after a change).
Settle = Callable[[Transaction, Caller, pb.Field | None, pb.Field], Awaitable[None]]

_LEAVING = """
SELECT 1 FROM fields
WHERE business_id = $1 AND object = $2 AND key = $3 AND deleted_at IS NOT NULL
"""


def beginning(
    choice: pb.ExistingValues.ValueType, sees: Callable[[Caller, str], bool]
) -> Settle:
    """Begins the job that a definition holds (`put_job`), in its transaction.

    `choice` says what happens to values that do not fit, and `sees` whether a caller
    may read all records of an object.
    """

    async def settle(
        transaction: Transaction,
        caller: Caller,
        before: pb.Field | None,
        after: pb.Field,
    ) -> None:
        given = transaction, caller.business_id
        if after.type == pb.FIELD_TYPE_FORMULA:
            await existing.refuse_uncomputed(*given, before, after, choice)
            task = formula_jobs.task_of(before, after)
        else:
            shows = sees(caller, after.object)
            task = task_of(before, choice, shows_records=shows)
        await queue.begin(transaction, caller.business_id, after.job, task)

    return settle


def beginning_change(
    request: pb.ChangeFieldRequest, sees: Callable[[Caller, str], bool]
) -> Settle:
    """Begins the job that changes a definition, which holds it (`put_job`)."""

    async def settle(
        transaction: Transaction,
        caller: Caller,
        before: pb.Field | None,
        after: pb.Field,
    ) -> None:
        assert before is not None  # noqa: S101 - the request changes it
        shows = sees(caller, after.object)
        task = change_jobs.task_of(before, request, shows_records=shows)
        await queue.begin(transaction, caller.business_id, after.job, task)

    return settle


def put_job(caller: Caller, kind: jobs.JobKind.ValueType, definition: pb.Field) -> None:
    """Puts a new job into a definition, on which it is to work."""
    job = queue.drafted(caller, kind, definition.id)
    definition.state, definition.job_id = pb.FIELD_STATE_CHECKING, job.id
    definition.job.CopyFrom(job)


def unless_busy(change: Change[pb.Field]) -> Change[pb.Field]:
    """A change that is refused while a job works on the definition."""

    def checked(definition: pb.Field) -> None:
        if definition.state == pb.FIELD_STATE_CHECKING:
            raise busy(definition)
        change(definition)

    return checked


def busy(definition: pb.Field) -> JobRunning:
    """The refusal of a change of a definition that a job works on."""
    job_id = definition.job_id
    return JobRunning(f"The job {job_id} works on the definition. Wait for its end.")


async def is_leaving(database: Database, caller: Caller, definition: pb.Field) -> bool:
    """Whether what a definition of the same key left is still being deleted."""
    where = caller.business_id, definition.object, definition.key
    return await database.row(_LEAVING, *where) is not None
