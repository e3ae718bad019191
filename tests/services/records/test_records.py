"""The records engine on a real database: no change is lost, each is told once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from prospectconnect.crm.v1.contacts_pb2 import Contact

from services.caller import Call
from services.errors import EtagMismatch, NotFound, ValidationFailed
from services.every_kind import compile_kinds
from services.iam.tenants import create_user
from services.ids import new_id
from services.kinds import masks
from services.postgres.database import Database
from services.records.engine import Records
from services.tenant_setup import create_tenant
from tests.services.callers import caller

CONTACT = compile_kinds()["contact"]

Scenario = Callable[["World"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class World:
    """Contacts of a new tenant with two users, and the calls that are made."""

    records: Records[Contact]
    business_id: str
    users: list[str]

    def call(self, role: str = "owner") -> Call:
        return Call(caller(self.business_id, self.users[0], role))

    async def create(self, **fields: Any) -> Contact:
        made = await self.records.create(self.call(), Contact(**fields))
        assert isinstance(made, Contact)
        return made

    async def update(self, contact: Contact, etag: str = "", **fields: Any) -> Contact:
        def change(record: Contact) -> None:
            masks.write(record, Contact(**fields), list(fields))

        updated = await self.records.update(self.call(), contact.id, change, etag)
        assert isinstance(updated, Contact)
        return updated

    async def told(self, contact: Contact) -> list[dict[str, Any]]:
        rows = await self.records.database.rows(
            "SELECT metadata FROM activities WHERE business_id = $1"
            " AND contact_id = $2 ORDER BY occurred_at, id",
            self.business_id,
            contact.id,
        )
        return [row[0] for row in rows]


@pytest.fixture
def play(database_url: str) -> Callable[[Scenario], None]:
    """Runs a scenario in a world of its own."""

    async def run(scenario: Scenario) -> None:
        database = await Database.open(database_url)
        try:
            name = new_id("records-")
            business_id = await create_tenant(database, name)
            users = [
                await create_user(database, name, f"{each}@x.example", "owner")
                for each in ("one", "two")
            ]
            records = Records(database, CONTACT)
            await scenario(World(records, business_id, users))
        finally:
            await database.close()

    return lambda scenario: asyncio.run(run(scenario))


def test_changes_at_once_lose_none(play: Callable[[Scenario], None]) -> None:
    async def scenario(world: World) -> None:
        contact = await world.create(email="a@x.co")

        def adding(number: int) -> Callable[[Contact], None]:
            def add(record: Contact) -> None:
                record.tags.append(f"t{number}")
                record.custom_fields[f"k{number}"] = number

            return add

        await asyncio.gather(
            *(
                world.records.update(world.call(), contact.id, adding(number))
                for number in range(20)
            )
        )
        found = await world.records.get(world.call().caller, contact.id)
        assert set(found.tags) == {f"t{number}" for number in range(20)}
        assert set(found.custom_fields) == {f"k{number}" for number in range(20)}
        assert found.etag == "21"
        told = await world.told(contact)
        steps = [each for each in told if each["event"] == "tags_changed"]
        assert len(steps) == 20
        assert all(a["to"] == b["from"] for a, b in pairwise(steps))

    play(scenario)


def test_the_timeline_tells_what_happened_in_order(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(world: World) -> None:
        one, two = world.users
        contact = await world.create(email="a@x.co", tags=["a"])
        await world.update(contact, city="Rome")
        await world.update(contact, owner_id=two, tags=["a", "b"])
        await world.update(contact, owner_id="")
        await world.update(contact, tags=["a", "b"], city="Rome")
        assert await world.told(contact) == [
            {"event": "created"},
            {"event": "owner_changed", "from": one, "to": two},
            {"event": "tags_changed", "from": ["a"], "to": ["a", "b"]},
            {"event": "owner_changed", "from": two},
        ]

    play(scenario)


def test_a_refused_change_leaves_nothing_behind(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(world: World) -> None:
        contact = await world.create(email="a@x.co", owner_id=world.users[0])
        with pytest.raises(ValidationFailed) as caught:
            await world.update(contact, owner_id=new_id("usr_"), tags=["x"])
        assert [fault.field for fault in caught.value.faults] == ["contact.owner_id"]
        with pytest.raises(ValidationFailed):
            await world.update(contact, email="")
        with pytest.raises(ValidationFailed):
            await world.create(email="b@x.co", owner_id="usr_nobody")
        assert await world.records.get(world.call().caller, contact.id) == contact
        assert await world.told(contact) == [{"event": "created"}]

    play(scenario)


def test_a_change_of_nothing_writes_nothing(play: Callable[[Scenario], None]) -> None:
    async def scenario(world: World) -> None:
        contact = await world.create(email="a@x.co", tags=["a"])
        assert await world.update(contact, tags=["a"], email="a@x.co") == contact

    play(scenario)


def test_an_etag_must_be_the_records_own(play: Callable[[Scenario], None]) -> None:
    async def scenario(world: World) -> None:
        contact = await world.create(email="a@x.co")
        changed = await world.update(contact, etag="7,1", city="Rome")
        assert (changed.etag, changed.updated_at != contact.updated_at) == ("2", True)
        for etag in ("1", "3", "1,3", "W/2"):
            with pytest.raises(EtagMismatch):
                await world.update(contact, etag=etag, city="Oslo")
            with pytest.raises(EtagMismatch):
                await world.records.delete(world.call(), contact.id, etag)
        await world.records.delete(world.call(), contact.id, "2")

    play(scenario)


def test_a_deleted_record_is_gone_for_everything(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(world: World) -> None:
        contact = await world.create(email="a@x.co")
        await world.records.delete(world.call(), contact.id)
        for work in (
            world.records.get(world.call().caller, contact.id),
            world.update(contact, city="Rome"),
            world.records.delete(world.call(), contact.id),
        ):
            with pytest.raises(NotFound):
                await work

    play(scenario)


def test_one_of_many_deletions_at_once_succeeds(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(world: World) -> None:
        contact = await world.create(email="a@x.co")
        ends = await asyncio.gather(
            *(world.records.delete(world.call(), contact.id) for _ in range(8)),
            return_exceptions=True,
        )
        assert sorted(map(type, ends), key=str) == sorted(
            [type(None), *[NotFound] * 7], key=str
        )

    play(scenario)


def test_own_records_are_those_of_the_caller_and_of_nobody(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(world: World) -> None:
        one, two = world.users
        member = world.call("member").caller
        mine = await world.create(email="a@x.co", owner_id=one)
        nobodys = await world.create(email="b@x.co")
        nobodys = await world.update(nobodys, owner_id="")
        theirs = await world.create(email="c@x.co", owner_id=two)
        for contact in (mine, nobodys):
            assert await world.records.get(member, contact.id) == contact
        with pytest.raises(NotFound):
            await world.records.get(member, theirs.id)

    play(scenario)
