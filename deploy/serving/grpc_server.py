"""The gRPC side of a process: the services with health checking and reflection."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from deploy.errors import PortError
from deploy.ports import address
from deploy.serving.in_process import MAX_BATCH_BYTES
from deploy.serving.strangers import Strangers
from deploy.tls.contexts import ServerTls, grpc_credentials
from services.gates.door import STRANGERS
from services.server import Services

# Clients may keep idle connections alive by a ping every ten seconds. The name of that
# option differs from its macro (..._MIN_RECV_PING_...); gRPC silently ignores unknown
# names. A client resolves the servers' name again only when a connection ends. So each
# connection ends after a few minutes, without interrupting calls, and added servers get
# their share.
CONNECTIONS = (
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.max_connection_age_ms", 300_000),
    ("grpc.max_connection_age_grace_ms", 60_000),
)

# The most calls of authenticated callers at a time, including those that wait for a
# turn. Each may hold a whole request. Eight edges with `MAX_IN_FLIGHT` (512) calls each
# reach this number, which is more than one process can answer within the deadlines. At
# most 256 calls of one tenant wait. Further calls are refused with RESOURCE_EXHAUSTED.
# Strangers have limits of their own (`services/gates/door.py`).
MAX_CALLS = 4_096

# A compressed request is refused before it is decompressed: a few kilobytes could
# become megabytes. The mask lists the allowed algorithms; bit 0 means uncompressed.
# The most calls on one connection. An edge has one connection to a process, and further
# calls wait in the edge. So one connection cannot use up all calls.
REQUESTS = (
    # Of a batch; `services/gates/door.py` refuses all else from a quarter of that.
    ("grpc.max_receive_message_length", MAX_BATCH_BYTES),
    ("grpc.compression_enabled_algorithms_bitset", 1),
    ("grpc.max_concurrent_streams", MAX_CALLS // 4),
)


def add_all(services: Services, health_servicer: Any) -> Callable[[Any], None]:
    """Returns a function that adds all services, and health, to a server."""

    def add_to(server: Any) -> None:
        services.add_to(server)
        health_pb2_grpc.add_HealthServicer_to_server(health_servicer, server)

    return add_to


@dataclass(frozen=True, slots=True)
class Listening:
    """The address of the gRPC server. Port 0 means any; others may share the port."""

    host: str
    port: int
    tls: ServerTls | None
    shared: bool


@asynccontextmanager
async def grpc_server(
    services: Services,
    health_servicer: Any,
    listening: Listening,
    grace_seconds: float,
) -> AsyncIterator[int]:
    """Serves gRPC and yields the port. At the end it waits for running calls.

    Raises PortError.
    """
    server = grpc.aio.server(
        interceptors=(*services.socket_interceptors, Strangers(services.door)),
        options=(*CONNECTIONS, *REQUESTS, ("grpc.so_reuseport", int(listening.shared))),
        maximum_concurrent_rpcs=MAX_CALLS + STRANGERS,
    )
    add_all(services, health_servicer)(server)
    names = (*services.names, health.SERVICE_NAME, reflection.SERVICE_NAME)
    reflection.enable_server_reflection(names, server)
    try:
        bound = _add_port(server, listening)
    except RuntimeError:
        raise PortError(
            f"Port {listening.port} is in use. Choose another, or 0 for any."
        ) from None
    await server.start()
    try:
        yield bound
    finally:
        await server.stop(grace_seconds)


def _add_port(server: grpc.aio.Server, listening: Listening) -> int:
    """Adds the port to a server before its start. Raises RuntimeError if it is used."""
    place = address(listening.host, listening.port)
    if listening.tls is None:
        return server.add_insecure_port(place)
    return server.add_secure_port(place, grpc_credentials(listening.tls))
