"""A relay: follows the tenants that it has, and gives each change to a publisher.

A position is kept after the changes before it were taken. So nothing is left out; after
a failure some are published again, with the same ids. Of one tenant the changes are
published one after the other.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import structlog
from prospectconnect.crm.v1.changes_pb2 import Change

from services.changes.order import Position
from services.changes.waiting import Waiting
from services.errors import ChangesGone, Unavailable
from services.postgres.database import Database
from services.relay.leases import LEASE_SECONDS, Leases
from services.relay.pages import Pages

CLAIM_SECONDS = 1.0
# A tenant without changes is kept by saying so as often; so is one in a long page.
RENEW_SECONDS = LEASE_SECONDS / 3
PAUSE_SECONDS = 1.0
# Of so many tenants a page is read and published at once.
AT_ONCE = 8

_log = structlog.get_logger("services")


class PublishingError(Exception):
    """A change was not taken. It is published again."""


class Publishes(Protocol):
    """What takes changes."""

    async def publish(self, business_id: str, change: Change) -> None:
        """Returns once the change is safe. Raises `PublishingError`."""


@dataclass(slots=True)
class RelayFigures:
    """What the relay of one process did, for metrics."""

    published: int = 0
    failures: int = 0
    tenants: int = 0


class Relay:
    """Follows tenants until it is cancelled."""

    def __init__(
        self,
        database: Database,
        leases: Leases,
        pages: Pages,
        publisher: Publishes,
        figures: RelayFigures,
    ) -> None:
        self._leases, self._pages, self._publisher = leases, pages, publisher
        self._waiting, self.figures = Waiting(database), figures
        self._held: dict[str, asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._failing = False

    async def run(self) -> None:
        """Takes tenants, and leaves some to other relays where there are."""
        try:
            while True:
                try:
                    await self._share()
                except Unavailable:
                    _log.warning("relay_waits_for_the_database")
                await asyncio.sleep(CLAIM_SECONDS)
        finally:
            await self._end()

    async def _share(self) -> None:
        share = await self._leases.share()
        self._held = {k: task for k, task in self._held.items() if not task.done()}
        for business_id in list(self._held)[share:]:
            self._held[business_id].cancel()
        if len(self._held) < share:
            is_later = await self._leases.has_run()
            for business_id, is_new in await self._leases.free():
                if len(self._held) >= share:
                    break
                if business_id not in self._held:
                    await self._take(business_id, is_new, is_later)
        self.figures.tenants = len(self._held)

    async def _take(self, business_id: str, is_new: bool, is_later: bool) -> None:
        start = None
        if is_new:
            start = await self._pages.start(business_id, is_later=is_later)
        position = await self._leases.claim(business_id, start)
        if position is not None:
            task = asyncio.create_task(self._follow(business_id, position))
            self._held[business_id] = task

    async def _end(self) -> None:
        tasks = list(self._held.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(Unavailable):
            await self._leases.end()

    async def _follow(self, business_id: str, position: Position) -> None:
        """Publishes a tenant's changes until the tenant is lost."""
        try:
            while True:
                try:
                    async with self._turns:
                        position, has_more = await self._page(business_id, position)
                except _LostError:
                    return
                except ChangesGone:
                    _log.warning("relay_missed_changes", business_id=business_id)
                    position = await self._pages.earliest(business_id)
                except (PublishingError, Unavailable) as error:
                    self._tell_failure(error)
                    await asyncio.sleep(PAUSE_SECONDS)
                else:
                    self._failing = False
                    if not has_more:
                        place = position.place
                        await self._waiting.wait(business_id, place, RENEW_SECONDS)
        finally:
            with suppress(Unavailable):
                await asyncio.shield(self._leases.release(business_id))

    async def _page(
        self, business_id: str, position: Position
    ) -> tuple[Position, bool]:
        """Publishes a page. Returns where it ends, and whether others follow."""
        answer, end = await self._pages.read(business_id, position)
        loop = asyncio.get_running_loop()
        renewed = loop.time()
        for change in answer.data:
            if loop.time() > renewed + RENEW_SECONDS:
                await self._keep(business_id, position)
                renewed = loop.time()
            await self._publisher.publish(business_id, change)
            self.figures.published += 1
        await self._keep(business_id, end)
        return end, answer.meta.cursor.has_more

    async def _keep(self, business_id: str, position: Position) -> None:
        if not await self._leases.save(business_id, position):
            raise _LostError

    def _tell_failure(self, error: Exception) -> None:
        """Logs the first failure of several."""
        self.figures.failures += 1
        if not self._failing:
            _log.warning("relay_failed", why=str(error)[:200])
        self._failing = True


class _LostError(Exception):
    """Another relay has the tenant."""
