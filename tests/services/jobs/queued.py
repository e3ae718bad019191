"""What tests of the queue do again and again: jobs, their runner, and a worker."""

import asyncio
from collections.abc import Awaitable, Callable

from prospectconnect.jobs.v1 import jobs_pb2 as pb

from services.ids import new_id
from services.jobs import queue
from services.jobs.figures import JobFigures
from services.jobs.queue import Claim
from services.jobs.work import Runners, Work
from services.jobs.worker import Worker
from services.postgres.database import Database, Transaction
from services.tenant_setup import create_tenant
from tests.services.callers import caller

KIND = pb.JOB_KIND_CREATE_FIELD
STEPS = 40

_WRITE = "INSERT INTO numbers (business_id, number) VALUES ($1, $2)"
_WRITTEN = "SELECT number FROM numbers WHERE business_id = $1 ORDER BY number"
STATE = """
SELECT state, progress, problem, result, is_open FROM jobs
WHERE business_id = $1 AND id = $2
"""

_FORGET = "DELETE FROM jobs WHERE business_id = $1"

# The tenants of a test.
_begun: list[str] = []

Scenario = Callable[[Database], Awaitable[None]]


async def write_one(transaction: Transaction, work: Work) -> None:
    """A runner whose steps each write a number that the step before did not."""
    if work.has_to_end:
        work.stop({"written": work.task["number"]})
        work.is_open = False
        return
    await transaction.run(_WRITE, work.business_id, work.task["number"])
    work.task["number"] += 1
    work.count(1)
    if work.task["number"] == STEPS:
        work.succeed({"written": STEPS})
        work.is_open = False


RUNNERS: Runners = {KIND: write_one}


async def playing(url: str, scenario: Scenario) -> None:
    database = await Database.open(url)
    try:
        await scenario(database)
    finally:
        for business_id in _begun:  # a worker of the next test would run what is left
            await database.run(_FORGET, business_id)
        _begun.clear()
        await database.close()


async def begun(database: Database) -> tuple[str, str]:
    """A tenant of its own with a job; the ids of both."""
    business_id = await create_tenant(database, new_id("jobs-"))
    _begun.append(business_id)
    job = queue.drafted(caller(business_id), KIND, "fld_1")
    async with database.transaction() as transaction:
        await queue.begin(transaction, business_id, job, {"number": 0})
    return business_id, job.id


async def claimed(database: Database, business_id: str, lease: str) -> Claim:
    found = await queue.claim(database, business_id, lease)
    assert found is not None
    return found


async def written(database: Database, business_id: str) -> list[int]:
    return [row[0] for row in await database.rows(_WRITTEN, business_id)]


async def run_until(worker: Worker, is_over: Callable[[], Awaitable[bool]]) -> None:
    """Runs a worker until something is so, and ends it."""
    task = asyncio.create_task(worker.run())
    try:
        while not await is_over():  # noqa: ASYNC110 - the database has no event
            await asyncio.sleep(0.01)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def ended(database: Database, *both: str) -> Callable[[], Awaitable[bool]]:
    async def is_over() -> bool:
        row = await database.row(STATE, *both)
        return row is not None and not row["is_open"]

    return is_over


def worker(database: Database, runners: Runners = RUNNERS) -> Worker:
    return Worker(database, runners, JobFigures())
