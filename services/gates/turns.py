"""Whose turn it is: so many calls run at once, and tenants take turns.

A process runs hardly more calls than it has connections to the database; others would
only wait there, and keep the event loop from everybody. Those that wait do so by
tenant, and the next one is of the tenant that has waited longest for a turn: whoever
asks for all that there is waits for themselves, one call behind the other, unless they
are slow ones. A call that finds too many before it is refused at once, while there is
nothing to undo.
"""

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from services.errors import Unavailable

LOOK_SECONDS = 1.0  # whoever has not called for two of them is not there
SLOW_SECONDS = 0.05  # a tenant of which no call ends for so long has slow ones

# What a call weighs in its tenant's share. A search keeps the process for longer.
CALL, SEARCH = 1, 2

NOBODY = ""  # the tenant of those who call without a token

Turn = asyncio.Future[None]
Waiting = tuple[Turn, int]  # with its call's weight
Queue = deque[Waiting]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many calls run at once, and how many turns a tenant leaves free while it is
    alone; what its calls may weigh together while others are there, and while its are
    slow besides; and how many of them wait."""

    running: int
    left: int
    share: int
    slow_share: int
    waiting: int


def bounds_of(connections: int, waiting: int) -> Bounds:
    """What suits so many connections to the database.

    A fifth of them is left for what every call waits for, its caller above all. Of the
    turns a tenant has an eighth while others are there, and leaves as many to those who
    may come while it is alone. While its calls are slow it has half of them, as long as
    that leaves some: slow ones take no time of this process, and must not keep the
    tenant's others from theirs.
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


class Limits(NamedTuple):
    """How many turns must be left to others, and what a tenant's calls may weigh."""

    left: int
    most: int


class Turns:
    """The calls that run and those that wait, in one event loop."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._free = bounds.running
        # How many turns must be left after a call, and what its tenant's may weigh.
        self._alone = Limits(bounds.left, bounds.running - bounds.left)
        self._among_others = Limits(0, bounds.share)
        self._slow = Limits(bounds.share, bounds.slow_share)
        self._nobodys = Limits(0, bounds.slow_share)
        self._now = self._alone
        # What the running calls of each weigh.
        self._running: dict[str, int] = {}
        # In the order of their next turn.
        self._waiting: dict[str, Queue] = {}
        # Who has called since the last look, and between it and the one before.
        self._lately: set[str] = set()
        self._before: set[str] = set()
        self._looks = False
        # Of whom a call has ended since it was last looked whose are slow.
        self._ended: set[str] = set()
        self._looks_for_slow = False
        # How many calls found too many before them, and how long others waited in all.
        self.refused = 0
        self.waited_seconds = 0.0

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return sum(map(len, tuple(self._waiting.values())))

    def begin(self, tenant: str, weight: int = CALL) -> bool:
        """Whether a call may run at once; `end` follows then, else `wait`."""
        if tenant not in self._lately:
            self._meet(tenant)
        running = self._running.get(tenant, 0)
        left, most = self._now if tenant else self._nobodys
        if self._free <= left or running >= most:
            return False
        self._free -= 1
        self._running[tenant] = running + weight
        return True

    async def wait(self, tenant: str, weight: int = CALL) -> None:
        """Waits until a call that could not begin may run; `end` follows.

        Raises `Unavailable` when too many of its tenant wait already.
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
            else:  # it was given all the same
                self.end(tenant, weight)
            raise
        finally:
            self.waited_seconds += loop.time() - began

    def end(self, tenant: str, weight: int) -> None:
        """A call has ended that weighed so much; the next one may run."""
        self._free += 1
        running = self._running[tenant] - weight
        if running:
            self._running[tenant] = running
        else:
            del self._running[tenant]
        if self._waiting:
            self._ended.add(tenant)
            self._give()

    def _give(self) -> bool:
        """Gives the next turn, if somebody waits who may have it."""
        # Which changes as a turn is given; nobody looks further then.
        return any(
            self._give_to(tenant, self._now if tenant else self._nobodys)
            for tenant in self._waiting
        )

    def _give_to(self, tenant: str, limits: Limits) -> bool:
        """Gives a turn to a tenant that waits, if its limits let it have one."""
        queue, running = self._waiting[tenant], self._running.get(tenant, 0)
        if self._free <= limits.left or running >= limits.most:
            return False
        if (waiting := _first(queue)) is None:
            return False
        turn, weight = waiting
        turn.set_result(None)
        self._free -= 1
        self._running[tenant] = running + weight
        del self._waiting[tenant]
        if queue:
            self._waiting[tenant] = queue  # behind all others
        return True

    def _give_up(self, tenant: str, waiting: Waiting) -> None:
        queue = self._waiting.get(tenant)
        if queue is not None:
            with suppress(ValueError):  # passed over since
                queue.remove(waiting)
            if not queue:
                del self._waiting[tenant]

    def _look_later_for_slow(self) -> None:
        self._looks_for_slow = bool(self._waiting)
        if self._looks_for_slow:
            loop = asyncio.get_running_loop()
            loop.call_later(SLOW_SECONDS, self._look_for_slow)

    def _look_for_slow(self) -> None:
        """Gives a turn to each whose calls wait for slow ones of their own."""
        for tenant in self._waiting.keys() - self._ended:
            self._give_to(tenant, self._slow)
        self._ended.clear()
        self._look_later_for_slow()

    def _meet(self, tenant: str) -> None:
        """Notes a tenant that has not called since the last look."""
        if not self._looks:
            self._looks = True
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)
        if tenant:
            self._lately.add(tenant)
        self._settle()

    def _look(self) -> None:
        """Forgets who has not called since the look before."""
        self._before = self._lately | self._running.keys() | self._waiting.keys()
        self._before.discard(NOBODY)
        self._lately = set()
        self._looks = bool(self._before)
        if self._looks:
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)
        self._settle()

    def _settle(self) -> None:
        """A tenant may have most turns while it is alone, else its share."""
        # Asked once a tenant and look: with many of them, not by counting all anew.
        is_crowd = len(self._lately) > 1 or len(self._before) > 1
        is_crowd = is_crowd or len(self._lately | self._before) > 1
        self._now = self._among_others if is_crowd else self._alone
        while self._waiting and self._give():
            pass


def _first(queue: Queue) -> Waiting | None:
    """Takes the first call of a tenant out that was not given up."""
    while queue:
        waiting = queue.popleft()
        if not waiting[0].done():
            return waiting
    return None
