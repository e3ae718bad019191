"""The field that a filter names: one of the record, or one value of a struct."""

from dataclasses import replace
from functools import lru_cache

from services.kinds.custom_fields import KEY
from services.kinds.external_ids import SYSTEM
from services.kinds.record_type import Field, Kind, RecordType

# The structs whose values are filtered by key, with the form of a key.
KEYS = {Kind.CUSTOM: KEY, Kind.EXTERNAL: SYSTEM}


def filtered_field(record: RecordType, name: str) -> Field | None:
    """The field of a filter, e.g. of `email` or `custom_fields.plan`."""
    field = record.by_name.get(name)
    if field is None:
        holder, _, key = name.partition(".")
        field = record.by_name.get(holder)
        form = None if field is None else KEYS.get(field.kind)
        if form is None or not form.fullmatch(key):
            return None
        return _value(record, holder, key)
    is_plain = field.kind not in KEYS
    return field if is_plain and field.policy.filterable else None


# Making a field costs more than the rest of a condition. No argument is longer than a
# key may be, so the cache stays small.
@lru_cache(maxsize=1024)
def _value(record: RecordType, holder: str, key: str) -> Field | None:
    """The field of one value in a struct."""
    field = record.by_name[holder]
    if not field.policy.filterable:
        return None
    return replace(field, name=f"{holder}.{key}", key=key)
