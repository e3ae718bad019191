"""The counters of the services, for metrics.

As in the edge, keys and lengths are fixed at start, so that another thread can read
them at any time without a lock.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

# The number of gRPC status codes, 0 to 16.
CODES = 17


@dataclass(slots=True)
class Figures:
    """The counters of the services of one process.

    `calls` holds, by full method name, a count for each gRPC code. `is_ready` is the
    last result of the health check. `batch_operations` counts those of batches by what
    became of them. `erasures` counts erased records, `unsubscribed` the choices by a
    link in a mail that ended something, `unjudged` changes that the feed told because
    filters could not judge them.
    """

    calls: dict[str, list[int]] = field(default_factory=dict)
    replays: int = 0
    batch_operations: dict[str, int] = field(
        default_factory=lambda: {"succeeded": 0, "failed": 0}
    )
    erasures: int = 0
    unsubscribed: int = 0
    unjudged: int = 0
    is_ready: bool = False

    def prepare(self, methods: Iterable[str]) -> None:
        """Creates the counters of methods. Called once, before the first call."""
        self.calls = {method: [0] * CODES for method in methods}
