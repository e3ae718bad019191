"""Sends the spans of the edge and the services to OpenTelemetry over OTLP.

A span arrives when it has ended. A queue passes it to a thread that sends it; if the
queue is full, the span is dropped. Without `--otlp-endpoint` nothing is imported.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Protocol

from deploy.errors import SettingsError

if TYPE_CHECKING:  # an optional package
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter

_PATIENCE_SECONDS = 5.0  # the limit for an answer of the collector

Attributes = Mapping[str, str | int]


class Finished(Protocol):
    """A span of the edge or the services. Ids are hex, times Unix nanoseconds."""

    @property
    def trace_id(self) -> str: ...
    @property
    def span_id(self) -> str: ...
    @property
    def parent_id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def began(self) -> int: ...
    @property
    def ended(self) -> int: ...
    @property
    def attributes(self) -> Attributes: ...
    @property
    def failed(self) -> bool: ...


Keep = Callable[[Finished], None]


@contextmanager
def keeping_spans(endpoint: str) -> Iterator[Keep]:
    """Yields a function that takes spans. At the end, the remaining ones are sent.

    Raises SettingsError if the optional packages are not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http import (  # noqa: PLC0415 - an extra
            trace_exporter,
        )
    except ImportError:
        text = "Traces need more: pip install 'prospectconnect[tracing]'."
        raise SettingsError(text) from None
    exporter = trace_exporter.OTLPSpanExporter(endpoint, timeout=_PATIENCE_SECONDS)
    with sending(exporter) as keep:
        yield keep


@contextmanager
def sending(exporter: "SpanExporter") -> Iterator[Keep]:
    """Yields a function that takes spans; an exporter sends them in batches."""
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - an extra

    name = "prospectconnect"
    resource = Resource.create({"service.name": name, "service.version": version(name)})
    processor = BatchSpanProcessor(exporter)
    try:
        yield _keep(processor.on_end, resource)
    finally:
        # By default it would retry for half a minute if the collector is away.
        ending = threading.Thread(target=processor.shutdown, daemon=True)
        ending.start()
        ending.join(_PATIENCE_SECONDS)


def _keep(send: Callable[["ReadableSpan"], None], resource: "Resource") -> Keep:
    from opentelemetry import trace  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.trace import ReadableSpan  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.util.instrumentation import (  # noqa: PLC0415 - an extra
        InstrumentationScope,
    )
    from opentelemetry.trace.status import Status, StatusCode  # noqa: PLC0415 - an extra

    kinds = {"server": trace.SpanKind.SERVER, "client": trace.SpanKind.CLIENT}
    fine, failed = Status(StatusCode.UNSET), Status(StatusCode.ERROR)
    scope, sampled = InstrumentationScope("prospectconnect"), trace.TraceFlags(1)

    def context(trace_id: str, span_id: str, remote: bool) -> trace.SpanContext:
        return trace.SpanContext(int(trace_id, 16), int(span_id, 16), remote, sampled)

    def keep(span: Finished) -> None:
        parent = None
        if span.parent_id:
            is_remote = span.kind == "server"
            parent = context(span.trace_id, span.parent_id, is_remote)
        send(
            ReadableSpan(
                name=span.name,
                context=context(span.trace_id, span.span_id, False),
                parent=parent,
                resource=resource,
                attributes=span.attributes,
                kind=kinds[span.kind],
                status=failed if span.failed else fine,
                start_time=span.began,
                end_time=span.ended,
                instrumentation_scope=scope,
            )
        )

    return keep
