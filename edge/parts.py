"""The parts of the edge, as `app` puts them together."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from edge.calls.operation import Operation
from edge.calls.readiness import Probe, open_probe
from edge.calls.upstream import UpstreamChannel, UpstreamMethod, open_method
from edge.gates.access import Callers
from edge.limits.load import Load
from edge.limits.pacing import Pacing
from edge.limits.rate_limit import RateLimiter
from edge.mcp.tools import Tools
from edge.oauth.stubs import Stubs, open_stubs
from edge.portal.opened import Portal
from edge.settings import EdgeSettings
from edge.usage.counts import Tallies
from edge.versions.contracts import Contracts
from edge.watch import Watch
from edge.web.templating import Pages

OpenChannel = Callable[[], Awaitable[UpstreamChannel]]


@dataclass(frozen=True, slots=True)
class Upstream:
    """What is there only while the server runs; `methods` are by their RPC."""

    channel: UpstreamChannel
    callers: Callers
    methods: dict[str, UpstreamMethod]
    oauth: Stubs
    ready: Probe


@dataclass(slots=True)
class Edge:
    """The edge. `upstream` is set once the server has started.

    `scopes` are those that apps may ask for, `tools` what assistants may call,
    `headers` those of every answer.
    """

    settings: EdgeSettings
    limiter: RateLimiter
    contracts: Contracts
    operations: tuple[Operation, ...]
    scopes: tuple[str, ...]
    pages: Pages
    portal: Portal
    tools: Tools
    watch: Watch
    load: Load
    headers: Mapping[str, str]
    tallies: Tallies = field(default_factory=Tallies)
    upstream: Upstream | None = None
    draining: bool = False
    pacing: Pacing = field(default_factory=Pacing)

    @property
    def is_told(self) -> bool:
        """Whether anybody wants to hear of each request."""
        return self.settings.log_requests or self.watch.keep_span is not None


async def connect(edge: Edge, open_channel: OpenChannel) -> None:
    """Opens the channel, and makes everything callable that is called over it."""
    channel, settings = await open_channel(), edge.settings
    routes = [operation.route for operation in edge.operations]
    edge.upstream = Upstream(
        channel=channel,
        callers=Callers(
            channel,
            settings.caller_cache_seconds,
            settings.caller_cache_size,
            edge.tallies.of,
        ),
        methods={
            each.rpc: open_method(
                channel, each.rpc, each.request_class, each.response_class
            )
            for each in routes
        },
        oauth=open_stubs(channel),
        ready=open_probe(channel),
    )
