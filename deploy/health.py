"""The gRPC health of the services: SERVING while their database answers and is current.

One watcher asks once a second, however many clients check or watch.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from grpc_health.v1.health import aio as health_aio
from grpc_health.v1.health_pb2 import HealthCheckResponse

from services.database import Database
from services.errors import ServiceError
from services.schema import is_current
from services.server import Services

_log = logging.getLogger(__name__)

_EVERY_SECONDS = 1.0
_ANSWER_SECONDS = 2.0


@asynccontextmanager
async def watched_health(
    services: Services,
) -> AsyncIterator[health_aio.HealthServicer]:
    """Yields the health servicer and keeps it up to date.

    Before a drain, `enter_graceful_shutdown` tells clients to go elsewhere for good.
    """
    health = health_aio.HealthServicer()
    await _update(health, services)
    watcher = asyncio.create_task(_watch(health, services))
    try:
        yield health
    finally:
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher


async def _watch(health: health_aio.HealthServicer, services: Services) -> None:
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        await _update(health, services)


async def _update(health: health_aio.HealthServicer, services: Services) -> None:
    status = HealthCheckResponse.NOT_SERVING
    if await _is_ready(services.database):
        status = HealthCheckResponse.SERVING
    if services.watch.figures is not None:
        services.watch.figures.is_ready = status == HealthCheckResponse.SERVING
    for name in ("", *services.names):  # the empty name is the whole server
        await health.set(name, status)


async def _is_ready(database: Database) -> bool:
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            return await is_current(database)
    except (ServiceError, TimeoutError):
        return False
    except Exception:  # whatever it is, the watch goes on
        _log.exception("the health check failed")
        return False
