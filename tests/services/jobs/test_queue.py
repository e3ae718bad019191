"""The queue of jobs: leases, retries, turns of tenants, and ends at any moment."""

import asyncio
import random
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from prospectconnect.jobs.v1 import jobs_pb2 as pb

from services.clock import now
from services.jobs import queue
from services.jobs.work import Work
from services.postgres.database import Database, Transaction
from tests.rounds import rounds
from tests.services.callers import caller
from tests.services.jobs.queued import (
    KIND,
    RUNNERS,
    STATE,
    STEPS,
    Scenario,
    begun,
    claimed,
    ended,
    run_until,
    worker,
    write_one,
    written,
)

_DUE_NOW = "UPDATE jobs SET due_at = now() WHERE business_id = $1"
_LONG_SECONDS = 0.1  # of a step that computes for long
_ENDED_LONG_AGO = "UPDATE jobs SET finished_at = $2 WHERE business_id = $1"


def test_a_job_runs_step_by_step_to_its_end(play: Callable[[Scenario], None]) -> None:
    async def scenario(database: Database) -> None:
        both = await begun(database)
        one = worker(database)
        await run_until(one, ended(database, *both))
        row: Any = await database.row(STATE, *both)
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
        assert business_id not in dict(await queue.due(database))
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
            assert both[0] not in dict(await queue.due(database))
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


def test_tenants_alternate_and_each_has_half_of_the_processor_at_most(
    play: Callable[[Scenario], None],
) -> None:
    """From one step to the next there is twice the time that it computed.

    What it waited for the database is part of that. Some steps of one tenant compute
    for long, those of the other do not: without a rest the first one would have its
    next step after a short one of the other.
    """
    order: list[tuple[str, float, float, float]] = []
    computing: list[str] = []

    async def run(transaction: Transaction, work: Work) -> None:
        began, computed = asyncio.get_running_loop().time(), time.thread_time()
        await write_one(transaction, work)
        if work.business_id in computing and work.task["number"] % 10 == 0:
            while time.thread_time() - computed < _LONG_SECONDS:
                pass
        used = time.thread_time() - computed
        ends = asyncio.get_running_loop().time()
        order.append((work.business_id, began, ends, used))

    async def scenario(database: Database) -> None:
        both = await begun(database)
        other = await begun(database)
        computing.append(both[0])
        one = worker(database, {KIND: run})
        await run_until(one, ended(database, *both))
        await run_until(one, ended(database, *other))
        ours = {both[0], other[0]}  # a job of a test before may still have been open
        tenants = [each[0] for each in order if each[0] in ours]
        assert set(tenants[:2]) == ours
        for tenant in ours:
            # A step begins after the one before it, whose tenant that was.
            before = [0.0, *(ends for _, _, ends, _ in order)]
            both_times = zip(order, before, strict=False)
            mine = [(*each, since) for each, since in both_times if each[0] == tenant]
            for (_, _, _, used, since), (_, again, *_) in pairwise(mine):
                assert again - since >= 2 * used

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
        row: Any = await database.row(STATE, *both)
        assert (row["is_open"], row["state"]) == (True, pb.JOB_STATE_RUNNING)
        goes_on.set()
        await run_until(one, ended(database, *both))

    play(scenario)


def test_jobs_that_ended_long_ago_are_deleted(play: Callable[[Scenario], None]) -> None:
    async def scenario(database: Database) -> None:
        both = await begun(database)
        await database.run(_ENDED_LONG_AGO, both[0], now() - queue.KEEP - 1)
        await queue.sweep(database, both[0])
        assert await database.row(STATE, *both) is not None  # it still has work
        await run_until(worker(database), ended(database, *both))
        await database.run(_ENDED_LONG_AGO, both[0], now() - queue.KEEP + 10**9)
        await queue.sweep(database, both[0])
        assert await database.row(STATE, *both) is not None
        await database.run(_ENDED_LONG_AGO, both[0], now() - queue.KEEP - 1)
        await queue.sweep(database, both[0])
        assert await database.row(STATE, *both) is None

    play(scenario)
