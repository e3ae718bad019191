"""Checks a database for common mistakes and says how to correct them.

The checks only read.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from services.errors import ServiceError
from services.postgres.database import Database
from services.postgres.migrations import HEAD
from services.postgres.schema import DURABLE, OLDEST_SERVER, version_of

EXTENSIONS = ("btree_gin", "btree_gist", "pg_trgm")

# Cursors, tokens and rate limits compare this machine's clock with others'.
MOST_SKEW_SECONDS = 1.0

_INSTALLED = "SELECT extname FROM pg_extension WHERE extname = ANY($1)"
_INVALID = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
_ROOM = """
SELECT current_setting('max_connections')::int
    - current_setting('superuser_reserved_connections')::int,
    (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check. `remedy` is empty if nothing needs to be done."""

    name: str
    level: Literal["ok", "warning", "failed"]
    text: str
    remedy: str = ""


def fine(name: str, text: str) -> Finding:
    """Returns the finding of a check that passed."""
    return Finding(name, "ok", text)


def warning(name: str, text: str, remedy: str) -> Finding:
    """Returns a finding that will cause trouble later, or slows the program down."""
    return Finding(name, "warning", text, remedy)


def failed(name: str, text: str, remedy: str) -> Finding:
    """Returns a finding that stops the program or could lose data."""
    return Finding(name, "failed", text, remedy)


async def examine(database: Database, wanted_connections: int) -> list[Finding]:
    """Runs all checks on a database that can be reached."""
    checks: tuple[Callable[[Database], Awaitable[Finding]], ...] = (
        *(_version, _durability, _letters, _schema, _extensions),
        *(_clock, _set_aside, _indexes),
    )
    found = []
    for check in checks:
        try:
            found.append(await check(database))
        except ServiceError as error:
            remedy = "Look into the database's log, then run this again."
            found.append(failed("database", error.message, remedy))
    return [*found, await _room(database, wanted_connections)]


async def _one(database: Database, sql: str) -> str:
    row = await database.row(sql)
    return "" if row is None else str(row[0])


async def _version(database: Database) -> Finding:
    number = int(await _one(database, "SHOW server_version_num"))
    text = f"PostgreSQL {await _one(database, 'SHOW server_version')}"
    if number < OLDEST_SERVER:
        return failed("version", text, "Upgrade the server to PostgreSQL 15 or newer.")
    return fine("version", text)


async def _durability(database: Database) -> Finding:
    values = {name: await _one(database, f"SHOW {name}") for name in DURABLE}
    told = ", ".join(f"{name} = {value}" for name, value in values.items())
    loose = [name for name, value in values.items() if value in ("off", "local")]
    if loose:
        remedy = (
            f"Set {' and '.join(loose)} to on: a power cut would lose answered writes."
        )
        return failed("durability", told, remedy)
    return fine("durability", told)


async def _letters(database: Database) -> Finding:
    if await _one(database, "SELECT lower('À') = 'à'") == "True":
        return fine("letters", "upper and lower case are known beyond ASCII")
    remedy = "Create it anew with the encoding UTF8 and a locale such as C.UTF-8."
    return failed("letters", "À and à are different letters to it", remedy)


async def _schema(database: Database) -> Finding:
    version = await version_of(database)
    if version is None:
        return failed("schema", "there is none", "Run prospectconnect migrate.")
    if version < HEAD:
        text = f"it is at {version}, the program needs {HEAD}"
        return failed("schema", text, "Run prospectconnect migrate.")
    text = f"at {version}" if version == HEAD else f"at {version}, newer than {HEAD}"
    return fine("schema", text)


async def _extensions(database: Database) -> Finding:
    rows = await database.rows(_INSTALLED, list(EXTENSIONS))
    missing = sorted(set(EXTENSIONS) - {row[0] for row in rows})
    if missing:
        names = ", ".join(missing)
        remedy = (
            f"As a user who may: CREATE EXTENSION {missing[0]}. They are part of"
            " PostgreSQL's own postgresql-contrib."
        )
        return failed("extensions", f"missing: {names}", remedy)
    return fine("extensions", ", ".join(EXTENSIONS))


async def _clock(database: Database) -> Finding:
    before = time.time()
    theirs = float(
        await _one(database, "SELECT extract(epoch FROM clock_timestamp())::float8")
    )
    after = time.time()
    # The time that the query took is not a difference of the clocks.
    skew = max(0.0, before - theirs, theirs - after)
    text = f"differs from the database's by {skew:.3f} s"
    if skew > MOST_SKEW_SECONDS:
        remedy = "Keep both machines on time: timedatectl set-ntp true, or chrony."
        return failed("clock", text, remedy)
    return fine("clock", text)


async def _set_aside(database: Database) -> Finding:
    if await version_of(database) is None:
        return fine("missing indexes", "none, for there is no schema")
    rows = await database.rows("SELECT name FROM missing_indexes ORDER BY name")
    if rows:
        text = ", ".join(row[0] for row in rows)
        remedy = "A load was cut short. prospectconnect migrate builds them."
        return failed("missing indexes", text, remedy)
    return fine("missing indexes", "none")


async def _indexes(database: Database) -> Finding:
    rows = await database.rows(_INVALID)
    if rows:
        text = "not valid: " + ", ".join(row[0] for row in rows)
        remedy = f"REINDEX INDEX CONCURRENTLY {rows[0][0]}"
        return failed("indexes", text, remedy)
    return fine("indexes", "all are valid")


async def _room(database: Database, wanted: int) -> Finding:
    row = await database.row(_ROOM)
    most, used = (0, 0) if row is None else (row[0], row[1])
    text = f"{used} of {most} are in use; these settings take up to {wanted}"
    if wanted > most:
        remedy = (
            "Lower --max-connections or --workers, raise the server's max_connections,"
            " or put pgbouncer between."
        )
        return failed("connections", text, remedy)
    if wanted > most - used:
        remedy = "That may be this product, running. If not: see who uses them."
        return warning("connections", text, remedy)
    return fine("connections", text)
