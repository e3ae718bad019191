"""Closed types of record, whose custom fields are those that the tenant has defined."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.schema.defining import contact, define, kept, refused

UNKNOWN = {"free": "unknown_field"}

BODIES: dict[str, dict[str, Any]] = {
    "contacts": {"email": "ada@engine.example"},
    "companies": {"name": "Engines"},
    "deals": {"name": "Engine"},
    "tasks": {"name": "Call"},
    "notes": {"body": "Called."},
    "activities": {"type": "call"},
}


@pytest.fixture
def closed(owner: Client) -> Client:
    """A tenant whose contacts have the field `it` alone."""
    define(owner, "text")
    assert owner.patch("/objects/contacts", {"open": False}).status == 200
    return owner


@pytest.mark.parametrize("table", list(BODIES))
def test_a_closed_type_takes_no_other_key(owner: Client, table: str) -> None:
    body = dict(BODIES[table])
    if table in ("notes", "activities"):
        body["contact_id"] = owner.create("/contacts", BODIES["contacts"])["id"]
    before = owner.create(f"/{table}", body | {"custom_fields": {"free": 1}})
    assert owner.patch(f"/objects/{table}", {"open": False}).status == 200
    given = body | {"custom_fields": {"free": 1}}
    assert refused(owner.post(f"/{table}", given)) == UNKNOWN
    path = f"/{table}/{before['id']}"
    assert refused(owner.patch(path, {"custom_fields": {"free": 2}})) == UNKNOWN
    upsert = given | {"id": before["id"], "match_on": "id"}
    assert refused(owner.post(f"/{table}/upsert", upsert)) == UNKNOWN
    assert owner.get(path).json == before
    assert owner.create(f"/{table}", body)["custom_fields"] == {}


@pytest.mark.parametrize("value", ["text", 1, True, None, ["a"]])
def test_no_value_makes_a_key_known(closed: Client, value: Any) -> None:
    record = closed.create("/contacts", contact(it="x"))
    assert refused(closed.post("/contacts", contact(free=value))) == UNKNOWN
    change = {"custom_fields": {"free": value}}
    answer = closed.patch(f"/contacts/{record['id']}", change)
    assert refused(answer) == UNKNOWN


def test_defined_keys_are_taken_as_before(closed: Client) -> None:
    assert kept(closed, it=" Ada ") == {"it": "Ada"}
    both = {"it": "unfit" * 500, "free": 1}
    codes = {"it": "too_long", "free": "unknown_field"}
    assert refused(closed.post("/contacts", contact(**both))) == codes


def test_keys_of_any_form_are_unknown(closed: Client) -> None:
    answer = closed.post("/contacts", contact(**{"Free": 1, "x" * 300: 2}))
    assert set(answer.codes.values()) == {"unknown_field"}
    assert len(answer.codes) == 2


def test_records_keep_the_values_that_they_have(owner: Client) -> None:
    define(owner, "text")
    record = owner.create("/contacts", contact(free="kept", it="x"))
    owner.patch("/objects/contacts", {"open": False})
    path = f"/contacts/{record['id']}"
    changed = owner.patch(path, {"first_name": "Ada", "custom_fields": {"it": "y"}})
    assert changed.json["custom_fields"] == {"free": "kept", "it": "y"}
    upsert = {"id": record["id"], "last_name": "L", "custom_fields": {"it": None}}
    answer = owner.post("/contacts/upsert", upsert)
    assert answer.json["data"]["custom_fields"] == {"free": "kept"}
    filters = [{"field": "custom_fields.free", "operator": "eq", "value": "kept"}]
    assert len(owner.search("/contacts", filters=filters)["data"]) == 1
    owner.patch("/objects/contacts", {"open": True})
    cleared = owner.patch(path, {"custom_fields": {"free": None}})
    assert cleared.json["custom_fields"] == {}


def test_a_key_is_taken_once_it_is_defined(owner: Client) -> None:
    owner.patch("/objects/contacts", {"open": False})
    assert refused(owner.post("/contacts", contact(it=1))) == {"it": "unknown_field"}
    field = define(owner, "integer")
    assert kept(owner, it=1) == {"it": 1}
    owner.delete(f"/fields/{field['id']}")
    assert refused(owner.post("/contacts", contact(it=1))) == {"it": "unknown_field"}


def test_the_other_types_stay_open(closed: Client) -> None:
    body = {"name": "Engines", "custom_fields": {"free": 1}}
    assert closed.create("/companies", body)["custom_fields"] == {"free": 1}


def test_an_opened_type_takes_every_key_again(closed: Client) -> None:
    closed.patch("/objects/contacts", {"open": True})
    assert kept(closed, free=1) == {"free": 1}
