"""The schema of a type of record: every field, with what clients must know of it."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.schema.defining import define
from tests.promises.record_values import Maker
from tests.promises.records_suite import WRITTEN, Resource
from tests.world import Tenant

CUSTOMIZED = [
    each for each in WRITTEN if any(f.name == "custom_fields" for f in each.fields)
]
ENUM = ["eq", "neq", "in", "not_in", "is_empty", "is_not_empty"]
RANGES = ["gt", "gte", "lt", "lte", "between"]
NUMBER = [*ENUM[:4], *RANGES, *ENUM[4:]]


def fields_of(client: Client, table: str) -> dict[str, Any]:
    schema = client.get(f"/objects/{table}/schema").json
    return {each["name"]: each for each in schema["fields"]}


@pytest.mark.parametrize("resource", CUSTOMIZED, ids=lambda each: each.name)
def test_every_built_in_field_is_told(owner: Client, resource: Resource) -> None:
    Maker(owner, {}).prepare(resource)
    told = fields_of(owner, resource.object)
    stored = [each for each in resource.fields if not each.policy.unstored]
    public = [each for each in stored if each.name != "custom_fields"]
    assert list(told) == [each.name for each in public]
    for field in public:
        one = told[field.name]
        assert one["built_in"] is True
        assert one["key"] is None
        assert one["label"]
        assert one["description"]
        assert one["orderable"] is field.policy.sortable
        assert one["searchable"] is field.policy.searchable
        assert one["required"] is field.required
        assert bool(one["operators"]) is field.policy.filterable
    writable = {each.name for each in resource.writable} - {"custom_fields"}
    assert {name for name, one in told.items() if one["writable"]} == writable


def test_a_search_takes_what_the_schema_says(owner: Client) -> None:
    """Each operator of each field, and each order; none that is not told."""
    define(owner, "date")
    values: dict[str, Any] = {
        "integer": 1,
        "decimal": 1,
        "boolean": True,
        "date": "2026-06-17",
        "timestamp": "2026-06-17T00:00:00Z",
        "lifecycle_stage": "lead",
    }
    for field in fields_of(owner, "contacts").values():
        name = field["name"]
        compared = "external_ids.erp" if name == "external_ids" else name
        value = values.get(name, values.get(field["type"], "x"))
        for operator in [*NUMBER, "contains", "starts_with", "any_of"]:
            condition: dict[str, Any] = {"field": compared, "operator": operator}
            if operator in ("in", "not_in", "between", "any_of"):
                condition["values"] = [value] * 2
            elif not operator.startswith("is_"):
                condition["value"] = value
            answer = owner.post("/contacts/search", {"filters": [condition]})
            taken = answer.status == 200
            assert taken == (operator in field["operators"]), (field, answer.body)
        answer = owner.post("/contacts/search", {"order_by": name})
        assert (answer.status == 200) == field["orderable"], name


def test_a_defined_field_is_told_as_it_was_defined(owner: Client) -> None:
    define(owner, "decimal", min=0.5, max=9, decimals=2, description="So many.")
    assert fields_of(owner, "contacts")["custom_fields.it"] == {
        "name": "custom_fields.it",
        "key": "it",
        "built_in": False,
        "type": "decimal",
        "label": "It",
        "description": "So many.",
        "group": None,
        "writable": True,
        "create_only": False,
        "required": False,
        "unique": False,
        "default_value": None,
        "default_caller": False,
        "options": [],
        "min": 0.5,
        "max": 9,
        "decimals": 2,
        "max_length": None,
        "max_items": None,
        "pattern": None,
        "target": None,
        "operators": NUMBER,
        "orderable": True,
        "searchable": False,
        "sensitive": False,
        "masked": False,
        "expression": None,
        "result": None,
        "position": None,
    }


@pytest.mark.parametrize(
    ("kind", "rules", "told"),
    [
        ("text", {"unique": True}, {"max_length": 2000, "unique": True}),
        ("long_text", {"searchable": True}, {"searchable": True, "operators": []}),
        ("email", {"required": True}, {"max_length": 254, "required": True}),
        ("integer", {}, {"min": -(2**53), "max": 2**53, "decimals": None}),
        ("decimal", {}, {"max": 10**15 - 1, "decimals": 9}),
        ("select", {"default_value": "gold"}, {"default_value": "gold"}),
        ("multi_select", {}, {"max_items": 50, "orderable": False}),
        ("record", {}, {"target": "companies", "pattern": "^cmp_[0-9a-f]{24}$"}),
        ("user", {}, {"target": None, "pattern": "^usr_[0-9a-f]{24}$"}),
    ],
)
def test_rules_of_each_type_are_told(
    owner: Client, kind: str, rules: dict[str, Any], told: dict[str, Any]
) -> None:
    define(owner, kind, **rules)
    field = fields_of(owner, "contacts")["custom_fields.it"]
    assert field == field | told | {"type": kind}


def test_options_are_told_with_those_that_are_archived(owner: Client) -> None:
    define(owner, "select")
    field = fields_of(owner, "contacts")["custom_fields.it"]
    told = {each["value"]: each["archived"] for each in field["options"]}
    assert told == {"gold": False, "iron": False, "tin": True}
    assert field["operators"] == ENUM
    kinds = fields_of(owner, "activities")["type"]["options"]
    assert {e["value"] for e in kinds if e["archived"]} == {"system"}


def test_own_fields_come_by_their_position(owner: Client) -> None:
    for key, position in (("z", None), ("y", None), ("b", 2), ("a", 2), ("c", 0)):
        body = {"object": "notes", "key": key, "type": "text", "label": key}
        owner.create("/fields", body | {"position": position})
    told = list(fields_of(owner, "notes").values())
    own = [(each["key"], each["position"]) for each in told if each["key"]]
    assert own == [("c", 0), ("b", 2), ("a", 2), ("z", None), ("y", None)]
    assert {each["position"] for each in told if each["built_in"]} == {None}


def test_every_reference_names_what_it_leads_to(owner: Client) -> None:
    told = {
        (table, name): (field["target"], field["pattern"])
        for table in ("deals", "tasks")
        for name, field in fields_of(owner, table).items()
        if field["type"] == "record"
    }
    ids = "_[0-9a-f]{24}$"
    assert told == {
        ("deals", "pipeline_id"): ("pipelines", f"^pip{ids}"),
        ("deals", "stage_id"): ("stages", f"^stg{ids}"),
        ("deals", "contact_id"): ("contacts", f"^con{ids}"),
        ("deals", "company_id"): ("companies", f"^cmp{ids}"),
        ("tasks", "contact_id"): ("contacts", f"^con{ids}"),
        ("tasks", "company_id"): ("companies", f"^cmp{ids}"),
        ("tasks", "deal_id"): ("deals", f"^deal{ids}"),
        ("tasks", "custom_record_id"): (None, f"^rec{ids}"),
    }


def test_an_archived_field_is_told_by_its_key_alone(owner: Client) -> None:
    field = define(owner, "text")
    owner.delete(f"/fields/{field['id']}")
    schema = owner.get("/objects/contacts/schema").json
    assert schema["archived_keys"] == ["it"]
    assert "custom_fields.it" not in fields_of(owner, "contacts")


def test_its_etag_changes_with_the_schema(owner: Client) -> None:
    path = "/objects/contacts/schema"
    first = owner.get(path)
    assert owner.get(path, if_none_match=first.headers["etag"]).status == 304
    assert owner.get(path, if_match='"other"').status == 412
    field = define(owner, "text")
    second = owner.get(path, if_none_match=first.headers["etag"])
    assert (second.status, len(second.json["fields"])) == (
        200,
        len(first.json["fields"]) + 1,
    )
    owner.patch("/objects/contacts", {"open": False})
    third = owner.get(path, if_none_match=second.headers["etag"])
    assert (third.status, third.json["open"]) == (200, False)
    owner.delete(f"/fields/{field['id']}")
    owner.patch("/objects/contacts", {"open": True})
    fourth = owner.get(path, if_none_match=first.headers["etag"])
    assert (fourth.status, fourth.json["archived_keys"]) == (200, ["it"])


@pytest.mark.parametrize("scope", ["schema.read", "contact.read"])
def test_either_scope_is_enough(
    tenant: Tenant, open_client: OpenClient, scope: str
) -> None:
    client = open_client(tenant.token([scope], "viewer"))
    assert client.get("/objects/contacts/schema").status == 200


@pytest.mark.parametrize("scope", ["contact.write", "deal.read", "schema.write"])
@pytest.mark.parametrize("slug", ["contacts", "planets"])
def test_no_other_scope_is(
    tenant: Tenant, open_client: OpenClient, scope: str, slug: str
) -> None:
    client = open_client(tenant.token([scope]))
    answer = client.get(f"/objects/{slug}/schema")
    assert (answer.status, answer.json["refused_by"]) == (403, "scope")
    assert answer.json["required"] == "schema.read"
