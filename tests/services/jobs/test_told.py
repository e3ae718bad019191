"""What clients see of jobs while they run, and which tenants wait for others."""

from collections.abc import Callable
from typing import Any

from prospectconnect.jobs.v1 import jobs_pb2 as pb

from services.clock import now
from services.jobs import queue
from services.postgres.database import Database
from tests.services.callers import caller
from tests.services.jobs.queued import (
    KIND,
    RUNNERS,
    STATE,
    Scenario,
    begun,
    claimed,
    ended,
    run_until,
    worker,
)

_ENDED_LONG_AGO = "UPDATE jobs SET finished_at = $2 WHERE business_id = $1"
_TOLD_LONG_AGO = "UPDATE jobs SET updated_at = $3 WHERE business_id = $1 AND id = $2"
_TOLD = """
SELECT version, image FROM changes WHERE business_id = $1 AND record_id = $2
ORDER BY version
"""
_OPEN = "SELECT count(*) FROM jobs WHERE business_id = $1 AND is_open"


def test_clients_see_the_first_progress_and_then_some_of_it(
    play: Callable[[Scenario], None],
) -> None:
    """A step that comes soon after the last told one counts, and tells nothing."""

    async def scenario(database: Database) -> None:
        both = await begun(database)
        mine = await claimed(database, both[0], "one")
        for number in range(1, 6):
            work = await queue.step(database, mine, RUNNERS)
            assert work is not None
            assert work.progress == {"done": number, "failed": 0}
            row: Any = await database.row(STATE, *both)
            assert row["progress"]["done"] == 1
        await database.run(_TOLD_LONG_AGO, *both, now() - queue.TELL)
        await queue.step(database, mine, RUNNERS)
        row = await database.row(STATE, *both)
        assert row["progress"]["done"] == 6
        told = await database.rows(_TOLD, *both)
        assert [each["version"] for each in told] == [1, 2, 3, 4]
        done = [each["image"]["progress"]["done"] for each in told]
        assert done == [0, 0, 1, 6]

    play(scenario)


def test_progress_is_forgotten_some_days_after_the_end(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(database: Database) -> None:
        both = await begun(database)
        await run_until(worker(database), ended(database, *both))
        await queue.sweep(database, both[0])
        before = [each["image"]["state"] for each in await database.rows(_TOLD, *both)]
        assert pb.JOB_STATE_RUNNING in before[2:]
        long_ago = now() - queue.KEEP_PROGRESS - 1
        await database.run(_ENDED_LONG_AGO, both[0], long_ago)
        await queue.sweep(database, both[0])
        after = [each["image"]["state"] for each in await database.rows(_TOLD, *both)]
        ends = pb.JOB_STATE_WAITING, pb.JOB_STATE_RUNNING, pb.JOB_STATE_SUCCEEDED
        assert after == list(ends)

    play(scenario)


def test_a_tenant_with_many_jobs_does_not_keep_others_waiting(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(database: Database) -> None:
        many = await begun(database)
        async with database.transaction() as transaction:
            for _ in range(49):
                job = queue.drafted(caller(many[0]), KIND, "fld_1")
                await queue.begin(transaction, many[0], job, {"number": 0})
        one = await begun(database)
        await run_until(worker(database), ended(database, *one))
        row: Any = await database.row(_OPEN, many[0])
        assert row[0] > 40

    play(scenario)


def test_a_job_that_waits_for_its_next_try_is_due_once_it_is_cancelled(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(database: Database) -> None:
        both = await begun(database)
        mine = await claimed(database, both[0], "one")
        for _ in range(2):
            await queue.wait(database, mine)
            assert both[0] not in dict(await queue.due(database))
        async with database.transaction() as transaction:
            await queue.cancel(transaction, *both)
        assert both[0] in dict(await queue.due(database))

    play(scenario)
