"""Upserts that match by a unique field of the tenant's own."""

from typing import Any

import pytest

from tests.client import Answer, Client
from tests.end_to_end.schema.defining import define
from tests.harness.at_once import at_once, crowd
from tests.promises.record_values import Maker
from tests.promises.records_suite import UPSERTED, Resource
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

MATCH_ON = "custom_fields.it"
MANY = 30

# A type, a value of a record, and the same value as another request writes it.
SAME = (
    ("text", "A-7", " a-7 "),
    ("email", "ada@engine.example", "ADA@engine.example"),
    ("phone", "+55 (11) 9876-1000", "+551198761000"),
    ("integer", 7, 7.0),
    ("decimal", 1.5, 1.50),
    ("date", "2026-06-17", " 2026-06-17 "),
    ("timestamp", "2026-06-17T14:30:00Z", "2026-06-17T16:30:00+02:00"),
    ("select", "gold", "gold"),
)

WITH_FIELDS = [
    each for each in UPSERTED if any(f.policy.custom_fields for f in each.fields)
]


def upsert(client: Client, value: Any, **fields: Any) -> Answer:
    own = {"match_on": MATCH_ON, "custom_fields": {"it": value}}
    return client.post("/contacts/upsert", own | fields)


@pytest.mark.parametrize(("kind", "value", "again"), SAME)
def test_a_unique_value_finds_its_record_however_it_is_written(
    kind: str, value: Any, again: Any, owner: Client
) -> None:
    define(owner, kind, unique=True)
    made = upsert(owner, value, email="ada@engine.example")
    assert (made.status, made.json["status"]) == (200, "created")
    found = upsert(owner, again, city="Rome")
    assert (found.status, found.json["status"]) == (200, "updated")
    assert found.json["data"]["id"] == made.json["data"]["id"]
    assert found.json["data"]["city"] == "Rome"


@pytest.mark.parametrize("resource", WITH_FIELDS, ids=str)
def test_every_record_is_upserted_by_a_unique_field(
    resource: Resource, owner: Client, tenant: Tenant
) -> None:
    least = Maker(owner, tenant.users).least(resource)
    define(owner, "text", object=resource.object, unique=True)
    body = {"match_on": MATCH_ON, "custom_fields": {"it": "A-7"}}
    path = f"{resource.path}/upsert"
    first, again = owner.post(path, body | least), owner.post(path, body)
    assert [first.json["status"], again.json["status"]] == ["created", "updated"]
    assert first.json["data"]["id"] == again.json["data"]["id"]


def test_a_field_that_is_not_unique_or_archived_finds_nothing(owner: Client) -> None:
    refusal = {"match_on": "invalid_choice"}
    assert upsert(owner, "A-7").codes == refusal
    field = define(owner, "text")
    assert upsert(owner, "A-7").codes == refusal
    path = f"/fields/{field['id']}"
    assert owner.patch(path, {"unique": True}).status == 200
    assert upsert(owner, "A-7", email="a@b.example").status == 200
    owner.delete(path)
    assert upsert(owner, "A-7").codes["match_on"] == "invalid_choice"


@pytest.mark.parametrize("value", [None, "", " "])
def test_a_value_must_be_given(value: Any, owner: Client) -> None:
    define(owner, "text", unique=True)
    assert upsert(owner, value).codes == {MATCH_ON: "required"}


def test_a_wrong_value_is_told(owner: Client) -> None:
    define(owner, "integer", unique=True)
    assert upsert(owner, "seven").codes == {MATCH_ON: "invalid_type"}


def test_a_deleted_record_gives_its_value_back(owner: Client) -> None:
    define(owner, "text", unique=True)
    first = upsert(owner, "A-7", email="a@b.example").json["data"]["id"]
    owner.delete(f"/contacts/{first}")
    made = upsert(owner, "A-7", email="a@b.example")
    assert made.json["status"] == "created"
    assert made.json["data"]["id"] != first


def test_who_does_not_see_the_holder_neither_writes_nor_makes_one(
    owner: Client, member: Client
) -> None:
    define(owner, "text", unique=True)
    hidden = upsert(owner, "A-7", email="a@b.example").json["data"]
    refused = upsert(member, "A-7", email="c@d.example", city="Rome")
    assert refused.codes == {MATCH_ON: "not_unique"}
    assert hidden["id"] not in refused.body.decode()
    assert owner.get(f"/contacts/{hidden['id']}").json == hidden
    assert len(owner.pages("/contacts")) == 1
    taken = {"email": "c@d.example", "custom_fields": {"it": "A-7"}}
    told = owner.post("/contacts", taken)
    assert told.json["errors"][0]["record_id"] == hidden["id"]


def test_another_unique_value_that_is_taken_is_refused(owner: Client) -> None:
    define(owner, "text", unique=True)
    define(owner, "text", key="other", unique=True)
    owner.create("/contacts", {"email": "a@b.example", "custom_fields": {"other": "x"}})
    both = {"it": "A-7", "other": "x"}
    refused = upsert(owner, "A-7", email="c@d.example", custom_fields=both)
    assert refused.codes == {"custom_fields.other": "not_unique"}


def test_many_at_once_make_one_record(stack: Stack) -> None:
    tenant = new_tenant(stack)
    with crowd(tenant, MANY) as clients:
        define(clients[0], "text", unique=True)

        def ask(client: Client) -> Answer:
            return upsert(client, "A-7", email="a@b.example")

        answers = at_once(ask, clients)
        made = clients[0].pages("/contacts")
    assert {answer.status for answer in answers} == {200}
    assert len(made) == 1, "several records have one value"
    assert [a.json["status"] for a in answers].count("created") == 1
    assert {a.json["data"]["id"] for a in answers} == {made[0]["id"]}
