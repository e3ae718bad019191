"""Definitions as processes know them: read when they changed, and not otherwise."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from prospectconnect.crm.v1.companies_pb2 import Company
from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.crm.v1.notes_pb2 import Note
from prospectconnect.schema.v1 import fields_pb2 as pb

from services.caller import Caller
from services.errors import ValidationFailed, ValuesUnfit
from services.ids import new_id
from services.postgres.database import Row
from services.records.engine import Records
from services.records.schemas import Schemas
from services.schema.existing import TooManyValues, fit
from services.schema.loading import define
from tests.services.callers import caller
from tests.services.records.processes import KINDS, Process, Scenario, process

SEATS = pb.Field(
    object="contacts", key="seats", type=pb.FIELD_TYPE_INTEGER, label="Seats"
)
PARENT = pb.Field(
    object="contacts",
    key="parent",
    type=pb.FIELD_TYPE_RECORD,
    target="companies",
    label="Parent",
)


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


def test_a_deletion_by_an_old_schema_clears_what_leads_to_the_record(
    play: Callable[[Scenario], None],
) -> None:
    """The field was defined after the process had read the definitions."""

    async def scenario(one: Process, who: Caller) -> None:
        companies = Records(one.database, KINDS["company"], one.schemas)
        parent = await companies.create(one.call(who), Company(name="Acme"))
        given = Contact(email="a@x.example")
        given.custom_fields["parent"] = parent.id
        made = await one.contacts.create(one.call(who), given)
        await define(one.database, who.business_id, [PARENT])
        await companies.delete(one.call(who), parent.id)
        left = await one.contacts.get(who, made.id)
        assert "parent" not in left.custom_fields.fields
        assert await typed_values(one, who) == []

    play(scenario)


def test_a_field_that_is_defined_while_its_target_is_deleted_leads_nowhere(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(one: Process, who: Caller) -> None:
        companies = Records(one.database, KINDS["company"], one.schemas)
        for _ in range(8):
            parent = await companies.create(one.call(who), Company(name="Acme"))
            given = Contact(email="a@x.example")
            key = new_id("p")
            given.custom_fields[key] = parent.id
            made = await one.contacts.create(one.call(who), given)
            field = pb.Field()
            field.CopyFrom(PARENT)
            field.id, field.key = new_id("fld_"), key
            deletion = companies.delete(one.call(who), parent.id)
            both = define(one.database, who.business_id, [field]), deletion
            defined, deleted = await asyncio.gather(*both, return_exceptions=True)
            assert deleted is None
            assert defined is None or isinstance(defined, ValuesUnfit), repr(defined)
            left = await one.contacts.get(who, made.id)
            is_refused = isinstance(defined, ValuesUnfit)
            assert is_refused == (key in left.custom_fields.fields)

    play(scenario)


def test_a_note_that_goes_with_its_last_link_leaves_no_typed_values(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(one: Process, who: Caller) -> None:
        mood = pb.Field(object="notes", key="mood", type=pb.FIELD_TYPE_TEXT, label="M")
        await define(one.database, who.business_id, [mood])
        made = await one.contacts.create(one.call(who), Contact(email="a@x.example"))
        notes = Records(one.database, KINDS["note"], one.schemas)
        note = Note(body="Called", contact_id=made.id)
        note.custom_fields["mood"] = "good"
        await notes.create(one.call(replace(who, schema_generation=1)), note)
        assert len(await typed_values(one, who)) == 1
        await one.contacts.delete(one.call(who), made.id)
        assert await typed_values(one, who) == []

    play(scenario)


async def typed_values(one: Process, who: Caller) -> list[Row]:
    """What is kept of the values of a tenant's typed fields."""
    return await one.database.rows(
        "SELECT object, key FROM typed_values WHERE business_id = $1", who.business_id
    )


def test_a_request_looks_at_so_many_records_and_no_more(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(one: Process, who: Caller) -> None:
        for _ in range(3):
            given = Contact(email="a@x.example")
            given.custom_fields["seats"] = 4
            await one.contacts.create(one.call(who), given)
        clear = pb.EXISTING_VALUES_CLEAR
        async with one.database.transaction() as transaction:
            await fit(transaction, who.business_id, SEATS, clear, most=3)
            with pytest.raises(TooManyValues):
                await fit(transaction, who.business_id, SEATS, clear, most=2)

    play(scenario)
