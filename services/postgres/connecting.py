"""New connections to PostgreSQL, and how dates, timestamps and JSON travel on them."""

from datetime import date

import asyncpg
import orjson

from services.postgres.connections import Connection
from services.postgres.poolers import keeps_statements

CONNECT_SECONDS = 5.0

# PostgreSQL counts days from 2000-01-01.
_FIRST_DAY = date(2000, 1, 1).toordinal()


async def connect(url: str) -> Connection:
    """A new connection to `url`. Raises what asyncpg raises if there is none."""
    connection = await asyncpg.connect(
        url,
        timeout=CONNECT_SECONDS,
        # Every prepared statement gets a name, even asyncpg's own long ones. Behind a
        # pooler, an unnamed statement may be replaced by another client's before its
        # values arrive. `Database` uses a transaction instead.
        max_cacheable_statement_size=0,
    )
    try:
        if not await keeps_statements(connection):
            await connection.close()
            connection = await asyncpg.connect(
                url,
                timeout=CONNECT_SECONDS,
                statement_cache_size=0,  # sends each statement with its values
            )
        await _set_codecs(connection)
    except BaseException:
        connection.terminate()
        raise
    return connection


async def _set_codecs(connection: Connection) -> None:
    await connection.set_type_codec(
        "date",  # asyncpg's own codec reads the first and last day as infinity
        schema="pg_catalog",
        format="tuple",
        encoder=lambda day: (day.toordinal() - _FIRST_DAY,),
        decoder=lambda value: date.fromordinal(value[0] + _FIRST_DAY),
    )
    await connection.set_builtin_type_codec(  # microseconds, as PostgreSQL sends them
        "timestamptz", schema="pg_catalog", codec_name="int8", format="binary"
    )
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",  # a version byte and the text
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda data: orjson.loads(data[1:]),
    )
