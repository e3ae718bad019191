"""How much is under way at an edge, of all tenants and of each.

What is too much is refused before it costs anything: a queue that is longer than what
is answered in a moment helps nobody, and what waits in it makes the rest slower. No
tenant fills it alone.
"""

from edge.figures import Figures
from edge.problems import unavailable


class Load:
    """The calls of operations under way, in one event loop."""

    def __init__(self, most: int, figures: Figures | None = None) -> None:
        self._most = most
        self._most_of_one = max(1, most // 2)
        self._figures = figures
        self._all = 0
        self._of: dict[str, int] = {}

    def begin(self) -> None:
        """A call comes; `end` follows. Raises ProblemError UNAVAILABLE."""
        if self._all >= self._most:
            self._refuse()
        self._all += 1

    def begin_of(self, tenant: str) -> None:
        """It is a tenant's; `end` is told of it. Raises ProblemError UNAVAILABLE."""
        number = self._of.get(tenant, 0)
        if number >= self._most_of_one:
            self._refuse()
        self._of[tenant] = number + 1

    def end(self, tenant: str) -> None:
        """A call has its answer; `tenant` is empty where it was nobody's yet."""
        self._all -= 1
        if not tenant:
            return
        number = self._of[tenant] - 1
        if number:
            self._of[tenant] = number
        else:
            del self._of[tenant]

    def _refuse(self) -> None:
        if self._figures is not None:
            self._figures.shed += 1
        raise unavailable("Too much is asked for at once. Try again.")
