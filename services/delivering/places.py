"""How many requests a process makes at once, and how tenants share these places."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

MOST = 512
MOST_OF_TENANT = 64


class Places:
    """A number of places. Tenants that wait for some take turns."""

    def __init__(self, most: int = MOST, most_of_tenant: int = MOST_OF_TENANT) -> None:
        self._most, self._most_of_tenant = most, most_of_tenant
        self._taken: dict[str, int] = {}
        self._all = 0
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def of(self, tenant: str) -> AsyncIterator[None]:
        """A place for a tenant, once it has its turn."""
        if self._has_place(tenant) and tenant not in self._waiting:
            self._take(tenant)
        else:
            await self._wait(tenant)
        try:
            yield
        finally:
            self._leave(tenant)

    def _has_place(self, tenant: str) -> bool:
        own = self._taken.get(tenant, 0)
        return self._all < self._most and own < self._most_of_tenant

    def _take(self, tenant: str) -> None:
        self._all += 1
        self._taken[tenant] = self._taken.get(tenant, 0) + 1

    async def _wait(self, tenant: str) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(tenant, deque()).append(turn)
        try:
            await turn  # who sets it has taken the place
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave(tenant)
            else:
                self._forget(tenant, turn)
            raise

    def _forget(self, tenant: str, turn: "asyncio.Future[None]") -> None:
        others = self._waiting[tenant]
        others.remove(turn)
        if not others:
            del self._waiting[tenant]

    def _leave(self, tenant: str) -> None:
        self._all -= 1
        self._taken[tenant] -= 1
        if not self._taken[tenant]:
            del self._taken[tenant]
        self._call_next()

    def _call_next(self) -> None:
        """Gives a free place to the tenant that has waited for its turn the longest."""
        for tenant, others in self._waiting.items():
            if self._has_place(tenant):
                turn = others[0]
                self._forget(tenant, turn)
                if tenant in self._waiting:
                    self._waiting.move_to_end(tenant)
                self._take(tenant)
                turn.set_result(None)
                return
