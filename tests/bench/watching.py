"""The cost of metrics and traces in µs per request: `python -m tests.bench.watching`.

Each row is the additional time for an empty operation, the minimum of many rounds. A
request with one statement has one of each.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from deploy.observing.tracing import Keep, sending
from edge.figures import Figures as EdgeFigures
from edge.trace import Trace
from edge.watch import span_of
from services.gates.figures import Figures as ServiceFigures
from services.gates.watch import count_calls, keep_spans
from services.postgres.statement_watch import StatementWatch
from services.trace import CURRENT_TRACE, begin_trace

ROUNDS, CALLS = 15, 10_000
METHOD: Any = SimpleNamespace(name="/prospectconnect.crm.v1.ContactService/GetContact")
TRACE = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "01")
SQL = "SELECT * FROM contacts WHERE business_id = $1 AND id = $2 AND deleted_at IS NULL"


class Context:
    """The parts of a call's context that metrics and traces need."""

    @staticmethod
    def invocation_metadata() -> tuple[tuple[str, str], ...]:
        """The metadata from the edge."""
        return ("authorization", "Bearer x"), ("traceparent", TRACE.traceparent)


class Nowhere(SpanExporter):
    """Sends nothing: another thread bears the cost of sending."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Discards the spans."""
        return SpanExportResult.SUCCESS


async def nothing(request: Any, context: Any) -> Any:
    """A method that does nothing."""


def best(call: Callable[[], object]) -> float:
    """The microseconds of a call."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(CALLS):
            call()
        rounds.append(time.perf_counter() - began)
    return min(rounds) / CALLS * 1e6


def best_async(method: Callable[[Any, Any], Awaitable[Any]]) -> float:
    """The microseconds of a method that never waits."""
    context = Context()

    def call() -> None:
        try:
            method(None, context).__await__().send(None)
        except StopIteration:
            return

    return best(call)


def metrics() -> Iterator[tuple[str, float]]:
    """The cost of metrics."""
    edge, services = EdgeFigures(), ServiceFigures()
    edge.prepare(["GetContact"])
    services.prepare([METHOD.name])
    empty = best(lambda: None)

    def note() -> None:
        edge.note("GetContact", 200, time.monotonic() - 1.0)

    yield "metrics: a request", best(note) - empty
    counted = count_calls(services)(METHOD, nothing)
    yield "metrics: a call", best_async(counted) - best_async(nothing)


def tracing(keep: Keep) -> Iterator[tuple[str, float]]:
    """The cost of spans if the trace is sampled."""
    watch = StatementWatch(keep_span=keep)
    CURRENT_TRACE.set(None)
    traced = keep_spans(keep)(METHOD, nothing)
    yield "tracing: a call", best_async(traced) - best_async(nothing)

    def request() -> None:
        now = time.time_ns()
        keep(span_of(TRACE, "GET", "/v1/contacts/{contact_id}", 200, now, now))

    yield "tracing: a request", best(request)
    CURRENT_TRACE.set(begin_trace(1.0))
    yield "tracing: a statement", best(lambda: watch.ended(SQL, time.monotonic()))


async def main() -> None:
    """Prints a line for each."""
    rows = list(metrics())
    with sending(Nowhere()) as keep:
        rows += tracing(keep)
    for name, microseconds in rows:
        print(f"{name:22} {microseconds:6.2f} µs")


if __name__ == "__main__":
    asyncio.run(main())
