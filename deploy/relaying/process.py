"""The process of a relay: it listens on no port but that of the metrics."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress

from deploy.observing.watching import metrics, watching
from deploy.relaying.nats_stream import connected
from deploy.settings import Settings
from deploy.signals import stop_on_signals
from services.changes.reading import Feed
from services.errors import Unavailable
from services.every_kind import compile_kinds
from services.ids import new_id
from services.postgres import schema
from services.postgres.database import Database
from services.records.engine import Records
from services.records.schemas import Schemas
from services.relay.leases import Leases
from services.relay.pages import Pages
from services.relay.relaying import Relay, RelayFigures
from services.sealed import secret_keys
from services.sealed.cursors import Cursors
from services.settings import ServiceSettings


async def relay_changes(
    settings: Settings,
    database_url: str,
    where: tuple[str, str],
    say: Callable[[], None],
) -> None:
    """Relays until a signal. `where` is the address of NATS, and where to begin."""
    stop_on_signals(stop := asyncio.Event())
    to, start = where
    async with AsyncExitStack() as parts:
        watch = await parts.enter_async_context(watching(settings))
        given = settings.for_services(database_url)
        database = await _database(given)
        parts.push_async_callback(database.close)
        stream = await parts.enter_async_context(connected(to))
        figures = RelayFigures()
        await parts.enter_async_context(metrics(settings, watch, relay=figures))
        pages = Pages(database, await feed_of(database, given), start)
        leases = Leases(database, new_id("rly_"))
        relay = Relay(database, leases, pages, stream, figures)
        running = asyncio.create_task(relay.run())
        say()
        await stop.wait()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def _database(given: ServiceSettings) -> Database:
    database = await Database.open(
        given.database_url, max_connections=given.max_connections
    )
    if not await schema.is_current(database):
        await database.close()
        raise Unavailable("The database's schema is older than this program.")
    return database


async def feed_of(database: Database, given: ServiceSettings) -> Feed:
    """What reads changes of all tenants."""
    kinds = compile_kinds()
    schemas = Schemas(database, kinds["field"].kind)
    every = {name: Records(database, each, schemas) for name, each in kinds.items()}
    keys = await secret_keys.open_keys(database, secret_keys.CURSORS)
    return Feed(database, every, schemas, Cursors(keys), given.feed_days)
