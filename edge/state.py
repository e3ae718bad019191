"""What gates and calls share: settings, limits, contracts and the way to the services.

What only a room outside `/v1` needs is not here: `app` passes it to its `places`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from google.protobuf.descriptor import ServiceDescriptor
from prospectconnect.iam.v1.access_pb2 import ResolveCallerRequest

from edge.callers.caller_cache import CallerCache
from edge.charts.drawing import Drawing
from edge.limits.downloads import Downloads
from edge.limits.held import Held
from edge.limits.load import Load
from edge.limits.pacing import Pacing
from edge.limits.rate_limit import RateLimiter
from edge.limits.readers import Readers
from edge.limits.uploads import Uploads
from edge.operations import Operation
from edge.problems import unavailable
from edge.settings import EdgeSettings
from edge.upstream.channel import (
    OpenChannel,
    UpstreamChannel,
    UpstreamMethods,
    open_methods,
)
from edge.upstream.readiness import Probe, open_probe
from edge.usage.tallies import Tallies
from edge.versions.contracts import Contracts
from edge.watch import Watch


@dataclass(frozen=True, slots=True)
class Upstream:
    """The way to the services, which exists only while the server runs."""

    channel: UpstreamChannel
    methods: UpstreamMethods
    callers: CallerCache
    ready: Probe


@dataclass(slots=True)
class Edge:
    """The edge. `upstream` is set when the server starts.

    `headers` are the headers of every answer. `drawing` draws charts.
    """

    settings: EdgeSettings
    limiter: RateLimiter
    contracts: Contracts
    operations: tuple[Operation, ...]
    watch: Watch
    load: Load
    readers: Readers
    downloads: Downloads
    uploads: Uploads
    headers: Mapping[str, str]
    drawing: Drawing
    tallies: Tallies = field(default_factory=Tallies)
    upstream: Upstream | None = None
    draining: bool = False
    pacing: Pacing = field(default_factory=Pacing)
    held: Held = field(default_factory=Held)

    @property
    def logs_requests(self) -> bool:
        """Whether requests are logged or traced."""
        return self.settings.log_requests or self.watch.keep_span is not None


def connected(edge: Edge) -> Upstream:
    """The way to the services. Raises ProblemError before the server has started."""
    if edge.upstream is None:
        raise unavailable()
    return edge.upstream


async def connect(
    edge: Edge, open_channel: OpenChannel, services: Iterable[ServiceDescriptor]
) -> None:
    """Opens the channel to the services, with all of their methods."""
    channel, settings = await open_channel(), edge.settings
    methods = open_methods(channel, services)
    edge.upstream = Upstream(
        channel=channel,
        methods=methods,
        callers=CallerCache(
            methods[ResolveCallerRequest],
            settings.caller_cache_seconds,
            settings.caller_cache_size,
            edge.tallies.of,
        ),
        ready=open_probe(channel),
    )
