"""All groups of duplicates are listed, each once, however small the pages are."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from prospectconnect.crm.v1.contacts_pb2 import Contact

from services.crm.contacts import derive
from services.records.bulk import copy_records
from tests.client import Client
from tests.world import Tenant, administer

LIST = "/contacts/duplicates/search"
GROUPS = 12


def pages(client: Client, path: str = LIST, **body: Any) -> Iterator[list[Any]]:
    """The pages of a list, each with its groups."""
    cursor: str | None = None
    while True:
        sent = body if cursor is None else {**body, "cursor": cursor}
        answer = client.post(path, sent)
        assert answer.status == 200, answer.body
        yield answer.json["data"]
        told = answer.json["meta"]["cursor"]
        cursor = told["next"]
        assert told["has_more"] == (cursor is not None)
        if cursor is None:
            return


def groups(client: Client, path: str = LIST, **body: Any) -> list[Any]:
    return [each for page in pages(client, path, **body) for each in page]


def load(tenant: Tenant, contacts: list[Contact]) -> None:
    """Loads contacts, which get ids in their order."""
    for each in contacts:
        derive(each)
    administer(
        tenant.stack.database_url,
        lambda db: copy_records(db, Contact, tenant.business_id, iter(contacts)),
    )


def crowd(seed: int) -> tuple[list[Contact], int]:
    """Contacts, some of them two or three times, in no order."""
    draw, contacts, extra = random.Random(seed), [], 0
    for number in range(60):
        email = f"p{number}@mail{number}.example"
        contacts.append(Contact(email=email, first_name=f"A{number}", last_name="Bo"))
        if number < GROUPS:
            for copy in range(draw.randint(1, 2)):
                contacts.append(
                    Contact(email=email.upper(), phone=f"+1 2{copy}5 555 {number:04}")
                )
                extra += 1
    draw.shuffle(contacts)
    return contacts, extra


@pytest.mark.parametrize("limit", [1, 5, 25])
def test_each_group_is_told_once(owner: Client, tenant: Tenant, limit: int) -> None:
    contacts, extra = crowd(limit)
    load(tenant, contacts)
    told, sizes = [], []
    for page in pages(owner, limit=limit):
        assert len(page) <= limit
        told += page
    counted = Counter(r["email"].lower() for g in told for r in g["records"])
    sizes = [len(each["records"]) for each in told]
    assert len(told) == GROUPS
    assert sum(sizes) == GROUPS + extra
    for group in told:
        ages = [datetime.fromisoformat(each["created_at"]) for each in group["records"]]
        assert ages == sorted(ages)
        assert len({each["email"].lower() for each in group["records"]}) == 1
        assert (group["score"], group["reasons"]) == (0.95, ["email"])
    assert all(number > 1 for number in counted.values())


def test_who_is_like_a_duplicate_belongs_to_its_group(owner: Client) -> None:
    ada = {"first_name": "Ada", "last_name": "Byron"}
    made = [
        owner.create("/contacts", body)["id"]
        for body in (
            {**ada, "email": "ada@engine.example"},
            {**ada, "email": "ada@engine.example", "phone": "+44 20 7946 0018"},
            {**ada, "phone": "020 7946 0018"},
            {"first_name": "Bob", "phone": "020 7946 0018"},
        )
    ]
    (group,) = groups(owner)
    assert [each["id"] for each in group["records"]] == made[:3]
    assert {*group["reasons"]} == {"email", "name and domain", "phone", "name"}
    assert group["score"] == 0.96


def test_companies_have_groups_too(owner: Client) -> None:
    for name in ("Acme", "Acme Ltd", "Zenith", "ACME, Limited"):
        owner.create("/companies", {"name": name})
    (group,) = groups(owner, "/companies/duplicates/search")
    assert [each["name"] for each in group["records"]] == [
        "Acme",
        "Acme Ltd",
        "ACME, Limited",
    ]


def test_what_is_deleted_or_changed_is_in_no_group(owner: Client) -> None:
    same = {"email": "ada@engine.example"}
    first, second = (owner.create("/contacts", same) for _ in range(2))
    assert len(groups(owner)) == 1
    path = f"/contacts/{second['id']}"
    assert owner.patch(path, {"email": "eda@motor.example"}).status == 200
    assert groups(owner) == []
    assert owner.patch(path, same).status == 200
    assert owner.delete(f"/contacts/{first['id']}").status == 204
    assert groups(owner) == []


def test_a_cursor_is_of_one_list_alone(owner: Client, tenant: Tenant) -> None:
    contacts, _ = crowd(1)
    load(tenant, contacts)
    cursor = owner.post(LIST, {"limit": 2}).json["meta"]["cursor"]["next"]
    assert owner.post(LIST, {"limit": 3, "cursor": cursor}).status == 200
    manager = tenant.client("manager")
    for client, path, body in (
        (manager, LIST, {}),
        (owner, LIST, {"min_score": 0.9}),
        (owner, "/companies/duplicates/search", {}),
        (owner, "/contacts/search", {}),
    ):
        assert client.post(path, {**body, "cursor": cursor}).status == 400
    assert owner.post(LIST, {"cursor": f"x{cursor}"}).status == 400
    manager.close()


def test_a_crowd_of_one_name_is_looked_at_in_part(
    owner: Client, tenant: Tenant
) -> None:
    same = [Contact(email="a@b.example", first_name="Al", last_name="Bo")] * 300
    load(tenant, [Contact.FromString(each.SerializeToString()) for each in same])
    told = groups(owner)
    assert told
    assert all(len(each["records"]) <= 25 for each in told)
    answer = owner.post("/contacts/duplicates", {"record": {"email": "a@b.example"}})
    assert len(answer.json["data"]) == 25
