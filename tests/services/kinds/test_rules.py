"""Rules: every fault of a request at once, each with its path and code."""

from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from hypothesis import given
from hypothesis import strategies as st
from prospectconnect.crm.v1.contacts_pb2 import (
    AddContactTagsRequest,
    CreateContactRequest,
    SearchContactsRequest,
    UpdateContactRequest,
)
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.faults import Faults
from services.kinds.field_rules import distinct
from services.kinds.rules import compile_check

CREATE = compile_check(CreateContactRequest.DESCRIPTOR)
UPDATE = compile_check(UpdateContactRequest.DESCRIPTOR)
ADD_TAGS = compile_check(AddContactTagsRequest.DESCRIPTOR)
SEARCH = compile_check(SearchContactsRequest.DESCRIPTOR)


def codes(check: Any, request: Any, faulty: frozenset[str] = frozenset()) -> Any:
    faults = Faults(faulty)
    check(request, "", faults)
    return {
        fault.field: FaultCode.Name(fault.code).removeprefix("FAULT_CODE_")
        for fault in faults.found
    }


def creation(**contact: Any) -> CreateContactRequest:
    return ParseDict({"contact": contact}, CreateContactRequest())


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        ({"email": "a@x.co"}, {}),
        ({"phone": "555-0100"}, {}),
        ({}, {"contact.email": "REQUIRED"}),
        ({"email": " "}, {"contact.email": "REQUIRED"}),
        ({"email": "x"}, {"contact.email": "INVALID_FORMAT"}),
        ({"phone": "12"}, {"contact.phone": "INVALID_FORMAT"}),
        ({"phone": "5" * 33}, {"contact.phone": "TOO_LONG"}),
        ({"phone": "112", "email": "é" * 255}, {"contact.email": "TOO_LONG"}),
        ({"phone": "112", "first_name": "é" * 100}, {}),
        ({"phone": "112", "first_name": " " + "é" * 100 + " "}, {}),
        ({"phone": "112", "first_name": "é" * 101}, {"contact.first_name": "TOO_LONG"}),
        ({"phone": "112", "city": "a\0"}, {"contact.city": "INVALID"}),
        ({"phone": "112", "country": "br"}, {"contact.country": "INVALID_CHOICE"}),
        ({"phone": "112", "lead_score": 101}, {"contact.lead_score": "TOO_LARGE"}),
        ({"phone": "112", "lead_score": -1}, {"contact.lead_score": "TOO_SMALL"}),
        ({"phone": "112", "tags": ["a", " "]}, {"contact.tags[1]": "TOO_SHORT"}),
        ({"phone": "112", "tags": ["x" * 65]}, {"contact.tags[0]": "TOO_LONG"}),
        ({"phone": "112", "tags": [str(n) for n in range(50)]}, {}),
        ({"phone": "112", "tags": [*"aA" * 40]}, {}),
        ({"phone": "112", "tags": ["VIP"] * 51}, {}),
        ({"phone": "112", "tags": ["VIP"] * 1_000}, {}),
        ({"phone": "112", "tags": ["VIP"] * 1_001}, {"contact.tags": "TOO_MANY"}),
        (
            {"phone": "112", "tags": ["é" * 65, *map(str, range(50))]},
            {"contact.tags[0]": "TOO_LONG", "contact.tags": "TOO_MANY"},
        ),
        (
            {"phone": "112", "tags": [str(n) for n in range(51)]},
            {"contact.tags": "TOO_MANY"},
        ),
        (
            {"email": "x", "lead_score": 500, "custom_fields": {"A": 1, "b": {}}},
            {
                "contact.email": "INVALID_FORMAT",
                "contact.lead_score": "TOO_LARGE",
                "contact.custom_fields.A": "INVALID_FORMAT",
                "contact.custom_fields.b": "INVALID_TYPE",
            },
        ),
    ],
)
def test_a_new_contact_is_held_against_every_rule(
    contact: dict[str, Any], expected: dict[str, str]
) -> None:
    assert codes(CREATE, creation(**contact)) == expected


def test_texts_are_trimmed_and_double_tags_dropped() -> None:
    request = creation(email=" a@x.co ", city="\t", tags=["VIP", " vip ", "É", "é"])
    assert codes(CREATE, request) == {}
    contact = request.contact
    assert (contact.email, contact.city, list(contact.tags)) == (
        "a@x.co",
        "",
        ["VIP", "É"],
    )


def test_nothing_is_said_of_what_the_edge_could_not_read() -> None:
    faulty = frozenset(["contact.email"])
    assert codes(CREATE, creation(), faulty) == {}
    assert codes(CREATE, creation(phone="1"), faulty) == {
        "contact.phone": "INVALID_FORMAT"
    }


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        (["city", "custom_fields", "custom_fields.a", "email"], {}),
        (["nope"], {"update_mask": "INVALID_CHOICE"}),
        (["city.x"], {"update_mask": "INVALID_CHOICE"}),
        (["id"], {"contact.id": "READ_ONLY"}),
        (["name", "etag"], {"contact.name": "READ_ONLY", "contact.etag": "READ_ONLY"}),
    ],
)
def test_a_mask_names_fields_that_can_be_written(
    mask: list[str], expected: dict[str, str]
) -> None:
    request = UpdateContactRequest()
    request.update_mask.paths.extend(mask)
    assert codes(UPDATE, request) == expected


def test_what_a_request_must_hold_is_missed() -> None:
    assert codes(ADD_TAGS, AddContactTagsRequest(id="con_1")) == {"tags": "REQUIRED"}


@pytest.mark.parametrize(
    ("limit", "expected"), [(1, {}), (100, {}), (0, "TOO_SMALL"), (101, "TOO_LARGE")]
)
def test_a_limit_that_is_given_lies_between_1_and_100(
    limit: int, expected: Any
) -> None:
    found = codes(SEARCH, SearchContactsRequest(limit=limit))
    assert found == ({"limit": expected} if expected else {})


@given(st.lists(st.text("aAbBéÉ", max_size=2)))
def test_of_texts_that_differ_in_case_the_first_stays(texts: list[str]) -> None:
    kept = distinct(texts)
    in_small = [text.lower() for text in kept]
    assert len(set(in_small)) == len(in_small)
    assert {text.lower() for text in texts} == set(in_small)
    assert kept == sorted(kept, key=texts.index)
