"""One HTTP request of an assistant: who sends it, and in which revision."""

from dataclasses import dataclass, field

from edge.calls.exchange import Headers
from edge.gates.access import Caller
from edge.limits.load import Entry
from edge.limits.rate_limit import Budget
from edge.trace import Trace


@dataclass(slots=True)
class Post:
    """The state of one request; it is what the first gates of `/v1` look at.

    `deadline` is in `time.monotonic` seconds. What has no default is there once its
    gate is passed.
    """

    headers: Headers
    trace: Trace
    deadline: float
    entry: Entry
    revision: str
    token: str = field(init=False)
    caller: Caller = field(init=False)
    budget: Budget | None = None

    def header(self, name: str) -> list[str]:
        """All values of a request header."""
        return self.headers.getall(name, [])
