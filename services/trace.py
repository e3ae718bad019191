"""The trace context (W3C) of a call, and the spans of its trace."""

import re
import secrets
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, NamedTuple

_TRACEPARENT = re.compile(
    r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?", re.ASCII
)

# The traces of imports end so: after them the log tells what an import did. The worker
# sets them within the process; no caller may name one.
RESERVED = "0" * 8


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
    """Reads the trace from metadata. None if it is missing, malformed or reserved."""
    found = _TRACEPARENT.fullmatch(str(metadata.get("traceparent", "")))
    if found is None:
        return None
    trace_id, span_id, flags = found.groups()
    if trace_id.endswith(RESERVED):
        return None
    return Trace(trace_id, span_id, bool(int(flags, 16) & 1))


def trace_id_of(traceparent: str | bytes | None) -> str:
    """The trace id that a caller told, unless it is reserved; "" without one."""
    trace_id = str(traceparent or "")[3:35]
    return "" if trace_id.endswith(RESERVED) else trace_id


def begin_trace(share: float) -> Trace:
    """Begins a new trace, sampled with the probability `share`."""
    trace_id = secrets.token_hex(16)
    is_sampled = bool(share) and int(trace_id[16:], 16) < share * 2**64
    return Trace(trace_id, "", is_sampled)
