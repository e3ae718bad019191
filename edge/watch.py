"""What watches an edge: the figures that it counts into, and where spans are kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from edge.figures import Figures
from edge.trace import Trace


class Span(NamedTuple):
    """A request that was answered, as a trace shows it. Times are Unix nanoseconds."""

    trace_id: str
    span_id: str
    parent_id: str
    kind: str
    name: str
    began: int
    ended: int
    attributes: Mapping[str, str | int]
    failed: bool


@dataclass(frozen=True, slots=True)
class Watch:
    """What is counted and kept; None costs nothing.

    `share` of the traces that begin here are sampled. A client decides about its own.
    """

    figures: Figures | None = None
    keep_span: Callable[[Span], None] | None = None
    share: float = 0.0


def span_of(
    trace: Trace, method: str, route: str, status: int, began: int, ended: int
) -> Span:
    """The span of a request. A 4xx is the client's failure, not ours."""
    return Span(
        *(trace.trace_id, trace.span_id, trace.parent_id, "server"),
        name=f"{method} {route}",
        began=began,
        ended=ended,
        attributes={
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
        },
        failed=status >= 500,
    )
