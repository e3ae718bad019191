"""A rate limit: a number of requests in a window of time."""

from dataclasses import dataclass, field

from edge.limits.budget_table import Spans


@dataclass(frozen=True, slots=True)
class Limit:
    """A number of requests in a window, and the spans derived from it, in nanoseconds.

    One request becomes available again in each `interval`, all but one of them in
    `burst`. All are whole microseconds, the precision of Valkey's clock. `spans`
    contains window, interval and burst.
    """

    requests: int
    window_seconds: int
    window: int = field(init=False)
    interval: int = field(init=False)
    burst: int = field(init=False)
    spans: Spans = field(init=False)

    def __post_init__(self) -> None:
        window = self.window_seconds * 1_000_000_000
        # Rounded up, so that the limit is never exceeded.
        interval = -(-self.window_seconds * 1_000_000 // self.requests) * 1_000
        object.__setattr__(self, "window", window)
        object.__setattr__(self, "interval", interval)
        burst = (self.requests - 1) * interval
        object.__setattr__(self, "burst", burst)
        object.__setattr__(self, "spans", (window, interval, burst))

    def of_several(self, requests: int) -> Spans:
        """The spans by which several requests are taken at once.

        All of them pass or none. More than a full budget holds count as a full one.
        """
        further = min((requests - 1) * self.interval, self.burst)
        return self.window, self.interval + further, self.burst - further
