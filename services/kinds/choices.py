"""The values of enums as public JSON writes them, and the default values of fields."""

from collections.abc import Mapping

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from prospectconnect.options.v1.options_pb2 import FieldPolicy


def enum_choices(descriptor: FieldDescriptor) -> dict[str, int]:
    """An enum's values as public JSON writes them, with their numbers."""
    prefix = len(enum_prefix(descriptor))
    return {
        value.name[prefix:].lower(): value.number
        for value in _enum(descriptor).values
        if value.number
    }


def enum_prefix(descriptor: FieldDescriptor) -> str:
    """What the names of an enum's values begin with."""
    return _enum(descriptor).values[0].name.removesuffix("UNSPECIFIED")


def _enum(descriptor: FieldDescriptor) -> EnumDescriptor:
    assert descriptor.enum_type is not None  # noqa: S101 - callers hold an enum field
    return descriptor.enum_type


def default_of(
    descriptor: FieldDescriptor, policy: FieldPolicy, choices: Mapping[str, int]
) -> str | int | None:
    """The default value of a field, an enum's as its number; None if it has none."""
    if not policy.default_value or descriptor.type == FieldDescriptor.TYPE_BOOL:
        return None  # a boolean is never empty; of one, only JSON's null is its default
    if choices:
        return choices[policy.default_value]
    if descriptor.type == FieldDescriptor.TYPE_INT32:
        return int(policy.default_value)
    return policy.default_value
