"""Relays and readers of the stream, as the tests of the relay use them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any

import nats
from nats.js.errors import NotFoundError
from prospectconnect.crm.v1.contacts_pb2 import Contact

from deploy.relaying.nats_stream import STREAM, connected
from deploy.relaying.process import feed_of
from services.caller import Call
from services.every_kind import compile_kinds
from services.iam.tenants import create_user
from services.ids import new_id
from services.postgres.database import Database
from services.records.engine import Records
from services.relay.leases import Leases
from services.relay.pages import Pages
from services.relay.relaying import Relay, RelayFigures
from services.settings import ServiceSettings
from services.tenant_setup import create_tenant
from tests.services.callers import caller

PATIENCE_SECONDS = 120.0
KINDS = compile_kinds()


async def new_tenant(database: Database) -> Call:
    """A tenant, and a call of its owner."""
    name = new_id("relay-")
    business_id = await create_tenant(database, name)
    user = await create_user(database, name, "one@x.example", "owner")
    return Call(caller(business_id, user))


def contacts(database: Database) -> Records[Contact]:
    """The contacts of all tenants."""
    return Records(database, KINDS["contact"])


@asynccontextmanager
async def relaying(
    database: Database, url: str, start: str = "now"
) -> AsyncIterator[RelayFigures]:
    """A relay that runs in the block, and ends as one that is killed does not."""
    async with connected(url) as stream:
        figures = RelayFigures()
        feed = await feed_of(database, ServiceSettings(""))
        pages = Pages(database, feed, start)
        relay = Relay(
            database, Leases(database, new_id("rly_")), pages, stream, figures
        )
        task = asyncio.create_task(relay.run())
        try:
            yield figures
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def until(holds: Callable[[], bool]) -> None:
    """Waits until something holds."""

    async def asked() -> bool:
        return holds()

    await _until(asked)


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    loop = asyncio.get_running_loop()
    ends = loop.time() + PATIENCE_SECONDS
    for _ in count():
        if await holds():
            return
        assert loop.time() < ends, "it took too long"
        await asyncio.sleep(0.02)


async def messages(url: str, business_id: str, number: int) -> list[Any]:
    """The messages of a tenant, once there are so many; all, in their order."""
    client = await nats.connect(url)
    try:
        stream = client.jetstream()
        subject = f"prospectconnect.{business_id}.>"

        async def are_there() -> bool:
            return await _stored(stream, subject) >= number

        await _until(are_there)
        reader = await stream.subscribe(subject, stream=STREAM, ordered_consumer=True)
        stored = await _stored(stream, subject)
        return [await reader.next_msg(timeout=PATIENCE_SECONDS) for _ in range(stored)]
    finally:
        await client.close()


async def _stored(stream: Any, subject: str) -> int:
    try:
        info = await stream.stream_info(STREAM, subjects_filter=subject)
    except NotFoundError:
        return 0
    return sum((info.state.subjects or {}).values())
