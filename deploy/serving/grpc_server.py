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
from deploy.serving.in_process import MAX_REQUEST_BYTES
from deploy.serving.strangers import Strangers
from deploy.tls.contexts import ServerTls, grpc_credentials
from services.gates.door import STRANGERS
from services.server import Services

# Clients that keep idle connections alive by a ping every ten seconds are welcome; the
# interval's name is not that of its macro (..._MIN_RECV_PING_...), and names that gRPC
# does not know it ignores in silence. A client looks its servers' name up anew when a
# connection ends: so each one ends after a few minutes, its calls done, or a server
# that was added would be given nothing.
CONNECTIONS = (
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.max_connection_age_ms", 300_000),
    ("grpc.max_connection_age_grace_ms", 60_000),
)

# Calls of known callers under way at once, those that wait for their turn included:
# each may hold a whole request. Eight edges with `MAX_IN_FLIGHT` (512) calls each come
# to as many, which is more than one process answers within their deadlines; of one
# tenant 256 wait. What goes beyond is refused with RESOURCE_EXHAUSTED. Strangers have
# a number of their own (`services/gates/door.py`), so that they take none of these.
MAX_CALLS = 4_096

# A compressed request is refused, before anything of it is inflated: a few kilobytes
# would be megabytes here. The mask names what is allowed, and "as it is" is bit 0.
# An edge has one connection to a process. Calls beyond what fits into it wait there, so
# that one connection cannot take all that there are.
REQUESTS = (
    ("grpc.max_receive_message_length", MAX_REQUEST_BYTES),
    ("grpc.compression_enabled_algorithms_bitset", 1),
    ("grpc.max_concurrent_streams", MAX_CALLS // 4),
)


def add_all(services: Services, health_servicer: Any) -> Callable[[Any], None]:
    """Returns what adds every servicer, health included, to a server."""

    def add_to(server: Any) -> None:
        services.add_to(server)
        health_pb2_grpc.add_HealthServicer_to_server(health_servicer, server)

    return add_to


@dataclass(frozen=True, slots=True)
class Listening:
    """Where gRPC is served, 0 being any port; `shared` by other processes or not."""

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
    """Serves, and yields the port; waits for calls under way at the end.

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
    """Adds the port to a server that has not started. Raises RuntimeError if taken."""
    place = address(listening.host, listening.port)
    if listening.tls is None:
        return server.add_insecure_port(place)
    return server.add_secure_port(place, grpc_credentials(listening.tls))
