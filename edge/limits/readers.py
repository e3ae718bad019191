"""The requests that wait for changes: streams, and reads that wait.

They cost memory and nothing else, so that far more of them fit than into the load. They
are limited in all, and for each tenant.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from edge.figures import Figures
from edge.problems import unavailable


class Readers:
    """The readers that wait, in one event loop."""

    def __init__(self, most: int, figures: Figures | None = None) -> None:
        self.most, self.most_of_one = most, max(1, most // 5)
        self.figures = figures
        self.all = 0
        self.streams = 0
        # Set when the edge ends: from then on nobody waits.
        self.has_ended = False
        self._of: dict[str, int] = {}
        self._waits: set[asyncio.Timeout] = set()

    def check(self, tenant: str) -> None:
        """Raises ProblemError UNAVAILABLE if there is no room for another reader."""
        if (
            self.all < self.most
            and self._of.get(tenant, 0) < self.most_of_one
            and not self.has_ended
        ):
            return
        if self.figures is not None:
            self.figures.readers_refused += 1
        raise unavailable("Too many wait for changes at once. Try again.")

    @contextmanager
    def entered(self, tenant: str, *, streams: bool = False) -> Iterator[None]:
        """Counts a reader while it waits."""
        self.all += 1
        self.streams += streams
        self._of[tenant] = self._of.get(tenant, 0) + 1
        try:
            yield
        finally:
            self.all -= 1
            self.streams -= streams
            self._of[tenant] -= 1
            if not self._of[tenant]:
                del self._of[tenant]

    @asynccontextmanager
    async def until_end(self) -> AsyncIterator[None]:
        """Leaves the block when the edge ends."""
        try:
            async with asyncio.timeout(0 if self.has_ended else None) as wait:
                self._waits.add(wait)
                try:
                    yield
                finally:
                    self._waits.discard(wait)
        except TimeoutError:
            if not self.has_ended:
                raise

    def end(self) -> None:
        """Ends all streams: the edge ends."""
        self.has_ended = True
        for wait in self._waits:
            wait.reschedule(0)
