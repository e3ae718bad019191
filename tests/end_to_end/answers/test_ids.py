"""Searches by ids: an element for each id, in their order, null where none is there."""

import pytest

from tests.client import Client
from tests.promises.record_values import UNKNOWN_DIGITS, Maker
from tests.promises.records_suite import RESOURCES, Resource
from tests.world import Tenant

LISTED = [each for each in RESOURCES.values() if each.by_id]


@pytest.mark.parametrize("resource", LISTED, ids=str)
def test_records_of_every_kind_by_ids(
    resource: Resource, owner: Client, tenant: Tenant, stranger: Client
) -> None:
    maker = Maker(owner, tenant.users)
    if "Create" in resource.verbs:
        ids = [maker.create(resource)["id"] for _ in range(2)]
    else:
        if not owner.pages(resource.path):
            maker.reference(resource.name, 0)
        ids = [each["id"] for each in owner.pages(resource.path)][:2]
    prefix = resource.policy.id_prefix
    ids = [*reversed(ids), f"{prefix}{UNKNOWN_DIGITS}", ids[0], "x", ""]
    data = owner.search(resource.path, ids=ids)["data"]
    there = [owner.get(f"{resource.path}/{each}") for each in ids[:-1]]
    want = [each.json if each.status == 200 else None for each in there]
    assert data == [*want, None]
    Maker(stranger, {}).prepare(resource)
    assert stranger.search(resource.path, ids=ids)["data"] == [None] * len(ids)


def test_who_does_not_see_a_record_gets_null(owner: Client, member: Client) -> None:
    mine = owner.create("/contacts", {"email": "a@x.example"})["id"]
    nobodys = owner.create("/contacts", {"email": "b@x.example", "owner_id": None})
    found = member.search("/contacts", ids=[mine, nobodys["id"]], include_total=True)
    assert [each and each["id"] for each in found["data"]] == [None, nobodys["id"]]
    assert found["meta"] == {"cursor": {"next": None, "has_more": False}, "total": 1}


def test_a_deleted_record_is_not_there(owner: Client) -> None:
    gone = owner.create("/contacts", {"email": "a@x.example"})["id"]
    assert owner.delete(f"/contacts/{gone}").status == 204
    assert owner.search("/contacts", ids=[gone])["data"] == [None]


@pytest.mark.parametrize(
    "other",
    [
        {"filters": [{"field": "email", "operator": "is_empty"}]},
        {"search_text": "x"},
        {"order_by": "name"},
        {"sort_direction": "asc"},
        {"cursor": "x"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_ids_stand_alone(other: dict[str, object], owner: Client) -> None:
    answer = owner.post("/contacts/search", {"ids": ["con_1"], **other})
    assert (answer.status, answer.codes) == (422, {"ids": "invalid"})


def test_there_are_at_most_a_hundred(owner: Client) -> None:
    made = owner.create("/contacts", {"email": "a@x.example"})["id"]
    found = owner.search("/contacts", ids=[made] * 100, fields=["id"], limit=1)
    assert found["data"] == [{"id": made}] * 100
    answer = owner.post("/contacts/search", {"ids": [made] * 101})
    assert answer.codes == {"ids": "too_many"}
    answer = owner.post("/contacts/search", {"ids": ["x" * 65]})
    assert answer.codes == {"ids[0]": "too_long"}


@pytest.mark.parametrize("resource", LISTED, ids=str)
def test_no_ids_find_no_records(
    resource: Resource, owner: Client, tenant: Tenant
) -> None:
    Maker(owner, tenant.users).prepare(resource)
    found = owner.search(resource.path, ids=[], include_total=True)
    assert found["data"] == []
    assert found["meta"] == {"cursor": {"next": None, "has_more": False}, "total": 0}


def test_no_ids_stand_alone_and_null_is_none(owner: Client) -> None:
    owner.create("/contacts", {"email": "a@x.example"})
    answer = owner.post("/contacts/search", {"ids": [], "search_text": "x"})
    assert (answer.status, answer.codes) == (422, {"ids": "invalid"})
    assert len(owner.search("/contacts", ids=None)["data"]) == 1
