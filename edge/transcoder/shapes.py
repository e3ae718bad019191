"""The JSON that a message accepts: its fields by name, with a reader of their values.

Shapes are made from descriptors once, at start. The decoder compiles a shape into fast
code, and the fault finder walks it slowly, so both apply the same rules.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from google.api import field_behavior_pb2
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from prospectconnect.options.v1 import options_pb2

from edge.transcoder.formats import (
    Unreadable,
    read_date,
    read_decimal,
    read_timestamp,
    too_far_from_zero,
)
from edge.transcoder.open_values import read_double, read_struct, read_value

# JSON value -> value in the message; raises `Unreadable`.
Read = Callable[[object], Any]
Refusal = Callable[[FieldDescriptor], str]


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One field. `open` marks values without a fixed shape.

    `exact_in` is the name of the field that keeps the digits that a double would lose.
    `given_in` is the name of the field that tells that an empty list was given.
    `null_is` is what null stands for, None if it clears the field.
    """

    name: str
    repeated: bool
    # Why it cannot be written here; empty if it can.
    refusal: str
    text: bool
    struct: bool
    open: bool
    exact_in: str
    given_in: str
    # The reader of one value (of a list: one element), or the shape of a message.
    takes: "Read | MessageShape"
    null_is: bool | None = None


@dataclass(frozen=True, slots=True)
class MessageShape:
    """One message: its class and its public fields by name."""

    message_class: type[Message]
    fields: dict[str, FieldShape] = field(default_factory=dict)


def shape_of(
    descriptor: Descriptor,
    without: frozenset[str] = frozenset(),
    accepts: frozenset[str] = frozenset(),
    updates: bool = False,
) -> MessageShape:
    """The shape of a message as a request body.

    Args:
        descriptor: The message.
        without: Fields that are not in the body, e.g. those bound to the path.
        accepts: Read-only fields that are accepted here nevertheless.
        updates: The body updates a record. Immutable fields stay as they are. Fields
            with the option `changed_by` are refused then: only an operation of their
            own changes them.
    """

    def refusal(described: FieldDescriptor) -> str:
        changed_by = _policy(described).changed_by
        if changed_by and (updates or _is_output(described)):
            return f"The field is changed by {changed_by}."
        if _is_output(described) and described.name not in accepts:
            return "The field is read-only."
        if updates and _is_immutable(described):
            return "The field is set on create and never changes."
        return ""

    return _shape(descriptor, without, refusal, {})


def _shape(
    descriptor: Descriptor,
    without: frozenset[str],
    refusal: Refusal,
    known: dict[str, MessageShape],
) -> MessageShape:
    shape = MessageShape(GetMessageClass(descriptor))
    known.setdefault(descriptor.full_name, shape)
    for each in descriptor.fields:
        if each.name not in without and not _policy(each).internal:
            shape.fields[each.name] = _field(each, refusal, known)
    return shape


def _field(
    described: FieldDescriptor,
    refusal: Refusal,
    known: dict[str, MessageShape],
) -> FieldShape:
    read = _reader(described)
    takes: Read | MessageShape | None = read
    if takes is None:
        nested: Any = described.message_type
        takes = known.get(nested.full_name) or _shape(
            nested, frozenset(), refusal, known
        )
    return FieldShape(
        name=described.name,
        repeated=described.is_repeated,
        refusal=refusal(described),
        text=read is read_text,
        struct=read is read_struct,
        open=read in (read_struct, read_value),
        exact_in=_policy(described).exact_in,
        given_in=_policy(described).given_in,
        takes=takes,
        null_is=_null_is(described),
    )


def _null_is(described: FieldDescriptor) -> bool | None:
    """The default of a boolean that is true; other defaults are set by the services."""
    is_true = _policy(described).default_value == "true"
    return True if is_true and described.type == FieldDescriptor.TYPE_BOOL else None


def _is_output(described: FieldDescriptor) -> bool:
    return field_behavior_pb2.OUTPUT_ONLY in _behaviors(described)


def _is_immutable(described: FieldDescriptor) -> bool:
    return field_behavior_pb2.IMMUTABLE in _behaviors(described)


def _behaviors(described: FieldDescriptor) -> Any:
    return described.GetOptions().Extensions[field_behavior_pb2.field_behavior]


def _policy(described: FieldDescriptor) -> options_pb2.FieldPolicy:
    return described.GetOptions().Extensions[options_pb2.field]


def read_text(value: object) -> str:
    """Reads a string."""
    if type(value) is str:
        return value
    raise Unreadable("invalid_type", "Give a string.")


def read_boolean(value: object) -> bool:
    """Reads true or false; no other value is accepted."""
    if type(value) is bool:
        return value
    raise Unreadable("invalid_type", "Give true or false.")


def read_int32(value: object) -> int:
    """Reads a whole number of 32 bits; `5.0` is one."""
    number = value
    if type(number) is Decimal and number == number.to_integral_value():
        pass
    elif type(number) is not int:
        raise Unreadable("invalid_type", "Give a whole number.")
    if not -(2**31) <= number < 2**31:
        raise too_far_from_zero(number)
    return int(number)


def enum_names(enum: EnumDescriptor) -> Mapping[int, str]:
    """The public names of an enum's values, in order, without the zero value."""
    prefix = "".join(f"_{c}" if c.isupper() else c for c in enum.name)[1:].upper() + "_"
    return {
        value.number: value.name.removeprefix(prefix).lower()
        for value in enum.values
        if value.number
    }


def _enum_reader(
    enum: EnumDescriptor, server_values: Collection[str]
) -> Callable[[object], int]:
    numbers = {name: number for number, name in enum_names(enum).items()}
    # The rules refuse what the server alone writes, so that it is no choice.
    choices = ", ".join(name for name in numbers if name not in server_values)

    def read_choice(value: object) -> int:
        if type(value) is not str:
            raise Unreadable("invalid_type", f"Give a string, one of: {choices}.")
        number = numbers.get(value)
        if number is None:
            raise Unreadable("invalid_choice", f"Give one of {choices}.")
        return number

    return read_choice


_SCALARS: dict[int, Read] = {
    FieldDescriptor.TYPE_STRING: read_text,
    FieldDescriptor.TYPE_BOOL: read_boolean,
    FieldDescriptor.TYPE_INT32: read_int32,
    FieldDescriptor.TYPE_DOUBLE: read_double,
}

_MESSAGES: dict[str, Read] = {
    "google.protobuf.Timestamp": read_timestamp,
    "google.protobuf.Struct": read_struct,
    "google.protobuf.Value": read_value,
    "google.type.Date": read_date,
    "google.type.Decimal": read_decimal,
}


def _reader(described: FieldDescriptor) -> Read | None:
    """The reader of a field's values, or None for a message with fields."""
    if described.enum_type is not None:
        return _enum_reader(described.enum_type, _policy(described).server_values)
    if described.message_type is None:
        read = _SCALARS.get(described.type)
        if read is None:
            raise ValueError(f"{described.full_name}: JSON input has no such type")
        return read
    if described.message_type.GetOptions().map_entry:
        raise ValueError(f"{described.full_name}: a map cannot be read from JSON")
    return _MESSAGES.get(described.message_type.full_name)
