"""A step of a job that locks records for too long is undone, and made smaller."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from prospectconnect.jobs.v1 import jobs_pb2 as pb

from services.ids import new_id
from services.jobs.work import Runner, Work
from services.postgres.database import Database, Transaction
from services.schema.by_jobs.in_time import LEAST, MOST_MS, in_shorter_windows, locking
from services.tenant_setup import create_tenant

_LOCK = "SELECT pg_sleep($2) FROM tenants WHERE business_id = $1 FOR UPDATE"
_FREE = "SELECT 1 FROM tenants WHERE business_id = $1 FOR UPDATE NOWAIT"


def _locks_for(seconds: float) -> Runner:
    """A runner whose step locks its tenant, and takes so long for that."""

    async def run(transaction: Transaction, work: Work) -> None:
        work.task["cursor"] = "b"
        work.count(1)
        await transaction.run(_FREE, work.business_id)
        async with locking(transaction, work.task):
            await transaction.run(_LOCK, work.business_id, seconds)

    return in_shorter_windows(run)


@asynccontextmanager
async def _work(url: str, window: int) -> AsyncIterator[tuple[Database, Work]]:
    """A database, and a job of a new tenant."""
    database = await Database.open(url)
    try:
        made = await create_tenant(database, new_id("in_time_"))
        kind, state = pb.JOB_KIND_CREATE_FIELD, pb.JOB_STATE_RUNNING
        task = {"window": window, "cursor": "a"}
        yield database, Work(made, "job_1", kind, "fld_1", state, task, {"done": 7})
    finally:
        await database.close()


@pytest.mark.parametrize("window", [LEAST + 1, 10 * LEAST])
def test_a_long_step_is_undone_and_locks_nothing(
    database_url: str, window: int
) -> None:
    async def scenario() -> None:
        async with (
            _work(database_url, window) as (database, work),
            database.transaction() as transaction,
        ):
            began = time.monotonic()
            await _locks_for(60.0)(transaction, work)
            assert MOST_MS / 1000 <= time.monotonic() - began < 30
            assert work.task == {"window": max(LEAST, window // 2), "cursor": "a"}
            assert work.progress == {"done": 7}
            # The transaction is still open: its work goes on, with its own limits.
            row = await transaction.row("SHOW statement_timeout")
            assert row is not None
            assert row[0] == "0"
            await database.run(_FREE, work.business_id)

    asyncio.run(scenario())


@pytest.mark.parametrize(("window", "seconds"), [(LEAST, 0.3), (LEAST + 1, 0.0)])
def test_the_shortest_windows_and_quick_steps_are_done(
    database_url: str, window: int, seconds: float
) -> None:
    async def scenario() -> None:
        async with (
            _work(database_url, window) as (database, work),
            database.transaction() as transaction,
        ):
            await _locks_for(seconds)(transaction, work)
            assert work.task == {"window": window, "cursor": "b"}
            assert work.progress == {"done": 8, "failed": 0}
            row = await transaction.row("SHOW statement_timeout")
            assert row is not None
            assert row[0] == "0"
            with pytest.raises(asyncpg.LockNotAvailableError):
                await database.run(_FREE, work.business_id)

    asyncio.run(scenario())
