"""Whether the services can be reached and are ready, asked of their gRPC health.

Requests at the same time share one question, because they are not counted in the load.
"""

import asyncio
from collections.abc import Awaitable, Callable

import grpc
import structlog
from grpc_health.v1 import health_pb2

from edge.upstream.channel import UpstreamChannel, open_method

_log = structlog.get_logger("edge")

CHECK = "/grpc.health.v1.Health/Check"

Probe = Callable[[], Awaitable[bool]]


def open_probe(channel: UpstreamChannel, seconds: float = 2.0) -> Probe:
    """Makes the probe: true when the services answer SERVING within `seconds`."""
    check = open_method(
        channel, CHECK, health_pb2.HealthCheckRequest, health_pb2.HealthCheckResponse
    )

    async def ask() -> bool:
        try:
            reply = await check(health_pb2.HealthCheckRequest(), timeout=seconds)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.UNAUTHENTICATED:
                _log.error("edge_secret_refused", details=error.details())
            return False
        return bool(reply.status == health_pb2.HealthCheckResponse.SERVING)

    asked: list[asyncio.Task[bool]] = []

    async def ready() -> bool:
        if not asked or asked[0].done():
            asked[:] = (asyncio.create_task(ask()),)
        return await asyncio.shield(asked[0])

    return ready
