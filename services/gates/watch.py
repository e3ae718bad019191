"""Who watches the services: counts, spans and a log line of each call.

Each is one more wrapper around a method, and is there only where somebody watches.
"""

import asyncio
import secrets
import time
from dataclasses import dataclass
from typing import Any

import grpc
import structlog
from google.protobuf.message import Message

from services.gates.figures import Figures
from services.gates.request_checks import Around, Context, Proceed
from services.kinds.methods import Method
from services.trace import (
    CURRENT_TRACE,
    KeepSpan,
    Span,
    Trace,
    begin_trace,
    read_trace,
)

_log = structlog.get_logger("services")

_OK = grpc.StatusCode.OK.value[0]
_CANCELLED = grpc.StatusCode.CANCELLED.value[0]
_LATE = grpc.StatusCode.DEADLINE_EXCEEDED.value[0]
_UNKNOWN = grpc.StatusCode.UNKNOWN.value[0]

# Under which every answer over a socket names its trace, as `X-Trace-Id` does in HTTP.
TRACE_ID = "x-trace-id"

NAMES = {code.value[0]: code.name for code in grpc.StatusCode}


@dataclass(frozen=True, slots=True)
class Watch:
    """None of what nobody watches: it costs nothing then.

    `share` of the traces that begin here are sampled; of others, their caller decides.
    """

    figures: Figures | None = None
    keep_span: KeepSpan | None = None
    share: float = 0.0

    def arounds(self) -> tuple[Around, ...]:
        """What wraps every method, the outermost first."""
        arounds: list[Around] = []
        if self.figures is not None:
            arounds.append(count_calls(self.figures))
        if self.keep_span is not None:
            arounds.append(keep_spans(self.keep_span))
        return tuple(arounds)


def count_calls(figures: Figures) -> Around:
    """Counts how calls end, by method and code."""

    def around(method: Method, proceed: Proceed) -> Proceed:
        codes = figures.calls[method.name]

        async def counted(request: Any, context: Context) -> Message:
            try:
                answer = await proceed(request, context)
            except BaseException as error:
                codes[code_of(error, context)] += 1
                raise
            codes[_OK] += 1
            return answer

        return counted

    return around


def tell_calls(is_logged: bool, share: float) -> Around:
    """Notes the trace of a call over a socket, or begins one, and tells how it ended.

    Over a socket alone: within the process the edge tells of it.
    """

    def around(method: Method, proceed: Proceed) -> Proceed:
        async def logged(request: Any, context: Context) -> Message:
            began, code = time.monotonic(), _OK
            metadata = dict(context.invocation_metadata() or ())
            trace = read_trace(metadata) or begin_trace(share)
            CURRENT_TRACE.set(trace)
            context.set_trailing_metadata(((TRACE_ID, trace.trace_id),))
            try:
                return await proceed(request, context)
            except BaseException as error:
                code = code_of(error, context)
                raise
            finally:
                if is_logged:
                    ms = round((time.monotonic() - began) * 1000, 2)
                    _log.info("call", method=method.name, code=NAMES[code], ms=ms)

        return logged

    return around


def keep_spans(keep: KeepSpan) -> Around:
    """Keeps a span of each call of a sampled trace; its statements hang under it."""

    def around(method: Method, proceed: Proceed) -> Proceed:
        async def traced(request: Any, context: Context) -> Message:
            parent = CURRENT_TRACE.get()  # of a call over a socket
            if parent is None:
                parent = read_trace(dict(context.invocation_metadata() or ()))
            if parent is None or not parent.is_sampled:
                return await proceed(request, context)
            own, code = parent._replace(span_id=secrets.token_hex(8)), _OK
            before, began = CURRENT_TRACE.set(own), time.time_ns()
            try:
                return await proceed(request, context)
            except BaseException as error:
                code = code_of(error, context)
                raise
            finally:
                CURRENT_TRACE.reset(before)
                keep(_span(method, parent, own, began, code))

        return traced

    return around


def code_of(error: BaseException, context: Any) -> int:
    """The code with which a call ended that did not answer."""
    if isinstance(error, asyncio.CancelledError):
        left = context.time_remaining()
        return _LATE if left is not None and left <= 0 else _CANCELLED
    code = context.code()
    number = code.value[0] if isinstance(code, grpc.StatusCode) else code
    return number or _UNKNOWN  # whatever a method raises is no success


def _span(method: Method, parent: Trace, own: Trace, began: int, code: int) -> Span:
    service, _, name = method.name[1:].partition("/")
    return Span(
        *(own.trace_id, own.span_id, parent.span_id, "server"),
        name=method.name[1:],
        began=began,
        ended=time.time_ns(),
        attributes={
            "rpc.system": "grpc",
            "rpc.service": service,
            "rpc.method": name,
            "rpc.grpc.status_code": code,
        },
        failed=NAMES[code] in _FAILED,
    )


# What the conventions of OpenTelemetry call a failure of the server.
_FAILED = {
    *("UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED"),
    *("INTERNAL", "UNAVAILABLE", "DATA_LOSS"),
}
