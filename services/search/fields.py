"""The field that a filter names: one of the record, or a value of its custom fields.

A key that the tenant has defined has the kind of its type.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from prospectconnect.schema.v1 import fields_pb2 as pb

from services.kinds.formats import KEY
from services.kinds.own_fields import NO_FIELDS, OwnField, OwnFields
from services.kinds.record_type import Field, Kind, RecordType

_KINDS: Mapping[int, Kind] = {
    pb.FIELD_TYPE_TEXT: Kind.STRING,
    pb.FIELD_TYPE_EMAIL: Kind.STRING,
    pb.FIELD_TYPE_PHONE: Kind.STRING,
    pb.FIELD_TYPE_URL: Kind.STRING,
    pb.FIELD_TYPE_COUNTRY: Kind.STRING,
    pb.FIELD_TYPE_INTEGER: Kind.DECIMAL,
    pb.FIELD_TYPE_DECIMAL: Kind.DECIMAL,
    pb.FIELD_TYPE_BOOLEAN: Kind.BOOLEAN,
    pb.FIELD_TYPE_DATE: Kind.DATE,
    pb.FIELD_TYPE_TIMESTAMP: Kind.TIMESTAMP,
    pb.FIELD_TYPE_SELECT: Kind.ENUM,
    pb.FIELD_TYPE_MULTI_SELECT: Kind.TAGS,
    pb.FIELD_TYPE_USER: Kind.ID,
    pb.FIELD_TYPE_RECORD: Kind.ID,
}
# Types of which few records have the same value.
_NARROW = (pb.FIELD_TYPE_EMAIL, pb.FIELD_TYPE_PHONE, pb.FIELD_TYPE_URL)


def filtered_field(
    record: RecordType, name: str, own: OwnFields = NO_FIELDS
) -> Field | None:
    """The field of a filter, e.g. of `email` or `custom_fields.plan`."""
    field = record.by_name.get(name)
    if field is None:
        holder, _, key = name.partition(".")
        field = record.by_name.get(holder)
        if field is None or field.kind is not Kind.CUSTOM or not KEY.fullmatch(key):
            return None
        value, defined = _custom_value(record, holder, key), own.by_key.get(key)
        return value if defined is None else _typed(value, defined)
    is_plain = field.kind is not Kind.CUSTOM
    return field if is_plain and field.policy.filterable else None


# Making a field costs more than the rest of a condition. No argument is longer than a
# key may be, so the cache stays small.
@lru_cache(maxsize=1024)
def _custom_value(record: RecordType, holder: str, key: str) -> Field | None:
    """The field of one value among custom fields."""
    field = record.by_name[holder]
    if not field.policy.filterable:
        return None
    return replace(field, name=f"{holder}.{key}", key=key, holder=record.table)


def _typed(value: Field | None, own: OwnField) -> Field | None:
    """The same value with the kind of its type; None if no filter compares that."""
    kind = _KINDS.get(own.rules.type)
    if value is None or kind is None or own.archived:
        return None
    narrow = own.unique or own.rules.type in _NARROW
    return replace(
        value,
        kind=kind,
        own_type=own.rules.type,
        choices={each: n for n, each in enumerate(own.rules.options)},
        search=replace(value.search, narrow=narrow),
    )
