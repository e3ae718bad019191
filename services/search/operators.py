"""What each operator means for each kind of field, as SQL.

A condition may be true, false or unknown. The negative operators are the plain
complement of the positive ones (`IS NOT TRUE`), so that an unset value matches
them and `is_empty` alone.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from math import ceil, floor
from typing import Any

from prospectconnect.options.v1.options_pb2 import Format as F
from prospectconnect.type.v1.search_pb2 import Operator as Op

from services.kinds.formats import digits
from services.kinds.record_type import Field, Kind
from services.postgres.sql_parts import NEVER, PATTERNS, SIGNS, Parameters, Place, once
from services.search.custom_conditions import custom_condition

NEGATIVE = {
    Op.OPERATOR_NEQ: Op.OPERATOR_EQ,
    Op.OPERATOR_NOT_IN: Op.OPERATOR_IN,
    Op.OPERATOR_NOT_CONTAINS: Op.OPERATOR_CONTAINS,
    Op.OPERATOR_NONE_OF: Op.OPERATOR_ANY_OF,
    Op.OPERATOR_IS_NOT_EMPTY: Op.OPERATOR_IS_EMPTY,
}

# Operators that take several values, and those that take none.
SEVERAL = frozenset(
    (
        Op.OPERATOR_IN,
        Op.OPERATOR_NOT_IN,
        Op.OPERATOR_BETWEEN,
        Op.OPERATOR_ANY_OF,
        Op.OPERATOR_ALL_OF,
        Op.OPERATOR_NONE_OF,
    )
)
NONE = frozenset((Op.OPERATOR_IS_EMPTY, Op.OPERATOR_IS_NOT_EMPTY))

EQUALITY = (Op.OPERATOR_EQ, Op.OPERATOR_NEQ)
MEMBERSHIP = (*EQUALITY, Op.OPERATOR_IN, Op.OPERATOR_NOT_IN)
EMPTINESS = (Op.OPERATOR_IS_EMPTY, Op.OPERATOR_IS_NOT_EMPTY)
ORDER = (Op.OPERATOR_GT, Op.OPERATOR_GTE, Op.OPERATOR_LT, Op.OPERATOR_LTE)
TEXT = (
    *MEMBERSHIP,
    Op.OPERATOR_CONTAINS,
    Op.OPERATOR_NOT_CONTAINS,
    Op.OPERATOR_STARTS_WITH,
    Op.OPERATOR_ENDS_WITH,
    *EMPTINESS,
)
RANGE = (*MEMBERSHIP, *ORDER, Op.OPERATOR_BETWEEN, *EMPTINESS)
SETS = (
    Op.OPERATOR_CONTAINS,
    Op.OPERATOR_NOT_CONTAINS,
    Op.OPERATOR_ANY_OF,
    Op.OPERATOR_ALL_OF,
    Op.OPERATOR_NONE_OF,
    *EMPTINESS,
)

# So many values are compared one by one, more as an array.
MOST_WAYS = 32

# Which operators a field takes (contract §7).
TAKES: dict[Kind, tuple[Op.ValueType, ...]] = {
    Kind.STRING: TEXT,
    Kind.INTEGER: RANGE,
    Kind.DECIMAL: RANGE,
    Kind.DATE: RANGE,
    Kind.TIMESTAMP: RANGE,
    Kind.LINKS: (*MEMBERSHIP, *EMPTINESS),
    Kind.ID: (*MEMBERSHIP, *EMPTINESS),
    Kind.ENUM: (*MEMBERSHIP, *EMPTINESS),
    Kind.BOOLEAN: EQUALITY,
    Kind.TAGS: SETS,
    Kind.CUSTOM: (*dict.fromkeys((*TEXT, *RANGE, *SETS)),),
}


def condition(
    item: Field, key: str, operator: Op.ValueType, values: Sequence[Any], p: Parameters
) -> str:
    """The SQL of one condition on column `r.<field>`; `key` is of a custom field."""
    if operator in NONE and item.kind is not Kind.CUSTOM:
        return _emptiness(item, operator == Op.OPERATOR_IS_EMPTY)
    positive = NEGATIVE.get(operator)
    if positive is not None:
        return f"({condition(item, key, positive, values, p)}) IS NOT TRUE"
    if item.kind is Kind.CUSTOM:
        return custom_condition(item.sql, key, operator, values, p)
    return _CONDITIONS[item.kind](item, operator, values, p)


def is_narrow(item: Field, operator: Op.ValueType) -> bool:
    """Whether few records can fulfil the condition, however many there are."""
    if operator not in (Op.OPERATOR_EQ, Op.OPERATOR_IN):
        return False
    if item.kind is Kind.ID:
        return item.name == "id" or bool(item.target and item.target.timeline_link)
    return item.kind is Kind.LINKS or item.policy.format in _HARDLY_SHARED


def bounds(item: Field, operator: Op.ValueType) -> str:
    """The column of which the condition asks for a range, if it does."""
    is_range = operator in (*ORDER, Op.OPERATOR_BETWEEN)
    return item.sql if is_range and not item.nullable else ""


_HARDLY_SHARED = (F.FORMAT_EMAIL, F.FORMAT_PHONE, F.FORMAT_HOST, F.FORMAT_HTTP_URL)


def _emptiness(item: Field, is_empty: bool) -> str:
    """Asks for unset or for set values, by an expression that an index holds."""
    if item.kind is Kind.TAGS:
        return f"{item.sql}_lower {'=' if is_empty else '<>'} '{{}}'"
    if item.kind is Kind.LINKS:
        columns = ", ".join(link.sql for link in item.links)
        return f"num_nonnulls({columns}) {'=' if is_empty else '>'} 0"
    if item.kind in _RANGES and item.nullable and item.policy.sortable:
        column = _ordered(item, "-infinity")
        return f"{column} {'=' if is_empty else '>'} '-infinity'"
    if item.kind is Kind.STRING and not item.is_phone:
        return f"{_lowered(item)} {'=' if is_empty else '<>'} ''"
    if item.references == "user" and item.nullable:
        return f"{_user(item)} {'=' if is_empty else '<>'} ''"
    column = f"{item.sql}_digits" if item.is_phone else item.sql
    return f"{column} IS {'' if is_empty else 'NOT '}NULL"


def _user(item: Field) -> str:
    """A user's id as the indexes hold it: that of nobody is empty."""
    return f"coalesce({item.sql}, '')"


def _lowered(item: Field) -> str:
    """A text as the indexes hold it: an unset one is empty, and no other is."""
    column = f"lower({item.sql})"
    if item.nullable:
        column = f"coalesce({column}, '')"
    return f'({column} COLLATE "C")'


def _ordered(item: Field, end: str) -> str:
    """A nullable field as the indexes hold that order by it."""
    return f"coalesce({item.sql}, '{end}'::{item.column_type})"


def _text(
    item: Field, operator: Op.ValueType, values: Sequence[str], p: Parameters
) -> str:
    if item.is_phone:
        return _phone(item, operator, values, p)
    column = _lowered(item)
    given = [value for value in values if value]
    if not given:  # what is set contains the empty text, and none equals it
        is_part = operator in PATTERNS
        return _emptiness(item, is_empty=False) if is_part else NEVER
    if operator not in PATTERNS:
        if len(given) > MOST_WAYS:
            lowered = once(f"lower_all({p.place(given, 'text[]')})")
            return f"{column} = ANY({lowered}::text[])"
        return _one_of(column, [once(f"lower({p.place(v, 'text')})") for v in given])
    value = p.place(given[0], "text")
    pattern = PATTERNS[operator].format(f"like_literal(lower({value}))")
    sql = f"{column} LIKE {once(pattern)}"
    if item.policy.searchable:  # true whenever the other is, and found by trigrams
        pattern = PATTERNS[Op.OPERATOR_CONTAINS].format(f"like_literal(fold({value}))")
        sql += f" AND r.search_text LIKE {once(pattern)}"
    return sql


def _one_of(column: str, places: Sequence[Place | str]) -> str:
    """Equality with one of a few values, since an inverted index serves no array."""
    ways = [f"{column} = {place}" for place in places]
    return f"({' OR '.join(ways)})" if len(ways) > 1 else ways[0]


def _phone(
    item: Field, operator: Op.ValueType, values: Sequence[str], p: Parameters
) -> str:
    column = f"{item.sql}_digits"
    numbers = [number for number in map(digits, values) if number]
    if not numbers:
        return NEVER
    if operator == Op.OPERATOR_IN:
        return f"{column} = ANY({p.place(numbers, 'text[]')})"
    value = p.place(numbers[0], "text")
    if operator == Op.OPERATOR_EQ:
        return f"{column} = {value}"
    sql = f"{column} LIKE {once(PATTERNS[operator].format(value))}"
    if item.policy.searchable:  # as for other texts
        pattern = PATTERNS[Op.OPERATOR_CONTAINS].format(value)
        sql += f" AND r.search_text LIKE {once(pattern)}"
    return sql


def _number(
    item: Field, operator: Op.ValueType, values: Sequence[Decimal], p: Parameters
) -> str:
    """Compares whole numbers with whole numbers alone, so that an index serves."""
    column = item.sql
    if operator in (Op.OPERATOR_EQ, Op.OPERATOR_IN):
        whole = [_clamped(int(v)) for v in values if v == v.to_integral_value()]
        return f"{column} = ANY({p.place(whole, 'bigint[]')})"
    if operator == Op.OPERATOR_BETWEEN:
        least, most = _clamped(ceil(values[0])), _clamped(floor(values[1]))
        places = [p.place(least, "bigint"), p.place(most, "bigint")]
        return f"{column} BETWEEN {places[0]} AND {places[1]}"
    rounded = _clamped(_ROUNDED[operator](values[0]))
    return f"{column} {SIGNS[operator]} {p.place(rounded, 'bigint')}"


# The whole number with which a comparison means the same.
_ROUNDED: dict[Op.ValueType, Callable[[Decimal], int]] = {
    Op.OPERATOR_GT: floor,
    Op.OPERATOR_GTE: ceil,
    Op.OPERATOR_LT: ceil,
    Op.OPERATOR_LTE: floor,
}


def _clamped(number: int) -> int:
    """The number, or one as far beyond every column's values."""
    return max(-(2**62), min(number, 2**62))


def _range(
    item: Field, operator: Op.ValueType, values: Sequence[Any], p: Parameters
) -> str:
    column = item.sql
    if item.nullable and item.policy.sortable:
        # An unset value stands where the comparison does not hold.
        column = _ordered(item, "infinity" if operator in _UPWARD else "-infinity")
    if operator == Op.OPERATOR_IN:
        return f"{column} = ANY({p.place(values, item.column_type + '[]')})"
    places = [p.place(value, item.column_type) for value in values]
    if operator == Op.OPERATOR_BETWEEN:
        return f"{column} BETWEEN {places[0]} AND {places[1]}"
    return f"{column} {SIGNS[operator]} {places[0]}"


_RANGES = (Kind.DECIMAL, Kind.DATE, Kind.TIMESTAMP)
_UPWARD = (Op.OPERATOR_LT, Op.OPERATOR_LTE)


def _plain(
    item: Field, operator: Op.ValueType, values: Sequence[Any], p: Parameters
) -> str:
    column = item.sql
    if item.references == "user" and item.nullable:
        column, values = _user(item), [value for value in values if value]
    return _equals(column, values, item.column_type, p) if values else NEVER


def _equals(column: str, values: Sequence[Any], kind: str, p: Parameters) -> str:
    if len(values) > MOST_WAYS:
        return f"{column} = ANY({p.place(values, f'{kind}[]')})"
    return _one_of(column, [p.place(value, kind) for value in values])


def _links(
    item: Field, operator: Op.ValueType, values: Sequence[str], p: Parameters
) -> str:
    """Any link is one of the ids. An id's prefix says which link it can be."""
    ways = []
    for link in item.links:
        prefix = link.target.id_prefix if link.target else ""
        ids = [value for value in values if value.startswith(prefix)]
        if ids:
            ways.append(_equals(link.sql, ids, link.column_type, p))
    return f"({' OR '.join(ways) or NEVER})"


def _tags(
    item: Field, operator: Op.ValueType, values: Sequence[str], p: Parameters
) -> str:
    column = f"{item.sql}_lower"
    sign = "&&" if operator == Op.OPERATOR_ANY_OF else "@>"
    sought = once(f"lower_all({p.place(values, 'text[]')})")
    return f"{column} {sign} {sought}"


_CONDITIONS: dict[
    Kind, Callable[[Field, Op.ValueType, Sequence[Any], Parameters], str]
] = {
    Kind.STRING: _text,
    Kind.INTEGER: _number,
    Kind.DECIMAL: _range,
    Kind.DATE: _range,
    Kind.TIMESTAMP: _range,
    Kind.LINKS: _links,
    Kind.ID: _plain,
    Kind.ENUM: _plain,
    Kind.BOOLEAN: _plain,
    Kind.TAGS: _tags,
}
