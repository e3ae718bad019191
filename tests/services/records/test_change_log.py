"""The log tells each change of a record once, whatever statement made it.

A record that is read from the log is the one that stood at that moment, whether images,
the record of today or changes that are undone lead there.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from google.protobuf.message import Message
from prospectconnect.crm.v1 import (
    activities_pb2,
    companies_pb2,
    contacts_pb2,
    notes_pb2,
    tasks_pb2,
)
from prospectconnect.type.v1.history_pb2 import CHANGE_OPERATION_DELETED, FieldChange

from services.caller import Call
from services.clock import DAY, from_timestamp, now, to_timestamp
from services.errors import NotFound, ValidationFailed
from services.every_kind import compile_kinds
from services.history import keeping
from services.history.histories import Histories
from services.history.past import Past
from services.iam.tenants import create_user
from services.ids import new_id
from services.kinds import masks
from services.postgres.database import Database
from services.records.engine import Records
from services.records.log.changes import IMAGE_EVERY
from services.sealed.cursors import Cursors
from services.sealed.secret_keys import SecretKey, SecretKeys
from services.tenant_setup import create_tenant
from tests.services.callers import caller

KINDS = compile_kinds()
CURSORS = Cursors(SecretKeys(SecretKey(b"one key of 32 bytes for the tests", 0)))
KEPT_DAYS = 365


@dataclass(frozen=True, slots=True)
class World:
    """A new tenant, and a user who writes its records."""

    database: Database
    business_id: str
    user: str

    def call(self, role: str = "owner") -> Call:
        return Call(caller(self.business_id, self.user, role))

    def records(self, kind: str) -> Records[Any]:
        return Records(self.database, KINDS[kind])

    async def create(self, kind: str, given: Message) -> Any:
        return await self.records(kind).create(self.call(), given)

    async def update(self, kind: str, record: Any, **fields: Any) -> Any:
        def change(state: Any) -> None:
            masks.write(state, type(record)(**fields), list(fields))

        return await self.records(kind).update(self.call(), record.id, change)

    async def as_of(
        self, kind: str, record: Any, moment: int, role: str = "owner"
    ) -> Any:
        request = contacts_pb2.ReadContactAsOfRequest(id=record.id)
        request.at.CopyFrom(to_timestamp(moment))
        past = Past(self.records(kind), KEPT_DAYS)
        return await past.as_of(self.call(role), request)

    async def history(self, kind: str, record: Any, **asked: Any) -> list[FieldChange]:
        """All pages of a history."""
        histories = Histories(self.records(kind), CURSORS, KEPT_DAYS)
        request = contacts_pb2.ReadContactHistoryRequest(id=record.id, **asked)
        found: list[FieldChange] = []
        while True:
            page = await histories.read(self.call(), request)
            found += page.data
            if not page.meta.cursor.has_more:
                return found
            request.cursor = page.meta.cursor.next

    async def row(self, sql: str, *values: Any) -> Any:
        found = await self.database.row(sql, self.business_id, *values)
        assert found is not None
        return found


Scenario = Callable[[World], Awaitable[None]]


@pytest.fixture
def play(database_url: str) -> Callable[[Scenario], None]:
    """Runs a scenario in a world of its own."""

    async def run(scenario: Scenario) -> None:
        database = await Database.open(database_url)
        try:
            name = new_id("log-")
            business_id = await create_tenant(database, name)
            user = await create_user(database, name, "one@x.example", "owner")
            await scenario(World(database, business_id, user))
        finally:
            await database.close()

    return lambda scenario: asyncio.run(run(scenario))


def told(changes: list[FieldChange]) -> list[tuple[str, Any, Any]]:
    """The fields of changes with their values before and after."""

    def plain(value: Any) -> Any:
        kind = value.WhichOneof("kind")
        found: Any = None if kind == "null_value" else getattr(value, kind)
        return list(found) if kind == "list_value" else found

    return [(e.field, plain(getattr(e, "from")), plain(e.to)) for e in changes]


def moment(record: Any) -> int:
    return from_timestamp(record.updated_at)


def test_each_state_is_read_back(play: Callable[[Scenario], None]) -> None:
    async def scenario(world: World) -> None:
        company = await world.create("company", companies_pb2.Company(name="A"))
        states = [company]
        for number in range(2 * IMAGE_EVERY + 5):
            company = await world.update(
                "company",
                company,
                name=f"A {number}",
                annual_revenue={"value": f"{number}.5"} if number % 3 else None,
                tags=["x"] * (number % 2),
                custom_fields={f"k{number % 5}": number} if number % 7 else {},
                external_ids={"erp": f"E-{number}"} if number % 2 else None,
            )
            states.append(company)
        for state, later in zip(states, [*states[1:], None], strict=True):
            assert await world.as_of("company", company, moment(state)) == state
            if later is not None:
                before = await world.as_of("company", company, moment(later) - 1)
                assert before == state
        with pytest.raises(NotFound):
            await world.as_of("company", company, moment(states[0]) - 1)

    play(scenario)


def test_what_other_records_change_is_told(play: Callable[[Scenario], None]) -> None:
    async def scenario(world: World) -> None:
        contact = await world.create("contact", contacts_pb2.Contact(email="a@x.co"))
        given = tasks_pb2.Task(
            name="Call",
            contact_id=contact.id,
            due_date={"year": 2026, "month": 2, "day": 28},
        )
        task = await world.create("task", given)
        note = await world.create(
            "note", notes_pb2.Note(body="hi", contact_id=contact.id)
        )
        await world.records("contact").delete(world.call(), contact.id)
        newest = (await world.history("task", task))[0]
        assert told([newest]) == [("contact_id", contact.id, None)]
        assert newest.user_id == world.user
        assert await world.as_of("task", task, moment(task)) == task
        gone = await world.history("note", note, limit=1)
        deleted = [e for e in gone if e.operation == CHANGE_OPERATION_DELETED]
        assert [e.field for e in deleted] == ["contact_id", "deleted_at"]
        assert await world.as_of("note", note, moment(note)) == note
        version, last = await world.row(
            "SELECT max(version), max(at) FROM changes"
            " WHERE business_id = $1 AND record_id = $2",
            contact.id,
        )
        assert version == 2
        row = await world.row(
            "SELECT updated_at, version FROM contacts WHERE business_id = $1"
            " AND id = $2",
            contact.id,
        )
        assert tuple(row) == (last, 2)

    play(scenario)


def test_statements_about_many_records_keep_images_too(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(world: World) -> None:
        given = contacts_pb2.Contact(email="a@x.co", tags=["x"], lead_score=3)
        given.custom_fields["seats"] = 3
        contact = await world.create("contact", given)
        occurred = now() - DAY
        activity = activities_pb2.Activity(
            type=activities_pb2.ACTIVITY_TYPE_EMAIL, contact_id=contact.id
        )
        for number in range(2 * IMAGE_EVERY):
            activity.occurred_at.CopyFrom(to_timestamp(occurred + number))
            await world.create("activity", activity)
        images = await world.database.rows(
            "SELECT version, at FROM changes WHERE business_id = $1"
            " AND record_id = $2 AND image IS NOT NULL ORDER BY at",
            world.business_id,
            contact.id,
        )
        assert [row[0] for row in images] == [1, IMAGE_EVERY, 2 * IMAGE_EVERY]
        changes = await world.history("contact", contact, fields=["last_contacted_at"])
        assert len(changes) == 2 * IMAGE_EVERY
        for version, at in images[1:]:
            was = await world.as_of("contact", contact, at)
            expected = contacts_pb2.Contact()
            expected.CopyFrom(contact)
            expected.last_contacted_at.CopyFrom(to_timestamp(occurred + version - 2))
            expected.updated_at.CopyFrom(to_timestamp(at))
            expected.etag = str(version)
            assert was == expected

    play(scenario)


def test_a_history_is_told_by_fields_and_pages(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(world: World) -> None:
        given = contacts_pb2.Contact(email="a@x.co", first_name="Ada")
        given.custom_fields["plan"] = "gold"
        contact = await world.create("contact", given)
        contact = await world.update("contact", contact, city="Rome", tags=["a"])
        contact = await world.update("contact", contact, city="", email="b@x.co")
        whole = told(await world.history("contact", contact))
        assert whole[:4] == [
            ("email", "a@x.co", "b@x.co"),
            ("city", "Rome", None),
            ("tags", [], ["a"]),
            ("city", None, "Rome"),
        ]
        assert ("custom_fields.plan", None, "gold") in whole[4:]
        assert ("lifecycle_stage", None, "lead") in whole[4:]
        assert all(was is None for _, was, _ in whole[4:])
        for limit in (1, 2, 3):
            paged = await world.history("contact", contact, limit=limit)
            assert told(paged) == whole
        cities = await world.history("contact", contact, fields=["city"])
        assert [each[0] for each in told(cities)] == ["city", "city"]
        own = await world.history("contact", contact, fields=["custom_fields"])
        assert told(own) == [("custom_fields.plan", None, "gold")]
        with pytest.raises(ValidationFailed):
            await world.history("contact", contact, fields=["city", "etag"])

    play(scenario)


def test_what_is_no_longer_known_is_refused(play: Callable[[Scenario], None]) -> None:
    async def scenario(world: World) -> None:
        contact = await world.create("contact", contacts_pb2.Contact(email="a@x.co"))
        changed = await world.update("contact", contact, email="b@x.co")
        older = 2 * KEPT_DAYS
        for sql in (
            "UPDATE changes SET at = at - interval '{} days' WHERE business_id = $1"
            " AND version = 1",
            "UPDATE contacts SET created_at = created_at - interval '{} days'"
            " WHERE business_id = $1",
            "UPDATE tenants SET changes_since = changes_since - interval '{} days'"
            " WHERE business_id = $1",
        ):
            await world.database.run(sql.format(older), world.business_id)
        long_ago = moment(contact) - older * DAY
        assert (await world.as_of("contact", contact, long_ago)).email == "a@x.co"
        await keeping.sweep(world.database, world.business_id, KEPT_DAYS)
        with pytest.raises(ValidationFailed) as refused:
            await world.as_of("contact", contact, long_ago)
        assert [fault.field for fault in refused.value.faults] == ["at"]
        kept = moment(changed) - DAY
        assert (await world.as_of("contact", contact, kept)).email == "a@x.co"
        assert (await world.as_of("contact", contact, now())).email == "b@x.co"
        (left,) = await world.row("SELECT count(*) FROM changes WHERE business_id = $1")
        assert left == 1

    play(scenario)


def test_a_deleted_record_is_told_to_who_may_delete(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(world: World) -> None:
        contact = await world.create("contact", contacts_pb2.Contact(email="a@x.co"))
        await world.records("contact").delete(world.call(), contact.id)
        assert await world.as_of("contact", contact, moment(contact)) == contact
        assert (await world.as_of("contact", contact, now())).email == "a@x.co"
        with pytest.raises(NotFound):
            await world.as_of("contact", contact, now(), role="viewer")

    play(scenario)
