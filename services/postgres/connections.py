"""Open connections to PostgreSQL, each lent to one statement or transaction at a time.

asyncpg's own pool starts a task and arms a timer for each loan and each return,
which cost 28 µs of a read's CPU; here both are a list's `pop` and `append`. A
connection whose work was cut short is mended before it is lent again.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import asyncpg

if TYPE_CHECKING:  # generic in its type hints alone
    Link = asyncpg.Connection[asyncpg.Record]
else:
    Link = asyncpg.Connection

WAIT_SECONDS = 5.0
CLOSE_SECONDS = 4 * WAIT_SECONDS

# What a connection may say as it is mended or closed; it is given up then.
_BROKEN = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)

# How long a server that has no connection left is not asked for another.
_REFUSED_SECONDS = 1.0


class Connections:
    """At most so many connections, opened as they are needed."""

    def __init__(self, connect: Callable[[], Awaitable[Link]], most: int) -> None:
        self._connect = connect
        self._most = most
        self._open = 0
        self._ask_from = 0.0
        # The one used last is lent first: its caches are warm.
        self._idle: list[Link] = []
        self._waiting: deque[asyncio.Future[Link | None]] = deque()
        self._mending: set[asyncio.Task[None]] = set()
        # How often, and how long in all, someone had to wait for one.
        self.waits = 0
        self.waited_seconds = 0.0

    @property
    def open(self) -> int:
        """How many there are, those included that are being opened."""
        return self._open

    @property
    def idle(self) -> int:
        """How many are not lent."""
        return len(self._idle)

    @property
    def waiting(self) -> int:
        """How many wait for one now."""
        return len(self._waiting)

    @property
    def most(self) -> int:
        """How many there may be."""
        return self._most

    def take_idle(self) -> Link | None:
        """A connection that is not lent, to be given back; None when all are."""
        while self._idle:
            link = self._idle.pop()
            if not link.is_closed():
                return link
            self._open -= 1
        return None

    async def take(self) -> Link:
        """A connection, to be given back.

        Raises `TimeoutError` when none is free in time, and what connecting raises.
        """
        while True:
            if (link := self.take_idle()) is not None:
                return link
            if self._may_open():
                opened = await self._opened()
                if opened is not None:
                    return opened
                continue
            given = await self._waited()
            if given is not None:
                return given

    def give(self, link: Link) -> None:
        """Gives a connection back that is at rest, or closed."""
        if link.is_closed():
            self._open -= 1
            self._hand_on(None)
        elif not (self._waiting and self._hand_on(link)):
            self._idle.append(link)

    def close_idle(self) -> None:
        """Closes those that are not lent; new ones are opened as they are needed."""
        while self._idle:
            self._idle.pop().terminate()
            self._open -= 1

    def give_to_mend(self, link: Link) -> asyncio.Task[None]:
        """Gives a connection back whose work was cut short.

        Whoever must know what became of that work awaits the task, shielded.
        """
        task = asyncio.create_task(self._mend(link))
        self._mending.add(task)
        task.add_done_callback(self._mending.discard)
        return task

    async def close(self) -> None:
        """Waits for the connections that are lent, for a while, and closes all."""
        self._most = 0
        with suppress(TimeoutError):  # what is never given back ends with the process
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._close_all()

    async def _close_all(self) -> None:
        while self._open:
            link = self._idle.pop() if self._idle else await self._given()
            if link is not None:
                await _close(link)
                self._open -= 1

    async def _waited(self) -> Link | None:
        began = time.monotonic()
        self.waits += 1
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await self._given()
        finally:
            self.waited_seconds += time.monotonic() - began

    def _may_open(self) -> bool:
        if self._open >= self._most:
            return False
        return self._open == 0 or time.monotonic() >= self._ask_from

    async def _opened(self) -> Link | None:
        """A new connection; None when one of the others is to be waited for."""
        self._open += 1
        try:
            return await self._connect()
        except BaseException as error:
            self._open -= 1
            if self._open and isinstance(error, asyncpg.TooManyConnectionsError):
                self._ask_from = time.monotonic() + _REFUSED_SECONDS
                return None  # whoever waits goes on waiting for the others, too
            self._hand_on(None)
            raise

    async def _given(self) -> Link | None:
        """What is given back next; None when a place for a new one is free."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            link: Link | None = await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():  # given all the same
                self._pass_on(waiter.result())
            raise
        return link

    def _pass_on(self, link: Link | None) -> None:
        if link is None:
            self._hand_on(None)
        else:
            self.give(link)

    def _hand_on(self, link: Link | None) -> bool:
        """Hands a connection, or its place, to whoever waits longest, if anyone."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(link)
                return True
        return False

    async def _mend(self, link: Link) -> None:
        """Waits until a cancelled statement has ended, and ends its transaction."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await link.execute("SELECT")
                await link.reset()
        except _BROKEN:
            link.terminate()
        finally:
            self.give(link)


async def _close(link: Link) -> None:
    try:
        await link.close(timeout=WAIT_SECONDS)
    except _BROKEN:
        link.terminate()
