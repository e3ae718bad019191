"""The queue of jobs: leases, retries, turns of tenants, and ends at any moment."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest
from prospectconnect.jobs.v1 import jobs_pb2 as pb

from services.clock import now
from services.ids import new_id
from services.jobs import queue
from services.jobs.figures import JobFigures
from services.jobs.queue import Claim
from services.jobs.work import Runners, Work
from services.jobs.worker import Worker
from services.postgres.database import Database, Transaction
from services.tenant_setup import create_tenant
from tests.rounds import rounds
from tests.services.callers import caller

KIND = pb.JOB_KIND_CREATE_FIELD
STEPS = 40

_WRITE = "INSERT INTO numbers (business_id, number) VALUES ($1, $2)"
_WRITTEN = "SELECT number FROM numbers WHERE business_id = $1 ORDER BY number"
_STATE = """
SELECT state, progress, problem, result, is_open FROM jobs
WHERE business_id = $1 AND id = $2
"""
_DUE_NOW = "UPDATE jobs SET due_at = now() WHERE business_id = $1"
_ENDED_LONG_AGO = "UPDATE jobs SET finished_at = $2 WHERE business_id = $1"

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


@pytest.fixture(scope="module")
def url(migrated_database: Callable[[str], str]) -> str:
    """A database in which no other process runs jobs."""
    url = migrated_database("jobs")

    async def prepare(database: Database) -> None:
        await database.run(
            'CREATE TABLE numbers (business_id text COLLATE "C", number integer,'
            " PRIMARY KEY (business_id, number))"
        )

    asyncio.run(_with(url, prepare))
    return url


@pytest.fixture
def play(url: str) -> Callable[[Scenario], None]:
    return lambda scenario: asyncio.run(_with(url, scenario))


async def _with(url: str, scenario: Scenario) -> None:
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
        row = await database.row(_STATE, *both)
        return row is not None and not row["is_open"]

    return is_over


def worker(database: Database, runners: Runners = RUNNERS) -> Worker:
    return Worker(database, runners, JobFigures())


def test_a_job_runs_step_by_step_to_its_end(play: Callable[[Scenario], None]) -> None:
    async def scenario(database: Database) -> None:
        both = await begun(database)
        one = worker(database)
        await run_until(one, ended(database, *both))
        row: Any = await database.row(_STATE, *both)
        assert row["state"] == pb.JOB_STATE_SUCCEEDED
        assert row["progress"] == {"total": STEPS, "done": STEPS, "failed": 0}
        assert row["result"] == {"written": STEPS}
        assert await written(database, both[0]) == list(range(STEPS))
        assert one.figures.steps == STEPS
        assert one.figures.ended["create_field", "succeeded"] == 1

    play(scenario)


def test_who_has_lost_the_lease_writes_nothing(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(database: Database) -> None:
        business_id, _ = await begun(database)
        first = await claimed(database, business_id, "one")
        assert business_id not in await queue.due(database)
        assert await queue.claim(database, business_id, "two") is None
        assert await queue.step(database, first, RUNNERS) is not None
        await database.run(_DUE_NOW, business_id)  # as if the lease had run out
        second = await claimed(database, business_id, "two")
        assert await queue.step(database, first, RUNNERS) is None
        assert await queue.step(database, second, RUNNERS) is not None
        assert await written(database, business_id) == [0, 1]

    play(scenario)


def test_a_failed_step_leaves_nothing_and_is_done_again(
    play: Callable[[Scenario], None],
) -> None:
    fails = [True, False]

    async def run(transaction: Transaction, work: Work) -> None:
        await write_one(transaction, work)
        if work.task["number"] == 3 and fails.pop(0):
            raise ValueError("as planned")

    async def scenario(database: Database) -> None:
        both = await begun(database)
        one = worker(database, {KIND: run})
        await run_until(one, ended(database, *both))
        assert await written(database, both[0]) == list(range(STEPS))
        assert one.figures.failed_steps == 1

    play(scenario)


def test_a_job_whose_steps_all_fail_ends(play: Callable[[Scenario], None]) -> None:
    async def run(transaction: Transaction, work: Work) -> None:
        if not work.has_to_end:
            raise ValueError("as planned")
        await write_one(transaction, work)

    async def scenario(database: Database) -> None:
        both = await begun(database)
        for _ in range(queue.MOST_FAILURES):
            await database.run(_DUE_NOW, both[0])
            mine = await claimed(database, both[0], "one")
            with pytest.raises(ValueError, match="as planned"):
                await queue.step(database, mine, {KIND: run})
            await queue.put_off(database, mine)
            assert both[0] not in await queue.due(database)
        await database.run(_DUE_NOW, both[0])
        mine = await claimed(database, both[0], "one")
        work = await queue.step(database, mine, {KIND: run})
        assert work is not None
        assert work.state == pb.JOB_STATE_FAILED
        assert work.problem is not None
        assert work.problem["type"] == "server-error"

    play(scenario)


def test_a_worker_that_ends_at_any_moment_writes_nothing_twice(
    play: Callable[[Scenario], None],
) -> None:
    draws = random.Random(7)

    async def scenario(database: Database) -> None:
        both = await begun(database)
        for _ in range(rounds("JOB_ENDS")):
            task = asyncio.create_task(worker(database).run())
            for _ in range(draws.randrange(30)):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await database.run(_DUE_NOW, both[0])
        await run_until(worker(database), ended(database, *both))
        assert await written(database, both[0]) == list(range(STEPS))

    play(scenario)


def test_tenants_alternate_and_each_rests_for_as_long_as_it_ran(
    play: Callable[[Scenario], None],
) -> None:
    order: list[tuple[str, float, float]] = []

    async def run(transaction: Transaction, work: Work) -> None:
        began = asyncio.get_running_loop().time()
        await write_one(transaction, work)
        order.append((work.business_id, began, asyncio.get_running_loop().time()))

    async def scenario(database: Database) -> None:
        both = await begun(database)
        other = await begun(database)
        one = worker(database, {KIND: run})
        await run_until(one, ended(database, *both))
        await run_until(one, ended(database, *other))
        ours = {both[0], other[0]}  # a job of a test before may still have been open
        tenants = [each[0] for each in order if each[0] in ours]
        assert set(tenants[:2]) == ours
        for tenant in ours:
            mine = [each for each in order if each[0] == tenant]
            for (_, began, ended_at), (_, again, _) in pairwise(mine):
                assert again - ended_at >= ended_at - began

    play(scenario)


def test_cancelling_ends_a_job_with_what_it_did(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(database: Database) -> None:
        both = await begun(database)
        mine = await claimed(database, both[0], "one")
        await queue.step(database, mine, RUNNERS)
        async with database.transaction() as transaction:
            await queue.cancel(transaction, *both)
        work = await queue.step(database, mine, RUNNERS)
        assert work is not None
        assert (work.state, work.result) == (pb.JOB_STATE_CANCELLED, {"written": 1})
        assert await queue.step(database, mine, RUNNERS) is None

    play(scenario)


def test_a_job_cancelled_before_it_began_ends_while_another_one_runs(
    play: Callable[[Scenario], None],
) -> None:
    goes_on = asyncio.Event()

    async def run(transaction: Transaction, work: Work) -> None:
        if work.is_cancelled:
            work.stop({})
            work.is_open = False
        elif goes_on.is_set():
            work.succeed({})
            work.is_open = False

    async def scenario(database: Database) -> None:
        both = await begun(database)
        job = queue.drafted(caller(both[0]), KIND, "fld_2")
        async with database.transaction() as transaction:
            await queue.begin(transaction, both[0], job, {})
            await queue.cancel(transaction, both[0], job.id)
        one = worker(database, {KIND: run})
        await run_until(one, ended(database, both[0], job.id))
        row: Any = await database.row(_STATE, *both)
        assert (row["is_open"], row["state"]) == (True, pb.JOB_STATE_RUNNING)
        goes_on.set()
        await run_until(one, ended(database, *both))

    play(scenario)


def test_jobs_that_ended_long_ago_are_deleted(play: Callable[[Scenario], None]) -> None:
    async def scenario(database: Database) -> None:
        both = await begun(database)
        await database.run(_ENDED_LONG_AGO, both[0], now() - queue.KEEP - 1)
        await queue.sweep(database, both[0])
        assert await database.row(_STATE, *both) is not None  # it still has work
        await run_until(worker(database), ended(database, *both))
        await database.run(_ENDED_LONG_AGO, both[0], now() - queue.KEEP + 10**9)
        await queue.sweep(database, both[0])
        assert await database.row(_STATE, *both) is not None
        await database.run(_ENDED_LONG_AGO, both[0], now() - queue.KEEP - 1)
        await queue.sweep(database, both[0])
        assert await database.row(_STATE, *both) is None

    play(scenario)
