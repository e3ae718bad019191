"""How the values of the log are told: as public JSON has them."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from google.protobuf.struct_pb2 import NULL_VALUE, Value
from google.type.date_pb2 import Date
from prospectconnect.options.v1 import options_pb2

from services.clock import rfc3339
from services.kinds.custom_fields import to_value
from services.kinds.descriptors import enum_choices
from services.kinds.record_type import Field, FieldType
from services.records.values.aggregation_json import told_aggregation

# Converts a value of the log to JSON.
Tell = Callable[[Any], Any]


def teller(item: Field) -> Tell:
    """Returns what tells the values of a field."""
    if item.type is FieldType.ENUM:
        names = {number: name for name, number in item.choices.items()}
        return partial(_named, names)
    if item.type is FieldType.NESTED:
        return messages_teller(item.message)
    if item.type is FieldType.MESSAGE:
        return message_teller(item.message)
    return _TELLERS.get(item.type, _itself)


def message_teller(descriptor: Any) -> Tell:
    """Returns what tells values that are messages: with the members that are unset.

    `descriptor` is that of the messages.
    """
    if descriptor is Date.DESCRIPTOR:
        return _day
    unset: dict[str, Any] = {
        each.name: _unset(each)
        for each in descriptor.fields
        if not (each.enum_type or _policy(each).omit_unset)
    }
    inside = {
        each.name: _member_teller(each)
        for each in descriptor.fields
        if each.message_type or each.enum_type
    }

    def tell(value: Mapping[str, Any]) -> Any:
        told = {k: inside[k](v) for k, v in value.items() if k in inside}
        return {**unset, **value, **told}

    return tell


def messages_teller(descriptor: Any) -> Tell:
    """The same for lists of messages."""
    tell = message_teller(descriptor)
    return lambda values: [tell(each) for each in values]


def _policy(item: Any) -> options_pb2.FieldPolicy:
    policy: options_pb2.FieldPolicy = item.GetOptions().Extensions[options_pb2.field]
    return policy


def _unset(item: Any) -> Any:
    if item.is_repeated:
        return []
    return None if item.has_presence else item.default_value


def _member_teller(item: Any) -> Tell:
    if item.enum_type is not None:
        names = {number: name for name, number in enum_choices(item).items()}
        return partial(_named, names)
    make = messages_teller if item.is_repeated else message_teller
    return make(item.message_type)


def _day(value: Mapping[str, int]) -> str:
    year, month, day = (value.get(each, 0) for each in ("year", "month", "day"))
    return f"{year:04}-{month:02}-{day:02}"


def told(tell: Tell, value: Any) -> Value:
    """Tells a value; null for none."""
    json = None if value is None else tell(value)
    return Value(null_value=NULL_VALUE) if json is None else to_value(json)


def _named(names: Mapping[int, str], number: int) -> str | None:
    return names.get(number)


def _itself(value: Any) -> Any:
    return value


_TELLERS: dict[FieldType, Tell] = {
    FieldType.TIMESTAMP: rfc3339,
    FieldType.DECIMAL: float,
    FieldType.FIGURES: told_aggregation,
}
