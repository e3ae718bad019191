"""Readers that wait for the next change: they hold no connection and no turn.

One task for each process asks for all of them, by one statement, whether something has
happened since they read. It runs while somebody waits.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from services.changes.order import HORIZON
from services.postgres.database import Database

LOOK_SECONDS = 0.1
# So many tenants are asked about by one statement.
AT_ONCE = 1_000

# For each tenant: whether something has happened in a place or later, and the horizon,
# up to which that is known. Values: the tenants, their places.
_HAPPENED = f"""
SELECT w.business_id, {HORIZON}::text AS horizon, EXISTS (
  SELECT FROM changes AS c WHERE c.business_id = w.business_id
    AND c.xid >= w.place::xid8 AND c.xid < {HORIZON}) AS has_changes
FROM unnest($1::text[], $2::text[]) AS w (business_id, place)
"""

_log = structlog.get_logger("services")


class Waiting:
    """The readers of a process that wait, by their tenants."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[str, set[asyncio.Event]] = {}
        # Up to where it is known that nothing has happened.
        self._places: dict[str, int] = {}
        self._looking: asyncio.Task[None] | None = None

    def of(self, business_id: str) -> int:
        """How many readers of a tenant wait."""
        return len(self._waiting.get(business_id, ()))

    async def wait(self, business_id: str, place: int, seconds: float) -> bool:
        """Waits for a change in a place or later. False if there was none in time."""
        with self._entered(business_id, place) as event:
            try:
                async with asyncio.timeout(seconds):
                    await event.wait()
            except TimeoutError:
                return False
        return True

    @contextmanager
    def _entered(self, business_id: str, place: int) -> Iterator[asyncio.Event]:
        event = asyncio.Event()
        waiting = self._waiting.setdefault(business_id, set())
        waiting.add(event)
        self._places[business_id] = min(place, self._places.get(business_id, place))
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_until_none_waits())
        try:
            yield event
        finally:
            waiting.discard(event)
            if not waiting and self._waiting.get(business_id) is waiting:
                del self._waiting[business_id], self._places[business_id]

    async def _look_until_none_waits(self) -> None:
        while self._waiting:
            await asyncio.sleep(LOOK_SECONDS)
            tenants = list(self._waiting)
            for begin in range(0, len(tenants), AT_ONCE):
                try:
                    await self._look(tenants[begin : begin + AT_ONCE])
                except Exception:  # readers are answered when their time is over
                    _log.exception("changes were not looked for")

    async def _look(self, tenants: list[str]) -> None:
        asked = {each: self._places[each] for each in tenants if each in self._places}
        places = [str(place) for place in asked.values()]
        rows = await self._database.rows(_HAPPENED, list(asked), places)
        for business_id, horizon, has_changes in rows:
            if business_id not in self._waiting:
                continue
            if has_changes:
                for event in self._waiting[business_id]:
                    event.set()
            # Who came meanwhile may have read less.
            if self._places[business_id] == asked[business_id]:
                self._places[business_id] = int(horizon)
