"""Values without a fixed shape: `google.protobuf.Struct` and `Value`, both ways.

A value is written as it was read. Keys are sorted, because equal answers must be equal
byte for byte, and integral numbers are written as integers.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from google.protobuf.struct_pb2 import ListValue, Struct, Value

from edge.transcoder.formats import Unreadable, too_far_from_zero

# The largest integer up to which a double represents every integer exactly.
_EXACT = 2**53
_INFINITY = float("inf")


def write_struct(struct: Struct) -> dict[str, Any]:
    """Writes a struct as a dict with sorted keys."""
    fields = struct.fields
    return {key: write_value(fields[key]) for key in sorted(fields)}


def write_value(value: Value) -> Any:
    """Writes a value as JSON."""
    kind = value.WhichOneof("kind")
    return _WRITERS[kind](value) if kind else None


def _write_number(value: Value) -> int | float:
    number = value.number_value
    if number.is_integer() and -_EXACT <= number <= _EXACT:
        return int(number)
    return number


_WRITERS: dict[str, Callable[[Value], Any]] = {
    "string_value": lambda value: value.string_value,
    "number_value": _write_number,
    "bool_value": lambda value: value.bool_value,
    "null_value": lambda value: None,
    "struct_value": lambda value: write_struct(value.struct_value),
    "list_value": lambda value: [write_value(v) for v in value.list_value.values],
}


def read_struct(value: object) -> Struct:
    """Reads a JSON object. The caller has bounded its depth."""
    if type(value) is not dict:
        raise Unreadable("invalid_type", "Give an object.")
    struct = Struct()
    fields = struct.fields
    for key, item in value.items():
        _fill(fields[key], item)
    return struct


def read_value(value: object) -> Value:
    """Reads any JSON value. The caller has bounded its depth."""
    message = Value()
    _fill(message, value)
    return message


def _fill(message: Value, value: object) -> None:
    kind = type(value)
    if kind is str:
        message.string_value = value  # type: ignore[assignment]  # by kind
    elif kind is int or kind is Decimal:
        message.number_value = read_double(value)
    elif kind is bool:
        message.bool_value = value  # type: ignore[assignment]  # by kind
    elif value is None:
        message.null_value = 0  # type: ignore[assignment]  # by kind
    elif kind is dict:
        message.struct_value.CopyFrom(read_struct(value))
    else:
        message.list_value.CopyFrom(_read_list(value))


def _read_list(value: Any) -> ListValue:
    message = ListValue()
    for item in value:
        _fill(message.values.add(), item)
    return message


def read_double(value: object) -> float:
    """Reads a number as a double; an integer must fit exactly."""
    if type(value) is int:
        if not -_EXACT <= value <= _EXACT:
            raise too_far_from_zero(value)
        return float(value)
    if type(value) is not Decimal:
        raise Unreadable("invalid_type", "Give a number.")
    number = float(value)
    if number in (_INFINITY, -_INFINITY):
        raise too_far_from_zero(value)
    return number
