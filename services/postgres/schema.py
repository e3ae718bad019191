"""The database's schema: is it current, and how it becomes so.

Alembic runs the migrations and is imported only when one is missing. They run one
transaction each under one lock, so that two starts at once are safe and a failed
migration leaves nothing behind.
"""

from collections.abc import Callable

import asyncpg

from services.errors import Unavailable
from services.postgres.database import Database
from services.postgres.index_builds import build_missing
from services.postgres.migrations import HEAD

OLDEST_SERVER = 150_000

# What a power cut would cost if it were off (measured: 208 acknowledged creates).
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


async def version_of(database: Database) -> str | None:
    """The schema's version, None for an empty database."""
    try:
        row = await database.row("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return None
    return None if row is None else str(row[0])


async def is_current(database: Database) -> bool:
    """Whether no migration is missing. A newer schema is current: it only expands."""
    version = await version_of(database)
    return version is not None and version >= HEAD


async def migrate(url: str, report: Callable[[str], None]) -> None:
    """Brings the database at `url` up to date; `report` hears what is done.

    Indexes that a load has left out, because it was cut short, are built as well.
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
    """Refuses a server that could lose an answered write or fold text wrongly."""
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
