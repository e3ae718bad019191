"""One call of an operation, with the results of its gates so far.

The call may be a whole HTTP request, or one message of a request at `/mcp`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from edge.callers.caller import Caller
from edge.limits.load import Entry
from edge.limits.rate_limit import Budget
from edge.operations import MadeForm, Operation
from edge.trace import Trace
from edge.versions.contracts import Contract, Touched


class Headers(Protocol):
    """The headers of a call, such as those of Sanic's requests."""

    def getall(self, key: str, default: list[str], /) -> list[str]:
        """All values of a header; its name in lower case."""

    def __contains__(self, key: object, /) -> bool:
        """Whether there is such a header; its name in lower case."""


@dataclass(slots=True)
class Exchange:
    """The state of one call, from its first gate to its answer.

    Times are `time.monotonic` seconds. The gates set the attributes without a default.
    """

    headers: Headers
    operation: Operation
    path_values: Mapping[str, str]
    deadline: float
    trace: Trace
    # The newest, unless the gate of the `Version` header sets another.
    contract: Contract
    # Its part of the edge's load.
    entry: Entry
    token: str = field(init=False)
    caller: Caller = field(init=False)
    budget: Budget | None = None
    idempotency_key: str | None = None
    body: Any = None
    # The client asks for the head of the answer alone.
    is_head: bool = False
    # Nothing that the call writes is kept.
    is_dry: bool = False
    # The lists and texts of the query, by the fields of the request.
    query: Mapping[str, Any] | None = None
    # The form of the answer that the client has chosen, None for JSON.
    form: MadeForm | None = None
    # What newer contracts change of the call, if there are any.
    touched: Touched | None = None
    # Its answer is a fault that was planted in a sandbox.
    is_planted: bool = False
    # The client's network address, of an operation that the audit tells of.
    address: str = ""
    # The API's address without a path, of an operation whose answer has an address.
    base: str = ""

    @property
    def expands(self) -> bool:
        """Whether the query asks for records that come along."""
        return bool(self.query and self.query.get("expand"))

    def header(self, name: str) -> list[str]:
        """All values of a request header."""
        return self.headers.getall(name, [])

    def metadata(self) -> list[tuple[str, str]]:
        """The metadata of the call to the services: only checked values."""
        pairs = [
            ("authorization", f"Bearer {self.token}"),
            ("traceparent", self.trace.traceparent),
        ]
        if self.idempotency_key is not None:
            pairs.append(("idempotency-key", self.idempotency_key))
        if self.is_dry:
            pairs.append(("dry-run", "true"))
        if self.address:
            pairs.append(("x-client-address", self.address))
        return pairs
