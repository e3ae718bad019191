"""Duplicates tell a caller of no record, and of no value, that it may not see."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.schema.defining import define
from tests.promises.record_values import UNKNOWN_DIGITS
from tests.world import Tenant

FIND, LIST = "/contacts/duplicates", "/contacts/duplicates/search"
SAME = {"email": "ada@engine.example", "first_name": "Ada", "last_name": "Byron"}


def ids(client: Client, **body: Any) -> list[str]:
    answer = client.post(FIND, body)
    assert answer.status == 200, answer.body
    return [each["record"]["id"] for each in answer.json["data"]]


def grouped(client: Client) -> list[list[str]]:
    answer = client.post(LIST, {})
    assert answer.status == 200, answer.body
    return [[each["id"] for each in g["records"]] for g in answer.json["data"]]


def test_who_sees_own_records_finds_these(
    owner: Client, member: Client, tenant: Tenant
) -> None:
    users = tenant.users
    theirs, own, nobodys = (
        owner.create("/contacts", {**SAME, "owner_id": user})["id"]
        for user in (users["owner"], users["member"], None)
    )
    assert sorted(ids(owner, record=SAME)) == sorted([theirs, own, nobodys])
    assert sorted(ids(member, record=SAME)) == sorted([own, nobodys])
    assert ids(member, id=own) == [nobodys]
    assert grouped(owner) == [[theirs, own, nobodys]]
    assert grouped(member) == [[own, nobodys]]
    hidden = member.post(FIND, {"id": theirs})
    unknown = member.post(FIND, {"id": f"con_{UNKNOWN_DIGITS}"})
    assert hidden.status == unknown.status == 404
    assert hidden.json["detail"] == unknown.json["detail"]


def test_a_chain_does_not_lead_through_what_is_hidden(
    owner: Client, member: Client, tenant: Tenant
) -> None:
    own = {"owner_id": tenant.users["member"]}
    owner.create("/contacts", {**own, "email": SAME["email"]})
    owner.create("/contacts", {**SAME, "phone": "+44 20 7946 0018"})
    names = {"first_name": "Ada", "last_name": "Byron"}
    owner.create("/contacts", {**own, **names, "phone": "020 7946 0018"})
    assert [len(each) for each in grouped(owner)] == [3]
    assert grouped(member) == []


def test_another_tenant_finds_nothing(owner: Client, stranger: Client) -> None:
    made = [owner.create("/contacts", SAME)["id"] for _ in range(2)]
    assert ids(stranger, record=SAME) == []
    assert stranger.post(FIND, {"id": made[0]}).status == 404
    assert grouped(stranger) == []


@pytest.mark.parametrize("path", [FIND, LIST])
def test_who_may_not_read_contacts_finds_none(
    path: str, owner: Client, tenant: Tenant
) -> None:
    writer = Client(owner.address, tenant.token(["contact.write", "company.all"]))
    answer = writer.post(path, {"record": SAME} if path == FIND else {})
    assert (answer.status, answer.json["required"]) == (403, "contact.read")
    writer.close()


def test_masked_fields_stay_masked(owner: Client, tenant: Tenant) -> None:
    viewer = tenant.client("viewer")
    define(owner, "integer", key="salary", sensitive=True)
    for _ in range(2):
        owner.create("/contacts", {**SAME, "custom_fields": {"salary": 7}})
    told = owner.post(FIND, {"record": SAME}).json["data"]
    assert [e["record"]["custom_fields"] for e in told] == [{"salary": 7}] * 2
    found = viewer.post(FIND, {"record": SAME}).json["data"]
    listed = viewer.post(LIST, {}).json["data"][0]["records"]
    for record in (*(each["record"] for each in found), *listed):
        assert record["custom_fields"] == {"salary": None}
        assert record["masked"] == ["custom_fields.salary"]
    viewer.close()


def test_nothing_is_written(owner: Client) -> None:
    made = [owner.create("/contacts", SAME) for _ in range(2)]
    owner.post(FIND, {"record": SAME})
    owner.post(LIST, {})
    found = owner.search("/contacts", order_by="created_at", sort_direction="asc")
    assert found["data"] == made
