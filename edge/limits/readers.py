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

    def __init__(
        self, most: int, most_waits: int = 10_000, figures: Figures | None = None
    ) -> None:
        """`most_waits` of them may be calls to the services, as reads that wait are."""
        self.most, self.most_of_one = most, max(1, most // 5)
        self.most_waits, self.most_waits_of_one = most_waits, max(1, most_waits // 5)
        self.figures = figures
        self.all = self.waits = 0
        # Set when the edge ends: from then on nobody waits.
        self.has_ended = False
        self._of: dict[str, int] = {}
        self._waits_of: dict[str, int] = {}

    def check(self, tenant: str, *, streams: bool = False) -> None:
        """Raises ProblemError UNAVAILABLE if there is no room for another reader."""
        has_room = self.all < self.most and self._of.get(tenant, 0) < self.most_of_one
        if not streams:
            own = self._waits_of.get(tenant, 0)
            has_room = has_room and self.waits < self.most_waits
            has_room = has_room and own < self.most_waits_of_one
        if has_room and not self.has_ended:
            return
        if self.figures is not None:
            self.figures.readers_refused += 1
        raise unavailable("Too many wait for changes at once. Try again.")

    @contextmanager
    def entered(self, tenant: str) -> Iterator[None]:
        """Counts a read while it waits."""
        self.enter(tenant)
        self.waits += 1
        _raise(self._waits_of, tenant, 1)
        try:
            yield
        finally:
            self.leave(tenant)
            self.waits -= 1
            _raise(self._waits_of, tenant, -1)

    def enter(self, tenant: str, *, streams: bool = False) -> None:
        """Counts a reader in. `leave` follows."""
        self.all += 1
        _raise(self._of, tenant, 1)
        if streams:
            self._count_streams(1)

    def leave(self, tenant: str, *, streams: bool = False) -> None:
        """Counts a reader out."""
        self.all -= 1
        _raise(self._of, tenant, -1)
        if streams:
            self._count_streams(-1)

    def _count_streams(self, number: int) -> None:
        if self.figures is not None:
            self.figures.streams += number

    def end(self) -> None:
        """Lets nobody wait any more: the edge ends."""
        self.has_ended = True


def _raise(numbers: dict[str, int], key: str, by: int) -> None:
    """Raises a number, and removes it at zero."""
    number = numbers.get(key, 0) + by
    if number:
        numbers[key] = number
    else:
        del numbers[key]
