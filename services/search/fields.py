"""The field that a filter names: one of the record, or one value of a struct.

A custom field that the tenant has defined has the kind of its type.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from prospectconnect.schema.v1 import fields_pb2 as pb

from services.faults import no_field
from services.kinds.external_ids import SYSTEM
from services.kinds.formats import KEY
from services.kinds.own_fields import NO_FIELDS, OwnField, OwnFields
from services.kinds.record_type import Field, FieldType, RecordType

# The structs whose values are filtered by key, each with the form of a key.
KEYS = {FieldType.CUSTOM: KEY, FieldType.EXTERNAL: SYSTEM}
_USE = "to filter by"
# So many of the names that are most like a wrong one are told before all names.
_NEAREST = 3
# So many characters of a wrong one are compared with them.
_COMPARED = 200

_MOST_CHARACTERS = {FieldType.CUSTOM: 64, FieldType.EXTERNAL: 32}

_TYPES: Mapping[int, FieldType] = {
    pb.FIELD_TYPE_TEXT: FieldType.STRING,
    pb.FIELD_TYPE_EMAIL: FieldType.STRING,
    pb.FIELD_TYPE_PHONE: FieldType.STRING,
    pb.FIELD_TYPE_URL: FieldType.STRING,
    pb.FIELD_TYPE_COUNTRY: FieldType.STRING,
    pb.FIELD_TYPE_INTEGER: FieldType.DECIMAL,
    pb.FIELD_TYPE_DECIMAL: FieldType.DECIMAL,
    pb.FIELD_TYPE_BOOLEAN: FieldType.BOOLEAN,
    pb.FIELD_TYPE_DATE: FieldType.DATE,
    pb.FIELD_TYPE_TIMESTAMP: FieldType.TIMESTAMP,
    pb.FIELD_TYPE_SELECT: FieldType.ENUM,
    pb.FIELD_TYPE_MULTI_SELECT: FieldType.TAGS,
    pb.FIELD_TYPE_USER: FieldType.ID,
    pb.FIELD_TYPE_RECORD: FieldType.ID,
}
# Few records have the same value of a field of these types.
_NARROW = (pb.FIELD_TYPE_EMAIL, pb.FIELD_TYPE_PHONE, pb.FIELD_TYPE_URL)


def filtered_field(
    record: RecordType, name: str, own: OwnFields = NO_FIELDS
) -> Field | None:
    """The field of a filter, e.g. of `email` or `custom_fields.plan`."""
    field = record.by_name.get(name)
    if field is None:
        holder, _, key = name.partition(".")
        field = record.by_name.get(holder)
        form = None if field is None else KEYS.get(field.type)
        if form is None or not form.fullmatch(key):
            return None
        value = _value(record, holder, key)
        is_own = field is not None and field.type is FieldType.CUSTOM
        if is_own and key in own.masked:
            return None
        defined = own.by_key.get(key) if is_own else None
        return value if defined is None else _typed(value, defined)
    is_plain = field.type not in KEYS
    return field if is_plain and field.policy.filterable else None


# Making a field costs more than the rest of a condition. No argument is longer than a
# key may be, so the cache stays small.
@lru_cache(maxsize=1024)
def _value(record: RecordType, holder: str, key: str) -> Field | None:
    """The field of one value in a struct."""
    field = record.by_name[holder]
    if not field.policy.filterable:
        return None
    its = f"'{record.table}'"
    return replace(field, name=f"{holder}.{key}", key=key, holder=its)


def _typed(value: Field | None, own: OwnField) -> Field | None:
    """The same value as its type is compared; None if no filter compares that."""
    compared = _TYPES.get(own.rules.type)
    if value is None or compared is None or own.archived:
        return None
    narrow = own.unique or own.rules.type in _NARROW
    return replace(
        value,
        key=own.found_by if own.is_typed else own.key,
        type=compared,
        own_type=own.rules.type,
        choices={each: n for n, each in enumerate(own.rules.options)},
        search=replace(value.search, narrow=narrow),
    )


def refusal(
    record: RecordType, name: str, most: int | None = None, use: str = _USE
) -> str:
    """Says why no filter has this name, which are nearest, and which there are.

    With `most` only so many nearest ones. `use` is what the field would be for.
    """
    holder, dot, key = name.partition(".")
    field = record.by_name.get(holder)
    if field is not None and field.type in KEYS and field.policy.filterable:
        if not dot:
            return f"Name the key after a dot, e.g. {holder}.plan."
        if KEYS[field.type].fullmatch(key):
            return no_field(name, use)
        lower = key.lower()
        if KEYS[field.type].fullmatch(lower):
            return f"Keys of {holder} are lower case: {holder}.{lower}."
        most = _MOST_CHARACTERS[field.type]
        return (
            f"A key of {holder} is a lower-case letter, then up to {most - 1} of"
            " a-z, 0-9 and _."
        )
    refused = no_field(name, use)
    names = nearest(_names(record), name[:100])
    told = f"{refused} The nearest are {', '.join(names[: most or _NEAREST])}."
    return told if most else f"{told} Give one of {', '.join(_names(record))}."


def nearest(known: Mapping[str, frozenset[str]], given: str) -> list[str]:
    """Known names, those that are most like the given one first.

    Of a long one the beginning counts: it is read before its length is judged.
    """
    parts = parts_of(given[:_COMPARED])
    return sorted(known, key=lambda each: -_share(known[each], parts))


@lru_cache(maxsize=64)
def _names(record: RecordType) -> Mapping[str, frozenset[str]]:
    """The names that filters go by, in the order of the record's fields."""
    fields = [each for each in record.by_name.values() if each.policy.filterable]
    return {
        f"{each.name}.<key>" if each.type in KEYS else each.name: parts_of(each.name)
        for each in fields
    }


def parts_of(name: str) -> frozenset[str]:
    """The letters of a name and its pairs of letters. Like names share many of them."""
    return frozenset((*name, *map("".join, pairwise(name))))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / (len(one) + len(other))
