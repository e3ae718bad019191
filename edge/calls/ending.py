"""How a request ends: what is counted of it, and what is told.

A call of a tool is counted as the operation that it is; the HTTP request that it came
by is told of, and counted, on its own.
"""

import time

import structlog

from edge.calls.exchange import Exchange
from edge.figures import OTHER
from edge.parts import Edge
from edge.problems import ProblemError
from edge.trace import Trace
from edge.usage.counts import count_failed, count_good
from edge.watch import span_of

_log = structlog.get_logger("edge")


def ended(
    edge: Edge,
    exchange: Exchange,
    status: int,
    started: float,
    problem: ProblemError | None,
) -> None:
    """Counts a call of an operation; `started` is in `time.monotonic` seconds."""
    if problem is None:
        count_good(exchange, status, started)
    else:
        count_failed(exchange, problem, started)
    figures = edge.watch.figures
    if figures is not None:
        figures.note(exchange.operation.name, status, time.monotonic() - started)


def ended_elsewhere(edge: Edge, status: int, started: float) -> None:
    """Counts a request that called no operation."""
    if edge.watch.figures is not None:
        edge.watch.figures.note(OTHER, status, time.monotonic() - started)


def tell(
    edge: Edge,
    method: str,
    route: str | None,
    status: int,
    started: float,
    trace: Trace,
) -> None:
    """Logs a request and keeps its span, as far as anybody wants to know.

    `route` is the one with placeholders, None for none: a path may hold anything.
    """
    seconds = time.monotonic() - started
    if edge.settings.log_requests:
        _log.info(
            "request",
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1000, 2),
            trace_id=trace.trace_id,
        )
    if edge.watch.keep_span is not None and trace.is_sampled:
        now = time.time_ns()
        began = now - int(seconds * 1e9)
        span = span_of(trace, method, route or OTHER, status, began, now)
        edge.watch.keep_span(span)
