"""Definitions as processes know them: read when they changed, and not otherwise."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest
from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.schema.v1 import fields_pb2 as pb

from services.caller import Call, Caller
from services.errors import ValidationFailed
from services.every_kind import compile_kinds
from services.iam.tenants import create_user
from services.ids import new_id
from services.postgres.database import Database
from services.records.engine import Records
from services.records.schemas import Schemas
from services.schema.fields import define
from services.tenant_setup import create_tenant
from tests.services.callers import caller

KINDS = compile_kinds()
SEATS = pb.Field(
    object="contacts", key="seats", type=pb.FIELD_TYPE_INTEGER, label="Seats"
)


@dataclass(frozen=True, slots=True)
class Process:
    """What one process knows, and a tenant's caller whose token it looked up."""

    database: Database
    schemas: Schemas
    contacts: Records[Contact]

    def call(self, who: Caller) -> Call:
        return Call(who)


def process(database: Database) -> Process:
    schemas = Schemas(database, KINDS["field"].kind)
    return Process(database, schemas, Records(database, KINDS["contact"], schemas))


Scenario = Callable[[Process, Caller], Awaitable[None]]


@pytest.fixture
def play(database_url: str) -> Callable[[Scenario], None]:
    """Runs a scenario in a tenant of its own."""

    async def run(scenario: Scenario) -> None:
        database = await Database.open(database_url)
        try:
            name = new_id("schemas-")
            business_id = await create_tenant(database, name)
            user = await create_user(database, name, "one@x.example", "owner")
            await scenario(process(database), caller(business_id, user))
        finally:
            await database.close()

    return lambda scenario: asyncio.run(run(scenario))


def test_a_tenant_without_definitions_is_never_asked_about() -> None:
    schemas = Schemas(None, KINDS["field"].kind)  # type: ignore[arg-type]  # not asked
    assert schemas.known(caller()) is not None


def test_a_newer_generation_is_read_once(play: Callable[[Scenario], None]) -> None:
    async def scenario(one: Process, who: Caller) -> None:
        await define(one.database, who.business_id, [SEATS])
        newer = replace(who, schema_generation=1)
        assert one.schemas.known(newer) is None
        both = await asyncio.gather(one.schemas.of(newer), one.schemas.of(newer))
        assert both[0] is both[1] is one.schemas.known(newer)
        assert list(both[0].of("contacts").by_key) == ["seats"]
        assert one.schemas.known(replace(who, schema_generation=2)) is None

    play(scenario)


def test_a_write_by_an_old_schema_is_checked_again(
    play: Callable[[Scenario], None],
) -> None:
    """The process has looked up neither the token nor the definitions since."""

    async def scenario(one: Process, who: Caller) -> None:
        fits = Contact(email="a@x.example")
        fits.custom_fields["seats"] = 4
        breaks = Contact(email="a@x.example")
        breaks.custom_fields["seats"] = "four"
        before = await one.contacts.create(one.call(who), fits)
        await define(one.database, who.business_id, [SEATS])
        with pytest.raises(ValidationFailed):
            await one.contacts.create(one.call(who), breaks)
        late = process(one.database)

        def change(contact: Contact) -> None:
            contact.custom_fields["seats"] = "four"

        with pytest.raises(ValidationFailed):
            await late.contacts.update(late.call(who), before.id, change)
        kept = await late.contacts.create(late.call(who), fits)
        assert kept.custom_fields["seats"] == 4
        found = await one.database.rows(
            "SELECT record_id, number FROM typed_values WHERE business_id = $1",
            who.business_id,
        )
        assert {row[0]: int(row[1]) for row in found} == {before.id: 4, kept.id: 4}

    play(scenario)


def test_a_write_of_nothing_that_is_defined_takes_no_notice(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(one: Process, who: Caller) -> None:
        made = await one.contacts.create(one.call(who), Contact(email="a@x.example"))
        await define(one.database, who.business_id, [SEATS])

        def change(contact: Contact) -> None:
            contact.city = "Bonn"

        changed = await one.contacts.update(one.call(who), made.id, change)
        assert changed.city == "Bonn"

    play(scenario)
