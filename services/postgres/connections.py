"""A pool of connections to PostgreSQL.

asyncpg's own pool starts a task and a timer at each acquire and each release, which
costs 28 µs of CPU for each read. Here both are a `pop` or an `append` of a list. A
connection whose statement was interrupted is repaired before it is used again.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import asyncpg

if TYPE_CHECKING:  # generic in the type hints only
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection

WAIT_SECONDS = 5.0
CLOSE_SECONDS = 4 * WAIT_SECONDS

# Errors of a connection while it is repaired or closed. It is terminated then.
_BROKEN = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)

# After "too many connections", the pool opens no other connection for so long.
_REFUSED_SECONDS = 1.0


class Pool:
    """At most `most` connections, opened when they are needed."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], most: int) -> None:
        self._connect = connect
        self._most = most
        self._open = 0
        self._ask_from = 0.0
        # The connection used last is acquired first: its caches are warm.
        self._idle: list[Connection] = []
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._mending: set[asyncio.Task[None]] = set()
        # How often a caller had to wait for a connection, and for how long in total.
        self.waits = 0
        self.waited_seconds = 0.0

    @property
    def open(self) -> int:
        """The number of connections, including those that are being opened."""
        return self._open

    @property
    def idle(self) -> int:
        """The number of connections that are not in use."""
        return len(self._idle)

    @property
    def waiting(self) -> int:
        """The number of callers that wait for a connection now."""
        return len(self._waiting)

    @property
    def most(self) -> int:
        """The largest number of connections."""
        return self._most

    def acquire_idle(self) -> Connection | None:
        """Returns an idle connection, None if all are in use. `release` follows."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
            self._open -= 1
        return None

    async def acquire(self) -> Connection:
        """Returns a connection. `release` follows.

        Raises `TimeoutError` if none is free in time, and the errors of connecting.
        """
        while True:
            if (connection := self.acquire_idle()) is not None:
                return connection
            if self._may_open():
                opened = await self._open_new()
                if opened is not None:
                    return opened
                continue
            given = await self._wait()
            if given is not None:
                return given

    def release(self, connection: Connection) -> None:
        """Returns a connection to the pool. It is idle or closed."""
        if connection.is_closed():
            self._open -= 1
            self._hand_over(None)
        elif not (self._waiting and self._hand_over(connection)):
            self._idle.append(connection)

    def close_idle(self) -> None:
        """Closes the idle connections. New ones are opened when they are needed."""
        while self._idle:
            self._idle.pop().terminate()
            self._open -= 1

    def release_interrupted(self, connection: Connection) -> asyncio.Task[None]:
        """Returns a connection whose statement was interrupted.

        The task ends when the connection is repaired. A caller that must know that its
        statement has ended awaits the task, shielded.
        """
        task = asyncio.create_task(self._mend(connection))
        self._mending.add(task)
        task.add_done_callback(self._mending.discard)
        return task

    async def close(self) -> None:
        """Closes all connections; waits a limited time for those in use."""
        self._most = 0
        with suppress(
            TimeoutError
        ):  # a connection that is never released ends with the process
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._close_all()

    async def _close_all(self) -> None:
        while self._open:
            connection = self._idle.pop() if self._idle else await self._next_released()
            if connection is not None:
                await _close(connection)
                self._open -= 1

    async def _wait(self) -> Connection | None:
        began = time.monotonic()
        self.waits += 1
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await self._next_released()
        finally:
            self.waited_seconds += time.monotonic() - began

    def _may_open(self) -> bool:
        if self._open >= self._most:
            return False
        return self._open == 0 or time.monotonic() >= self._ask_from

    async def _open_new(self) -> Connection | None:
        """Opens a connection. Returns None if the caller must wait for another one."""
        self._open += 1
        try:
            return await self._connect()
        except BaseException as error:
            self._open -= 1
            if self._open and isinstance(error, asyncpg.TooManyConnectionsError):
                self._ask_from = time.monotonic() + _REFUSED_SECONDS
                return None  # the callers that wait get the connections in use
            self._hand_over(None)
            raise

    async def _next_released(self) -> Connection | None:
        """Waits for the next release. None means that a new one may be opened."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            connection: Connection | None = await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():  # it got one nevertheless
                self._release_result(waiter.result())
            raise
        return connection

    def _release_result(self, connection: Connection | None) -> None:
        if connection is None:
            self._hand_over(None)
        else:
            self.release(connection)

    def _hand_over(self, connection: Connection | None) -> bool:
        """Passes a connection, or the right to open one, to the longest waiter."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return True
        return False

    async def _mend(self, connection: Connection) -> None:
        """Waits until the interrupted statement has ended; ends its transaction."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await connection.execute("SELECT")
                await connection.reset()
        except _BROKEN:
            connection.terminate()
        finally:
            self.release(connection)


async def _close(connection: Connection) -> None:
    try:
        await connection.close(timeout=WAIT_SECONDS)
    except _BROKEN:
        connection.terminate()
