"""The requests that wait for changes: streams, and reads that wait.

They cost memory and nothing else, so that far more of them fit than into the load. They
are limited in all, and for each tenant.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from edge.figures import Figures
from edge.problems import unavailable


class Readers:
    """The readers that wait, in one event loop."""

    def __init__(self, most: int, figures: Figures | None = None) -> None:
        self.most, self.most_of_one = most, max(1, most // 5)
        self.figures = figures
        self.all = 0
        # Set when the edge ends: from then on nobody waits.
        self.has_ended = False
        self._of: dict[str, int] = {}

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
    def entered(self, tenant: str) -> Iterator[None]:
        """Counts a reader while it waits."""
        self.enter(tenant)
        try:
            yield
        finally:
            self.leave(tenant)

    def enter(self, tenant: str, *, streams: bool = False) -> None:
        """Counts a reader in. `leave` follows."""
        self.all += 1
        self._of[tenant] = self._of.get(tenant, 0) + 1
        if streams:
            self._count_streams(1)

    def leave(self, tenant: str, *, streams: bool = False) -> None:
        """Counts a reader out."""
        self.all -= 1
        self._of[tenant] -= 1
        if not self._of[tenant]:
            del self._of[tenant]
        if streams:
            self._count_streams(-1)

    def _count_streams(self, number: int) -> None:
        if self.figures is not None:
            self.figures.streams += number

    def end(self) -> None:
        """Lets nobody wait any more: the edge ends."""
        self.has_ended = True
