"""The field that a filter names: one of the record, or a value of its custom fields."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from services.kinds.custom_fields import KEY
from services.kinds.record_type import Field, Kind, RecordType

_KEYS = "a lower-case letter, then up to 63 of a-z, 0-9 and _"


def filtered_field(record: RecordType, name: str) -> Field | None:
    """The field of a filter, e.g. of `email` or `custom_fields.plan`."""
    field = record.by_name.get(name)
    if field is None:
        holder, _, key = name.partition(".")
        field = record.by_name.get(holder)
        if field is None or field.kind is not Kind.CUSTOM or not KEY.fullmatch(key):
            return None
        return _custom_value(record, holder, key)
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
    return replace(field, name=f"{holder}.{key}", key=key)


def refusal(record: RecordType, name: str, most: int | None = None) -> str:
    """Says why no filter has this name, and which there are: the `most` nearest."""
    holder, dot, key = name.partition(".")
    field = record.by_name.get(holder)
    if field is not None and field.kind is Kind.CUSTOM and field.policy.filterable:
        if not dot:
            return f"Name the key after a dot, e.g. {holder}.plan."
        lower = key.lower()
        if KEY.fullmatch(lower):
            return f"Keys of {holder} are lower case: {holder}.{lower}."
        return f"A key of {holder} is {_KEYS}."
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
        f"{each.name}.<key>" if each.kind is Kind.CUSTOM else each.name: _parts(
            each.name
        )
        for each in fields
    }


def _parts(name: str) -> frozenset[str]:
    """The letters of a name and its pairs of letters. Like names share many of them."""
    return frozenset((*name, *map("".join, pairwise(name))))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / (len(one) + len(other))
