"""JSON as messages: what is present, what null means, and what goes in the mask."""

from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prospectconnect.crm.v1 import contacts_pb2
from prospectconnect.type.v1 import search_pb2

from edge.operations import Operation
from edge.transcoder.encode import compile_encoder
from edge.transcoder.formats import Unreadable
from edge.transcoder.json_body import parse_body
from tests.edge.operations import CREATE, OPERATIONS, SEARCH, UPDATE, UPSERT, nested


def decoded(operation: Operation, body: Any, **path_values: str) -> Any:
    return operation.decode(body, path_values)


def test_a_create() -> None:
    body = {
        "first_name": "Ann",
        "email": "",
        "lifecycle_stage": "customer",
        "lead_score": Decimal("5.0"),
        "tags": ["a", "b"],
        "custom_fields": {"n": 1, "l": ["x"], "b": True, "z": None},
    }
    contact = decoded(CREATE, body).contact
    assert contact.first_name == "Ann"
    assert contact.HasField("email")
    assert not contact.HasField("last_name")
    assert contact.lifecycle_stage == contacts_pb2.LIFECYCLE_STAGE_CUSTOMER
    assert contact.lead_score == 5
    assert contact.tags == ["a", "b"]
    assert dict(contact.custom_fields)["n"] == 1
    assert contact.custom_fields.fields["z"].HasField("null_value")


def test_null_is_an_empty_text_and_otherwise_unset() -> None:
    body = {"email": None, "lifecycle_stage": None, "tags": None, "lead_score": None}
    contact = decoded(CREATE, body).contact
    assert contact.HasField("email")
    assert contact == contacts_pb2.Contact(email="")


def test_what_is_present_is_in_the_mask() -> None:
    body: dict[str, Any] = {
        "email": None,
        "tags": [],
        "lifecycle_stage": None,
        "lead_score": 3,
    }
    request = decoded(UPDATE, body, id="con_1")
    assert request.id == "con_1"
    assert request.update_mask.paths == list(body)
    assert request.contact == contacts_pb2.Contact(email="", lead_score=3)


def test_custom_fields_are_in_the_mask_key_by_key() -> None:
    request = decoded(UPDATE, {"custom_fields": {"a": 1, "b": None, "c.d": "x"}})
    expected = ["custom_fields.a", "custom_fields.b", "custom_fields.c.d"]
    assert request.update_mask.paths == expected
    assert set(request.contact.custom_fields.fields) == {"a", "c.d"}


@pytest.mark.parametrize(("value", "paths"), [({}, []), (None, ["custom_fields"])])
def test_custom_fields_as_a_whole(value: Any, paths: list[str]) -> None:
    request = decoded(UPDATE, {"custom_fields": value})
    assert request.update_mask.paths == paths
    assert request.contact == contacts_pb2.Contact()


def test_an_upsert_takes_an_id() -> None:
    request = decoded(UPSERT, {"id": "con_1", "email": "a@b.example"})
    assert request.contact.id == "con_1"
    assert request.update_mask.paths == ["email"]


def test_a_search() -> None:
    body = {
        "filters": [
            {"field": "email", "operator": "eq", "value": "a"},
            {"not": {"any": [{"field": "lead_score", "values": [1, Decimal("2.5")]}]}},
        ],
        "limit": 10,
        "cursor": None,
        "sort_direction": "asc",
        "include_total": False,
    }
    request = decoded(SEARCH, body)
    assert request.filters[0].operator == search_pb2.OPERATOR_EQ
    assert request.filters[0].value.string_value == "a"
    inner = getattr(request.filters[1], "not").any[0]
    assert [value.number_value for value in inner.values] == [1, 2.5]
    assert request.limit == 10
    assert not request.HasField("cursor")
    assert request.HasField("include_total")


MORE = "999999999999999.99"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (Decimal(MORE), MORE),
        (Decimal("1e-400"), "1E-400"),
        (Decimal("0.1"), ""),
        (Decimal("1e2"), ""),
        (Decimal("1e300"), ""),
        (Decimal("-0.0"), ""),
        (Decimal("0e-5000"), ""),
        (Decimal("1e-1001"), ""),  # more than anybody compares with
        (Decimal("0." + "1" * 2_000), ""),
        (2**53, ""),
        (MORE, ""),
        (True, ""),
        ([Decimal(MORE)], ""),
        (None, ""),
    ],
)
def test_a_number_that_a_double_does_not_keep_is_also_text(
    given: Any, text: str
) -> None:
    (found,) = decoded(SEARCH, {"filters": [{"value": given}]}).filters
    assert found.exact_value == text
    assert found.HasField("exact_value") == bool(text)
    assert not found.exact_values
    values = [5, given, Decimal("2.5"), "x"] if given is not None else None
    (found,) = decoded(SEARCH, {"filters": [{"values": values}]}).filters
    assert list(found.exact_values) == (["", text, "", ""] if text else [])


def test_exact_texts_are_no_part_of_json() -> None:
    for name in ("exact_value", "exact_values"):
        with pytest.raises(Unreadable):
            decoded(SEARCH, {"filters": [{name: MORE}]})


def test_a_search_takes_null_as_absent() -> None:
    body = dict.fromkeys(["filters", "search_text", "order_by", "limit", "cursor"])
    assert decoded(SEARCH, body) == contacts_pb2.SearchContactsRequest()


def test_path_values_are_bound() -> None:
    request = decoded(OPERATIONS["AddContactTags"], {"tags": ["a"]}, id="con_1")
    assert request == contacts_pb2.AddContactTagsRequest(id="con_1", tags=["a"])
    request = decoded(OPERATIONS["RemoveContactTag"], None, id="con_1", tag="a/b")
    assert request == contacts_pb2.RemoveContactTagRequest(id="con_1", tag="a/b")


def test_depth_is_bounded() -> None:
    decoded(CREATE, nested(16))
    with pytest.raises(Unreadable):
        decoded(CREATE, nested(17))


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
OPEN = st.recursive(
    TEXT | st.booleans() | st.none() | st.integers(-(2**53), 2**53),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
    ),
    max_leaves=8,
)
CONTACTS = st.fixed_dictionaries(
    {},
    optional={
        "first_name": TEXT,
        "email": TEXT,
        "lifecycle_stage": st.sampled_from(["lead", "other", "customer"]),
        "lead_score": st.integers(-(2**31), 2**31 - 1),
        "tags": st.lists(TEXT, max_size=3),
        "custom_fields": st.dictionaries(TEXT, OPEN, max_size=4),
    },
)


@given(CONTACTS)
def test_what_is_read_is_written_the_same(body: dict[str, Any]) -> None:
    message = decoded(CREATE, parse_body(orjson.dumps(body))).contact
    written = orjson.loads(orjson.dumps(compile_encoder(message.DESCRIPTOR)(message)))
    assert {name: written[name] for name in body} == body
