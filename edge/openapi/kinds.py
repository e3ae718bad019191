"""The types of fields, and how a search compares them (contract, section 7).

The operators and their values come from `filters.proto`; the services use the same file
to check filters.
"""

from collections.abc import Mapping
from types import MappingProxyType

from google.protobuf.descriptor import EnumValueDescriptor, FieldDescriptor
from prospectconnect.options.v1 import options_pb2
from prospectconnect.type.v1 import filters_pb2, search_pb2
from prospectconnect.type.v1.filters_pb2 import Comparison, FieldKind, ValueType
from prospectconnect.type.v1.search_pb2 import Operands, Operator

from edge.openapi import values

# The fields of records that are shared by their links; searches accept them as well.
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


def _name(value: EnumValueDescriptor) -> str:
    """An enum value as public JSON writes it."""
    prefix = value.type.values[0].name.removesuffix("UNSPECIFIED")
    return value.name.removeprefix(prefix).lower()


def _comparison(value: EnumValueDescriptor) -> Comparison:
    return value.GetOptions().Extensions[filters_pb2.comparison]


def _names_of(operands: Operands.ValueType) -> tuple[str, ...]:
    return tuple(
        _name(each)
        for each in Operator.DESCRIPTOR.values
        if each.GetOptions().Extensions[search_pb2.operands] == operands
    )


def _operators(kind: EnumValueDescriptor) -> tuple[str, ...]:
    known = Operator.DESCRIPTOR.values_by_number
    return tuple(_name(known[number]) for number in _comparison(kind).operators)


def _types(kind: EnumValueDescriptor) -> tuple[str, ...]:
    known = ValueType.DESCRIPTOR.values_by_number
    return tuple(_name(known[number]) for number in _comparison(kind).values)


# The operators of all types together.
EVERY_OPERATOR = tuple(_name(each) for each in Operator.DESCRIPTOR.values[1:])

_COMPARED = FieldKind.DESCRIPTOR.values[1:]

# The operators of each type of field, and the JSON types of the values that they take.
OPERATORS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {_name(kind): _operators(kind) for kind in _COMPARED}
)
TYPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {_name(kind): _types(kind) for kind in _COMPARED}
)

# Operators by the number of values that they take.
EMPTINESS = _names_of(Operands.OPERANDS_NONE)
SEVERAL = _names_of(Operands.OPERANDS_SEVERAL)

# A custom field may have any type, so it is compared as one of these.
CUSTOM = ("custom_value", "custom_number", "custom_text")


def kinds_of(field: FieldDescriptor) -> tuple[str, ...]:
    """The types that a filterable field is compared as: keys of `OPERATORS`."""
    policy = field.GetOptions().Extensions[options_pb2.field]
    return CUSTOM if policy.custom_fields else (_kind_of(field, policy),)


def keys_of(field: FieldDescriptor) -> str:
    """The keys that a field is filtered by, e.g. `custom_fields.KEY`; "" if by none."""
    policy = field.GetOptions().Extensions[options_pb2.field]
    if policy.custom_fields:
        return values.CUSTOM_KEY
    return values.SYSTEM if policy.external_ids else ""


def _kind_of(field: FieldDescriptor, policy: options_pb2.FieldPolicy) -> str:
    if field.type == FieldDescriptor.TYPE_STRING:
        if field.is_repeated:
            return "id" if policy.ids else "tags"
        is_id = field.name == "id" or policy.references or policy.end
        return "id" if is_id else "string"
    if policy.external_ids:
        return "external_id"
    if field.message_type is not None:
        return _MESSAGES[field.message_type.full_name]
    return _SCALARS[field.type]
