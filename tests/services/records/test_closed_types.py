"""Types of record that are closed while processes write by what they knew before."""

import asyncio
from collections.abc import Callable

import pytest
from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.schema.v1.objects_pb2 import ObjectType

from services.caller import Caller
from services.errors import ValidationFailed
from services.records.engine import Records
from services.schema.objects import prepare
from tests.services.records.processes import KINDS, Process, Scenario, process


async def close_contacts(one: Process, who: Caller) -> None:
    """Another process closes contacts to keys without a definition."""
    other = process(one.database)
    objects = Records(other.database, KINDS["object"], other.schemas)
    await prepare(objects, who)
    row = await one.database.row(
        "SELECT id FROM objects WHERE business_id = $1 AND slug = 'contacts'",
        who.business_id,
    )
    assert row is not None

    def change(contacts: ObjectType) -> None:
        contacts.open = False

    await objects.update(other.call(who), row[0], change)


def test_a_write_before_a_type_was_closed_is_checked_again(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(one: Process, who: Caller) -> None:
        free = Contact(email="a@x.example")
        free.custom_fields["free"] = "kept"
        before = await one.contacts.create(one.call(who), free)
        await close_contacts(one, who)

        def change(contact: Contact) -> None:
            contact.custom_fields["free"] = "other"

        def change_others(contact: Contact) -> None:
            contact.city = "Bonn"

        for late in (one, process(one.database)):
            with pytest.raises(ValidationFailed):
                await late.contacts.create(late.call(who), free)
            with pytest.raises(ValidationFailed):
                await late.contacts.update(late.call(who), before.id, change)
        late = process(one.database)
        kept = await late.contacts.update(late.call(who), before.id, change_others)
        assert kept.custom_fields["free"] == "kept"

    play(scenario)


def test_no_create_slips_in_while_a_type_is_closed(
    play: Callable[[Scenario], None],
) -> None:
    """A create that was answered committed before the closing, or was refused."""

    async def scenario(one: Process, who: Caller) -> None:
        async def create(n: int) -> int:
            free = Contact(email=f"a{n}@x.example")
            free.custom_fields["free"] = n
            await one.contacts.create(one.call(who), free)
            return n

        closing = close_contacts(one, who)
        done = await asyncio.gather(
            *map(create, range(5)),
            closing,
            *map(create, range(5, 20)),
            return_exceptions=True,
        )
        refused = [each for each in done if isinstance(each, Exception)]
        assert all(isinstance(each, ValidationFailed) for each in refused)
        with pytest.raises(ValidationFailed):
            await create(99)
        left = await one.database.rows(
            "SELECT id FROM contacts WHERE business_id = $1", who.business_id
        )
        assert len(left) == 20 - len(refused)

    play(scenario)
