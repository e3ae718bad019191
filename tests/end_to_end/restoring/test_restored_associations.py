"""Associations end with a record, and come back with it where their place is free."""

from typing import Any

from tests.client import Client
from tests.end_to_end.associations.associating import (
    PATH,
    associate,
    company,
    contact,
    deal,
    define,
    found,
)


def ended(client: Client, path: str, record_id: str) -> None:
    assert client.delete(f"{path}/{record_id}").status == 204


def back(client: Client, path: str, record_id: str) -> Any:
    answer = client.post(f"{path}/{record_id}/restore")
    assert answer.status == 200, answer.body
    return answer.json


def pairs(client: Client) -> list[tuple[str, str]]:
    return [(each["from_id"], each["to_id"]) for each in found(client)]


def test_associations_come_back_with_their_roles(owner: Client) -> None:
    there, ada, eve = deal(owner), contact(owner), contact(owner, "Eve")
    made = associate(owner, "deal_contacts", there, ada, role="Boss").json
    other = associate(owner, "deal_contacts", there, eve).json
    ended(owner, PATH, other["id"])  # by itself
    ended(owner, "/deals", there)
    assert pairs(owner) == []
    back(owner, "/deals", there)
    (again,) = found(owner)
    assert again == made | {"updated_at": again["updated_at"]}
    told = owner.post(f"{PATH}/{made['id']}/history", {"limit": 1}).json["data"]
    assert [(e["field"], e["operation"]) for e in told] == [("deleted_at", "restored")]


def test_only_where_the_other_record_lives(owner: Client) -> None:
    there, ada = deal(owner), contact(owner)
    associate(owner, "deal_contacts", there, ada)
    ended(owner, "/deals", there)
    ended(owner, "/contacts", ada)
    back(owner, "/deals", there)
    assert pairs(owner) == []
    back(owner, "/contacts", ada)
    assert pairs(owner) == []  # it ended with the deal, which is back already


def test_the_only_one_gives_way_to_a_new_one(owner: Client) -> None:
    define(owner, "owns", cardinality="one_to_one")
    define(owner, "likes")
    ada, eve, there = contact(owner), contact(owner, "Eve"), deal(owner)
    associate(owner, "owns", ada, there)
    associate(owner, "likes", ada, there)
    ended(owner, "/contacts", ada)
    associate(owner, "owns", eve, there)
    back(owner, "/contacts", ada)
    assert {(e["type"], e["from_id"]) for e in found(owner)} == {
        ("owns", eve),
        ("likes", ada),
    }


def test_no_company_gets_above_itself(owner: Client) -> None:
    top, middle, low = (company(owner, name) for name in ("Top", "Middle", "Low"))
    associate(owner, "company_parent", low, middle)
    associate(owner, "company_parent", middle, top)
    ended(owner, "/companies", middle)
    associate(owner, "company_parent", top, low)
    back(owner, "/companies", middle)
    kept = pairs(owner)
    assert len(kept) == 2
    assert (top, low) in kept
    ended(owner, "/companies", middle)
    back(owner, "/companies", middle)
    assert sorted(pairs(owner)) == sorted(kept)


def test_an_association_is_restored_by_itself(owner: Client) -> None:
    there, ada = deal(owner), contact(owner)
    made = associate(owner, "deal_contacts", there, ada, role="Boss").json
    ended(owner, PATH, made["id"])
    again = associate(owner, "deal_contacts", there, ada).json
    refused = owner.post(f"{PATH}/{made['id']}/restore")
    assert refused.codes == {"to_id": "not_unique"}
    ended(owner, PATH, again["id"])
    assert back(owner, PATH, made["id"])["role"] == "Boss"
    ended(owner, PATH, made["id"])
    ended(owner, "/contacts", ada)
    refused = owner.post(f"{PATH}/{made['id']}/restore")
    assert refused.codes == {"to_id": "not_found"}


def test_restoring_an_association_keeps_what_its_type_allows(owner: Client) -> None:
    low, one, two = (company(owner, name) for name in ("Low", "One", "Two"))
    made = associate(owner, "company_parent", low, one).json
    ended(owner, PATH, made["id"])
    other = associate(owner, "company_parent", low, two).json
    refused = owner.post(f"{PATH}/{made['id']}/restore")
    assert refused.codes == {"from_id": "not_unique"}
    ended(owner, PATH, other["id"])
    associate(owner, "company_parent", one, low)
    refused = owner.post(f"{PATH}/{made['id']}/restore")
    assert refused.codes == {"to_id": "invalid"}


def test_it_takes_the_right_to_write_its_first_record(
    owner: Client, member: Client, stranger: Client
) -> None:
    there, ada = deal(owner, owner_id=None), contact(owner, owner_id=None)
    made = associate(owner, "deal_contacts", there, ada).json
    ended(owner, PATH, made["id"])
    deleted = {"deleted": True}
    assert [e["id"] for e in found(member, **deleted)] == [made["id"]]
    assert found(stranger, **deleted) == []
    assert stranger.post(f"{PATH}/{made['id']}/restore").status == 404
    assert back(member, PATH, made["id"])["id"] == made["id"]
