"""Masks: an update writes the fields that it names and touches no other."""

from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from hypothesis import given
from hypothesis import strategies as st
from prospectconnect.crm.v1.contacts_pb2 import Contact, UpdateContactRequest

from services.kinds.descriptors import record_type
from services.kinds.masks import write, written_paths

KIND = record_type(Contact)
TEXT = ("first_name", "last_name", "email", "city", "owner_id")
CONTACTS = st.builds(
    lambda texts, score, tags, custom: ParseDict(
        {**texts, "lead_score": score, "tags": tags, "custom_fields": custom},
        Contact(),
    ),
    st.dictionaries(st.sampled_from(TEXT), st.text("abc", max_size=3)),
    st.integers(0, 100),
    st.lists(st.text("abc", min_size=1, max_size=3), max_size=3),
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 9)),
)
PATHS = st.lists(
    st.sampled_from((*TEXT, "lead_score", "tags", "custom_fields")), unique=True
)


@given(CONTACTS, CONTACTS, PATHS)
def test_named_fields_are_copied_and_others_left(
    before: Contact, given_: Contact, paths: list[str]
) -> None:
    after = Contact()
    after.CopyFrom(before)
    write(after, given_, paths)
    for item in Contact.DESCRIPTOR.fields:
        source = given_ if item.name in paths else before
        assert value(after, item.name) == value(source, item.name)


def value(contact: Any, name: str) -> Any:
    """The value of a field, None where it may be unset and is."""
    item = contact.DESCRIPTOR.fields_by_name[name]
    if item.has_presence and not contact.HasField(name):
        return None
    return getattr(contact, name)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({"a": 5}, {"a": 5, "b": 2}),
        ({"a": None}, {"b": 2}),
        ({}, {"b": 2}),
    ],
)
def test_a_custom_field_is_merged_by_its_key(
    given_: dict[str, int | None], expected: dict[str, int | None]
) -> None:
    contact = ParseDict({"custom_fields": {"a": 1, "b": 2}}, Contact())
    source = ParseDict({"custom_fields": given_}, Contact())
    write(contact, source, ["custom_fields.a"])
    assert MessageToDict(contact.custom_fields) == expected


def test_without_a_mask_every_set_field_is_written() -> None:
    contact = ParseDict(
        {"id": "con_1", "name": "x", "city": "", "tags": ["a"], "etag": "1"}, Contact()
    )
    contact.custom_fields.update({"plan": 1, "size": 2})
    paths = written_paths(KIND, UpdateContactRequest(contact=contact))
    assert sorted(paths) == ["city", "custom_fields.plan", "custom_fields.size", "tags"]


def test_a_mask_is_taken_as_it_is() -> None:
    request = UpdateContactRequest(contact=Contact(city="x", state="y"))
    request.update_mask.paths.extend(["state", "custom_fields.a"])
    assert list(written_paths(KIND, request)) == ["state", "custom_fields.a"]
