"""A key with a definition is typed, on every record and by every way to write it."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.schema.defining import contact, define, definition, kept, refused
from tests.world import Tenant


def test_all_faults_of_a_body_come_in_one_answer(owner: Client) -> None:
    define(owner, "integer")
    define(owner, "text", key="must", required=True)
    body = contact(it="x", free={"a": 1}) | {"email": "nonsense", "lead_score": 101}
    assert refused(owner.post("/contacts", body)) == {
        "it": "invalid_type",
        "must": "required",
        "free": "invalid_type",
        "email": "invalid_format",
        "lead_score": "too_large",
    }


def test_keys_without_a_definition_stay_free(owner: Client) -> None:
    define(owner, "integer")
    assert kept(owner, it=1, other=[" a "], more=True) == {
        "it": 1,
        "other": [" a "],
        "more": True,
    }


def test_a_definition_is_of_one_object(owner: Client) -> None:
    define(owner, "integer")
    made = owner.create("/companies", {"name": "A", "custom_fields": {"it": "x"}})
    assert made["custom_fields"] == {"it": "x"}


def test_a_default_stands_on_create_alone(owner: Client) -> None:
    define(owner, "integer", default_value=7)
    assert kept(owner) == {"it": 7}
    assert kept(owner, it=None) == {"it": 7}
    made = owner.create("/contacts", contact(it=3))
    cleared = owner.patch(f"/contacts/{made['id']}", {"custom_fields": {"it": None}})
    assert cleared.json["custom_fields"] == {}


def test_what_is_required_is_not_cleared(owner: Client) -> None:
    before = owner.create("/contacts", contact(other=1))
    define(owner, "text", required=True)
    made = owner.create("/contacts", contact(it="x", other=1))
    path = f"/contacts/{made['id']}"
    for body in ({"custom_fields": {"it": None}}, {"custom_fields": {"it": " "}}):
        assert refused(owner.patch(path, body)) == {"it": "required"}
    assert refused(owner.patch(path, {"custom_fields": None})) == {"it": "required"}
    assert owner.get(path).json == made
    old = f"/contacts/{before['id']}"
    changed = owner.patch(old, {"city": "Bonn", "custom_fields": {"other": 2}})
    assert (changed.status, changed.json["custom_fields"]) == (200, {"other": 2})


def test_an_archived_option_stays_and_is_no_new_input(owner: Client) -> None:
    made = define(owner, "select")
    gold = owner.create("/contacts", contact(it="gold"))
    iron = owner.create("/contacts", contact(it="iron"))
    live = [{"value": "iron", "label": "Iron"}]
    assert owner.patch(f"/fields/{made['id']}", {"options": live}).status == 200
    again = {"custom_fields": {"it": "gold"}, "city": "Bonn"}
    same = owner.patch(f"/contacts/{gold['id']}", again)
    assert (same.status, same.json["custom_fields"]) == (200, {"it": "gold"})
    assert refused(owner.patch(f"/contacts/{iron['id']}", again)) == {
        "it": "invalid_choice"
    }


def test_a_list_keeps_its_archived_option_beside_new_ones(owner: Client) -> None:
    made = define(owner, "multi_select")
    both = owner.create("/contacts", contact(it=["gold", "iron"]))
    iron = owner.create("/contacts", contact(it=["iron"]))
    live = [{"value": "iron", "label": "Iron"}, {"value": "zinc", "label": "Zinc"}]
    assert owner.patch(f"/fields/{made['id']}", {"options": live}).status == 200
    more = {"custom_fields": {"it": ["gold", "zinc"]}}
    kept_on = owner.patch(f"/contacts/{both['id']}", more)
    assert (kept_on.status, kept_on.json["custom_fields"]) == (
        200,
        more["custom_fields"],
    )
    refusal = owner.patch(f"/contacts/{iron['id']}", more)
    assert refused(refusal) == {"it[0]": "invalid_choice"}


def test_an_archived_field_is_hidden_and_keeps_its_values(owner: Client) -> None:
    made = define(owner, "text")
    record = owner.create("/contacts", contact(it="x", other=1))
    path = f"/contacts/{record['id']}"
    assert owner.delete(f"/fields/{made['id']}").status == 204
    hidden = {"other": 1}
    assert owner.get(path).json["custom_fields"] == hidden
    (found,) = owner.search("/contacts")["data"]
    assert found["custom_fields"] == hidden
    for value in ("y", None):
        body = {"custom_fields": {"it": value}}
        assert refused(owner.patch(path, body)) == {"it": "unknown_field"}
    assert refused(owner.post("/contacts", contact(it="y"))) == {"it": "unknown_field"}
    changed = owner.patch(path, {"custom_fields": None})
    assert (changed.status, changed.json["custom_fields"]) == (200, {})
    assert owner.post(f"/fields/{made['id']}/restore").status == 200
    assert owner.get(path).json["custom_fields"] == {"it": "x"}


@pytest.mark.parametrize(
    ("kind", "value", "same"),
    [
        ("text", "Ada", " ADA "),
        ("integer", 5, 5.0),
        ("decimal", 0.5, 0.50),
        ("date", "2026-06-17", "2026-06-17"),
        ("timestamp", "2026-06-17T12:00:00Z", "2026-06-17T14:00:00+02:00"),
        ("phone", "+49 30 1234", "(49) 301234"),
        ("select", "gold", "gold"),
    ],
)
def test_a_unique_value_belongs_to_one_live_record(
    owner: Client, kind: str, value: Any, same: Any
) -> None:
    define(owner, kind, unique=True)
    first = owner.create("/contacts", contact(it=value))
    second = owner.create("/contacts", contact())
    assert refused(owner.post("/contacts", contact(it=same))) == {"it": "not_unique"}
    path, body = f"/contacts/{second['id']}", {"custom_fields": {"it": same}}
    assert refused(owner.patch(path, body)) == {"it": "not_unique"}
    assert owner.delete(f"/contacts/{first['id']}").status == 204
    assert owner.patch(path, body).status == 200
    assert owner.patch(path, {"custom_fields": {"it": None}}).status == 200
    owner.create("/contacts", contact(it=value))


def test_a_unique_value_of_another_tenant_is_free(
    owner: Client, stranger: Client
) -> None:
    for client in (owner, stranger):
        define(client, "text", unique=True)
        client.create("/contacts", contact(it="x"))


def test_a_reference_leads_to_what_the_caller_sees(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    define(owner, "record")
    define(owner, "user", key="helper")
    company = owner.create("/companies", {"name": "A"})["id"]
    helper = owner.get("/me").json["user"]["id"]
    assert kept(owner, it=company, helper=helper) == {"it": company, "helper": helper}
    member = open_client(tenant.tokens["member"])
    answer = member.post("/contacts", contact(it=company))
    assert refused(answer) == {"it": "not_found"}


def test_a_reference_is_cleared_with_what_it_leads_to(owner: Client) -> None:
    define(owner, "record")
    company = owner.create("/companies", {"name": "A"})["id"]
    made = owner.create("/contacts", contact(it=company, other=1))
    assert owner.delete(f"/companies/{company}").status == 204
    after = owner.get(f"/contacts/{made['id']}")
    assert after.json["custom_fields"] == {"other": 1}
    assert after.json["updated_at"] > made["updated_at"]


def test_an_upsert_owes_what_a_create_or_an_update_does(owner: Client) -> None:
    define(owner, "integer", required=True)
    body = {"email": "ada@engine.example"}
    assert refused(owner.post("/contacts/upsert", body)) == {"it": "required"}
    made = owner.post("/contacts/upsert", body | {"custom_fields": {"it": 5.0}})
    assert made.json["data"]["custom_fields"] == {"it": 5}
    again = owner.post("/contacts/upsert", body | {"custom_fields": {"it": "x"}})
    assert refused(again) == {"it": "invalid_type"}
    assert owner.post("/contacts/upsert", body | {"city": "Bonn"}).status == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("contacts", {"email": "ada@engine.example"}),
        ("companies", {"name": "A"}),
        ("deals", {"name": "A"}),
        ("tasks", {"name": "A"}),
        ("notes", {"body": "A"}),
        ("activities", {"type": "call"}),
    ],
)
def test_every_object_has_fields(
    owner: Client, path: str, body: dict[str, Any]
) -> None:
    owner.create("/fields", definition("integer", object=path, min=0))
    owner.create("/fields", definition("text", object=path, key="code", unique=True))
    if path in ("notes", "activities"):
        body = body | {"contact_id": owner.create("/contacts", contact())["id"]}
    ids = []
    for n in (2, 1, None):
        fields = {"it": n, "code": f"Code {n}", "free": "Word"}
        ids.append(owner.create(f"/{path}", body | {"custom_fields": fields})["id"])
    refusal = owner.post(f"/{path}", body | {"custom_fields": {"it": -1, "code": "x"}})
    assert refused(refusal) == {"it": "too_small"}
    again = owner.patch(f"/{path}/{ids[2]}", {"custom_fields": {"code": "CODE 1"}})
    assert refused(again) == {"code": "not_unique"}
    ordered = owner.pages(
        f"/{path}",
        filters=[{"field": "custom_fields.free", "operator": "eq", "value": "WORD"}],
        order_by="custom_fields.it",
        sort_direction="asc",
        limit=2,
    )
    assert [each["id"] for each in ordered] == [ids[1], ids[0], ids[2]]
    some = {"field": "custom_fields.it", "operator": "lte", "value": 1}
    (found,) = owner.search(f"/{path}", filters=[some])["data"]
    assert found["id"] == ids[1]
    assert owner.delete(f"/{path}/{ids[1]}").status == 204
    assert owner.search(f"/{path}", filters=[some])["data"] == []
    assert owner.patch(f"/{path}/{ids[2]}", {"custom_fields": {"code": "CODE 1"}}).json[
        "custom_fields"
    ] == {"code": "CODE 1", "free": "Word"}


def test_the_code_of_a_note_that_went_with_its_contact_is_free(owner: Client) -> None:
    owner.create("/fields", definition("text", object="notes", unique=True))
    first, second = (owner.create("/contacts", contact())["id"] for _ in range(2))
    note = {"body": "A", "custom_fields": {"it": "x"}}
    owner.create("/notes", note | {"contact_id": first})
    other = note | {"contact_id": second}
    assert refused(owner.post("/notes", other)) == {"it": "not_unique"}
    assert owner.delete(f"/contacts/{first}").status == 204
    owner.create("/notes", other)
