"""One HTTP request of an assistant, with the results of its gates so far."""

from dataclasses import dataclass, field

from edge.callers.caller import Caller
from edge.calls.exchange import Headers
from edge.limits.load import Entry
from edge.limits.rate_limit import Budget
from edge.mcp.tools import Tools
from edge.trace import Trace


@dataclass(slots=True)
class Post:
    """The state of one request; a `TokenRequest` for the first gates of `/v1`.

    `tools` are those that it has chosen, `deadline` is in `time.monotonic` seconds,
    `base` is the server's address without a path. The gates set the attributes without
    a default.
    """

    headers: Headers
    tools: Tools
    trace: Trace
    deadline: float
    entry: Entry
    revision: str
    address: str = ""
    base: str = ""
    token: str = field(init=False)
    caller: Caller = field(init=False)
    budget: Budget | None = None

    def header(self, name: str) -> list[str]:
        """All values of a request header."""
        return self.headers.getall(name, [])
