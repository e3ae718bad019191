"""Formulas: what they may name of a record, and the values that they have in one.

A formula names fields that only the record's own writes change. So its value is as old
as the record, and no other write has to compute it again.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.timestamp_pb2 import Timestamp
from prospectconnect.schema.v1 import fields_pb2 as pb

from services.clock import to_timestamp
from services.kinds.custom_fields import Json, put
from services.kinds.descriptors import enum_choices
from services.kinds.expressions.functions import rounded
from services.kinds.expressions.programs import Kind, program
from services.kinds.expressions.reading import CUSTOM_FIELDS
from services.kinds.formats import timestamp
from services.kinds.own_fields import OwnField, OwnFields
from services.kinds.own_types import MOST_CHARACTERS
from services.kinds.record_type import Field, FieldType, RecordType
from services.kinds.typed_values import NUMBERS, TIMES

_PREFIX = f"{CUSTOM_FIELDS}."

_BUILT_IN: Mapping[FieldType, Kind] = {
    FieldType.STRING: Kind.TEXT,
    FieldType.ENUM: Kind.TEXT,
    FieldType.INTEGER: Kind.NUMBER,
    FieldType.DECIMAL: Kind.NUMBER,
    FieldType.BOOLEAN: Kind.BOOLEAN,
    FieldType.DATE: Kind.TIME,
    FieldType.TIMESTAMP: Kind.TIME,
    FieldType.TAGS: Kind.TEXTS,
}
_OWN: Mapping[int, Kind] = {
    pb.FIELD_TYPE_TEXT: Kind.TEXT,
    pb.FIELD_TYPE_EMAIL: Kind.TEXT,
    pb.FIELD_TYPE_PHONE: Kind.TEXT,
    pb.FIELD_TYPE_URL: Kind.TEXT,
    pb.FIELD_TYPE_COUNTRY: Kind.TEXT,
    pb.FIELD_TYPE_SELECT: Kind.TEXT,
    pb.FIELD_TYPE_MULTI_SELECT: Kind.TEXTS,
    pb.FIELD_TYPE_BOOLEAN: Kind.BOOLEAN,
    **dict.fromkeys(NUMBERS, Kind.NUMBER),
    **dict.fromkeys(TIMES, Kind.TIME),
}
# Every write sets it, those of other records too.
_UPDATED_AT = "updated_at"


def nameable(kind: RecordType, own: OwnFields) -> dict[str, Kind]:
    """The fields that formulas of a type of record may name: no formulas among them."""
    built_in = {
        item.name: _BUILT_IN[item.type] for item in kind.fields if _is_usable(item)
    }
    return built_in | {
        f"{CUSTOM_FIELDS}.{key}": _OWN[each.rules.type]
        for key, each in own.by_key.items()
        if each.rules.type in _OWN and not (each.archived or each.formula)
    }


def _is_usable(item: Field) -> bool:
    policy = item.policy
    if policy.multiline or policy.set_by_others or item.name == _UPDATED_AT:
        return False
    return item.type in _BUILT_IN


def compute(record: Any, own: OwnFields) -> None:
    """Sets the values of all formulas of a record."""
    for each in own.formulas:
        put(record.custom_fields.fields, each.key, value_of(each, record, own))


def value_of(formula: OwnField, record: Any, own: OwnFields) -> Json:
    """What a formula gives for a record, in its normal form; None if it fails."""
    ready = program(formula.formula)
    values = {path: _value(record, path, own) for path in ready.read.paths}
    return _normal(ready.value(values), formula)


def _value(record: Any, path: str, own: OwnFields) -> Any:
    """The value of a field as expressions take it."""
    if not path.startswith(_PREFIX):
        return reader(record.DESCRIPTOR, path)(record)
    key, fields = path.removeprefix(_PREFIX), record.custom_fields.fields
    field = own.by_key.get(key)
    if key in fields:
        return _own_value(field, fields[key])
    is_list = field is not None and field.rules.type == pb.FIELD_TYPE_MULTI_SELECT
    return [] if is_list else None


def _own_value(field: OwnField | None, value: Any) -> Any:
    kind = value.WhichOneof("kind")
    if field is not None and field.rules.type in TIMES and kind == "string_value":
        return _moment(value.string_value)
    if kind == "list_value":
        return [each.string_value for each in value.list_value.values]
    return getattr(value, kind) if kind not in (None, "null_value") else None


def _moment(text: str) -> Timestamp | None:
    moment = timestamp(text if "T" in text else f"{text}T00:00:00Z")
    return None if moment is None else to_timestamp(moment)


def _normal(given: str | float | bool | None, formula: OwnField) -> Json:
    """What a formula gave as it is stored: numbers are rounded, no text is empty."""
    kind = formula.rules.type
    if kind == pb.FIELD_TYPE_BOOLEAN:
        return given if isinstance(given, bool) else None
    if kind == pb.FIELD_TYPE_DECIMAL:
        if not isinstance(given, float) or given - given != 0:  # not a finite number
            return None
        return rounded(given, formula.rules.decimals)
    text = given.strip() if isinstance(given, str) else ""
    return text if text and len(text) <= MOST_CHARACTERS and "\0" not in text else None


@lru_cache(maxsize=1024)
def reader(record: Descriptor, name: str) -> Callable[[Any], Any]:
    """Returns the function that reads a built-in field as expressions take it."""
    item = record.fields_by_name[name]
    if item.is_repeated:
        return lambda message: list(getattr(message, name))
    if item.message_type is not None:
        read = _MESSAGES[item.message_type.full_name]
        return lambda message: (
            read(getattr(message, name)) if message.HasField(name) else None
        )
    if item.type == FieldDescriptor.TYPE_ENUM:
        names = {number: each for each, number in enum_choices(item).items()}
        return lambda message: names.get(getattr(message, name))
    if item.type == FieldDescriptor.TYPE_INT32:
        return _present(item, lambda message: float(getattr(message, name)))
    if item.type == FieldDescriptor.TYPE_STRING:
        return lambda message: getattr(message, name) or None
    return _present(item, lambda message: getattr(message, name))


def _present(item: Any, read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    name = item.name
    if not item.has_presence:
        return read
    return lambda message: read(message) if message.HasField(name) else None


def _date(given: Any) -> Timestamp | None:
    return _moment(f"{given.year:04}-{given.month:02}-{given.day:02}")


_MESSAGES: Mapping[str, Callable[[Any], Any]] = {
    "google.protobuf.Timestamp": lambda given: given,
    "google.type.Date": _date,
    "google.type.Decimal": lambda given: float(given.value),
}
