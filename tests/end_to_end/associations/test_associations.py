"""Associations: how records are connected, and what a type allows."""

from typing import Any

import pytest
from prospectconnect.crm.v1.associations_pb2 import Association
from prospectconnect.schema.v1.association_types_pb2 import CARDINALITY_MANY_TO_MANY

from services.records.bulk import copy_records
from tests.client import Client
from tests.end_to_end.associations.associating import (
    PATH,
    associate,
    company,
    condition,
    contact,
    deal,
    define,
    found,
)
from tests.world import Tenant, administer


def test_two_records_are_associated(owner: Client) -> None:
    ada, there = contact(owner), deal(owner)
    answer = associate(owner, "deal_contacts", there, ada, role=" Boss ")
    made = answer.json
    assert (answer.status, made["id"][:4]) == (201, "ass_")
    assert answer.headers["location"] == f"/v1{PATH}/{made['id']}"
    assert made == made | {
        "type": "deal_contacts",
        "from_id": there,
        "to_id": ada,
        "role": "Boss",
        "cardinality": "many_to_many",
    }
    read = owner.get(f"{PATH}/{made['id']}")
    assert (read.json, read.headers["etag"]) == (made, answer.headers["etag"])


def test_the_same_twice_is_the_first(owner: Client) -> None:
    ada, there = contact(owner), deal(owner)
    first = associate(owner, "deal_contacts", there, ada, role="Boss")
    second = associate(owner, "deal_contacts", there, ada, role="Adviser")
    assert (second.status, second.json) == (200, first.json)
    assert "location" not in second.headers
    assert found(owner) == [first.json]
    owner.delete(f"{PATH}/{first.json['id']}")
    third = associate(owner, "deal_contacts", there, ada)
    assert (third.status, third.json["role"]) == (201, None)


def test_a_key_answers_as_it_did_first(owner: Client) -> None:
    body = {"type": "deal_contacts", "from_id": deal(owner), "to_id": contact(owner)}
    first, again = (owner.post(PATH, body, idempotency_key="one") for _ in range(2))
    other, replayed = (owner.post(PATH, body, idempotency_key="two") for _ in range(2))
    assert [each.status for each in (first, again)] == [201, 201]
    assert [each.status for each in (other, replayed)] == [200, 200]
    assert first.body == again.body == other.body == replayed.body
    told = "idempotent-replayed"
    for answer, is_told in ((first, 0), (again, 1), (other, 0), (replayed, 1)):
        assert (told in answer.headers) == bool(is_told)
    reused = owner.post(PATH, {**body, "role": "x"}, idempotency_key="one")
    assert reused.json["type"].endswith("idempotency-key-reused")


def test_the_role_alone_changes(owner: Client) -> None:
    made = associate(owner, "deal_contacts", deal(owner), contact(owner))
    path, etag = f"{PATH}/{made.json['id']}", made.headers["etag"]
    changed = owner.patch(path, {"role": "Boss"}, if_match=etag)
    assert (changed.status, changed.json["role"]) == (200, "Boss")
    assert owner.patch(path, {"role": None}, if_match=etag).status == 412
    assert owner.patch(path, {"role": None}).json["role"] is None
    kept = ("type", "from_id", "to_id", "cardinality")
    refused = owner.patch(path, {name: made.json[name] for name in kept})
    assert refused.codes == dict.fromkeys(kept, "read_only")
    assert owner.patch(path, {"role": "x" * 101}).codes == {"role": "too_long"}


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"type": "unknown"}, {"type": "not_found"}),
        ({"type": "Unknown"}, {"type": "invalid_format"}),
        ({"type": None}, {"type": "required"}),
        ({"type": "deal_contact"}, {"type": "read_only"}),
        ({"from_id": None, "to_id": ""}, {"from_id": "required", "to_id": "required"}),
        ({"to_id": "con_0"}, {"to_id": "not_found"}),
        ({"to_id": f"con_{0:024x}"}, {"to_id": "not_found"}),
        ({"from_id": f"con_{0:024x}"}, {"from_id": "not_found"}),
        ({"role": 5, "to_id": "x"}, {"role": "invalid_type", "to_id": "not_found"}),
        ({"cardinality": "one_to_one"}, {"cardinality": "read_only"}),
        ({"to_id": "con_\u0000"}, {"to_id": "invalid"}),
    ],
)
def test_what_cannot_be_associated_is_refused(
    owner: Client, fields: dict[str, Any], codes: dict[str, str]
) -> None:
    body = {"type": "deal_contacts", "from_id": deal(owner), "to_id": contact(owner)}
    answer = owner.post(PATH, body | fields)
    assert (answer.status, answer.codes) == (422, codes)
    assert found(owner) == []


def test_ends_are_of_the_objects_of_the_type(owner: Client) -> None:
    ada, there = contact(owner), deal(owner)
    answer = associate(owner, "deal_contacts", ada, there)
    assert answer.codes == {"from_id": "not_found", "to_id": "not_found"}


@pytest.mark.parametrize(
    ("cardinality", "allowed"),
    [
        ("many_to_many", {"second deal", "second contact"}),
        ("one_to_many", {"second deal"}),
        ("one_to_one", set()),
    ],
)
def test_a_type_limits_how_many_there_are(
    owner: Client, cardinality: str, allowed: set[str]
) -> None:
    define(owner, cardinality=cardinality)
    ada, bob = contact(owner, "Ada"), contact(owner, "Bob")
    here, there = deal(owner, "Here"), deal(owner, "There")
    first = associate(owner, "works_on", ada, here)
    assert first.json["cardinality"] == cardinality
    for name, field, pair in (
        ("second deal", "from_id", (ada, there)),
        ("second contact", "to_id", (bob, here)),
    ):
        answer = associate(owner, "works_on", *pair)
        if name in allowed:
            assert answer.status == 201
        else:
            assert (answer.status, answer.codes) == (422, {field: "not_unique"})
    assert associate(owner, "works_on", ada, here).status == 200
    owner.delete(f"{PATH}/{first.json['id']}")
    assert associate(owner, "works_on", bob, here).status in (200, 201)


def test_a_company_has_one_parent_and_no_circle(owner: Client) -> None:
    top, middle, low = (company(owner, name) for name in ("Top", "Middle", "Low"))
    assert associate(owner, "company_parent", low, middle).status == 201
    assert associate(owner, "company_parent", middle, top).status == 201
    for child, parent in ((top, low), (top, middle), (top, top)):
        answer = associate(owner, "company_parent", child, parent)
        assert (answer.status, answer.codes) == (422, {"to_id": "invalid"})
    second = associate(owner, "company_parent", low, top)
    assert (second.status, second.codes) == (422, {"from_id": "not_unique"})
    assert len(found(owner)) == 2


def test_no_record_is_associated_with_itself(owner: Client) -> None:
    define(owner, to_object="contacts")
    ada = contact(owner)
    assert associate(owner, "works_on", ada, ada).codes == {"to_id": "invalid"}


def test_deleting_a_record_ends_its_associations(owner: Client) -> None:
    define(owner, "about", from_object="notes", to_object="contacts")
    ada, bob, here = contact(owner, "Ada"), contact(owner, "Bob"), deal(owner)
    note = owner.create("/notes", {"body": "n", "deal_id": here})["id"]
    associate(owner, "deal_contacts", here, ada)
    kept = associate(owner, "deal_contacts", deal(owner, "Other"), bob).json
    associate(owner, "about", note, bob)
    owner.delete(f"/contacts/{ada}")
    assert len(found(owner)) == 2
    owner.delete(f"/deals/{here}")  # and the note with its last link
    assert owner.get(f"/notes/{note}").status == 404
    assert found(owner) == [kept]


def test_an_ended_association_frees_its_place(owner: Client) -> None:
    define(owner, cardinality="one_to_one")
    ada, bob, here = contact(owner, "Ada"), contact(owner, "Bob"), deal(owner)
    associate(owner, "works_on", ada, here)
    owner.delete(f"/contacts/{ada}")
    assert associate(owner, "works_on", bob, here).status == 201


def test_associations_are_found_by_what_they_connect(owner: Client) -> None:
    ada, bob = contact(owner, "Ada"), contact(owner, "Bob")
    here, top, low = deal(owner), company(owner, "Top"), company(owner, "Low")
    one = associate(owner, "deal_contacts", here, ada, role="Boss").json
    two = associate(owner, "deal_contacts", here, bob, role="Adviser").json
    three = associate(owner, "company_parent", low, top).json
    for filters, expected in (
        ([], [one, two, three]),
        ([condition("type", "deal_contacts")], [one, two]),
        ([condition("from_id", here)], [one, two]),
        ([condition("to_id", bob)], [two]),
        ([condition("record_id", here)], [one, two]),
        ([condition("record_id", ada)], [one]),
        ([condition("record_id", top)], [three]),
        ([condition("role", "boss")], [one]),
        ([{"field": "role", "operator": "is_empty"}], [three]),
        ([condition("type", "deal_contacts"), condition("to_id", ada)], [one]),
    ):
        assert found(owner, filters=filters) == expected
        assert found(owner, filters=filters, limit=1) == expected
    assert found(owner, search_text="advis") == [two]


def test_a_record_has_so_many_associations_of_a_type_at_most(
    tenant: Tenant, owner: Client
) -> None:
    here, there = deal(owner, "Here"), deal(owner, "There")
    many = [
        Association(
            type="deal_contacts",
            from_id=here,
            to_id=f"con_{n:024x}",
            cardinality=CARDINALITY_MANY_TO_MANY,
        )
        for n in range(9_998)
    ]
    administer(
        tenant.stack.database_url,
        lambda database: copy_records(database, Association, tenant.business_id, many),
    )
    people = [contact(owner, f"c{n}") for n in range(3)]
    first, second, third = (
        associate(owner, "deal_contacts", here, each) for each in people
    )
    assert (first.status, second.status) == (201, 201)
    assert (third.status, third.codes) == (422, {"from_id": "too_many"})
    assert associate(owner, "deal_contacts", here, people[0]).status == 200
    assert associate(owner, "deal_contacts", there, people[2]).status == 201
    owner.delete(f"/contacts/{people[0]}")
    assert associate(owner, "deal_contacts", here, people[2]).status == 201
