"""No method answers with a record that its caller may not read, by its descriptor."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.iam.v1.users_pb2 import User
from prospectconnect.options.v1 import options_pb2

from edge.surface import all_services
from services.every_kind import KINDS
from services.gates.partial_answers import held_by
from services.kinds.descriptors import record_types
from services.kinds.methods import Method, read_methods
from services.roles import RESOURCES

METHODS = read_methods(all_services(), record_types(KINDS))


def records_in(message: Any, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The resources of all records that a message may hold, however deep."""
    options = message.GetOptions()
    if options.HasExtension(options_pb2.record):
        policy = options.Extensions[options_pb2.record]
        yield policy.permission_resource or policy.resource
    for item in message.fields:
        nested = item.message_type
        if nested is not None and nested.full_name not in seen:
            yield from records_in(nested, seen | {message.full_name})


ANSWERS = {
    name: guarded
    for name, method in METHODS.items()
    if (guarded := set(records_in(method.response.DESCRIPTOR)) & set(RESOURCES))
}


@pytest.mark.parametrize("name", ANSWERS)
def test_records_are_answered_to_readers_or_in_part(name: str) -> None:
    method = METHODS[name]
    (resource,) = ANSWERS[name]
    held = held_by(method)
    if method.permission == f"{resource}.read":
        assert held is None
    else:
        assert held is not None
        assert held.resource == resource


def test_other_methods_have_nothing_to_leave_out() -> None:
    assert len(ANSWERS) > 25
    others = METHODS.keys() - ANSWERS.keys()
    assert [name for name in others if held_by(METHODS[name]) is not None] == []


def method(name: str) -> Method:
    """A contact's method."""
    return METHODS[f"/prospectconnect.crm.v1.ContactService/{name}"]


@pytest.mark.parametrize(
    "faulty",
    [
        replace(method("GetContact"), permission="deal.read"),
        replace(method("GetContact"), permission="", session=True),
        replace(method("UpdateContact"), permission="deal.write"),
        replace(method("SearchContacts"), permission="contact.write"),
        replace(method("SearchContacts"), permission=""),
    ],
    ids=["other resource", "session", "other write", "many", "anybody"],
)
def test_a_method_that_could_not_be_limited_does_not_start(faulty: Method) -> None:
    with pytest.raises(ValueError, match="record"):
        held_by(faulty)


def test_a_write_of_one_record_is_limited_wherever_the_record_is() -> None:
    upsert, update = held_by(method("UpsertContact")), held_by(method("UpdateContact"))
    assert upsert is not None
    assert update is not None
    assert (upsert.field, update.field) == ("data", "")
    assert {upsert.record, update.record} == {Contact}


def test_users_are_for_every_token() -> None:
    name = "/prospectconnect.iam.v1.UserService/GetUser"
    assert METHODS[name].response is User
    assert held_by(METHODS[name]) is None
