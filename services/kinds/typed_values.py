"""What searches compare of the fields that tenants define.

A value in its normal form is kept a second time, in the column of `typed_values` that
its type is compared by. The record's own statement writes both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from prospectconnect.schema.v1 import fields_pb2 as pb

from services.kinds.field_rules import lowered
from services.kinds.formats import digits, plain, timestamp
from services.kinds.own_types import MOST_CHARACTERS, MOST_OF_LONG

# Longer texts are ordered and found by their beginning: an entry of an index is short.
LONGEST_COMPARED = 500

NUMBERS = frozenset((pb.FIELD_TYPE_INTEGER, pb.FIELD_TYPE_DECIMAL))
TIMES = frozenset((pb.FIELD_TYPE_DATE, pb.FIELD_TYPE_TIMESTAMP))
CHOICES = frozenset((pb.FIELD_TYPE_SELECT, pb.FIELD_TYPE_MULTI_SELECT))
REFERENCES = frozenset((pb.FIELD_TYPE_USER, pb.FIELD_TYPE_RECORD))
# Types whose length a definition may limit, with the greatest length.
LENGTHS: Mapping[int, int] = {
    pb.FIELD_TYPE_TEXT: MOST_CHARACTERS,
    pb.FIELD_TYPE_LONG_TEXT: MOST_OF_LONG,
    pb.FIELD_TYPE_EMAIL: 254,
    pb.FIELD_TYPE_URL: MOST_CHARACTERS,
}
# Types whose values are not kept a second time: nothing orders or finds them there.
UNTYPED = frozenset((pb.FIELD_TYPE_LONG_TEXT, pb.FIELD_TYPE_MULTI_SELECT))
# Types that a search by words may look through.
SEARCHABLE = frozenset(
    (
        pb.FIELD_TYPE_TEXT,
        pb.FIELD_TYPE_LONG_TEXT,
        pb.FIELD_TYPE_EMAIL,
        pb.FIELD_TYPE_PHONE,
        pb.FIELD_TYPE_URL,
    )
)
NEVER_UNIQUE = UNTYPED | {pb.FIELD_TYPE_BOOLEAN, pb.FIELD_TYPE_FORMULA}
# Types whose numbers have a greatest number of decimals.
WITH_DECIMALS = frozenset((pb.FIELD_TYPE_DECIMAL, pb.FIELD_TYPE_FORMULA))


@dataclass(frozen=True, slots=True)
class Typed:
    """A value as searches compare it: `number`, `moment` or `text` holds it.

    `digest` is what no two records have in common, if the field is unique. `words` is
    what a search by words looks through, if the field is searchable.
    """

    number: Decimal | None = None
    moment: int | None = None
    text: str | None = None
    digest: bytes | None = None
    words: str | None = None


def typed(
    field_type: int, value: Any, *, unique: bool, searchable: bool = False
) -> Typed:
    """The value of a field, in its normal form, as searches compare it."""
    words = _words(field_type, value) if searchable else None
    if field_type in UNTYPED:
        return Typed(words=words)
    number = moment = text = None
    if field_type in NUMBERS or field_type == pb.FIELD_TYPE_BOOLEAN:
        number = Decimal(repr(value) if type(value) is float else int(value))
    elif field_type == pb.FIELD_TYPE_TIMESTAMP:
        moment = timestamp(value)
    elif field_type == pb.FIELD_TYPE_DATE:
        moment = timestamp(f"{value}T00:00:00Z")
    elif field_type == pb.FIELD_TYPE_PHONE:
        text = digits(value)
    else:
        text = lowered(value)
    whole = plain(number) if number is not None else text or str(moment)
    return Typed(
        number,
        moment,
        None if text is None else text[:LONGEST_COMPARED],
        sha256(whole.encode()).digest() if unique else None,
        words,
    )


def _words(field_type: int, value: str) -> str:
    if field_type == pb.FIELD_TYPE_PHONE:
        return f"{value}\n{digits(value)}"
    return value


def columns(values: Sequence[tuple[str, Typed]]) -> tuple[list[Any], ...]:
    """The columns of typed values, which their keys are given with."""
    return (
        [key for key, _ in values],
        [each.number for _, each in values],
        [each.moment for _, each in values],
        [each.text for _, each in values],
        [each.digest for _, each in values],
        [each.words for _, each in values],
    )
