"""Opens the metrics and spans of a process, as its settings say."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from deploy.observing.loop_lag import LoopLag
from deploy.settings import Settings
from edge.figures import Figures as EdgeFigures
from edge.watch import Watch as EdgeWatch
from services.gates.figures import Figures as ServiceFigures
from services.gates.watch import Watch as ServiceWatch
from services.relay.relaying import RelayFigures
from services.server import Services
from services.workers import Workers


@dataclass(frozen=True, slots=True)
class Watching:
    """The watches for the parts of a process.

    `is_counting` says whether there is a port for metrics.
    """

    edge: EdgeWatch
    services: ServiceWatch
    is_counting: bool


@asynccontextmanager
async def watching(settings: Settings) -> AsyncIterator[Watching]:
    """Opens the watches of a process. At the end, the remaining spans are sent."""
    async with AsyncExitStack() as parts:
        is_counting, keep = settings.metrics_port is not None, None
        if settings.otlp_endpoint is not None:
            from deploy.observing.tracing import keeping_spans  # noqa: PLC0415 - slow to import

            keep = parts.enter_context(keeping_spans(settings.otlp_endpoint))
        share = settings.trace_share if keep is not None else 0.0
        yield Watching(
            EdgeWatch(EdgeFigures() if is_counting else None, keep, share),
            ServiceWatch(ServiceFigures() if is_counting else None, keep, share),
            is_counting,
        )


@asynccontextmanager
async def metrics(
    settings: Settings,
    watch: Watching,
    *,
    has_edge: bool = False,
    services: Services | None = None,
    relay: RelayFigures | None = None,
) -> AsyncIterator[str | None]:
    """Serves the metrics of parts. Yields the address, None without a port."""
    port = settings.metrics_port
    if port is None:
        yield None
        return
    from deploy.observing.metrics import Sources  # noqa: PLC0415 - slow to import
    from deploy.observing.metrics_server import serving_metrics  # noqa: PLC0415 - so is this

    sides = {"http": settings.http_tls_certificate if has_edge else None}
    if services is not None:
        sides["grpc"] = settings.grpc_tls_certificate
    workers = services.workers if services is not None else Workers()
    sources = Sources(
        lag=LoopLag(),
        edge=watch.edge.figures if has_edge else None,
        services=watch.services.figures if services is not None else None,
        pool=services.database.pool if services is not None else None,
        turns=services.turns if services is not None else None,
        jobs=workers.jobs,
        deliveries=workers.deliveries,
        mail=workers.mail,
        imports=workers.imports,
        sandboxes=services.sandboxes if services is not None else None,
        waiting=services.waiting if services is not None else None,
        relay=relay,
        certificates={side: path for side, path in sides.items() if path is not None},
        data_dir=settings.data_dir,
    )
    async with sources.lag.watched():
        with serving_metrics(sources, settings.metrics_host, port) as place:
            yield place
