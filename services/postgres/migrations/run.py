"""Runs Alembic over asyncpg. Imported only when a migration is missing.

Each migration is a transaction of its own. It waits for a lock only briefly, because
all later requests for the table wait behind it. If it gets no lock, it rolls back and
tries again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
from alembic import command
from alembic.config import Config
from asyncpg.transaction import Transaction
from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from services.errors import Unavailable
from services.postgres.migrations import FOLDER, HEAD

LOCK_TABLE = "CREATE TABLE IF NOT EXISTS migration_lock ()"
LOCK = "LOCK TABLE migration_lock IN ACCESS EXCLUSIVE MODE NOWAIT"

# The errors if another process creates the table at the same time: for the table, for
# its row type, or for the catalogue.
_THERE_BY_NOW = (
    asyncpg.DuplicateTableError,
    asyncpg.DuplicateObjectError,
    asyncpg.UniqueViolationError,
)
LOCK_MILLISECONDS = 2_000
ATTEMPTS = 60

_PAUSE_SECONDS = 1.0
_TURN_SECONDS = 0.2
_LOCK_NOT_AVAILABLE = "55P03"


async def upgrade(url: str, report: Callable[[str], None]) -> None:
    """Runs the missing migrations of the database at `url`; only one process does so.

    Raises `Unavailable` if a lock is not available for minutes; the migrations before
    stay.
    """
    async with _alone(url):
        engine = create_async_engine(
            "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url)
        )
        event.listen(engine.sync_engine, "begin", _wait_briefly)
        try:
            await _upgrade_patiently(engine, report)
        finally:
            await engine.dispose()


async def _upgrade_patiently(
    engine: AsyncEngine, report: Callable[[str], None]
) -> None:
    for _ in range(ATTEMPTS):
        try:
            async with engine.connect() as connection:
                await connection.run_sync(_upgrade, report)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
        else:
            return
        report("a table is in use; trying again")
        await asyncio.sleep(_PAUSE_SECONDS)
    raise Unavailable("The migration never got its locks: a transaction holds them.")


def _wait_briefly(connection: Connection) -> None:
    """Limits how long the new transaction waits for locks.

    The setting is local to the transaction, because a pooler does not keep settings of
    a session.
    """
    cursor: Any = connection.connection.cursor()
    cursor.execute(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}")
    cursor.close()


@asynccontextmanager
async def _alone(url: str) -> AsyncIterator[None]:
    """Waits until no other process migrates, then holds the lock for migrations.

    The lock has a connection of its own, so that a migration may leave its transaction:
    an index cannot be built concurrently with writers inside one.
    """
    link = await asyncpg.connect(url)
    try:
        with suppress(*_THERE_BY_NOW):
            await link.execute(LOCK_TABLE)
        held = await _locked(link)
        try:
            yield
        finally:
            await held.rollback()
    finally:
        await link.close()


async def _locked(link: asyncpg.Connection) -> Transaction:
    """Begins a transaction that holds the lock for migrations.

    It asks again and again: a program that waits inside a statement has a snapshot, and
    a concurrent build of an index waits for all snapshots. Each would wait for the
    other.
    """
    while True:
        attempt = link.transaction()
        await attempt.start()
        try:
            await link.execute(LOCK)
        except asyncpg.LockNotAvailableError:
            await attempt.rollback()
            await asyncio.sleep(_TURN_SECONDS)
        else:
            return attempt


def _upgrade(connection: Connection, report: Callable[[str], None]) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes.update(connection=connection, report=report)
    command.upgrade(config, HEAD)
