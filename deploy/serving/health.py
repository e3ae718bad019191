"""The gRPC health of the services: SERVING while the database answers and is current.

If the database accepts only reads, the services are still SERVING, so that no load
balancer removes them; the metric `database_up` is 0 then. One task checks the database
once a second for all clients.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
from grpc_health.v1.health import aio as health_aio
from grpc_health.v1.health_pb2 import HealthCheckResponse

from services.errors import ServiceError
from services.postgres.database import Database
from services.postgres.migrations import HEAD
from services.server import Services

_log = logging.getLogger(__name__)

_EVERY_SECONDS = 1.0
_ANSWER_SECONDS = 2.0

_STATE = """
SELECT version_num >= $1, current_setting('transaction_read_only') = 'off'
FROM alembic_version
"""


@asynccontextmanager
async def watched_health(
    services: Services,
) -> AsyncIterator[health_aio.HealthServicer]:
    """Yields the health servicer and updates it.

    Before a drain, `enter_graceful_shutdown` sends clients to other servers for good.
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
    is_current, takes_writes = await _state(services.database)
    status = HealthCheckResponse.NOT_SERVING
    if is_current:
        status = HealthCheckResponse.SERVING
    if services.watch.figures is not None:
        services.watch.figures.is_ready = is_current and takes_writes
    for name in ("", *services.names):  # the empty name is the whole server
        await health.set(name, status)


async def _state(database: Database) -> tuple[bool, bool]:
    """Returns whether the database answers and is current, and accepts writes."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            row = await database.row(_STATE, HEAD)
    except (ServiceError, TimeoutError, asyncpg.UndefinedTableError):
        return False, False
    except Exception:  # the checks must go on after any error
        _log.exception("the health check failed")
        return False, False
    if row is None:
        return False, False
    if not row[1]:
        # A session stays read-only, and on its old server, for its whole life. Idle
        # connections are closed, so that new ones can reach a writable server.
        database.pool.close_idle()
    return row[0], row[1]
