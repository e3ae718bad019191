"""Nothing of an erased person is left in any column of any table."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import asyncpg
import pytest
from prospectconnect.crm.v1.contacts_pb2 import EraseContactRequest

from services.caller import CURRENT_CALL, Call
from services.erasure import places
from services.erasure.erasures import Erasures
from services.every_kind import compile_kinds
from services.iam import audit
from services.postgres.bound import BoundDatabase, Scope
from services.postgres.database import Database
from services.records.engine import Records
from services.records.schemas import Schemas, SchemasWithin
from services.sealed.secret_keys import SecretKey, SecretKeys
from tests import stacks
from tests.client import Client
from tests.end_to_end.erasure.planted import Person
from tests.end_to_end.erasure.planting import plant
from tests.end_to_end.erasure.traces import traces
from tests.harness.people.a_webhook import put_webhook
from tests.services.callers import caller
from tests.stacks import Stack
from tests.world import Tenant, administer

WEBHOOK = compile_kinds()["webhook"]
KEYS = SecretKeys(SecretKey(b"k" * 32, 0))
# Where the person is, so that the search is known to look there.
PLANTED = {
    "activities.body",
    "activities.custom_fields",
    "activities.metadata",
    "activities.search_text",
    "activities.subject",
    "associations.role",
    "associations.search_text",
    "audit.details",
    "bookings.cancel_reason",
    "bookings.external_ids",
    "bookings.location",
    "bookings.search_text",
    "changes.image",
    "changes.now",
    "changes.was",
    "consents.basis",
    "consents.search_text",
    "consents.text",
    "contacts.address1",
    "contacts.city",
    "contacts.custom_fields",
    "contacts.custom_fields_lower",
    "contacts.email",
    "contacts.external_ids",
    "contacts.first_name",
    "contacts.job_title",
    "contacts.last_name",
    "contacts.name",
    "contacts.phone",
    "contacts.phone_digits",
    "contacts.postal_code",
    "contacts.search_text",
    "contacts.source",
    "contacts.state",
    "contacts.tags",
    "contacts.tags_lower",
    "deliveries.attempts",
    "idempotency_keys.outcome",
    "jobs.result",
    "jobs.task",
    "notes.body",
    "notes.custom_fields",
    "notes.search_text",
    "reports.aggregate",
    "reports.name",
    "reports.search_text",
    "suppressions.address",
    "suppressions.search_text",
    "tasks.custom_fields",
    "tasks.description",
    "tasks.external_ids",
    "tasks.name",
    "tasks.search_text",
    "typed_values.text",
    "typed_values.words",
    "unique_values.value",
}


# What a job has kept that changes the type of more values than a request looks at: some
# of the person, and some of who had been merged with it then.
SAMPLED = """
UPDATE jobs SET task = jsonb_build_object('sample', sample, 'stage', 'store'),
  result = jsonb_build_object('sample', sample),
  updated_at = now()
FROM jsonb_build_array(jsonb_build_object('id', $2::text, 'value', $4::text),
  jsonb_build_object('id', 'con_2', 'value', 2),
  jsonb_build_object('id', $3::text, 'value', $4::text)) AS sample
WHERE business_id = $1
"""

# What an endpoint has answered to a change of the person.
ANSWERED = """
UPDATE deliveries SET record_id = $2, attempts = jsonb_build_array(jsonb_build_object(
  'at', 850000000000000, 'status', 410, 'duration_ms', 84, 'answer', $3::text))
WHERE business_id = $1
"""


@pytest.fixture(scope="module", params=stacks.TOPOLOGIES)
def stack(
    request: pytest.FixtureRequest, migrated_database: Callable[[str], str]
) -> Iterator[Stack]:
    """The product on a database of its own: all of it is looked through."""
    with stacks.running(request.param, migrated_database("traces")) as running:
        yield running


@pytest.fixture
def person(owner: Client, tenant: Tenant) -> Person:
    """A person who is known everywhere."""
    person = plant(owner)
    business_id, user_id = tenant.business_id, tenant.users["owner"]
    ids, word = (person.id, person.survivors[0]), person.word()
    email = owner.get(person.path).json["email"]
    login = audit.Event("login_refused", business_id, details={"email": email})

    async def planted(database: Database) -> None:
        await database.run(SAMPLED, business_id, *ids, word)
        await put_webhook(database, business_id, user_id)
        await database.run(ANSWERED, business_id, person.id, person.word())
        await audit.record(database, login)

    administer(tenant.stack.database_url, planted)
    return person


def found(tenant: Tenant, person: Person) -> set[str]:
    async def look() -> set[str]:
        link = await asyncpg.connect(tenant.stack.database_url)
        try:
            async with link.transaction():
                return await traces(link, person.words)
        finally:
            await link.close()

    return asyncio.run(look())


@pytest.mark.parametrize("state", ["living", "deleted", "merged"])
def test_no_column_of_any_table_holds_a_word(
    state: str, tenant: Tenant, person: Person
) -> None:
    assert found(tenant, person) >= PLANTED
    if state == "deleted":
        assert person.client.delete(person.path).status == 204
    if state == "merged":  # it is erased by the id that leads to the survivor
        other = person.client.create("/contacts", {"email": "other@x.example"})["id"]
        merging = person.client.post(f"/contacts/{other}/merge", {"ids": [person.id]})
        assert merging.status == 200, merging.body
    body = {"reason": "Asked for it.", "include_shared": True}
    answer = person.client.post(f"{person.path}/erase", body)
    assert answer.status == 200, answer.body
    assert found(tenant, person) == set()
    assert answer.json["destroyed"]["jobs"] == 1
    sql = "SELECT task -> 'sample', result FROM jobs WHERE business_id = $1"
    (job,) = administer(
        tenant.stack.database_url,
        lambda database: database.rows(sql, tenant.business_id),
    )
    others = [{"id": "con_2", "value": 2}]
    assert tuple(job) == (others, {"sample": others})


def test_each_place_that_is_left_out_is_found(tenant: Tenant, person: Person) -> None:
    """The search would see a fault: an erasure that forgets one of its places."""
    left = asyncio.run(_left(tenant, person))
    assert left.pop("") == set()
    # Tables hold nothing of these: their tests look at the files themselves.
    assert [left.pop(each) for each in ("imports", "exports")] == [set(), set()]
    assert all(left.values()), left
    assert left["audited"] == {"audit.details"}
    assert left["deliveries"] == {"deliveries.attempts"}
    assert left["filters"] == {
        *("changes.image", "changes.now", "changes.was"),
        "idempotency_keys.outcome",
        *("reports.aggregate", "reports.name", "reports.search_text"),
    }
    assert left["suppressions"] == {
        *("changes.image", "idempotency_keys.outcome", "unique_values.value"),
        *("suppressions.address", "suppressions.search_text"),
    }
    assert left["row"] > {"contacts.email", "contacts.search_text"}
    assert left["former_survivors"] == {
        *("activities.metadata", "changes.image", "changes.now", "changes.was"),
        *("idempotency_keys.outcome", "jobs.result", "jobs.task"),
    }
    assert left["history"] == {"changes.image", "changes.now", "changes.was"}
    assert left["jobs_and_answers"] == {
        *("idempotency_keys.outcome", "jobs.result", "jobs.task")
    }


async def _left(tenant: Tenant, person: Person) -> dict[str, set[str]]:
    """What is left if a place is left out, by its name; "" for none."""
    database = await Database.open(tenant.stack.database_url, max_connections=2)
    try:
        bound, kinds = BoundDatabase(database), compile_kinds()
        outside = Schemas(database, kinds["field"].kind)
        records: Records[Any] = Records(
            bound, kinds["contact"], SchemasWithin(outside, bound)
        )
        who = caller(tenant.business_id, tenant.users["owner"])
        # Its first attempt knows no definitions: it must leave nothing, nor the key.
        call = Call(who, key="once", fingerprint=b"once")
        CURRENT_CALL.set(call)
        return {
            name: await _left_by(bound, records, call, person, some)
            for name, some in _without_each()
        }
    finally:
        await database.close()


def _without_each() -> list[tuple[str, Sequence[Any]]]:
    every = places.PLACES
    return [
        ("", every),
        *((out.__name__, [e for e in every if e is not out]) for out in every),
    ]


async def _left_by(
    bound: BoundDatabase,
    records: Records[Any],
    call: Call,
    person: Person,
    some: Sequence[Any],
) -> set[str]:
    """Erases in some places, looks for what is left, and undoes it."""
    request = EraseContactRequest(id=person.id, reason="Why", include_shared=True)
    erasures = Erasures(records, WEBHOOK, None, KEYS, some)

    async def work(scope: Scope) -> set[str]:
        await erasures.erase(call, request)
        scope.undone = True
        return await traces(scope.connection, person.words)

    left, _ = await bound.within(work)
    return left
