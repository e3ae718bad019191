"""Watches the services: counts, spans and log lines of calls.

Each is an interceptor, and is part of the chain only if it is switched on.
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
from services.gates.request_checks import Context, Interceptor, Proceed
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

# The metadata key of the trace id in answers over a socket, like `X-Trace-Id` in HTTP.
TRACE_ID = "x-trace-id"

NAMES = {code.value[0]: code.name for code in grpc.StatusCode}


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched; a part that is None costs nothing.

    `share` is the share of sampled traces among those that begin here. For other traces
    the caller has decided.
    """

    figures: Figures | None = None
    keep_span: KeepSpan | None = None
    share: float = 0.0

    def interceptors(self) -> tuple[Interceptor, ...]:
        """Returns the interceptors that count and trace, the outermost first."""
        found: list[Interceptor] = []
        if self.figures is not None:
            found.append(count_calls(self.figures))
        if self.keep_span is not None:
            found.append(keep_spans(self.keep_span))
        return tuple(found)


def count_calls(figures: Figures) -> Interceptor:
    """Counts calls by method and gRPC code."""

    def wrap(method: Method, proceed: Proceed) -> Proceed:
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

    return wrap


def log_calls(is_logged: bool, share: float) -> Interceptor:
    """Reads or begins the trace of a call over a socket, and logs how the call ended.

    In process the edge does both.
    """

    def wrap(method: Method, proceed: Proceed) -> Proceed:
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

    return wrap


def keep_spans(keep: KeepSpan) -> Interceptor:
    """Records a span for each call of a sampled trace, the parent of its statements."""

    def wrap(method: Method, proceed: Proceed) -> Proceed:
        async def traced(request: Any, context: Context) -> Message:
            parent = CURRENT_TRACE.get()  # set by `log_calls` over a socket
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

    return wrap


def code_of(error: BaseException, context: Any) -> int:
    """Returns the gRPC code of a call that ended with an exception."""
    if isinstance(error, asyncio.CancelledError):
        left = context.time_remaining()
        return _LATE if left is not None and left <= 0 else _CANCELLED
    code = context.code()
    number = code.value[0] if isinstance(code, grpc.StatusCode) else code
    return number or _UNKNOWN  # an exception is never a success


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


# The codes that OpenTelemetry's conventions call failures of the server.
_FAILED = {
    *("UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED"),
    *("INTERNAL", "UNAVAILABLE", "DATA_LOSS"),
}
