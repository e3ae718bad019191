"""The requests that wait for changes: streams, and reads that wait.

They cost memory and nothing else, so that far more of them fit than into the load. They
are limited in all, and for each tenant.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from edge.figures import Figures
from edge.problems import unavailable

Sign = Callable[[], Awaitable[None]]

# Clients and proxies get a sign of life in each round: within 15 seconds for who comes
# in the middle of one.
SIGN_SECONDS = 7.5
# So many streams get it at once.
AT_ONCE = 50


class Readers:
    """The readers that wait, in one event loop."""

    def __init__(self, most: int, figures: Figures | None = None) -> None:
        self.most, self.most_of_one = most, max(1, most // 5)
        self.figures = figures
        self.all = 0
        # Set when the edge ends: from then on nobody waits.
        self.has_ended = False
        self._of: dict[str, int] = {}
        self._waits: set[asyncio.Timeout] = set()
        self._signs: set[Sign] = set()
        self._signing: asyncio.Task[None] | None = None

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
        if streams:
            self._count_streams(1)
        self._of[tenant] = self._of.get(tenant, 0) + 1
        try:
            yield
        finally:
            self.all -= 1
            if streams:
                self._count_streams(-1)
            self._of[tenant] -= 1
            if not self._of[tenant]:
                del self._of[tenant]

    def _count_streams(self, number: int) -> None:
        if self.figures is not None:
            self.figures.streams += number

    @contextmanager
    def alive(self, send: Sign) -> Iterator[None]:
        """Has signs of life sent inside the block, from time to time."""
        self._signs.add(send)
        if self._signing is None or self._signing.done():
            self._signing = asyncio.create_task(self._sign_while_any())
        try:
            yield
        finally:
            self._signs.discard(send)

    async def _sign_while_any(self) -> None:
        """One task for all streams: a timer for each would cost more than the rest."""
        while self._signs:
            signs = tuple(self._signs)
            parts = [signs[n : n + AT_ONCE] for n in range(0, len(signs), AT_ONCE)]
            for part in parts:
                await asyncio.sleep(SIGN_SECONDS / len(parts))
                for send in part:
                    if send in self._signs:
                        with suppress(Exception):  # its own task sees that it is lost
                            await send()

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
