"""The values of enums as public JSON writes them."""

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor


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
