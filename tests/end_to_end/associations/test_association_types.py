"""Association types: what a tenant defines, and what every tenant has."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.associations.associating import (
    TYPES,
    associate,
    contact,
    deal,
    define,
    found,
)
from tests.end_to_end.conftest import OpenClient
from tests.harness.at_once import at_once, crowd
from tests.world import Tenant

BUILT_IN = {
    "company_parent": ("companies", "companies", "many_to_one", None),
    "contact_company": ("contacts", "companies", "many_to_one", "company_id"),
    "deal_company": ("deals", "companies", "many_to_one", "company_id"),
    "deal_contact": ("deals", "contacts", "many_to_one", "contact_id"),
    "deal_contacts": ("deals", "contacts", "many_to_many", None),
}


def built_in(client: Client) -> dict[str, Any]:
    there = client.pages(TYPES)
    return {each["key"]: each for each in there if each["built_in"]}


def test_every_tenant_has_the_built_in_types(owner: Client) -> None:
    told = ("from_object", "to_object", "cardinality", "link_field")
    there = built_in(owner)
    assert {
        key: tuple(each[name] for name in told) for key, each in there.items()
    } == BUILT_IN
    assert all(each["created_by"] is None for each in there.values())
    assert built_in(owner) == there


def test_a_built_in_type_stays_as_it_is(owner: Client) -> None:
    for each in built_in(owner).values():
        path = f"{TYPES}/{each['id']}"
        for answer in (
            owner.patch(path, {"label": "Mine"}),
            owner.delete(path),
            owner.post(f"{path}/restore"),
        ):
            assert (answer.status, answer.json["type"][-9:]) == (403, "forbidden")
        assert owner.get(path).json == each


def test_a_type_is_made_and_its_labels_change(owner: Client) -> None:
    made = define(owner, cardinality=None)
    assert made == made | {
        "key": "works_on",
        "from_object": "contacts",
        "to_object": "deals",
        "cardinality": "many_to_many",
        "built_in": False,
        "link_field": None,
        "archived": False,
    }
    path = f"{TYPES}/{made['id']}"
    changed = owner.patch(path, {"label": "Sells", "inverse_label": "Sellers"})
    assert changed.json == made | {
        "label": "Sells",
        "inverse_label": "Sellers",
        "updated_at": changed.json["updated_at"],
    }
    kept = ("key", "from_object", "to_object", "cardinality")
    refused = owner.patch(path, {name: made[name] for name in kept})
    assert refused.codes == dict.fromkeys(kept, "read_only")


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"key": "Seats"}, {"key": "invalid_format"}),
        ({"key": "a" * 65}, {"key": "too_long"}),
        ({"from_object": "planets"}, {"from_object": "invalid_choice"}),
        ({"to_object": "users"}, {"to_object": "invalid_choice"}),
        ({"to_object": "pipelines"}, {"to_object": "invalid_choice"}),
        ({"cardinality": "many_to_one"}, {"cardinality": "invalid_choice"}),
        ({"label": " "}, {"label": "required"}),
        ({"inverse_label": "x" * 101}, {"inverse_label": "too_long"}),
        ({"built_in": True}, {"built_in": "read_only"}),
        (
            {"key": None, "from_object": "planets", "cardinality": "few"},
            {
                "key": "required",
                "from_object": "invalid_choice",
                "cardinality": "invalid_choice",
            },
        ),
    ],
)
def test_a_type_is_refused_with_all_its_faults(
    owner: Client, fields: dict[str, Any], codes: dict[str, str]
) -> None:
    body = {
        "key": "k",
        "from_object": "contacts",
        "to_object": "deals",
        "label": "L",
        "inverse_label": "I",
    }
    answer = owner.post(TYPES, body | fields)
    assert (answer.status, answer.codes) == (422, codes)


@pytest.mark.parametrize("key", ["works_on", *BUILT_IN])
def test_a_key_is_taken_once(owner: Client, key: str) -> None:
    first = define(owner)
    owner.delete(f"{TYPES}/{first['id']}")
    body = {name: first[name] for name in ("from_object", "to_object", "label")}
    answer = owner.post(TYPES, {**body, "key": key, "inverse_label": "I"})
    assert (answer.status, answer.codes) == (422, {"key": "not_unique"})


def test_of_several_at_once_one_gets_the_key(tenant: Tenant, owner: Client) -> None:
    body = {"key": "raced", "from_object": "notes", "to_object": "tasks"}
    body |= {"label": "L", "inverse_label": "I"}
    with crowd(tenant, 6) as clients:
        answers = at_once(lambda client: client.post(TYPES, body), clients)
    assert sorted(each.status for each in answers) == [201] + [422] * 5
    mine = [e for e in owner.pages(TYPES) if not e["built_in"]]
    assert [each["key"] for each in mine] == ["raced"]


def test_an_archived_type_hides_its_associations(owner: Client) -> None:
    kind, ada, there = define(owner), contact(owner), deal(owner)
    made = associate(owner, "works_on", ada, there).json
    path = f"{TYPES}/{kind['id']}"
    assert owner.delete(path).status == 204
    assert owner.get(path).json["archived"] is True
    assert owner.get(f"/associations/{made['id']}").status == 404
    assert owner.patch(f"/associations/{made['id']}", {"role": "x"}).status == 404
    assert found(owner) == []
    assert associate(owner, "works_on", ada, there).codes == {"type": "not_found"}
    named = {"field": "associations.works_on", "operator": "is_not_empty"}
    refused = owner.post("/contacts/search", {"filters": [named]})
    assert refused.codes == {"filters[0].field": "invalid_choice"}
    restored = owner.post(f"{path}/restore")
    assert (restored.status, restored.json["archived"]) == (200, False)
    assert found(owner) == [made]
    assert len(owner.search("/contacts", filters=[named])["data"]) == 1


def test_what_ends_while_a_type_is_archived_stays_ended(owner: Client) -> None:
    kind, ada, there = define(owner), contact(owner), deal(owner)
    associate(owner, "works_on", ada, there)
    owner.delete(f"{TYPES}/{kind['id']}")
    owner.delete(f"/deals/{there}")
    owner.post(f"{TYPES}/{kind['id']}/restore")
    assert found(owner) == []


@pytest.mark.parametrize("role", ["manager", "member", "viewer"])
def test_everybody_reads_and_administrators_write(
    tenant: Tenant, owner: Client, open_client: OpenClient, role: str
) -> None:
    kind, client = define(owner), open_client(tenant.tokens[role])
    path = f"{TYPES}/{kind['id']}"
    assert client.get(path).json == kind
    for answer, permission in (
        (client.post(TYPES, {"key": "x"}), "schema.write"),
        (client.patch(path, {"label": "x"}), "schema.write"),
        (client.delete(path), "schema.delete"),
    ):
        assert (answer.status, answer.json["required"]) == (403, permission)


def test_a_tenant_has_so_many_types_at_most(owner: Client) -> None:
    for n in range(200):
        define(owner, f"type_{n}")
    body = {"key": "more", "from_object": "notes", "to_object": "tasks"}
    answer = owner.post(TYPES, {**body, "label": "L", "inverse_label": "I"})
    assert (answer.status, answer.codes) == (422, {"key": "too_many"})
    limits = owner.get("/limits").json["data"]
    own = next(each for each in limits if each["name"] == "association_types")
    assert own == own | {"per": "tenant", "limit": 200, "used": 200, "object": None}


def test_types_of_another_tenant_are_not_there(owner: Client, stranger: Client) -> None:
    kind = define(owner)
    assert stranger.get(f"{TYPES}/{kind['id']}").status == 404
    assert {each["key"] for each in stranger.pages(TYPES)} == BUILT_IN.keys()
    mine = contact(stranger), deal(stranger)
    assert associate(stranger, "works_on", *mine).codes == {"type": "not_found"}
    assert define(stranger)["key"] == "works_on"
