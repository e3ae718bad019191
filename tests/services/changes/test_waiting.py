"""Waiting readers hold no connection, and all of them are woken."""

import asyncio

import pytest
from prospectconnect.crm.v1.contacts_pb2 import Contact

from services.caller import Call
from services.changes import order, waiting
from services.changes.waiting import Waiting
from services.every_kind import compile_kinds
from services.iam.tenants import create_user
from services.ids import new_id
from services.postgres.database import Database
from services.records.engine import Records
from services.tenant_setup import create_tenant
from tests.services.callers import caller

KINDS = compile_kinds()
READERS, LONG = 2_000, 60.0


async def _tenant(database: Database) -> Call:
    name = new_id("feed-")
    business_id = await create_tenant(database, name)
    user = await create_user(database, name, "one@x.example", "owner")
    return Call(caller(business_id, user))


def test_readers_of_a_tenant_are_woken_and_others_are_not(database_url: str) -> None:
    async def scenario() -> None:
        database = await Database.open(database_url, max_connections=1)
        try:
            call, other = await _tenant(database), await _tenant(database)
            here, there = call.caller.business_id, other.caller.business_id
            place = (await order.horizon(database)).place
            feed = Waiting(database)
            woken = [
                asyncio.create_task(feed.wait(here, place, LONG))
                for _ in range(READERS)
            ]
            sleeping = asyncio.create_task(feed.wait(there, place, LONG))
            await asyncio.sleep(0)
            assert feed.of(here) == READERS
            # The only connection is free for this.
            contacts = Records(database, KINDS["contact"])
            await contacts.create(call, Contact(email="ada@engine.example"))
            assert await asyncio.gather(*woken) == [True] * READERS
            assert feed.of(here) == 0
            assert not sleeping.done()
            sleeping.cancel()
        finally:
            await database.close()

    asyncio.run(scenario())


def test_a_reader_is_told_when_nothing_has_happened(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "LOOK_SECONDS", 0.001)

    async def scenario() -> None:
        database = await Database.open(database_url, max_connections=1)
        try:
            call = await _tenant(database)
            place = (await order.horizon(database)).place
            feed = Waiting(database)
            assert not await feed.wait(call.caller.business_id, place, 0.05)
        finally:
            await database.close()

    asyncio.run(scenario())
