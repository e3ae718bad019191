"""Turns: a limited number of calls run at a time, and tenants alternate.

A process runs about as many calls as it has connections to the database. More calls
would only wait for a connection and keep the event loop busy. Waiting calls queue by
tenant, and the next turn goes to the tenant that has waited longest. So a tenant with
many calls delays its own calls, not those of others. If too many calls of a tenant
wait already, the next one is refused at once, before it has done anything.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from services.errors import Unavailable

LOOK_SECONDS = 1.0  # a tenant without a call for two such periods is inactive
SLOW_SECONDS = 0.05  # a tenant without an ended call for so long has slow calls

# Jobs rest for a call that began so lately. One that lasts longer waits for others.
REST_SECONDS = 0.005

# The weights of calls in their tenant's share. A search keeps the process busy longer.
CALL, SEARCH = 1, 2

NOBODY = ""  # the tenant of calls without a token

Turn = asyncio.Future[None]
Waiting = tuple[Turn, int]  # a turn and the weight of its call
Queue = deque[Waiting]


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of the calls of one process.

    `running` calls run at a time. A tenant alone leaves `left` turns free. The running
    calls of a tenant weigh at most `share` if other tenants are active, or `slow_share`
    if its calls are slow. At most `waiting` calls of a tenant wait.
    """

    running: int
    left: int
    share: int
    slow_share: int
    waiting: int


def bounds_of(connections: int, waiting: int) -> Bounds:
    """Returns the limits for a number of connections to the database.

    A fifth of the connections is reserved for what every call waits for, mainly the
    look-up of its caller. If other tenants are active, a tenant has an eighth of the
    turns; alone, it leaves an eighth free for a tenant that may come. If its calls are
    slow, it may have half of the turns, provided that an eighth stays free: slow calls
    wait for the database, take little time of this process, and must not block the
    tenant's other calls.
    """
    running = max(1, connections - -(-connections // 5))
    eighth = -(-running // 8)
    return Bounds(
        running=running,
        left=min(eighth, running - 1),
        share=eighth,
        slow_share=-(-running // 2),
        waiting=waiting,
    )


class Allowance(NamedTuple):
    """The turns that must stay free, and the most that a tenant's calls may weigh."""

    left: int
    most: int


class Turns:
    """The calls that run and those that wait, in one event loop."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._free = bounds.running
        # One for each situation of a tenant.
        self._alone = Allowance(bounds.left, bounds.running - bounds.left)
        self._among_others = Allowance(0, bounds.share)
        self._slow = Allowance(bounds.share, bounds.slow_share)
        self._nobodys = Allowance(0, bounds.slow_share)
        self._now = self._alone
        # The weight of the running calls, by tenant.
        self._running: dict[str, int] = {}
        # The waiting calls by tenant, in the order of the tenants' next turns.
        self._waiting: dict[str, Queue] = {}
        # The tenants with a call in this period, and in the one before.
        self._lately: set[str] = set()
        self._before: set[str] = set()
        self._looks = False
        # The tenants with an ended call since the last look for slow calls.
        self._ended: set[str] = set()
        self._looks_for_slow = False
        # When the last call began to run, and what rests until none runs.
        self._begun_at = 0.0
        self._resting: set[asyncio.Future[None]] = set()
        # The number of calls refused, and the total time that others waited.
        self.refused = 0
        self.waited_seconds = 0.0

    @property
    def waiting(self) -> int:
        """The number of calls that wait now."""
        return sum(map(len, tuple(self._waiting.values())))

    def begin(self, tenant: str, weight: int = CALL) -> bool:
        """Whether a call may run now. If so, `end` follows, otherwise `wait`."""
        if tenant not in self._lately:
            self._meet(tenant)
        running = self._running.get(tenant, 0)
        left, most = self._now if tenant else self._nobodys
        if self._free <= left or running >= most:
            return False
        self._free -= 1
        self._running[tenant] = running + weight
        self._begun_at = time.monotonic()
        return True

    async def wait(self, tenant: str, weight: int = CALL) -> None:
        """Waits for a turn after `begin` returned False. `end` follows.

        Raises `Unavailable` if too many calls of the tenant wait already.
        """
        queue = self._waiting.setdefault(tenant, deque())
        if len(queue) >= self._bounds.waiting:
            self.refused += 1
            raise Unavailable("Too much is asked for at once.")
        loop = asyncio.get_running_loop()
        turn: Turn = loop.create_future()
        queue.append((turn, weight))
        if not self._looks_for_slow:
            self._look_later_for_slow()
        began = loop.time()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._give_up(tenant, (turn, weight))
            else:  # the turn was given at the same moment
                self.end(tenant, weight)
            raise
        finally:
            self.waited_seconds += loop.time() - began

    def end(self, tenant: str, weight: int) -> None:
        """Ends a call with its weight, and gives the turn to the next one."""
        self._free += 1
        running = self._running[tenant] - weight
        if running:
            self._running[tenant] = running
        else:
            del self._running[tenant]
        if self._waiting:
            self._ended.add(tenant)
            self._give()
        if self._resting and self._free == self._bounds.running:
            for each in self._resting:
                _wake(each)

    def rest(self) -> Awaitable[None] | None:
        """What a job rests by; None if no call runs that has just begun.

        It is over when no call runs, after `REST_SECONDS` at the latest.
        """
        if self._free == self._bounds.running:
            return None
        left = self._begun_at + REST_SECONDS - time.monotonic()
        return self._rest(left) if left > 0 else None

    async def _rest(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        resting = loop.create_future()
        self._resting.add(resting)
        ending = loop.call_later(seconds, _wake, resting)
        try:
            await resting
        finally:
            ending.cancel()
            self._resting.discard(resting)

    def _give(self) -> bool:
        """Gives one turn to the first waiting tenant that may have it."""
        # Giving a turn changes the dictionary; `any` stops there.
        return any(
            self._give_to(tenant, self._now if tenant else self._nobodys)
            for tenant in self._waiting
        )

    def _give_to(self, tenant: str, limits: Allowance) -> bool:
        """Gives a turn to a waiting tenant, if its limits allow it."""
        queue, running = self._waiting[tenant], self._running.get(tenant, 0)
        if self._free <= limits.left or running >= limits.most:
            return False
        if (waiting := _first(queue)) is None:
            return False
        turn, weight = waiting
        turn.set_result(None)
        self._free -= 1
        self._running[tenant] = running + weight
        self._begun_at = time.monotonic()
        del self._waiting[tenant]
        if queue:
            self._waiting[tenant] = queue  # behind all others
        return True

    def _give_up(self, tenant: str, waiting: Waiting) -> None:
        queue = self._waiting.get(tenant)
        if queue is not None:
            with suppress(ValueError):  # `_first` has removed it already
                queue.remove(waiting)
            if not queue:
                del self._waiting[tenant]

    def _look_later_for_slow(self) -> None:
        self._looks_for_slow = bool(self._waiting)
        if self._looks_for_slow:
            loop = asyncio.get_running_loop()
            loop.call_later(SLOW_SECONDS, self._look_for_slow)

    def _look_for_slow(self) -> None:
        """Gives a turn to each tenant whose calls wait for its own slow calls."""
        for tenant in self._waiting.keys() - self._ended:
            self._give_to(tenant, self._slow)
        self._ended.clear()
        self._look_later_for_slow()

    def _meet(self, tenant: str) -> None:
        """Notes the first call of a tenant in this period."""
        if not self._looks:
            self._looks = True
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)
        if tenant:
            self._lately.add(tenant)
        self._settle()

    def _look(self) -> None:
        """Starts a new period and forgets the tenants that are inactive."""
        self._before = self._lately | self._running.keys() | self._waiting.keys()
        self._before.discard(NOBODY)
        self._lately = set()
        self._looks = bool(self._before)
        if self._looks:
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)
        self._settle()

    def _settle(self) -> None:
        """Sets the limits: most turns for a tenant alone, else a share."""
        # Called for each new tenant of a period; with many tenants, no union is made.
        is_crowd = len(self._lately) > 1 or len(self._before) > 1
        is_crowd = is_crowd or len(self._lately | self._before) > 1
        self._now = self._among_others if is_crowd else self._alone
        while self._waiting and self._give():
            pass


def _wake(resting: asyncio.Future[None]) -> None:
    if not resting.done():
        resting.set_result(None)


def _first(queue: Queue) -> Waiting | None:
    """Removes and returns the first waiting call that was not cancelled."""
    while queue:
        waiting = queue.popleft()
        if not waiting[0].done():
            return waiting
    return None
