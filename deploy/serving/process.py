"""One process that serves HTTP, gRPC or both in one event loop, from start to end.

Parts are closed in reverse order: first HTTP, then gRPC, then the database. So no
running request loses a part that it needs.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial

import grpc
from grpc_health.v1.health import aio as health_aio

from deploy import ports
from deploy.observing.watching import Watching, metrics, watching
from deploy.serving import in_process
from deploy.serving.edge_channel import EdgeChannel
from deploy.serving.edge_secrets import edge_secrets
from deploy.serving.grpc_server import Listening, add_all, grpc_server
from deploy.serving.health import watched_health
from deploy.serving.http_server import http_server
from deploy.serving.limiters import count_calls, open_limiter
from deploy.serving.memory import begin_start, settle
from deploy.serving.open_files import room_for_clients
from deploy.serving.ready import Ready
from deploy.settings import Settings
from deploy.signals import stop_on_signals
from deploy.tls.choices import grpc_tls, http_tls, services_tls
from deploy.tls.contexts import channel_credentials
from edge.app import build_app
from edge.calls.rows import Transcoder
from edge.limits.rate_limit import RateLimiter
from edge.upstream.channel import UpstreamChannel
from edge.versions.told_changes import change_writer
from edge.versions.told_records import records_writer
from services.server import Services, close_services, open_services
from services.workers import Renders

OpenChannel = Callable[[], Awaitable[UpstreamChannel]]

_RECONNECT_MILLISECONDS = 200

# Services that end first wait until edges are connected to services that have started
# just now, and then until edges know that these services end. A call that reaches a
# gRPC server while it stops may be cancelled, or wait until its deadline.
_TAKEN_OVER_SECONDS = 2.5 * _RECONNECT_MILLISECONDS / 1_000
_LEFT_SECONDS = 0.5

# Each read of a separate edge that waits holds one of the calls that its connection to
# the services may have (`grpc_server.py`). Half of them stay free for all others.
WAITS_OF_EDGE = 512

# A separate edge spreads its calls over all addresses of the services. It notices
# within seconds that one is gone, and soon that it has returned. It watches their
# health, so that services which are about to end get no more calls. It accepts answers
# of any size, since a page of long notes can exceed gRPC's default of 4 MiB.
CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.lb_policy_name", "round_robin"),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", _RECONNECT_MILLISECONDS),
    ("grpc.service_config", '{"healthCheckConfig": {"serviceName": ""}}'),
)


async def serve_all(
    settings: Settings,
    database_url: str,
    announce: Callable[[Ready], None],
    *,
    shared: bool = False,
    stop: asyncio.Event | None = None,
) -> None:
    """Serves HTTP and gRPC until SIGTERM, SIGINT or `stop`, then drains.

    With `shared`, other workers listen on the same two ports, which must not be 0.
    """
    begin_start()
    stop_on_signals(stop := stop or asyncio.Event())
    listener = _listener(settings, shared=shared)
    # No webhook may name it, so the services know the port that was chosen.
    settings = settings.model_copy(update={"http_port": ports.port_of(listener)})
    async with AsyncExitStack() as parts:
        watch = await parts.enter_async_context(watching(settings))
        limiter = open_limiter(parts, settings)
        services, health, port = await _enter_services(
            parts, settings, database_url, watch, limiter, shared=shared
        )
        add_to = add_all(services, health)
        open_channel = partial(in_process.open_channel, add_to, services.interceptors)
        given = parts, settings, open_channel, listener, watch, limiter
        await _enter_edge(*given, grpc_port=port)
        figures = await parts.enter_async_context(
            metrics(settings, watch, has_edge=True, services=services)
        )
        http = ports.address(settings.host, ports.port_of(listener))
        grpc_address = ports.address(settings.host, port)
        announce(Ready(http, grpc_address, settings.scheme, figures))
        settle()
        await stop.wait()
        await health.enter_graceful_shutdown()
        services.waiting.end()


async def serve_services(
    settings: Settings, database_url: str, announce: Callable[[Ready], None]
) -> None:
    """Serves gRPC only."""
    begin_start()
    stop_on_signals(stop := asyncio.Event())
    async with AsyncExitStack() as parts:
        watch = await parts.enter_async_context(watching(settings))
        limiter = open_limiter(parts, settings, has_file=False)
        services, health, port = await _enter_services(
            parts, settings, database_url, watch, limiter, shared=False
        )
        figures = await parts.enter_async_context(
            metrics(settings, watch, services=services)
        )
        announce(Ready(grpc=ports.address(settings.host, port), metrics=figures))
        settle()
        await stop.wait()
        await asyncio.sleep(_TAKEN_OVER_SECONDS)
        await health.enter_graceful_shutdown()
        await asyncio.sleep(_LEFT_SECONDS)
        services.waiting.end()


async def serve_jobs(
    settings: Settings, database_url: str, announce: Callable[[Ready], None]
) -> None:
    """Runs jobs and delivers, and listens on no port but that of the metrics."""
    begin_start()
    stop_on_signals(stop := asyncio.Event())
    async with AsyncExitStack() as parts:
        watch = await parts.enter_async_context(watching(settings))
        told = replace(settings.for_services(database_url), runs_jobs=True)
        services = await open_services(told, watch.services, renders=_renders(settings))
        parts.push_async_callback(close_services, services)
        figures = await parts.enter_async_context(
            metrics(settings, watch, services=services)
        )
        announce(Ready(metrics=figures))
        settle()
        await stop.wait()


async def serve_edge(
    settings: Settings, target: str, announce: Callable[[Ready], None]
) -> None:
    """Serves HTTP only. `target` is the services: `host:port` or any gRPC target."""
    begin_start()
    stop_on_signals(stop := asyncio.Event())
    tls = services_tls(settings, target)
    secret, *_ = edge_secrets(settings)
    listener = _listener(settings, shared=False)

    async def open_channel() -> UpstreamChannel:
        if tls is None:
            channel = grpc.aio.insecure_channel(target, options=CHANNEL_OPTIONS)
        else:
            credentials = channel_credentials(tls)
            channel = grpc.aio.secure_channel(
                target, credentials, options=CHANNEL_OPTIONS
            )
        return EdgeChannel(channel, secret)

    async with AsyncExitStack() as parts:
        watch = await parts.enter_async_context(watching(settings))
        limiter = open_limiter(parts, settings)
        given = parts, settings, open_channel, listener, watch, limiter
        await _enter_edge(*given, max_waits=WAITS_OF_EDGE)
        figures = await parts.enter_async_context(
            metrics(settings, watch, has_edge=True)
        )
        http = ports.address(settings.host, ports.port_of(listener))
        announce(Ready(http, scheme=settings.scheme, metrics=figures))
        settle()
        await stop.wait()


def _renders(settings: Settings) -> Renders:
    """What the edge alone knows: how public JSON looks."""
    rows = Transcoder(settings.problem_base)
    return Renders(change_writer(), records_writer(), rows)


def _listener(settings: Settings, *, shared: bool) -> socket.socket:
    bind = ports.join if shared else partial(ports.bind, shared=False)
    return bind(settings.host, settings.http_port)


async def _enter_services(
    parts: AsyncExitStack,
    settings: Settings,
    database_url: str,
    watch: Watching,
    limiter: RateLimiter,
    *,
    shared: bool,
) -> tuple[Services, health_aio.HealthServicer, int]:
    """Starts the services and their gRPC server. Returns services, health and port."""
    told = settings.for_services(database_url, edge_secrets(settings))
    services = await open_services(
        told, watch.services, count_calls(limiter), _renders(settings)
    )
    parts.push_async_callback(close_services, services)
    health = await parts.enter_async_context(watched_health(services))
    place = Listening(settings.host, settings.grpc_port, grpc_tls(settings), shared)
    port = await parts.enter_async_context(
        grpc_server(services, health, place, settings.drain_seconds)
    )
    return services, health, port


async def _enter_edge(
    parts: AsyncExitStack,
    settings: Settings,
    open_channel: OpenChannel,
    listener: socket.socket,
    watch: Watching,
    limiter: RateLimiter,
    **others: int,
) -> None:
    """Starts the edge on a bound socket. `others` are settings that nobody chooses."""
    limits = settings.model_copy(update={"max_clients": room_for_clients(settings)})
    its = replace(limits.for_edge(), **others)  # type: ignore[arg-type]  # numbers all
    app = build_app(its, open_channel, limiter, watch.edge)
    server = http_server(app, listener, http_tls(settings), settings.drain_seconds)
    await parts.enter_async_context(server)
