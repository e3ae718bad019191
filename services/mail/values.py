"""What a template can name: the fields of a contact, its company and the caller."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.json_format import MessageToDict
from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.options.v1 import options_pb2

from services.clock import now, to_timestamp
from services.texts.told import Several, Values

_LEFT_OUT = frozenset(("merged_ids",))


def names() -> Mapping[str, Collection[str]]:
    """What a template can name, and what each of it holds."""
    return {
        "contact": [
            field.name for field in Contact.DESCRIPTOR.fields if _is_told(field)
        ],
        "company": ("id", "name"),
        "user": ("name",),
        "now": (),
        "today": (),
    }


def values_of(contact: Contact, company: Any, user: str) -> dict[str, object]:
    """The values by name: plain texts, numbers, lists and values by name."""
    told = Values(_fields(contact))
    named = (
        Values(id=company.id, name=company.name) if company is not None else Values()
    )
    moment = to_timestamp(now()).ToJsonString()
    return {
        "contact": told,
        "company": named,
        "user": Values(name=user),
        "now": moment,
        "today": moment[:10],
    }


def _fields(contact: Contact) -> Iterator[tuple[str, Any]]:
    told = MessageToDict(
        contact,
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,  # a score of 0 is a score
    )
    for field in Contact.DESCRIPTOR.fields:
        if not _is_told(field):
            continue
        value = told.get(field.name)
        if field.type == FieldDescriptor.TYPE_ENUM and isinstance(value, str):
            value = _word(field, value)
        yield field.name, _plain(value)


def _is_told(field: FieldDescriptor) -> bool:
    policy = field.GetOptions().Extensions[options_pb2.field]
    return not (policy.internal or policy.unstored or field.name in _LEFT_OUT)


def _word(field: FieldDescriptor, value: str) -> str:
    """A value of an enum as public JSON has it: `lead`, not `LIFECYCLE_STAGE_LEAD`."""
    kind = field.enum_type
    assert kind is not None  # noqa: S101 - the field is an enum
    zero = kind.values_by_number[0].name
    return value.removeprefix(zero.removesuffix("UNSPECIFIED")).lower()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return Values((key, _plain(each)) for key, each in value.items())
    if isinstance(value, list):
        return Several(_plain(each) for each in value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
