"""A database whose statements all run in one transaction: that of the running batch or
dry run.

Rooms use it like any `Database`. What they would run as a transaction of its own is a
part of the bound one. First such parts have no savepoints: most work has no statement
that fails. If one fails nevertheless, the whole work starts again, with savepoints.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

import asyncpg

from services.postgres.connections import Connection
from services.postgres.database import Database, Transaction
from services.postgres.statement_watch import Statement

Result = TypeVar("Result")
_Work = Callable[[Connection], Awaitable[Result]]

# After these nothing in the transaction can go on: it ends, or begins anew.
_FATAL = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncio.CancelledError,
)


class _StartAgainError(Exception):
    """A statement failed without a savepoint."""


# Errors that end the whole work. Any other is of the statement alone.
ENDS_ALL = (_StartAgainError, *_FATAL)


class _UndoneError(Exception):
    """Undoes a transaction that has come to its end."""


@dataclass(slots=True)
class Scope:
    """One bound transaction.

    `careful`: each part has a savepoint. `undone`: nothing of it is to be kept.
    `seen` holds what is known within the transaction alone, by the keys of those who
    know it. Statements of concurrent tasks take turns by `turn`.
    """

    connection: Connection
    careful: bool
    undone: bool = False
    seen: dict[Any, Any] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


SCOPE: ContextVar[Scope] = ContextVar("scope")


class BoundDatabase(Database):
    """Runs statements in the transaction of the current scope."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.pool, database._watch)
        self._free = database

    async def within(
        self, work: Callable[[Scope], Awaitable[Result]]
    ) -> tuple[Result, Scope]:
        """Runs work in a transaction, again after a deadlock. It must bear repetition.

        If `work` sets `undone`, nothing that it wrote is kept.
        """
        run = self._free._run
        done = await run(work, lambda connection: _in_scope(connection, work, False))
        while done is None:
            done = await run(work, lambda connection: _in_scope(connection, work, True))
        return done

    async def joining(
        self, transaction: Transaction, work: Callable[[], Awaitable[Result]]
    ) -> Result:
        """Runs work as a part of a transaction that is under way already."""
        before = SCOPE.set(Scope(transaction.connection, careful=True))
        try:
            return await work()
        finally:
            SCOPE.reset(before)

    async def in_transaction(
        self, work: Callable[[Transaction], Awaitable[Result]]
    ) -> Result:
        """Runs `work` as one part of the transaction."""

        async def run(connection: Connection) -> Result:
            return await work(Transaction(connection, self._watch))

        return await _part(run)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Opens a part of the transaction."""
        scope = SCOPE.get()
        async with scope.turn, _savepoint(scope):
            yield Transaction(scope.connection, self._watch)

    async def copy(
        self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Appends many rows to a table by COPY."""
        async with self.transaction() as transaction:
            await transaction.copy(table, columns, rows)

    async def _run(
        self, what: Statement, work: Callable[[Connection], Awaitable[Result]]
    ) -> Result:
        if isinstance(what, str) and what.startswith("SELECT"):
            scope = SCOPE.get()
            async with scope.turn:
                return await work(scope.connection)
        return await _part(work)


async def _in_scope(
    connection: Connection, work: Callable[[Scope], Awaitable[Result]], careful: bool
) -> tuple[Result, Scope] | None:
    """Runs work once. None if it must start again, with savepoints."""
    scope, results = Scope(connection, careful), []
    before = SCOPE.set(scope)
    try:
        async with connection.transaction():
            results.append(await work(scope))
            if scope.undone:
                raise _UndoneError
    except _StartAgainError:
        return None
    except _UndoneError:
        pass
    finally:
        SCOPE.reset(before)
    return results[0], scope


async def _part(work: Callable[[Connection], Awaitable[Result]]) -> Result:
    scope = SCOPE.get()
    async with scope.turn, _savepoint(scope):
        return await work(scope.connection)


@asynccontextmanager
async def _savepoint(scope: Scope) -> AsyncIterator[None]:
    """Undoes a part that fails; without savepoints by beginning anew."""
    if scope.careful:
        async with scope.connection.transaction():
            yield
        return
    try:
        yield
    except _FATAL:
        raise
    except Exception as error:
        raise _StartAgainError from error
