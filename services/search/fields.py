"""The field that a filter names: one of the record, or one value of a struct."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from services.kinds.custom_fields import KEY
from services.kinds.external_ids import SYSTEM
from services.kinds.record_type import Field, Kind, RecordType

# The structs whose values are filtered by key, each with the form of a key.
KEYS = {Kind.CUSTOM: KEY, Kind.EXTERNAL: SYSTEM}
_MOST_CHARACTERS = {Kind.CUSTOM: 64, Kind.EXTERNAL: 32}


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


def refusal(record: RecordType, name: str, most: int | None = None) -> str:
    """Says why no filter has this name, and which there are: the `most` nearest."""
    holder, dot, key = name.partition(".")
    field = record.by_name.get(holder)
    if field is not None and field.kind in KEYS and field.policy.filterable:
        if not dot:
            return f"Name the key after a dot, e.g. {holder}.plan."
        lower = key.lower()
        if KEYS[field.kind].fullmatch(lower):
            return f"Keys of {holder} are lower case: {holder}.{lower}."
        most = _MOST_CHARACTERS[field.kind]
        return (
            f"A key of {holder} is a lower-case letter, then up to {most - 1} of"
            " a-z, 0-9 and _."
        )
    shown, known = name[:100], _names(record)
    given = _parts(shown)
    names = sorted(known, key=lambda each: -_share(known[each], given))
    if most is not None:
        return (
            f"No filter goes by {shown!r}. The nearest are {', '.join(names[:most])}."
        )
    return f"No filter goes by {shown!r}. Give one of {', '.join(names)}."


@lru_cache(maxsize=64)
def _names(record: RecordType) -> Mapping[str, frozenset[str]]:
    """The names that filters go by, in the order of the record's fields."""
    fields = [each for each in record.by_name.values() if each.policy.filterable]
    return {
        f"{each.name}.<key>" if each.kind in KEYS else each.name: _parts(each.name)
        for each in fields
    }


def _parts(name: str) -> frozenset[str]:
    """The letters of a name and its pairs of letters. Like names share many of them."""
    return frozenset((*name, *map("".join, pairwise(name))))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / (len(one) + len(other))
