"""Records of custom objects, as far as they differ from all others: by their object.

What every record owes is tested by the suites of all records, which run for these too.
"""

import random
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.schema.custom import (
    RECORDS,
    define_field,
    define_object,
)
from tests.world import Tenant

PROJECTS = "/objects/projects/records"


@pytest.fixture(autouse=True)
def objects(owner: Client) -> None:
    """Two custom objects."""
    define_object(owner)
    define_object(owner, "projects")


def test_a_record_says_what_it_is_of(owner: Client) -> None:
    made = owner.post(RECORDS, {"name": "Basic"})
    assert made.status == 201
    assert (made.json["object"], made.json["name"]) == ("licenses", "Basic")
    assert made.json["id"].startswith("rec_")
    assert made.headers["location"] == f"/v1{RECORDS}/{made.json['id']}"
    assert owner.get(f"{RECORDS}/{made.json['id']}").body == made.body
    other = owner.create(PROJECTS, {"name": "Basic"})
    assert other["object"] == "projects"


def test_a_record_is_not_reached_under_another_object(owner: Client) -> None:
    made = owner.create(RECORDS, {"name": "Basic"})
    other = f"{PROJECTS}/{made['id']}"
    by_id = {"match_on": "id", "id": made["id"], "name": "x"}
    for answer in (
        owner.get(other),
        owner.patch(other, {"name": "x"}),
        owner.delete(other),
        owner.post(f"{PROJECTS}/upsert", by_id),
    ):
        assert answer.status == 404
    assert owner.search(PROJECTS)["data"] == []
    assert owner.search(PROJECTS, include_total=True)["meta"]["total"] == 0
    assert owner.get(f"{RECORDS}/{made['id']}").json == made


@pytest.mark.parametrize("slug", ["planets", "contacts", "Licenses", "%00", "-"])
def test_there_are_no_records_of_another_object(owner: Client, slug: str) -> None:
    path = f"/objects/{slug}/records"
    for answer in (
        owner.post(path, {"name": "x"}),
        owner.post(path, {"surprise": 1}),
        owner.post(f"{path}/search", {}),
        owner.post(f"{path}/search", {"order_by": "x"}),
        owner.post(f"{path}/upsert", {"match_on": "id", "id": "rec_1"}),
        owner.get(f"{path}/rec_0123456789abcdef01234567"),
        owner.patch(f"{path}/rec_0123456789abcdef01234567", {}),
        owner.delete(f"{path}/rec_0123456789abcdef01234567"),
    ):
        assert answer.status == 404, answer.body
        named = "\0" if slug == "%00" else slug
        assert answer.json["detail"] == f'No object has the slug "{named}".'


def test_fields_are_those_of_the_object(owner: Client) -> None:
    define_field(owner, "seats", "integer", required=True)
    define_field(owner, "seats", "text", "projects")
    refused = owner.post(RECORDS, {"name": "x", "custom_fields": {"seats": "5"}})
    assert refused.codes == {"custom_fields.seats": "invalid_type"}
    assert owner.post(RECORDS, {"name": "x"}).codes == {
        "custom_fields.seats": "required"
    }
    made = owner.create(PROJECTS, {"name": "x", "custom_fields": {"seats": "5"}})
    assert made["custom_fields"] == {"seats": "5"}
    taken = owner.create(RECORDS, {"name": "x", "custom_fields": {"seats": 5}})
    for path, value, found in (
        (RECORDS, 5, [taken]),
        (RECORDS, 6, []),
        (PROJECTS, "5", [made]),
    ):
        condition = {"field": "custom_fields.seats", "operator": "eq", "value": value}
        assert owner.search(path, filters=[condition])["data"] == found
    ordered = owner.search(RECORDS, order_by="custom_fields.seats")
    assert ordered["data"] == [taken]


def test_an_object_is_closed_for_its_own_records_alone(owner: Client) -> None:
    owner.patch("/objects/licenses", {"open": False})
    given = {"name": "x", "custom_fields": {"free": 1}}
    assert owner.post(RECORDS, given).codes == {"custom_fields.free": "unknown_field"}
    assert owner.create(PROJECTS, given)["custom_fields"] == {"free": 1}


def test_unique_values_belong_to_one_record_of_an_object(owner: Client) -> None:
    for slug in ("licenses", "projects"):
        define_field(owner, "code", "text", slug, unique=True)
    given = {
        "name": "x",
        "custom_fields": {"code": "A"},
        "external_ids": {"billing": "1"},
    }
    first = owner.create(RECORDS, given)
    other = owner.create(PROJECTS, given)
    for path, holder in ((RECORDS, first), (PROJECTS, other)):
        for name in ("custom_fields", "external_ids"):
            refused = owner.post(path, {"name": "y", name: given[name]})
            key = "code" if name == "custom_fields" else "billing"
            assert refused.codes == {f"{name}.{key}": "not_unique"}
            assert refused.json["errors"][0]["record_id"] == holder["id"]
        for match_on in ("custom_fields.code", "external_ids.billing"):
            upserted = owner.post(f"{path}/upsert", given | {"match_on": match_on})
            assert upserted.json == {"status": "updated", "data": holder}
        is_it = {"field": "external_ids.billing", "operator": "eq", "value": "1"}
        assert owner.search(path, filters=[is_it])["data"] == [holder]
        has = {"field": "external_ids.billing", "operator": "is_not_empty"}
        assert owner.search(path, filters=[has])["data"] == [holder]
    owner.delete(f"{RECORDS}/{first['id']}")
    assert owner.post(RECORDS, given).status == 201


def test_words_are_looked_for_among_the_object_s_own(owner: Client) -> None:
    for slug in ("licenses", "projects"):
        define_field(owner, "remark", "text", slug, searchable=True)
    told = {"name": "Basic", "custom_fields": {"remark": "Zebra crossing"}}
    made = owner.create(RECORDS, told)
    owner.create(PROJECTS, {"name": "Other"})
    assert owner.search(RECORDS, search_text="zebra bas")["data"] == [made]
    assert owner.search(PROJECTS, search_text="zebra")["data"] == []


def test_a_cursor_is_of_one_object(owner: Client) -> None:
    for path in (RECORDS, PROJECTS):
        for n in range(3):
            owner.create(path, {"name": f"N{n}"})
    page = owner.search(RECORDS, limit=1)
    cursor = page["meta"]["cursor"]["next"]
    mixed = owner.post(f"{PROJECTS}/search", {"limit": 1, "cursor": cursor})
    assert (mixed.status, mixed.json["type"][-11:]) == (400, "bad-request")
    assert len(owner.pages(RECORDS, limit=1)) == 3


def test_an_idempotency_key_is_of_one_object(owner: Client) -> None:
    first = owner.post(RECORDS, {"name": "x"}, idempotency_key="k")
    again = owner.post(RECORDS, {"name": "x"}, idempotency_key="k")
    assert again.body == first.body
    other = owner.post(PROJECTS, {"name": "x"}, idempotency_key="k")
    assert other.status == 422
    assert other.json["type"].endswith("/idempotency-key-reused")
    assert owner.search(PROJECTS)["data"] == []


def test_fields_refer_to_records_of_one_object(owner: Client) -> None:
    define_field(owner, "project", "record", target="projects")
    deal = {"object": "deals", "key": "project", "type": "record", "label": "P"}
    owner.create("/fields", deal | {"target": "projects"})
    project = owner.create(PROJECTS, {"name": "Bridge"})
    wrong = owner.create(RECORDS, {"name": "x"})
    for path in (RECORDS, "/deals"):
        given: dict[str, Any] = {"name": "y"}
        refused = owner.post(path, given | {"custom_fields": {"project": wrong["id"]}})
        assert refused.codes == {"custom_fields.project": "not_found"}
        made = owner.create(path, given | {"custom_fields": {"project": project["id"]}})
        assert made["custom_fields"] == {"project": project["id"]}
    owner.delete(f"{PROJECTS}/{project['id']}")
    for path in (RECORDS, "/deals"):
        left = owner.search(path)["data"]
        assert [each["custom_fields"] for each in left] == [{}] * len(left), path


def test_existing_values_are_fitted_in_the_object_alone(owner: Client) -> None:
    loose = {"name": "x", "custom_fields": {"size": "5"}}
    fitted = owner.create(RECORDS, loose)
    kept = owner.create(PROJECTS, loose)
    field = {"object": "licenses", "key": "size", "type": "integer", "label": "S"}
    refused = owner.post("/fields", field)
    assert (refused.status, refused.json["sample"]) == (409, [fitted["id"]])
    owner.create("/fields", field | {"existing": "convert"})
    assert owner.get(f"{RECORDS}/{fitted['id']}").json["custom_fields"] == {"size": 5}
    assert owner.get(f"{PROJECTS}/{kept['id']}").json == kept


@pytest.mark.parametrize("slug", ["planets", "projects", "records", "users"])
def test_fields_are_defined_for_live_objects_alone(owner: Client, slug: str) -> None:
    owner.delete("/objects/projects")
    field = {"key": "x", "type": "text", "label": "X"}
    refused = owner.post("/fields", field | {"object": slug})
    assert refused.codes == {"object": "invalid_choice"}
    leading = field | {"object": "deals", "type": "record", "target": slug}
    assert owner.post("/fields", leading).codes == {"target": "invalid_choice"}


def test_the_schema_of_an_object_has_its_fields(owner: Client) -> None:
    define_field(owner, "seats", "integer", min=1)
    define_field(owner, "project", "record", target="projects")
    answer = owner.get("/objects/licenses/schema")
    assert answer.status == 200
    fields = {each["name"]: each for each in answer.json["fields"]}
    assert answer.json["object"] == "licenses"
    assert {"id", "object", "name", "owner_id", "tags", "external_ids"} <= set(fields)
    assert fields["object"]["writable"] is False
    assert fields["custom_fields.seats"]["min"] == 1
    target = fields["custom_fields.project"]
    assert (target["target"], target["pattern"]) == (
        "projects",
        "^rec_[0-9a-f]{24}$",
    )
    schema = owner.get("/objects/licenses/schema", accept="application/schema+json")
    assert "seats" in schema.json["properties"]["custom_fields"]["properties"]
    assert "object" not in schema.json["properties"]


def test_limits_are_told_for_each_object(owner: Client) -> None:
    define_field(owner, "code", "text", unique=True)
    owner.delete("/objects/projects")
    limits = owner.get("/limits").json["data"]
    told = {(each["name"], each["object"]): each for each in limits}
    assert told["objects", None]["used"] == 2
    assert told["objects", None]["limit"] == 200
    assert told["fields", "licenses"]["used"] == 1
    assert told["unique_fields", "licenses"]["used"] == 1
    assert ("fields", "projects") not in told


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("admin", [200, 201, 204]),
        ("manager", [200, 201, 403]),
        ("member", [404, 201, 403]),
        ("viewer", [200, 403, 403]),
    ],
)
def test_roles_grant_what_they_grant_of_deals(
    tenant: Tenant,
    owner: Client,
    open_client: OpenClient,
    role: str,
    expected: list[int],
) -> None:
    made = owner.create(RECORDS, {"name": "x"})
    client, path = open_client(tenant.tokens[role]), f"{RECORDS}/{made['id']}"
    answers = client.get(path), client.post(RECORDS, {"name": "y"}), client.delete(path)
    assert [each.status for each in answers] == expected


@pytest.mark.parametrize("scope", ["contact.all", "schema.all"])
def test_records_have_scopes_of_their_own(
    tenant: Tenant, open_client: OpenClient, scope: str
) -> None:
    client = open_client(tenant.token([scope]))
    for path in (RECORDS, "/objects/planets/records"):
        refused = client.post(f"{path}/search", {})
        assert (refused.status, refused.json["required"]) == (403, "record.read")


def test_orders_and_ranges_match_what_is_computed(owner: Client) -> None:
    """Against a computed expectation, for two objects with fields of the same key."""
    dice = random.Random(7)
    for slug in ("licenses", "projects"):
        define_field(owner, "size", "integer", slug)
    made: dict[str, list[Any]] = {RECORDS: [], PROJECTS: []}
    for n in range(40):
        path = dice.choice((RECORDS, PROJECTS))
        sizes: dict[str, Any] = {"size": dice.randint(0, 9)} if n % 5 else {}
        given = {"name": f"N{dice.randint(0, 9)}", "custom_fields": sizes}
        made[path].append(owner.create(path, given))
    for path, records in made.items():
        for least, most in ((0, 9), (3, 5), (8, 8)):
            between = {
                "field": "custom_fields.size",
                "operator": "between",
                "values": [least, most],
            }
            expected = {
                each["id"]
                for each in records
                if least <= each["custom_fields"].get("size", -1) <= most
            }
            found = owner.pages(path, filters=[between], limit=7)
            assert {each["id"] for each in found} == expected
        ordered = owner.pages(
            path, order_by="custom_fields.size", sort_direction="asc", limit=3
        )
        sizes_found = [each["custom_fields"].get("size", 99) for each in ordered]
        assert sizes_found == sorted(sizes_found)
        assert len(ordered) == len(records)
