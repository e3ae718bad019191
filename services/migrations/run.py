"""Runs Alembic over asyncpg. Imported only when a migration is missing."""

from collections.abc import Callable

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from services.schema import HEAD, MIGRATIONS

LOCK_TABLE = "CREATE TABLE IF NOT EXISTS migration_lock ()"


async def upgrade(url: str, report: Callable[[str], None]) -> None:
    """Runs the missing migrations of the database at `url` in one transaction."""
    await _ensure_lock(url)
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url)
    )
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, report)
    finally:
        await engine.dispose()


async def _ensure_lock(url: str) -> None:
    """Makes the table whose lock serializes migrations, outside of them."""
    link = await asyncpg.connect(url)
    try:
        await link.execute(LOCK_TABLE)
    except (asyncpg.UniqueViolationError, asyncpg.DuplicateTableError):
        pass  # another start was creating it at the same moment
    finally:
        await link.close()


def _upgrade(connection: Connection, report: Callable[[str], None]) -> None:
    connection.execute(text("LOCK TABLE migration_lock IN ACCESS EXCLUSIVE MODE"))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes.update(connection=connection, report=report)
    command.upgrade(config, HEAD)
