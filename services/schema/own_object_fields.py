"""Fields that a tenant has defined as a schema tells them, from their definitions."""

from collections.abc import Mapping
from decimal import Decimal

from google.type import decimal_pb2
from prospectconnect.options.v1.options_pb2 import Format
from prospectconnect.schema.v1 import fields_pb2, objects_pb2
from prospectconnect.schema.v1.objects_pb2 import ObjectField

from services.kinds import patterns
from services.kinds.custom_fields import EXACT
from services.kinds.formats import plain
from services.kinds.objects import kind_named
from services.kinds.own_fields import OwnField
from services.kinds.own_types import MOST_CHOSEN, MOST_DIGITS
from services.kinds.record_type import Kinds
from services.kinds.typed_values import LENGTHS, NUMBERS
from services.records.own_values import CUSTOM_FIELDS

_FORMATS: Mapping[int, Format.ValueType] = {
    fields_pb2.FIELD_TYPE_EMAIL: Format.FORMAT_EMAIL,
    fields_pb2.FIELD_TYPE_PHONE: Format.FORMAT_PHONE,
    fields_pb2.FIELD_TYPE_COUNTRY: Format.FORMAT_COUNTRY,
    fields_pb2.FIELD_TYPE_URL: Format.FORMAT_HTTP_URL,
}
# A schema has each type that a definition has, under the same name.
_TYPES = {
    number: objects_pb2.ObjectFieldType.Value(f"OBJECT_{name}")
    for name, number in fields_pb2.FieldType.items()
}
_MOST: Mapping[int, Decimal] = {
    fields_pb2.FIELD_TYPE_INTEGER: Decimal(EXACT),
    fields_pb2.FIELD_TYPE_DECIMAL: Decimal(10) ** MOST_DIGITS - 1,
}


def own_object_field(
    definition: fields_pb2.Field, own: OwnField, kinds: Kinds, *, is_masked: bool
) -> ObjectField:
    """A field that the tenant has defined; `own` is the definition as rules."""
    told = ObjectField(
        name=f"{CUSTOM_FIELDS}.{own.key}",
        key=own.key,
        type=_TYPES[definition.type],
        label=definition.label,
        writable=not (is_masked or own.formula),
        required=own.required,
        unique=own.unique,
        options=definition.options,
        searchable=own.searchable,
        sensitive=own.readers is not None,
        masked=is_masked,
    )
    if own.formula:
        told.result = definition.result
        if not is_masked:  # it may say what counts among values
            told.expression = definition.expression
        return _named(told, definition)
    _tell_sizes(told, own)
    _tell_form(told, own, kinds)
    return _named(told, definition)


def _named(told: ObjectField, definition: fields_pb2.Field) -> ObjectField:
    """A field with what is said of it, its place, and its default."""
    for name in ("description", "group", "position"):
        if definition.HasField(name):
            setattr(told, name, getattr(definition, name))
    if definition.HasField("default_value"):
        told.default_value.CopyFrom(definition.default_value)
    return told


def _tell_sizes(told: ObjectField, own: OwnField) -> None:
    rules = own.rules
    if rules.type in NUMBERS:
        most = _MOST[rules.type]
        least = -most if rules.least is None else max(rules.least, -most)
        most = most if rules.most is None else min(rules.most, most)
        told.min.CopyFrom(decimal_pb2.Decimal(value=plain(least)))
        told.max.CopyFrom(decimal_pb2.Decimal(value=plain(most)))
    if rules.type == fields_pb2.FIELD_TYPE_DECIMAL:
        told.decimals = rules.decimals
    if rules.type in LENGTHS:
        told.max_length = rules.max_length
    if rules.type == fields_pb2.FIELD_TYPE_MULTI_SELECT:
        told.max_items = MOST_CHOSEN


def _tell_form(told: ObjectField, own: OwnField, kinds: Kinds) -> None:
    if own.rules.type in _FORMATS:
        told.pattern = patterns.PATTERNS[_FORMATS[own.rules.type]]
    if own.refers_to:
        target = kind_named(kinds, own.refers_to)
        told.pattern = patterns.of_id(target.policy.id_prefix)
        if own.rules.type == fields_pb2.FIELD_TYPE_RECORD:
            told.target = own.refers_to
