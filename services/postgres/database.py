"""The only access to PostgreSQL: runs SQL text on asyncpg connections.

Each statement is its own transaction, except inside `transaction` and
`in_transaction`. Timestamps are passed as moments (`clock.py`), JSON as Python values.
Statements that fail by a serialization failure or a deadlock are retried here. A
database that cannot be reached raises `Unavailable`.
"""

import asyncio
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Sequence,
)
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, Self, TypeVar

import asyncpg

from services.errors import Unavailable
from services.postgres.connecting import connect
from services.postgres.connections import Connection, Pool
from services.postgres.statement_watch import Statement, StatementWatch

Row = asyncpg.Record
Result = TypeVar("Result")
Work = Coroutine[Any, Any, Result]

ATTEMPTS = 4
RESET = "The sandbox is being reset. Try again once it is ready."

# Queries with a longer text are not kept prepared. PostgreSQL needs up to 80 times the
# text for a prepared statement, and asyncpg keeps 100 for each connection: 25 MB at
# most. Only searches with many conditions are longer, and they are rarely repeated.
# Few other statements reach 2,000 characters.
LONGEST_KEPT = 3_072

OUT_OF_REACH = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # raised when a connection dies during use
    asyncpg.ReadOnlySQLTransactionError,  # the address now leads to a standby
)
# While connecting, any error of the server means that there is no connection.
_NO_CONNECTION = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
_NOBODY = StatementWatch()
# What a call in a sandbox writes is for the sandbox as the call found it: its tenant,
# and how often that was reset. None for all others.
FENCE: ContextVar[tuple[str, int] | None] = ContextVar("fence", default=None)
_FENCED = """
SELECT 1 FROM tenants WHERE business_id = $1 AND resets = $2 FOR KEY SHARE
"""
_TRY_AGAIN = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)


async def _fenced(
    connection: Connection,
    fence: tuple[str, int],
    work: Callable[[Connection], Awaitable[Result]],
) -> Result:
    """Does work unless the sandbox was reset; a reset waits for its end."""
    async with connection.transaction():
        if await connection.fetchrow(_FENCED, *fence) is None:
            raise Unavailable(RESET)
        return await work(connection)


class Database:
    """One database and its pool of connections, from `open` to `close`."""

    def __init__(self, pool: Pool, watch: StatementWatch) -> None:
        self.pool = pool
        self._watch = watch
        self._least_seconds = watch.least_seconds

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        max_connections: int = 20,
        watch: StatementWatch = _NOBODY,
    ) -> Self:
        """Connects to `url` (`postgresql://...`). Raises `Unavailable` on failure."""
        database = cls(Pool(lambda: connect(url), max_connections), watch)
        try:
            await database.run("SELECT")
        except ValueError as error:
            raise Unavailable("The database's URL cannot be read.") from error
        return database

    async def close(self) -> None:
        """Waits for the running statements and closes every connection."""
        await self.pool.close()

    def rows(self, sql: str, *values: Any) -> Work[list[Row]]:
        """Runs a statement and returns its rows."""
        if len(sql) > LONGEST_KEPT:
            return self._run(sql, lambda connection: _unkept(connection, sql, values))
        return self._run(sql, lambda connection: connection.fetch(sql, *values))

    async def rows_planned(self, sql: str, *values: Any) -> list[Row]:
        """Like `rows`, but plans for these values. Costs two more round trips."""

        async def run(connection: Connection) -> list[Row]:
            if len(sql) > LONGEST_KEPT:
                return await _unkept(connection, sql, values)
            statement = await connection.prepare(sql)
            return await statement.fetch(*values)

        return await self._run(sql, run)

    async def rows_with(self, settings: str, sql: str, *values: Any) -> list[Row]:
        """Runs a long statement with settings of its own, planned for these values.

        `settings` are statements such as `SET LOCAL work_mem = '32MB'`.
        """

        async def run(connection: Connection) -> list[Row]:
            async with connection.transaction():
                await connection.execute(settings)
                statement = await connection.prepare(sql, name="")
                return await statement.fetch(*values)

        return await self._run(sql, run)

    def row(self, sql: str, *values: Any) -> Work[Row | None]:
        """Runs a statement and returns its first row, if it has one."""
        return self._run(sql, lambda connection: connection.fetchrow(sql, *values))

    def run(self, sql: str, *values: Any) -> Work[str]:
        """Runs a statement and returns its command tag, e.g. `UPDATE 1`."""
        return self._run(sql, lambda connection: connection.execute(sql, *values))

    async def in_transaction(
        self, work: Callable[["Transaction"], Awaitable[Result]]
    ) -> Result:
        """Runs `work` in a transaction; repeats all of it after a deadlock."""

        async def run(connection: Connection) -> Result:
            async with connection.transaction():
                return await work(Transaction(connection, self._watch))

        return await self._run(work, run)

    def over(self, connection: Connection) -> "Transaction":
        """A transaction that a connection is in already."""
        return Transaction(connection, self._watch)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        """Opens a transaction: its statements commit together or not at all."""
        async with self._acquired() as connection, connection.transaction():
            yield Transaction(connection, self._watch)

    async def copy(
        self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Appends many rows to a table by COPY."""
        async with self._acquired() as connection:
            await connection.copy_records_to_table(table, columns=columns, records=rows)

    async def _run(
        self, what: Statement, work: Callable[[Connection], Awaitable[Result]]
    ) -> Result:
        for attempt in range(1, ATTEMPTS + 1):
            connection = self.pool.acquire_idle() or await self.acquire()
            began = time.monotonic()
            try:
                fence = FENCE.get()
                if fence is None:
                    result = await work(connection)
                else:
                    result = await _fenced(connection, fence, work)
            except BaseException as error:
                if time.monotonic() - began >= self._least_seconds:
                    self._watch.ended(what, began)
                self._release_after(connection, error)
                if isinstance(error, OUT_OF_REACH):
                    raise Unavailable from error
                if not isinstance(error, _TRY_AGAIN):
                    raise
            else:
                self.pool.release(connection)
                if time.monotonic() - began >= self._least_seconds:
                    self._watch.ended(what, began)
                return result
            if attempt < ATTEMPTS:
                await asyncio.sleep(0.002 * 2**attempt)
        raise Unavailable

    @asynccontextmanager
    async def _acquired(self) -> AsyncIterator[Connection]:
        connection = await self.acquire()
        try:
            yield connection
        except BaseException as error:
            mending = self._release_after(connection, error)
            if mending is not None:  # a commit may have been running
                await asyncio.shield(mending)
            if isinstance(error, OUT_OF_REACH):
                raise Unavailable from error
            raise
        self.pool.release(connection)

    async def acquire(self) -> Connection:
        """A connection of the pool. Its `release` follows. Raises `Unavailable`."""
        try:
            return await self.pool.acquire()
        except _NO_CONNECTION as error:
            raise Unavailable("The database is out of reach.") from error

    def _release_after(
        self, connection: Connection, error: BaseException
    ) -> "asyncio.Task[None] | None":
        """Releases a connection after an error. Returns its repair, if it needs one."""
        if isinstance(error, asyncpg.ReadOnlySQLTransactionError):
            connection.terminate()  # a new one may reach a server that accepts writes
        has_ended = isinstance(error, asyncpg.PostgresError)
        if has_ended and not _is_within(connection):
            self.pool.release(connection)
            return None
        return self.pool.release_interrupted(connection)


class Transaction:
    """The statements of one transaction, on one connection."""

    def __init__(self, connection: Connection, watch: StatementWatch) -> None:
        self._connection = connection
        self._watch = watch if watch.keep_span is not None else None

    @property
    def connection(self) -> Connection:
        """Where the transaction is under way."""
        return self._connection

    async def rows(self, sql: str, *values: Any) -> list[Row]:
        """Runs a statement and returns its rows."""
        if self._watch is not None:
            return await self._watch.over(sql, self._connection.fetch(sql, *values))
        return await self._connection.fetch(sql, *values)

    async def row(self, sql: str, *values: Any) -> Row | None:
        """Runs a statement and returns its first row, if it has one."""
        if self._watch is not None:
            return await self._watch.over(sql, self._connection.fetchrow(sql, *values))
        return await self._connection.fetchrow(sql, *values)

    async def run(self, sql: str, *values: Any) -> str:
        """Runs a statement and returns its command tag."""
        if self._watch is not None:
            return await self._watch.over(sql, self._connection.execute(sql, *values))
        return await self._connection.execute(sql, *values)

    async def copy(
        self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Appends many rows to a table by COPY."""
        await self._connection.copy_records_to_table(
            table, columns=columns, records=rows
        )


def _is_within(connection: Connection) -> bool:
    """Whether a connection has a transaction, or the driver believes so.

    That is so where BEGIN or ROLLBACK itself failed: a pooler may refuse either. A
    connection that is closed has none.
    """
    if connection.is_closed():
        return False
    believed = connection._top_xact  # type: ignore[attr-defined]  # not in its stubs
    return believed is not None or connection.is_in_transaction()


async def _unkept(connection: Connection, sql: str, values: Sequence[Any]) -> list[Row]:
    """Returns the rows of a statement that PostgreSQL does not keep prepared.

    The statement has no name, so COMMIT ends it. Without the transaction a pooler might
    send its values to another connection.
    """
    async with connection.transaction():
        statement = await connection.prepare(sql, name="")
        return await statement.fetch(*values)
