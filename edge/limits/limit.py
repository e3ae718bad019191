"""A rate limit: so many requests in a window of time."""

from dataclasses import dataclass, field

from edge.limits.budget_table import Spans


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in a window, and the spans that follow, in nanoseconds.

    A request is earned back in one `interval`, all but one of them in `burst`. All are
    whole microseconds, the precision of Valkey's clock. `spans` holds all three.
    """

    requests: int
    window_seconds: int
    window: int = field(init=False)
    interval: int = field(init=False)
    burst: int = field(init=False)
    spans: Spans = field(init=False)

    def __post_init__(self) -> None:
        window = self.window_seconds * 1_000_000_000
        # Rounded up: never more than the limit.
        interval = -(-self.window_seconds * 1_000_000 // self.requests) * 1_000
        object.__setattr__(self, "window", window)
        object.__setattr__(self, "interval", interval)
        burst = (self.requests - 1) * interval
        object.__setattr__(self, "burst", burst)
        object.__setattr__(self, "spans", (window, interval, burst))
