"""The figures of an edge: how many requests, with which status, and how fast.

Counting adds to lists whose lengths and keys are fixed at start, or replaces a mapping
as a whole: another thread may read them at any moment without a lock, and no client can
make them grow.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# The upper bounds of the buckets of times, in seconds; a last one has no bound.
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)

# Stands for all that is no operation: pages, OAuth, requests without a route.
OTHER = "other"

# The class of answers that are planted faults: no alert counts them.
PLANTED = 0

# The kinds of budgets.
TOKEN, TENANT, ADDRESS = "token", "tenant", "address"


@dataclass(slots=True)
class Timings:
    """The requests of one operation, by the first digit of the status, and by time.

    Those that were answered with a planted fault are in `classes[PLANTED]` alone.
    """

    classes: list[int] = field(default_factory=lambda: [0] * 6)
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0


@dataclass(slots=True)
class Figures:
    """All that one edge counts."""

    operations: dict[str, Timings] = field(default_factory=dict)
    refused: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys((TOKEN, TENANT, ADDRESS), 0)
    )
    # Requests refused because too many were under way.
    shed: int = 0
    # Streams of changes that are open.
    streams: int = 0
    # Readers refused because too many wait for changes.
    readers_refused: int = 0
    # Downloads that are open, and those refused because too many were.
    downloads: int = 0
    downloads_refused: int = 0
    # Connections for which there was no room.
    clients_refused: int = 0
    # Requests whose report to the services was given up.
    usage_dropped: int = 0
    # Charts that were drawn, by form, and how many seconds they took.
    charts: dict[str, int] = field(default_factory=lambda: {"svg": 0, "png": 0})
    chart_seconds: float = 0.0
    # What readers answered to "Was this page helpful?", by page and answer. A vote
    # replaces it as a whole, because pages are known only after the start.
    votes: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def prepare(self, names: Iterable[str]) -> None:
        """Makes room for the operations. Once, before the first request."""
        self.operations = {name: Timings() for name in (*names, OTHER)}

    def drew(self, form: str, seconds: float) -> None:
        """Counts a chart that was drawn."""
        self.charts[form] += 1
        self.chart_seconds += seconds

    def vote(self, page: str, answer: str) -> None:
        """Counts an answer about a page that exists."""
        key = page, answer
        self.votes = {**self.votes, key: self.votes.get(key, 0) + 1}

    def note_planted(self, name: str) -> None:
        """Counts a request that was answered with a planted fault, without its time."""
        self.operations[name].classes[PLANTED] += 1

    def note(self, name: str, status: int, seconds: float) -> None:
        """Counts a request that has been answered."""
        timings = self.operations[name]
        timings.classes[status // 100] += 1
        timings.buckets[bisect_left(BOUNDS, seconds)] += 1
        timings.seconds += seconds
