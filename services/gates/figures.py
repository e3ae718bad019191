"""What the services count for whoever watches them.

As at the edge: keys and lengths are fixed at start, so that another thread may read at
any moment without a lock.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

# One for each code of gRPC, 0 to 16.
CODES = 17


@dataclass(slots=True)
class Figures:
    """All that the services of one process count.

    `calls` are by full method name, each a count by gRPC code. `is_ready` is what the
    health check has found last.
    """

    calls: dict[str, list[int]] = field(default_factory=dict)
    replays: int = 0
    is_ready: bool = False

    def prepare(self, methods: Iterable[str]) -> None:
        """Makes room for the methods. Once, before the first call."""
        self.calls = {method: [0] * CODES for method in methods}
