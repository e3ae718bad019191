"""The one door to PostgreSQL: a pool of asyncpg connections that runs SQL text.

A statement is a transaction of its own unless `transaction` says otherwise.
Timestamps travel as Unix microseconds, JSON as Python values. Serialization
failures and deadlocks are tried again here; a database out of reach is
`Unavailable`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import TYPE_CHECKING, Any, Self, TypeVar

import asyncpg
import orjson

from services.errors import Unavailable

if TYPE_CHECKING:  # generic in its type hints alone
    Link = asyncpg.Connection[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    Link = asyncpg.Connection
    Pool = asyncpg.Pool

Row = asyncpg.Record
Result = TypeVar("Result")

ATTEMPTS = 4
ACQUIRE_SECONDS = 5.0

# PostgreSQL counts microseconds and days from 2000-01-01, not from 1970.
_EPOCH = 946_684_800_000_000
_FIRST_DAY = date(2000, 1, 1).toordinal()

_OUT_OF_REACH = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # of a connection that dies as it is used
)
# Until there is a connection, whatever the server says means that there is none.
_NO_CONNECTION = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
_TRY_AGAIN = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)


class _Connection(Link):
    """A connection that skips the round trip by which the pool resets it.

    Nothing here changes the state of a session, which also keeps a pooler in
    transaction mode possible.
    """

    def get_reset_query(self) -> str:
        return ""


class Database:
    """A pool of connections. Made by `open`, given up by `close`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @classmethod
    async def open(
        cls, url: str, *, min_connections: int = 1, max_connections: int = 10
    ) -> Self:
        """Connects to `url` (`postgresql://...`); `Unavailable` when that fails."""
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=min_connections,
                max_size=max_connections,
                connection_class=_Connection,
                init=_set_codecs,
                timeout=ACQUIRE_SECONDS,
            )
        except (asyncpg.InterfaceError, ValueError) as error:
            raise Unavailable("The database's URL cannot be read.") from error
        except (OSError, asyncpg.PostgresError) as error:
            raise Unavailable("The database is out of reach.") from error
        return cls(pool)

    async def close(self) -> None:
        """Waits for the statements under way and closes every connection."""
        await self._pool.close()

    async def rows(self, sql: str, *values: Any) -> list[Row]:
        """Runs a statement and returns its rows."""
        return await self._run(lambda link: link.fetch(sql, *values))

    async def row(self, sql: str, *values: Any) -> Row | None:
        """Runs a statement and returns its first row, if it has one."""
        return await self._run(lambda link: link.fetchrow(sql, *values))

    async def run(self, sql: str, *values: Any) -> str:
        """Runs a statement and returns its command tag, e.g. `UPDATE 1`."""
        return await self._run(lambda link: link.execute(sql, *values))

    async def together(
        self, work: Callable[["Transaction"], Awaitable[Result]]
    ) -> Result:
        """Runs `work` in a transaction, from its start again where that may help."""

        async def run(link: Link) -> Result:
            async with link.transaction():
                return await work(Transaction(link))

        return await self._run(run)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        """Several statements that commit together or not at all."""
        async with self._connection() as link, link.transaction():
            yield Transaction(link)

    async def copy(
        self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Appends many rows to a table by COPY."""
        async with self._connection() as link:
            await link.copy_records_to_table(table, columns=columns, records=rows)

    async def _run(self, work: Callable[[Link], Awaitable[Result]]) -> Result:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with self._connection() as link:
                    return await work(link)
            except _TRY_AGAIN:
                if attempt == ATTEMPTS:
                    raise Unavailable from None
                await asyncio.sleep(0.002 * 2**attempt)
        raise AssertionError("unreachable")

    @asynccontextmanager
    async def _connection(
        self,
    ) -> AsyncIterator[Link]:
        try:
            link = await self._pool.acquire(timeout=ACQUIRE_SECONDS)
        except _NO_CONNECTION as error:
            raise Unavailable from error
        try:
            yield link  # type: ignore[misc] # the pool's proxy has no type of its own
        except _OUT_OF_REACH as error:
            raise Unavailable from error
        finally:
            await self._pool.release(link)


class Transaction:
    """The statements of one transaction, on one connection."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def row(self, sql: str, *values: Any) -> Row | None:
        """Runs a statement and returns its first row, if it has one."""
        return await self._link.fetchrow(sql, *values)

    async def run(self, sql: str, *values: Any) -> str:
        """Runs a statement and returns its command tag."""
        return await self._link.execute(sql, *values)

    async def copy(
        self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Appends many rows to a table by COPY."""
        await self._link.copy_records_to_table(table, columns=columns, records=rows)


async def _set_codecs(link: Link) -> None:
    await (
        link.set_type_codec(  # asyncpg's own takes the first and last day for infinity
            "date",
            schema="pg_catalog",
            format="tuple",
            encoder=lambda day: (day.toordinal() - _FIRST_DAY,),
            decoder=lambda value: date.fromordinal(value[0] + _FIRST_DAY),
        )
    )
    await link.set_type_codec(
        "timestamptz",
        schema="pg_catalog",
        format="tuple",
        encoder=lambda microseconds: (microseconds - _EPOCH,),
        decoder=lambda value: value[0] + _EPOCH,
    )
    await link.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",  # a version byte and the text
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda data: orjson.loads(data[1:]),
    )
