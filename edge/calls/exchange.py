"""One call of an operation and what the gates have found out about it so far.

By which way the call came is not said here: it may be the HTTP request itself, or a
part of one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from edge.calls.operation import Operation
from edge.gates.access import Caller
from edge.limits.load import Entry
from edge.limits.rate_limit import Budget
from edge.trace import Trace
from edge.versions.contracts import Contract


class Headers(Protocol):
    """Where the headers of a call are; those of Sanic's requests have this."""

    def getall(self, key: str, default: list[str], /) -> list[str]:
        """All values of a header; its name in lower case."""


class Bearing(Protocol):
    """Whatever comes with a token: what the first gates look at, and fill in."""

    token: str
    caller: Caller
    budget: Budget | None
    entry: Entry

    @property
    def trace(self) -> Trace:
        """The span that questions to the services hang under."""

    @property
    def deadline(self) -> float:
        """By when they must be answered, in `time.monotonic` seconds."""

    def header(self, name: str) -> list[str]:
        """All values of a header."""


@dataclass(slots=True)
class Exchange:
    """The state of one call, from its first gate to its answer.

    Times are `time.monotonic` seconds. What has no default is there once its gate
    is passed.
    """

    headers: Headers
    operation: Operation
    path_values: Mapping[str, str]
    deadline: float
    trace: Trace
    # The newest until the Version gate has found another.
    contract: Contract
    # What it takes of the edge's load.
    entry: Entry
    token: str = field(init=False)
    caller: Caller = field(init=False)
    budget: Budget | None = None
    idempotency_key: str | None = None
    body: Any = None

    def header(self, name: str) -> list[str]:
        """All values of a request header."""
        return self.headers.getall(name, [])

    def metadata(self) -> list[tuple[str, str]]:
        """What goes to the services with the call: nothing unchecked."""
        pairs = [
            ("authorization", f"Bearer {self.token}"),
            ("traceparent", self.trace.traceparent),
        ]
        if self.idempotency_key is not None:
            pairs.append(("idempotency-key", self.idempotency_key))
        return pairs
