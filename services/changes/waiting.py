"""Readers that wait for the next change: they hold no connection and no turn.

One task for each process asks for all of them, by one statement, whether something has
happened since they read. It runs while somebody waits.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from weakref import WeakValueDictionary

import structlog

from services.changes.order import HORIZON
from services.postgres.database import Database

LOOK_SECONDS = 0.1
# Without a look for so long, nobody waits.
PAUSE_SECONDS = 5.0
# So many tenants are asked about by one statement.
AT_ONCE = 1_000
# Where so many readers wait in a process, or of a tenant, further ones do not.
MOST, MOST_OF_TENANT = 10_000, 2_000
# Of those who call over a socket without an edge: each holds one of its calls.
MOST_STRANGERS_OF_TENANT = 256
# So many readers of a tenant that were woken read at a time.
LANES = 4

# For each tenant: whether something has happened in a place or later, the horizon, up
# to which that is known, and the next transaction. Values: the tenants, their places.
_HAPPENED = f"""
SELECT w.business_id, {HORIZON}::text AS horizon,
  pg_snapshot_xmax(pg_current_snapshot())::text AS next, EXISTS (
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
        self._lanes = WeakValueDictionary[str, asyncio.Semaphore]()
        self._looking: asyncio.Task[None] | None = None
        # How many wait now, and whether nobody may any more.
        self.all = 0
        self.has_ended = False
        # Where the horizon was at the last look, and since when it stands still
        # although transactions begin.
        self.horizon, self._held_since = 0, time.monotonic()
        self._looked_at = 0.0

    @property
    def held_seconds(self) -> float:
        """For how long the oldest transaction has held the feed back."""
        now = time.monotonic()
        return now - self._held_since if now - self._looked_at < PAUSE_SECONDS else 0.0

    def of(self, business_id: str) -> int:
        """How many readers of a tenant wait."""
        return len(self._waiting.get(business_id, ()))

    def has_room(self, business_id: str, is_stranger: bool = False) -> bool:
        """Whether another reader of a tenant may wait."""
        most = MOST_STRANGERS_OF_TENANT if is_stranger else MOST_OF_TENANT
        return self.all < MOST and self.of(business_id) < most

    def lane(self, business_id: str) -> asyncio.Semaphore:
        """What the woken readers of a tenant pass a few at a time."""
        lane = self._lanes.get(business_id)
        if lane is None:
            lane = self._lanes[business_id] = asyncio.Semaphore(LANES)
        return lane

    def end(self) -> None:
        """Wakes all readers: the process ends. From here on none waits."""
        self.has_ended = True
        for events in self._waiting.values():
            for event in events:
                event.set()

    async def wait(self, business_id: str, place: int, seconds: float) -> bool:
        """Waits for a change in a place or later. False if there was none in time."""
        if self.has_ended:
            return False
        with self._entered(business_id, place) as event:
            try:
                async with asyncio.timeout(seconds):
                    await event.wait()
            except TimeoutError:
                return False
        return not self.has_ended

    @contextmanager
    def _entered(self, business_id: str, place: int) -> Iterator[asyncio.Event]:
        event = asyncio.Event()
        waiting = self._waiting.setdefault(business_id, set())
        waiting.add(event)
        self.all += 1
        self._places[business_id] = min(place, self._places.get(business_id, place))
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_until_none_waits())
        try:
            yield event
        finally:
            self.all -= 1
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
        horizon, happened = await self.happened(asked)
        for business_id, place in asked.items():
            if business_id not in self._waiting:
                continue
            if business_id in happened:
                for event in self._waiting[business_id]:
                    event.set()
            # Who came meanwhile may have read less.
            if self._places[business_id] == place:
                self._places[business_id] = horizon

    async def happened(self, places: Mapping[str, int]) -> tuple[int, set[str]]:
        """The tenants with changes in their place or later, and up to which place."""
        given = [str(place) for place in places.values()]
        rows = await self._database.rows(_HAPPENED, list(places), given)
        if not rows:
            return 0, set()
        horizon = int(rows[0]["horizon"])
        self._note(horizon, int(rows[0]["next"]))
        return horizon, {row["business_id"] for row in rows if row["has_changes"]}

    def _note(self, horizon: int, following: int) -> None:
        now = time.monotonic()
        has_paused = now - self._looked_at > PAUSE_SECONDS
        self._looked_at = now
        if horizon != self.horizon or following == horizon or has_paused:
            self.horizon, self._held_since = horizon, now
