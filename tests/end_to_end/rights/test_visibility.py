"""Who sees what: tenants nothing of each other, members their own records alone."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.world import Tenant

ADA = {"email": "ada@example.com"}


def found(client: Client, **body: Any) -> set[str]:
    return {record["id"] for record in client.pages("/contacts", limit=1, **body)}


@pytest.fixture
def contacts(owner: Client, tenant: Tenant) -> dict[str, str]:
    """Contacts of the owner, of the member and of nobody: their ids."""
    owners: dict[str, str | None] = {
        "owner": tenant.users["owner"],
        "member": tenant.users["member"],
        "nobody": None,
    }
    return {
        whose: owner.create("/contacts", ADA | {"owner_id": user})["id"]
        for whose, user in owners.items()
    }


def test_a_member_sees_their_own_and_what_nobody_owns(
    owner: Client, member: Client, contacts: dict[str, str]
) -> None:
    for whose, each in contacts.items():
        path = f"/contacts/{each}"
        expected = 404 if whose == "owner" else 200
        assert member.get(path).status == expected
        assert member.patch(path, {"city": "Rome"}).status == expected
        assert member.post(f"{path}/tags", {"tags": ["a"]}).status == expected
        assert member.delete(f"{path}/tags/a").status == expected
    assert found(owner) == set(contacts.values())


def test_a_search_of_a_member_knows_only_what_they_see(
    member: Client, contacts: dict[str, str]
) -> None:
    visible = {contacts["member"], contacts["nobody"]}
    assert found(member) == visible
    assert found(member, search_text="ada") == visible
    page = member.search("/contacts", include_total=True)
    assert page["meta"]["total"] == 2
    hidden = {"field": "id", "operator": "eq", "value": contacts["owner"]}
    assert found(member, filters=[hidden]) == set()
    assert found(member, filters=[{"not": hidden}]) == visible
    anything = {"any": [hidden, {"field": "email", "operator": "is_not_empty"}]}
    assert found(member, filters=[anything]) == visible


@pytest.mark.parametrize("role", ["owner", "admin", "manager", "viewer"])
def test_every_other_role_sees_all(
    tenant: Tenant, open_client: OpenClient, contacts: dict[str, str], role: str
) -> None:
    client = open_client(tenant.tokens[role])
    assert found(client) == set(contacts.values())
    assert client.get(f"/contacts/{contacts['member']}").status == 200


def test_what_a_member_creates_is_theirs(member: Client, tenant: Tenant) -> None:
    made = member.create("/contacts", ADA)
    assert made["owner_id"] == tenant.users["member"]
    assert member.get(f"/contacts/{made['id']}").status == 200


def test_what_a_member_gives_away_is_out_of_sight(
    member: Client, owner: Client, tenant: Tenant
) -> None:
    path = f"/contacts/{member.create('/contacts', ADA)['id']}"
    given = {"owner_id": tenant.users["owner"]}
    answer = member.patch(path, given)
    assert (answer.status, answer.json["owner_id"]) == (200, given["owner_id"])
    assert member.get(path).status == 404
    assert found(member) == set()
    assert owner.get(path).body == answer.body


def test_a_member_may_take_what_nobody_owns(
    member: Client, tenant: Tenant, contacts: dict[str, str]
) -> None:
    path = f"/contacts/{contacts['nobody']}"
    taken = member.patch(path, {"owner_id": tenant.users["member"]})
    assert taken.json["owner_id"] == tenant.users["member"]


def test_tenants_see_nothing_of_each_other(
    owner: Client, stranger: Client, tenant: Tenant, contacts: dict[str, str]
) -> None:
    theirs = stranger.create("/contacts", ADA)
    assert found(stranger) == {theirs["id"]}
    assert found(owner) == set(contacts.values())
    assert stranger.search("/contacts", include_total=True)["meta"]["total"] == 1
    path = f"/contacts/{contacts['nobody']}"
    before = owner.get(path)
    for answer in (
        stranger.get(path),
        stranger.patch(path, {"city": "Rome"}),
        stranger.post(f"{path}/tags", {"tags": ["a"]}),
        stranger.delete(f"{path}/tags/a"),
        stranger.delete(path),
    ):
        assert answer.status == 404
    assert owner.get(path).body == before.body
    assert stranger.get(f"/users/{tenant.users['owner']}").status == 404


def test_no_body_can_name_a_tenant(owner: Client, other_tenant: Tenant) -> None:
    body = ADA | {"business_id": other_tenant.business_id}
    assert owner.post("/contacts", body).codes == {"business_id": "unknown_field"}
