"""The downloads in progress: no part of the load, with limits of their own.

A download holds a piece of its file and its connection. How many there are is limited
in all, and for each tenant.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from edge.figures import Figures
from edge.problems import unavailable

MOST, MOST_OF_ONE = 256, 32


class Downloads:
    """The downloads of one event loop."""

    def __init__(
        self,
        figures: Figures | None = None,
        most: int = MOST,
        most_of_one: int = MOST_OF_ONE,
    ) -> None:
        self.most, self.most_of_one = most, most_of_one
        self.all = 0
        self._figures = figures
        self._of: dict[str, int] = {}

    def check(self, tenant: str) -> None:
        """Raises ProblemError UNAVAILABLE if there is no room for another one."""
        if self.all < self.most and self._of.get(tenant, 0) < self.most_of_one:
            return
        if self._figures is not None:
            self._figures.downloads_refused += 1
        raise unavailable("Too many files are downloaded at once. Try again.")

    @contextmanager
    def entered(self, tenant: str) -> Iterator[None]:
        """Counts a download while it goes on."""
        self._count(tenant, 1)
        try:
            yield
        finally:
            self._count(tenant, -1)

    def _count(self, tenant: str, by: int) -> None:
        self.all += by
        if self._figures is not None:
            self._figures.downloads += by
        left = self._of.get(tenant, 0) + by
        if left:
            self._of[tenant] = left
        else:
            del self._of[tenant]
