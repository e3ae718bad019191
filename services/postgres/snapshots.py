"""Snapshots: the database as it is at one moment, for as long as somebody reads it.

A snapshot is a transaction that only reads. It has no number, so that the feed of
changes does not wait for it. It holds a connection, and keeps VACUUM from rows that
have changed since.
"""

from typing import Any, Self

import asyncpg
from asyncpg.cursor import Cursor
from asyncpg.transaction import Transaction as Begun

from services.errors import Unavailable
from services.postgres.bound import Scope
from services.postgres.connections import Connection
from services.postgres.database import OUT_OF_REACH, Database, Row

# PostgreSQL ends a snapshot that nobody has used for so long: its reader has died.
IDLE_SECONDS = 60
# To count what is read may take so long.
COUNT_SECONDS = 2.0

_BOUND = f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'"


class Snapshot:
    """One snapshot, from `open` to `close`. Raises `Unavailable` once it is lost."""

    def __init__(self, database: Database, connection: Connection, its: Begun) -> None:
        self._database, self._connection, self._its = database, connection, its
        self._cursor: Cursor[Row] | None = None

    @classmethod
    async def open(cls, database: Database) -> Self:
        """Begins one. It shows what is committed when its first statement runs."""
        connection = await database.acquire()
        try:
            its = connection.transaction(isolation="repeatable_read", readonly=True)
            await its.start()
            await connection.execute(_BOUND)
        except BaseException:
            connection.terminate()
            database.pool.release(connection)
            raise
        return cls(database, connection, its)

    @property
    def scope(self) -> Scope:
        """The snapshot as the scope of a bound database, whose statements read it."""
        return Scope(self._connection, careful=False)

    async def row(self, sql: str, *values: Any) -> Row:
        """The one row of a statement."""
        try:
            found = await self._connection.fetchrow(sql, *values)
        except OUT_OF_REACH as error:
            raise Unavailable from error
        assert found is not None  # noqa: S101 - such statements have one
        return found

    async def count(self, sql: str, *values: Any) -> int | None:
        """The number that a statement finds; None if it takes long."""
        try:
            async with self._connection.transaction():
                return int(
                    await self._connection.fetchval(sql, *values, timeout=COUNT_SECONDS)
                )
        except TimeoutError:
            return None
        except OUT_OF_REACH as error:
            raise Unavailable from error

    async def begin(self, sql: str, *values: Any) -> None:
        """Begins to read the rows of a statement; `next_rows` are the next ones."""
        try:
            self._cursor = await self._connection.cursor(sql, *values)
        except OUT_OF_REACH as error:
            raise Unavailable from error

    async def next_rows(self, most: int) -> list[Row]:
        """The next rows; fewer than `most` at the end."""
        assert self._cursor is not None  # noqa: S101 - `begin` comes first
        try:
            return await self._cursor.fetch(most)
        except OUT_OF_REACH as error:
            raise Unavailable from error

    async def close(self) -> None:
        """Ends it."""
        connection = self._connection
        try:
            await self._its.rollback()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection.terminate()
        finally:
            self._database.pool.release(connection)
