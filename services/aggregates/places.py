"""Places: how many figures are made at a time, in one process and for one tenant.

Each keeps a connection and a processor of the database busy. Those that wait go on in
the order of their tenants, so that a tenant with many delays its own alone.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.errors import Unavailable

# At a time in a process, and of them for one tenant.
MOST, MOST_OF_TENANT = 4, 2
# So many of a tenant may wait: those of a few pages with many charts.
MOST_WAITING = 64


class Places:
    """The places of one process, in one event loop."""

    def __init__(self, most: int = MOST, of_tenant: int = MOST_OF_TENANT) -> None:
        self._free, self._of_tenant = most, of_tenant
        self._running: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def taken(self, tenant: str) -> AsyncIterator[None]:
        """Takes a place for a tenant, as soon as one is free.

        Raises `Unavailable` if too many of the tenant wait already.
        """
        if self._free and self._running[tenant] < self._of_tenant:
            self._begin(tenant)
        else:
            await self._wait(tenant)
        try:
            yield
        finally:
            self._end(tenant)

    def _begin(self, tenant: str) -> None:
        self._free -= 1
        self._running[tenant] += 1

    def _end(self, tenant: str) -> None:
        self._free += 1
        self._running[tenant] -= 1
        if not self._running[tenant]:
            del self._running[tenant]
        self._give()

    async def _wait(self, tenant: str) -> None:
        queue = self._waiting.setdefault(tenant, deque())
        if len(queue) >= MOST_WAITING:
            raise Unavailable("Too many figures are asked for at once.")
        place = asyncio.get_running_loop().create_future()
        queue.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():  # given at the same moment
                self._end(tenant)
            elif place in queue:
                queue.remove(place)
                if not queue and self._waiting.get(tenant) is queue:
                    del self._waiting[tenant]
            raise

    def _give(self) -> None:
        """Gives the free places to those that wait."""
        for tenant in list(self._waiting):
            if not self._free:
                return
            if self._running[tenant] >= self._of_tenant:
                continue
            queue = self._waiting.pop(tenant)
            queue.popleft().set_result(None)
            self._begin(tenant)
            if queue:
                self._waiting[tenant] = queue  # behind all others
