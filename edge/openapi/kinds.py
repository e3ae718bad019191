"""What a field holds, and how a search compares it (contract, section 7).

The services have the same table for what they do about it; a test holds the two
against each other.
"""

from collections.abc import Mapping
from types import MappingProxyType

from google.protobuf.descriptor import FieldDescriptor
from prospectconnect.options.v1 import options_pb2

# Operators by how many values they take.
EMPTINESS = ("is_empty", "is_not_empty")
SEVERAL = ("in", "not_in", "between", "any_of", "all_of", "none_of")

_EQUALITY = ("eq", "neq")
_MEMBERSHIP = (*_EQUALITY, "in", "not_in")
_TEXT = (
    *_MEMBERSHIP,
    *("contains", "not_contains", "starts_with", "ends_with"),
    *EMPTINESS,
)
_RANGE = (*_MEMBERSHIP, "gt", "gte", "lt", "lte", "between", *EMPTINESS)
_TAGS = ("contains", "not_contains", "any_of", "all_of", "none_of", *EMPTINESS)

OPERATORS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "string": _TEXT,
        "id": (*_MEMBERSHIP, *EMPTINESS),
        "enum": (*_MEMBERSHIP, *EMPTINESS),
        "number": _RANGE,
        "date": _RANGE,
        "timestamp": _RANGE,
        "boolean": _EQUALITY,
        "tags": _TAGS,
        "custom": tuple(dict.fromkeys((*_TEXT, *_RANGE, *_TAGS))),
    }
)

# What a search of records that are shared by their links also goes by.
RECORD_ID = "record_id"

_SCALARS = {
    FieldDescriptor.TYPE_ENUM: "enum",
    FieldDescriptor.TYPE_INT32: "number",
    FieldDescriptor.TYPE_BOOL: "boolean",
}
_MESSAGES = {
    "google.protobuf.Timestamp": "timestamp",
    "google.type.Date": "date",
    "google.type.Decimal": "number",
}


def kind_of(field: FieldDescriptor) -> str:
    """What a filterable field holds, a key of `OPERATORS`."""
    policy = field.GetOptions().Extensions[options_pb2.field]
    if policy.custom_fields:
        return "custom"
    if field.type == FieldDescriptor.TYPE_STRING:
        if field.is_repeated:
            return "tags"
        return "id" if field.name == "id" or policy.references else "string"
    if field.message_type is not None:
        return _MESSAGES[field.message_type.full_name]
    return _SCALARS[field.type]
