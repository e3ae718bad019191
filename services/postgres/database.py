"""The one door to PostgreSQL: it runs SQL text on asyncpg connections.

A statement is a transaction of its own unless `transaction` says otherwise.
Timestamps travel as the moments of `clock.py`, JSON as Python values.
Serialization failures and deadlocks are tried again here; a database out of reach
is `Unavailable`.
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
from datetime import date
from typing import Any, Self, TypeVar

import asyncpg
import orjson

from services.errors import Unavailable
from services.postgres.connections import Connections, Link
from services.postgres.poolers import keeps_statements
from services.postgres.statement_watch import Statement, StatementWatch

Row = asyncpg.Record
Result = TypeVar("Result")
Work = Coroutine[Any, Any, Result]

ATTEMPTS = 4
CONNECT_SECONDS = 5.0

# Rows asked for by a longer text leave nothing prepared. PostgreSQL keeps a statement
# at up to 80 times its text, and asyncpg 100 a connection: 25 MB at most. Only
# searches of many conditions are longer, hardly ever sent twice; few others have 2,000.
LONGEST_KEPT = 3_072

# PostgreSQL counts days from 2000-01-01.
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
    asyncpg.ReadOnlySQLTransactionError,  # a standby's, which may be the address's now
)
# Until there is a connection, whatever the server says means that there is none.
_NO_CONNECTION = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
_NOBODY = StatementWatch()
_TRY_AGAIN = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)


class Database:
    """Connections to one database. Made by `open`, given up by `close`."""

    def __init__(self, links: Connections, watch: StatementWatch) -> None:
        self.links = links
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
        """Connects to `url` (`postgresql://...`); `Unavailable` when that fails."""
        database = cls(Connections(lambda: _connect(url), max_connections), watch)
        try:
            await database.run("SELECT")
        except ValueError as error:
            raise Unavailable("The database's URL cannot be read.") from error
        return database

    async def close(self) -> None:
        """Waits for the statements under way and closes every connection."""
        await self.links.close()

    def rows(self, sql: str, *values: Any) -> Work[list[Row]]:
        """Runs a statement and returns its rows."""
        if len(sql) > LONGEST_KEPT:
            return self._run(sql, lambda link: _unkept(link, sql, values))
        return self._run(sql, lambda link: link.fetch(sql, *values))

    async def rows_planned(self, sql: str, *values: Any) -> list[Row]:
        """As `rows`, planned for just these values, at two more round trips."""

        async def run(link: Link) -> list[Row]:
            if len(sql) > LONGEST_KEPT:
                return await _unkept(link, sql, values)
            statement = await link.prepare(sql)
            return await statement.fetch(*values)

        return await self._run(sql, run)

    def row(self, sql: str, *values: Any) -> Work[Row | None]:
        """Runs a statement and returns its first row, if it has one."""
        return self._run(sql, lambda link: link.fetchrow(sql, *values))

    def run(self, sql: str, *values: Any) -> Work[str]:
        """Runs a statement and returns its command tag, e.g. `UPDATE 1`."""
        return self._run(sql, lambda link: link.execute(sql, *values))

    async def together(
        self, work: Callable[["Transaction"], Awaitable[Result]]
    ) -> Result:
        """Runs `work` in a transaction, from its start again where that may help."""

        async def run(link: Link) -> Result:
            async with link.transaction():
                return await work(Transaction(link, self._watch))

        return await self._run(work, run)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        """Several statements that commit together or not at all."""
        async with self._lent() as link, link.transaction():
            yield Transaction(link, self._watch)

    async def copy(
        self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Appends many rows to a table by COPY."""
        async with self._lent() as link:
            await link.copy_records_to_table(table, columns=columns, records=rows)

    async def _run(
        self, what: Statement, work: Callable[[Link], Awaitable[Result]]
    ) -> Result:
        for attempt in range(1, ATTEMPTS + 1):
            link = self.links.take_idle() or await self._taken()
            began = time.monotonic()
            try:
                result = await work(link)
            except BaseException as error:
                if time.monotonic() - began >= self._least_seconds:
                    self._watch.ended(what, began)
                self._return(link, error)
                if isinstance(error, _OUT_OF_REACH):
                    raise Unavailable from error
                if not isinstance(error, _TRY_AGAIN):
                    raise
            else:
                self.links.give(link)
                if time.monotonic() - began >= self._least_seconds:
                    self._watch.ended(what, began)
                return result
            if attempt < ATTEMPTS:
                await asyncio.sleep(0.002 * 2**attempt)
        raise Unavailable

    @asynccontextmanager
    async def _lent(self) -> AsyncIterator[Link]:
        link = await self._taken()
        try:
            yield link
        except BaseException as error:
            mending = self._return(link, error)
            if mending is not None:  # a commit may have been under way
                await asyncio.shield(mending)
            if isinstance(error, _OUT_OF_REACH):
                raise Unavailable from error
            raise
        self.links.give(link)

    async def _taken(self) -> Link:
        try:
            return await self.links.take()
        except _NO_CONNECTION as error:
            raise Unavailable("The database is out of reach.") from error

    def _return(self, link: Link, error: BaseException) -> "asyncio.Task[None] | None":
        """Gives a connection back after an error; its mending, where it needs any."""
        if isinstance(error, asyncpg.ReadOnlySQLTransactionError):
            link.terminate()  # the next one may lead to a server that takes writes
        if isinstance(error, asyncpg.PostgresError):  # the statement has ended
            self.links.give(link)
            return None
        return self.links.give_to_mend(link)


class Transaction:
    """The statements of one transaction, on one connection."""

    def __init__(self, link: Link, watch: StatementWatch) -> None:
        self._link = link
        self._watch = watch if watch.keep_span is not None else None

    async def rows(self, sql: str, *values: Any) -> list[Row]:
        """Runs a statement and returns its rows."""
        if self._watch is not None:
            return await self._watch.over(sql, self._link.fetch(sql, *values))
        return await self._link.fetch(sql, *values)

    async def row(self, sql: str, *values: Any) -> Row | None:
        """Runs a statement and returns its first row, if it has one."""
        if self._watch is not None:
            return await self._watch.over(sql, self._link.fetchrow(sql, *values))
        return await self._link.fetchrow(sql, *values)

    async def run(self, sql: str, *values: Any) -> str:
        """Runs a statement and returns its command tag."""
        if self._watch is not None:
            return await self._watch.over(sql, self._link.execute(sql, *values))
        return await self._link.execute(sql, *values)

    async def copy(
        self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Appends many rows to a table by COPY."""
        await self._link.copy_records_to_table(table, columns=columns, records=rows)


async def _unkept(link: Link, sql: str, values: Sequence[Any]) -> list[Row]:
    """The rows of a statement of which PostgreSQL keeps nothing afterwards.

    It has no name, so COMMIT ends it. It is in a transaction because a pooler may
    send its values to another connection otherwise.
    """
    async with link.transaction():
        statement = await link.prepare(sql, name="")
        return await statement.fetch(*values)


async def _connect(url: str) -> Link:
    link = await asyncpg.connect(
        url,
        timeout=CONNECT_SECONDS,
        # What is prepared gets a name, also asyncpg's own long statements: behind a
        # pooler one without may be somebody else's by the time that its values arrive.
        # `_unkept` has its own way.
        max_cacheable_statement_size=0,
    )
    try:
        if not await keeps_statements(link):
            await link.close()
            link = await asyncpg.connect(
                url,
                timeout=CONNECT_SECONDS,
                statement_cache_size=0,  # then each goes together with its values
            )
        await _set_codecs(link)
    except BaseException:
        link.terminate()
        raise
    return link


async def _set_codecs(link: Link) -> None:
    await link.set_type_codec(  # asyncpg's takes the first and last day for infinity
        "date",
        schema="pg_catalog",
        format="tuple",
        encoder=lambda day: (day.toordinal() - _FIRST_DAY,),
        decoder=lambda value: date.fromordinal(value[0] + _FIRST_DAY),
    )
    await link.set_builtin_type_codec(  # the number that travels, as it is
        "timestamptz", schema="pg_catalog", codec_name="int8", format="binary"
    )
    await link.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",  # a version byte and the text
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda data: orjson.loads(data[1:]),
    )
