"""The gRPC health of the services: SERVING while their database answers and is current.

While it takes no writes, reads go on, so it is SERVING: nobody should take it out of a
balancer for that. `database_up` says no, for people.
One watcher asks once a second, however many clients check or watch.
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
    is_current, takes_writes = await _state(services.database)
    status = HealthCheckResponse.NOT_SERVING
    if is_current:
        status = HealthCheckResponse.SERVING
    if services.watch.figures is not None:
        services.watch.figures.is_ready = is_current and takes_writes
    for name in ("", *services.names):  # the empty name is the whole server
        await health.set(name, status)


async def _state(database: Database) -> tuple[bool, bool]:
    """Whether the database answers and is current, and whether it takes writes."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            row = await database.row(_STATE, HEAD)
    except (ServiceError, TimeoutError, asyncpg.UndefinedTableError):
        return False, False
    except Exception:  # whatever it is, the watch goes on
        _log.exception("the health check failed")
        return False, False
    if row is None:
        return False, False
    if not row[1]:
        # A session stays what it was when it began, and on the server where it was:
        # those that nobody uses make room for what may be better.
        database.pool.close_idle()
    return row[0], row[1]
