"""How the values of the log are told: as public JSON has them."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from google.protobuf.struct_pb2 import NULL_VALUE, Value

from services.clock import rfc3339
from services.kinds.custom_fields import to_value
from services.kinds.record_type import Field, FieldType
from services.records.values.aggregation_json import told_aggregation

# Converts a value of the log to JSON.
Tell = Callable[[Any], Any]


def teller(item: Field) -> Tell:
    """Returns what tells the values of a field."""
    if item.type is FieldType.ENUM:
        names = {number: name for name, number in item.choices.items()}
        return partial(_named, names)
    return _TELLERS.get(item.type, _itself)


def message_teller(descriptor: Any) -> Tell:
    """Returns what tells values that are messages: with the members that are unset.

    `descriptor` is that of the messages.
    """
    unset: dict[str, Any] = {
        each.name: [] if each.is_repeated else None
        for each in descriptor.fields
        if each.has_presence or each.is_repeated
    }
    return lambda value: unset | value


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
