"""One read for all who are woken by the same change: they share the page, and states.

Readers that wait stand near the end of the feed. The first of them that is woken reads
what has happened since. The others, who have read at least as far as it had, take their
part of that page. What they may read of it, and which changes they want, each still
judges for itself.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from services.changes import order
from services.changes.order import Page, Position
from services.changes.states import Moment
from services.postgres.database import Database, Row
from services.records.reading.states import State

# A page serves others for so long.
SERVES_SECONDS = 1.0
# The most pages that are kept.
MOST_KEPT = 256

StatesOf = Callable[[str, Sequence[Row]], Awaitable[dict[Moment, State]]]
Result = TypeVar("Result")
# A tenant, and the types of records that are read.
Key = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Kept:
    """All changes from a position to the end."""

    start: Position
    page: Page

    def reaches(self, position: Position) -> bool:
        """Whether it holds all changes after a position between two places."""
        if position.record_id:
            return False
        first = self.start.place + bool(self.start.record_id)
        return first <= position.place


class SharedPages:
    """The newest pages of a process, by tenants and types of records."""

    def __init__(self, database: Database, states_of: StatesOf) -> None:
        self._database, self._states_of = database, states_of
        self._kept: dict[Key, _Kept] = {}
        self._states: dict[Hashable, dict[Moment, State]] = {}
        self._running: dict[Hashable, asyncio.Task[Any]] = {}

    async def read(
        self,
        business_id: str,
        position: Position,
        objects: Sequence[str],
        limit: int,
        seen: int,
    ) -> Page:
        """A page after a position, read when all before the place `seen` was known."""
        key = business_id, tuple(objects)
        found = self._serving(key, position, limit, seen)
        if found is not None:
            return found
        # Others that read just now may read enough. Who does not fit in reads alone.
        await self._once(key, lambda: self._read(key, position, limit, seen))
        found = self._serving(key, position, limit, seen)
        return found or await self._read(key, position, limit, seen)

    async def states(
        self, business_id: str, rows: Sequence[Row]
    ) -> dict[Moment, State]:
        """The records after changes, read once for all who are told the same ones."""
        key = business_id, tuple((row["record_id"], row["at"]) for row in rows)
        found = self._states.get(key)
        if found is None:
            found = await self._once(key, lambda: self._states_of(business_id, rows))
            if len(self._states) < MOST_KEPT:
                _keep(self._states, key, found)
        return found

    def _serving(
        self, key: Key, position: Position, limit: int, seen: int
    ) -> Page | None:
        """The part of a kept page after a position, None if it does not reach."""
        kept = self._kept.get(key)
        if kept is None or kept.page.horizon < seen or not kept.reaches(position):
            return None
        rows = [r for r in kept.page.rows if int(r["place"]) >= position.place]
        return order.page_of(kept.page, position, rows, limit)

    async def _read(self, key: Key, position: Position, limit: int, seen: int) -> Page:
        business_id, objects = key
        page = await order.read_page(
            self._database, business_id, position, list(objects), limit
        )
        if seen and not page.has_more and len(self._kept) < MOST_KEPT:
            _keep(self._kept, key, _Kept(position, page))
        return page

    async def _once(
        self, key: Hashable, make: Callable[[], Awaitable[Result]]
    ) -> Result:
        """Runs what several ask for at once, once. Who leaves stops nobody else."""
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.ensure_future(make())

            def ended(task: "asyncio.Task[Any]") -> None:
                del self._running[key]
                if not task.cancelled():
                    task.exception()  # read, though all who waited may have left

            task.add_done_callback(ended)
        return await asyncio.shield(task)


def _keep(kept: dict[Any, Result], key: Hashable, value: Result) -> None:
    """Keeps a value for others for a moment."""

    def forget() -> None:
        if kept.get(key) is value:
            del kept[key]

    kept[key] = value
    asyncio.get_running_loop().call_later(SERVES_SECONDS, forget)
