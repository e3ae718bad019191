"""Requests whose planted fault waits: no part of the load, with limits of their own.

One that waits has no body any more, and costs a connection. How many there are is
limited in all, and for each live tenant together with its sandboxes.
"""

from collections.abc import Iterator
from contextlib import contextmanager

MOST, MOST_OF_ONE = 256, 32


class Held:
    """The waiting faults of one event loop."""

    def __init__(self, most: int = MOST, most_of_one: int = MOST_OF_ONE) -> None:
        self.most, self.most_of_one = most, most_of_one
        self.all = 0
        self._of: dict[str, int] = {}

    @contextmanager
    def entered(self, tenant: str) -> Iterator[bool]:
        """Counts a fault while it waits. Tells whether there is room for it."""
        before = self._of.get(tenant, 0)
        if self.all >= self.most or before >= self.most_of_one:
            yield False
            return
        self.all += 1
        self._of[tenant] = before + 1
        try:
            yield True
        finally:
            self.all -= 1
            self._of[tenant] -= 1
            if not self._of[tenant]:
                del self._of[tenant]
