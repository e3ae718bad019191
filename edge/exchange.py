"""One request and what the gates have found out about it so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sanic import Request

from edge.access import Caller
from edge.operation import Operation
from edge.rate_limit import Budget
from edge.trace import Trace
from edge.versions.contracts import Contract


@dataclass(slots=True)
class Exchange:
    """The state of one request, from its first gate to its answer.

    Times are `time.monotonic` seconds. What has no default is there once its gate
    is passed.
    """

    request: Request
    operation: Operation
    path_values: Mapping[str, str]
    deadline: float
    trace: Trace
    # The newest until the Version gate has found another.
    contract: Contract
    token: str = field(init=False)
    caller: Caller = field(init=False)
    budget: Budget | None = None
    idempotency_key: str | None = None
    body: Any = None

    def header(self, name: str) -> list[str]:
        """All values of a request header."""
        values: list[str] = self.request.headers.getall(name, [])
        return values

    def metadata(self) -> list[tuple[str, str]]:
        """What goes to the services with the call: nothing unchecked."""
        pairs = [
            ("authorization", f"Bearer {self.token}"),
            ("traceparent", self.trace.traceparent),
        ]
        if self.idempotency_key is not None:
            pairs.append(("idempotency-key", self.idempotency_key))
        return pairs
