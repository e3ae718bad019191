"""Changes arrive in NATS as CloudEvents, in order, once, though a server ends."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from prospectconnect.crm.v1.contacts_pb2 import Contact

from services.caller import Call
from services.postgres.database import Database
from tests.end_to_end.relay.following import (
    contacts,
    messages,
    new_tenant,
    relaying,
    until,
)
from tests.harness.wire import nats_server
from tests.harness.wire.nats_server import NatsServer

pytestmark = pytest.mark.needs_program(nats_server.PROGRAM)

Work = Callable[[Database], Awaitable[None]]


@pytest.fixture
def server() -> Iterator[NatsServer]:
    """A NATS server of the test's own."""
    with nats_server.running() as running:
        yield running


def run(database_url: str, work: Work) -> None:
    """Runs work with a database."""

    async def scenario() -> None:
        database = await Database.open(database_url, max_connections=8)
        try:
            await work(database)
        finally:
            await database.close()

    asyncio.run(scenario())


async def create(database: Database, call: Call, name: str) -> str:
    """Creates a contact."""
    made = await contacts(database).create(
        call, Contact(first_name=name, email="a@b.example")
    )
    return str(made.id)


async def rename(database: Database, call: Call, contact: str, name: str) -> None:
    """Changes a contact."""

    def change(found: Contact) -> None:
        found.first_name = name

    await contacts(database).update(call, contact, change)


def test_a_change_is_a_cloud_event(database_url: str, server: NatsServer) -> None:
    async def work(database: Database) -> None:
        async with relaying(database, server.url):
            call = await new_tenant(database)
            contact = await create(database, call, "Ada")
            tenant = call.caller.business_id
            (message,) = await messages(server.url, tenant, 1)
        assert message.subject == f"prospectconnect.{tenant}.contacts.created"
        event = from_binary(HTTPMessage(message.headers, message.data), JSONFormat())
        assert event.get_type() == "contact.created"
        assert event.get_source() == f"/prospectconnect/{tenant}"
        assert event.get_subject() == f"contacts/{contact}"
        assert event.get_id() == message.headers["Nats-Msg-Id"]
        data = event.get_data()
        assert isinstance(data, dict)
        told = data
        assert told["id"] == event.get_id()
        assert told["state"]["first_name"] == "Ada"
        assert told["changed"]["first_name"] == {"from": None, "to": "Ada"}

    run(database_url, work)


def test_a_relay_goes_on_where_one_stopped(
    database_url: str, server: NatsServer
) -> None:
    async def work(database: Database) -> None:
        async with relaying(database, server.url):
            call = await new_tenant(database)
            contact = await create(database, call, "v1")
            await messages(server.url, call.caller.business_id, 1)
        for number in range(2, 5):
            await rename(database, call, contact, f"v{number}")
        async with relaying(database, server.url) as figures:
            found = await messages(server.url, call.caller.business_id, 4)
        assert versions(found) == ["1", "2", "3", "4"]
        assert figures.published >= 3

    run(database_url, work)


def test_all_that_is_kept_is_told_to_who_asks_for_the_earliest(
    database_url: str, server: NatsServer
) -> None:
    async def work(database: Database) -> None:
        call = await new_tenant(database)
        contact = await create(database, call, "v1")
        await rename(database, call, contact, "v2")
        async with relaying(database, server.url, "earliest"):
            found = await messages(server.url, call.caller.business_id, 2)
        assert versions(found) == ["1", "2"]

    run(database_url, work)


def test_a_position_that_was_lost_repeats_nothing_in_the_stream(
    database_url: str, server: NatsServer
) -> None:
    async def work(database: Database) -> None:
        call = await new_tenant(database)
        tenant = call.caller.business_id
        contact = await create(database, call, "v1")
        async with relaying(database, server.url, "earliest"):
            await messages(server.url, tenant, 1)
        sql = "DELETE FROM relay_positions WHERE business_id = $1"
        await database.run(sql, tenant)
        await rename(database, call, contact, "v2")
        async with relaying(database, server.url, "earliest") as figures:
            found = await messages(server.url, tenant, 2)
            await until(lambda: figures.published >= 2)
            found = await messages(server.url, tenant, 2)
        assert versions(found) == ["1", "2"]

    run(database_url, work)


def test_a_server_that_was_away_gets_everything(
    database_url: str, server: NatsServer
) -> None:
    async def work(database: Database) -> None:
        async with relaying(database, server.url) as figures:
            call = await new_tenant(database)
            contact = await create(database, call, "v1")
            await messages(server.url, call.caller.business_id, 1)
            server.end()
            for number in range(2, 6):
                await rename(database, call, contact, f"v{number}")
            await until(lambda: figures.failures > 0)
            server.start()
            found = await messages(server.url, call.caller.business_id, 5)
        assert versions(found) == ["1", "2", "3", "4", "5"]

    run(database_url, work)


def test_relays_share_the_tenants(database_url: str, server: NatsServer) -> None:
    async def work(database: Database) -> None:
        calls = [await new_tenant(database) for _ in range(4)]
        async with (
            relaying(database, server.url) as one,
            relaying(database, server.url) as other,
        ):
            await until(lambda: one.tenants > 0 and other.tenants > 0)
            for call in calls:
                await create(database, call, "v1")
            for call in calls:
                found = await messages(server.url, call.caller.business_id, 1)
                assert versions(found) == ["1"]

    run(database_url, work)


def versions(found: list[Any]) -> list[str]:
    """The versions of the records of messages."""
    return [json.loads(each.data)["record"]["version"] for each in found]
