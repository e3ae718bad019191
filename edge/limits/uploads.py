"""The uploads in progress. Each holds a piece of its file: their number is limited."""

from collections.abc import Iterator
from contextlib import contextmanager

from edge.problems import unavailable

MOST, MOST_OF_ONE = 64, 16


class Uploads:
    """The uploads of one event loop."""

    def __init__(self, most: int = MOST, most_of_one: int = MOST_OF_ONE) -> None:
        self.most, self.most_of_one = most, most_of_one
        self.all = 0
        self._of: dict[str, int] = {}

    @contextmanager
    def entered(self, tenant: str) -> Iterator[None]:
        """Counts an upload while it goes on.

        Raises ProblemError UNAVAILABLE if there is no room for another one.
        """
        before = self._of.get(tenant, 0)
        if self.all >= self.most or before >= self.most_of_one:
            raise unavailable("Too many files are uploaded at once. Try again.")
        self.all += 1
        self._of[tenant] = before + 1
        try:
            yield
        finally:
            self.all -= 1
            self._of[tenant] -= 1
            if not self._of[tenant]:
                del self._of[tenant]
