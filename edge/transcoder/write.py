"""Message to JSON text: in C if that was compiled, else by `encode` and orjson.

Both write the same bytes. An answer of an older contract always uses `encode`, because
contracts transform its dict.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import orjson
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.type.decimal_pb2 import Decimal
from prospectconnect.options.v1 import options_pb2

from edge.transcoder.encode import (
    ANSWERED_FIELDS,
    Encode,
    compile_encoder,
    is_in_part,
    is_told_empty,
)
from edge.transcoder.figures import FIGURE_ROW
from edge.transcoder.formats import write_decimal
from edge.transcoder.shapes import enum_names

try:
    from edge.transcoder._encode import Encoder
except ImportError:  # there was no compiler
    Encoder = None  # type: ignore[assignment, misc]  # asked for before it is used

Write = Callable[[Message], bytes]

# A member that is written beside the id of records: what stands before its value, the
# values by the ids, and the value of all other records.
Member = tuple[bytes, dict[str, bytes], bytes]


class Members(NamedTuple):
    """The members that records have besides, and what stands after them."""

    each: list[Member]
    tail: bytes


NO_MEMBERS = Members([], b"}")

# The JSON text of each record of a serialized page, with members that it has besides.
Split = Callable[[bytes, Members], list[bytes]]

# The encoders by the descriptors of their messages. Many messages contain the same
# ones: copies of their encoders and of the names of enums took 18 MiB.
_ENCODERS: dict[Any, Any] = {}

# The letters by which the compiled encoder names the types of single values.
_SCALARS = {
    FieldDescriptor.TYPE_STRING: "s",
    FieldDescriptor.TYPE_INT32: "i",
    FieldDescriptor.TYPE_BOOL: "b",
    FieldDescriptor.TYPE_ENUM: "e",
}
_MESSAGES = {
    "google.protobuf.Timestamp": "t",
    "google.protobuf.Struct": "o",
    "google.protobuf.Value": "v",
    "google.type.Date": "d",
    "google.type.Decimal": "n",
}
# How the compiled encoder is told of fields that depend on `answered_fields`.
_ONLY_NAMED, _NAMED_EMPTY = 1, 2


class _Unknown(Exception):
    """A field that the compiled encoder cannot write."""


def compile_writer(
    message: type[Message], encode: Encode, *, compiled: bool = True
) -> Write:
    """The function message -> JSON text. `encode` is the function message -> dict."""
    encoder = _compiled(message) if compiled else None
    if encoder is None:
        return lambda given: orjson.dumps(encode(given))
    return lambda given: encoder(given.SerializeToString())


def compile_splitter(page: type[Message], *, compiled: bool = True) -> Split:
    """The function serialized page -> JSON text of each of its records.

    The records are in the field `data`, which has the number 1.
    """
    encoder = _compiled(page) if compiled else None
    if encoder is not None:
        split = encoder.each
        return lambda data, members: split(data, *members)
    descriptor: Any = page.DESCRIPTOR
    encode, read = compile_encoder(descriptor), page.FromString
    return lambda data, members: [
        with_members(orjson.dumps(each), each.get("id", ""), members)
        for each in encode(read(data))["data"]
    ]


def with_members(record: bytes, record_id: str, members: Members) -> bytes:
    """The JSON text of a record with the members that belong to its id."""
    parts = [record[:-1]]
    for key, values, other in members.each:
        parts += (key, values.get(record_id, other))
    return b"".join((*parts, members.tail))


def _compiled(message: type[Message]) -> Any:
    """The encoder in C, None where there is none for the message."""
    if Encoder is None:
        return None
    try:
        return _encoder(message, ())
    except _Unknown:
        return None


def _encoder(message: type[Message], around: tuple[Any, ...]) -> Any:
    """The compiled encoder of a message; `around` are the messages that contain it."""
    descriptor: Any = message.DESCRIPTOR
    if descriptor in around:
        raise _Unknown
    if descriptor in _ENCODERS:
        return _ENCODERS[descriptor]
    around = (*around, descriptor)
    unset = compile_encoder(descriptor)(message())
    # In the order of `encode`: fields that are left out when unset come last.
    fields = [field for field in descriptor.fields if not _is_internal(field)]
    fields.sort(key=lambda field: field.name not in unset)
    told = descriptor.fields_by_name.get(ANSWERED_FIELDS)
    made = _ENCODERS[descriptor] = Encoder(
        tuple(_field(field, unset, around) for field in fields),
        _spell,
        0 if told is None else told.number,
    )
    return made


def _is_internal(field: FieldDescriptor) -> bool:
    return bool(field.GetOptions().Extensions[options_pb2.field].internal)


def _field(
    field: FieldDescriptor, unset: dict[str, Any], around: tuple[Any, ...]
) -> tuple[Any, ...]:
    kind, sub = _kind(field, around)
    if field.is_repeated and kind in "ibe":  # these are packed
        raise _Unknown
    return (
        field.number,
        kind,
        orjson.dumps(field.name) + b":",
        sub,
        field.is_repeated,
        orjson.dumps(unset[field.name]) if field.name in unset else b"",
        _ONLY_NAMED if is_in_part(field) else _NAMED_EMPTY * is_told_empty(field),
    )


def _kind(field: FieldDescriptor, around: tuple[Any, ...]) -> tuple[str, Any]:
    """The encoder's letter for a field's type, and the arguments to write it."""
    if field.enum_type is not None:
        return "e", _names(field.enum_type)
    if field.message_type is None:
        if field.type not in _SCALARS:
            raise _Unknown
        return _SCALARS[field.type], None
    if known := _MESSAGES.get(field.message_type.full_name):
        return known, None
    named = field.message_type.full_name == FIGURE_ROW
    if named or field.message_type.GetOptions().map_entry:
        raise _Unknown  # the names of its members are values
    nested: Any = field.message_type
    return "m", _encoder(GetMessageClass(nested), around)


@cache
def _names(enum: EnumDescriptor) -> tuple[bytes, ...]:
    """The names of an enum's values as JSON, by number. One tuple serves all fields."""
    names = enum_names(enum)
    numbers = range(max(names, default=0) + 1)
    return tuple(orjson.dumps(names.get(number)) for number in numbers)


def _spell(value: float | str) -> bytes:
    """A double or a decimal as JSON; these need more than their digits."""
    if isinstance(value, float):
        return orjson.dumps(value)
    return orjson.dumps(write_decimal(Decimal(value=value)))
