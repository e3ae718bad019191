"""Checks whether the database's schema is current, and migrates it.

Alembic runs the migrations. It is imported only if a migration is missing. Each
migration is one transaction, and one lock covers them all: two programs may start at
the same time, and a failed migration leaves nothing behind.
"""

from collections.abc import Callable

import asyncpg

from services.errors import Unavailable
from services.postgres.database import Database
from services.postgres.index_builds import build_missing
from services.postgres.migrations import HEAD

OLDEST_SERVER = 150_000

# With one of these off, a power cut loses answered writes (208 creates in a test).
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


async def version_of(database: Database) -> str | None:
    """Returns the schema's version, None for an empty database."""
    try:
        row = await database.row("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return None
    return None if row is None else str(row[0])


async def is_current(database: Database) -> bool:
    """Whether no migration is missing. A newer schema works with this program."""
    version = await version_of(database)
    return version is not None and version >= HEAD


async def migrate(url: str, report: Callable[[str], None]) -> None:
    """Migrates the database at `url`; `report` receives a line for each step.

    An empty database is one step: nobody waits for a certain migration of it. It also
    builds indexes that are missing because a load was interrupted.
    """
    database = await Database.open(url)
    try:
        await check_server(database)
        if not await is_current(database):
            from services.postgres.migrations.run import upgrade  # noqa: PLC0415 - SQLAlchemy

            await upgrade(url, report)
        await build_missing(database)
    finally:
        await database.close()


async def check_server(database: Database) -> None:
    """Raises `Unavailable` for a server that could lose writes or fold text wrongly."""
    for setting in DURABLE:
        row = await database.row(f"SHOW {setting}")
        if row is not None and row[0] in ("off", "local"):
            message = f"The database runs with {setting} = {row[0]}; it must be on."
            raise Unavailable(message)
    row = await database.row("SHOW server_version_num")
    if row is not None and int(row[0]) < OLDEST_SERVER:
        raise Unavailable("The database is older than PostgreSQL 15.")
    row = await database.row("SELECT lower('À') = 'à'")
    if row is not None and not row[0]:
        raise Unavailable(
            "The database does not know upper and lower case beyond ASCII; create it"
            " with the encoding UTF8 and a locale such as C.UTF-8."
        )
