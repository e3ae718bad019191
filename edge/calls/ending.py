"""The end of a request: it is counted, logged and traced.

A tool call counts as a call of its operation. The HTTP request that carried it is
counted and logged as well, as a request that called no operation.
"""

import time

import structlog

from edge.calls.exchange import Exchange
from edge.figures import OTHER
from edge.problems import ProblemError
from edge.state import Edge
from edge.trace import Trace
from edge.usage.counts import count_failed, count_good, count_touched
from edge.watch import span_of

_log = structlog.get_logger("edge")


def count_call(
    edge: Edge,
    exchange: Exchange,
    status: int,
    started: float,
    problem: ProblemError | None,
    address: str = "",
) -> None:
    """Counts a call of an operation; `started` is in `time.monotonic` seconds.

    `address` is where a request came from that failed.
    """
    name, trace = exchange.operation.name, exchange.trace
    if problem is None:
        count_good(exchange.caller.tally, name, status, trace, started)
    elif (caller := getattr(exchange, "caller", None)) is not None:
        count_failed(caller.tally, name, problem, trace, started, address)
    touched = exchange.touched
    if touched is not None and touched.day is not None:
        version = str(exchange.contract.date)
        count_touched(exchange.caller.tally, (name, version), touched, trace)
    figures = edge.watch.figures
    if figures is None:
        return
    if exchange.is_planted:
        figures.note_planted(name)
    else:
        figures.note(name, status, time.monotonic() - started)


def count_other(edge: Edge, status: int, started: float) -> None:
    """Counts a request that called no operation."""
    if edge.watch.figures is not None:
        edge.watch.figures.note(OTHER, status, time.monotonic() - started)


def log_request(
    edge: Edge,
    method: str,
    route: str | None,
    status: int,
    started: float,
    trace: Trace,
) -> None:
    """Logs a request and keeps its span, if these are switched on.

    `route` has placeholders instead of what the client sent; None for no route.
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
