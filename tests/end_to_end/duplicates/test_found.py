"""Duplicates of one record are found, with how likely they are and why."""

from typing import Any

import pytest

from tests.client import Client
from tests.promises.record_values import UNKNOWN_DIGITS

FIND = "/contacts/duplicates"


def found(client: Client, path: str = FIND, **body: Any) -> list[tuple[str, Any, Any]]:
    answer = client.post(path, body)
    assert answer.status == 200, answer.body
    return [(e["record"]["id"], e["score"], e["reasons"]) for e in answer.json["data"]]


ADA = {
    "first_name": "Ada",
    "last_name": "Byron King",
    "email": "ada@engine.example",
    "phone": "+44 20 7946 0018",
}
AGAIN: tuple[tuple[dict[str, Any], list[str]], ...] = (
    ({"email": "ADA@engine.example"}, ["email"]),
    ({**ADA, "phone": "(020) 7946 0018"}, ["email", "phone", "name and domain"]),
    ({"first_name": "ada", "last_name": "Byron-King", "phone": "020 7946-0018"}, []),
    ({"first_name": "Byron King", "last_name": "Áda", "phone": ADA["phone"]}, []),
    ({"first_name": "Adda", "last_name": "Byron Kign", "phone": ADA["phone"]}, []),
)


@pytest.mark.parametrize(("record", "reasons"), AGAIN, ids=lambda each: "")
def test_a_person_is_found_however_it_is_written(
    owner: Client, record: dict[str, Any], reasons: list[str]
) -> None:
    ada = owner.create("/contacts", ADA)
    owner.create("/contacts", {"email": "bob@engine.example", "last_name": "Byron"})
    ((who, score, why),) = found(owner, record=record)
    assert who == ada["id"]
    assert 0.8 <= score <= 1
    assert why == (reasons or ["phone", "name"])


@pytest.mark.parametrize(
    ("there", "asked"),
    [
        ("a@d.example", "a+x@d.example"),
        ("A+x@d.example", "a@d.example"),
        ("a+x@d.example", "a+Y@d.example"),
    ],
)
def test_the_tag_of_an_address_says_nothing(
    owner: Client, there: str, asked: str
) -> None:
    made = owner.create("/contacts", {"email": there})
    owner.create("/contacts", {"email": "a+x@other.example"})
    owner.create("/contacts", {"email": "ab+x@d.example"})
    ((who, score, why),) = found(owner, record={"email": asked})
    assert (who, why) == (made["id"], ["email"])
    assert score >= 0.8


def test_the_record_is_told_as_a_read_tells_it(owner: Client) -> None:
    owner.create("/contacts", ADA)
    second = owner.create("/contacts", {"email": ADA["email"]})
    answer = owner.post(FIND, {"id": owner.search("/contacts")["data"][1]["id"]})
    assert answer.json["data"][0]["record"] == second


def test_an_own_name_in_the_same_company_is_enough(owner: Client) -> None:
    acme = owner.create("/companies", {"name": "Acme"})["id"]
    bob = {"first_name": "Bob", "last_name": "Noyce", "company_id": acme}
    made = owner.create("/contacts", {**bob, "email": "bob@acme.example"})
    robert = {**bob, "first_name": "Robert", "phone": "+1 415 555 0100"}
    ((who, score, why),) = found(owner, record=robert)
    assert (who, why) == (made["id"], ["name and company"])
    assert score >= 0.8
    assert not found(owner, record={**robert, "first_name": "Grace"})
    assert not found(owner, record={"first_name": "Robert", "last_name": "Noyce"})


def test_who_shares_a_telephone_or_a_name_is_not_the_same(owner: Client) -> None:
    board = {"phone": "+1 415 555 0100"}
    owner.create("/contacts", {**board, "first_name": "Ann", "last_name": "Lee"})
    owner.create("/contacts", {**board, "first_name": "John", "last_name": "Orr"})
    assert not found(owner, record={**board, "first_name": "Max", "last_name": "Lee"})
    son = {**board, "first_name": "John", "last_name": "Orr Jr."}
    assert not found(owner, record=son)
    namesake = {"first_name": "Ann", "last_name": "Lee", "email": "a@free.example"}
    assert not found(owner, record=namesake)
    ((_, score, why),) = found(owner, record=namesake, min_score=0.6)
    assert (score, why) == (0.72, ["name"])


COMPANY = {"name": "Müller Söhne GmbH", "domain": "mueller-soehne.example"}
ITS_NAMES = (
    ("Muller Sohne", "name"),
    ("MÜLLER & SÖHNE", "name"),
    ("Söhne Müller", "name"),
    ("Muler Söhne GmbH", "similar name"),
    ("Xüller Söhne", "similar name"),
)


@pytest.mark.parametrize(("name", "reason"), ITS_NAMES)
def test_a_company_is_found_by_its_name(owner: Client, name: str, reason: str) -> None:
    made = owner.create("/companies", COMPANY)["id"]
    owner.create("/companies", {"name": "Miller Sons"})
    path = "/companies/duplicates"
    ((who, score, why),) = found(owner, path, record={"name": name})
    assert (who, why) == (made, [reason])
    assert score >= 0.8


def test_a_company_is_found_by_a_domain_of_its_own(owner: Client) -> None:
    path = "/companies/duplicates"
    made = owner.create("/companies", {"name": "Acme", "domain": "acme.example"})["id"]
    owner.create("/companies", {"name": "Jane's", "domain": "gmail.com"})
    for website in ("https://www.acme.example/about", "HTTP://acme.example:80"):
        record = {"name": "Something else", "website": website}
        ((who, _, why),) = found(owner, path, record=record)
        assert (who, why) == (made, ["domain"])
    assert not found(owner, path, record={"name": "Joe's", "domain": "gmail.com"})


def test_the_likeliest_come_first(owner: Client) -> None:
    names = {"first_name": "Ada", "last_name": "Byron"}
    phone = owner.create("/contacts", {**names, "phone": "+44 20 7946 0018"})["id"]
    email = owner.create("/contacts", {**names, "email": "ada@engine.example"})["id"]
    record = {**names, "email": "ada@engine.example", "phone": "020 7946 0018"}
    told = found(owner, record=record)
    assert [each[0] for each in told] == [email, phone]
    assert told[0][1] > told[1][1]


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "id", "required"),
        ({"id": "con_1", "record": {}}, "id", "invalid"),
        ({"id": 1}, "id", "invalid_type"),
        ({"record": {"name": "x"}}, "record.name", "read_only"),
        ({"record": {"nickname": "x"}}, "record.nickname", "unknown_field"),
        ({"record": {"email": "x"}}, "record.email", "invalid_format"),
        ({"record": {"first_name": "x" * 101}}, "record.first_name", "too_long"),
        ({"record": {}, "min_score": 0.4}, "min_score", "too_small"),
        ({"record": {}, "min_score": 2}, "min_score", "too_large"),
        ({"record": {}, "limit": 5}, "limit", "unknown_field"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(
    owner: Client, body: Any, field: str, code: str
) -> None:
    answer = owner.post(FIND, body)
    assert answer.status == 422, answer.body
    assert [(e["field"], e["code"]) for e in answer.json["errors"]] == [(field, code)]


def test_a_record_may_lack_everything(owner: Client) -> None:
    owner.create("/contacts", ADA)
    assert found(owner, record={}) == []
    assert found(owner, "/companies/duplicates", record={"industry": "Energy"}) == []


@pytest.mark.parametrize("record_id", [f"con_{UNKNOWN_DIGITS}", "con_1", "cmp_1", ""])
def test_an_unknown_record_is_not_found(owner: Client, record_id: str) -> None:
    assert owner.post(FIND, {"id": record_id}).status == 404
