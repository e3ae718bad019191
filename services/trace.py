"""The trace context (W3C) of a call, and the spans of its trace."""

import re
import secrets
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, NamedTuple

_TRACEPARENT = re.compile(
    r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?", re.ASCII
)


class Trace(NamedTuple):
    """The trace that a call belongs to. Ids are lower-case hex.

    `span_id` is the caller's span, "" if the trace begins here.
    """

    trace_id: str
    span_id: str
    is_sampled: bool


class Span(NamedTuple):
    """One call or statement in a trace. Times are Unix nanoseconds."""

    trace_id: str
    span_id: str
    parent_id: str
    kind: str
    name: str
    began: int
    ended: int
    attributes: Mapping[str, str | int]
    failed: bool


KeepSpan = Callable[[Span], None]

# The trace of the call that the running task answers, for logs and spans.
CURRENT_TRACE: ContextVar[Trace | None] = ContextVar("trace", default=None)


def read_trace(metadata: Mapping[str, Any]) -> Trace | None:
    """Reads the trace from metadata. None if it is missing or malformed."""
    found = _TRACEPARENT.fullmatch(str(metadata.get("traceparent", "")))
    if found is None:
        return None
    trace_id, span_id, flags = found.groups()
    return Trace(trace_id, span_id, bool(int(flags, 16) & 1))


def begin_trace(share: float) -> Trace:
    """Begins a new trace, sampled with the probability `share`."""
    trace_id = secrets.token_hex(16)
    is_sampled = bool(share) and int(trace_id[16:], 16) < share * 2**64
    return Trace(trace_id, "", is_sampled)
