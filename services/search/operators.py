"""What each operator means for each kind of field, as SQL.

A condition may be true, false or unknown. The negative operators are the plain
complement of the positive ones (`IS NOT TRUE`), so that an unset value matches
them and `is_empty` alone.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from math import ceil, floor
from typing import Any

from prospectconnect.type.v1.search_pb2 import Operator as Op

from services.kinds.formats import digits
from services.kinds.record_type import Field, FieldType
from services.postgres.sql_parts import (
    NEVER,
    PATTERNS,
    SIGNS,
    Parameters,
    Sql,
    any_of,
    once,
)
from services.search.custom_conditions import custom_condition
from services.search.external_conditions import external_condition, has_external_id
from services.search.own_conditions import own_condition
from services.search.possible import not_longer

NEGATIVE = {
    Op.OPERATOR_NEQ: Op.OPERATOR_EQ,
    Op.OPERATOR_NOT_IN: Op.OPERATOR_IN,
    Op.OPERATOR_NOT_CONTAINS: Op.OPERATOR_CONTAINS,
    Op.OPERATOR_NONE_OF: Op.OPERATOR_ANY_OF,
    Op.OPERATOR_IS_NOT_EMPTY: Op.OPERATOR_IS_EMPTY,
}

# Operators that ask for a range.
RANGES = frozenset(
    (
        Op.OPERATOR_GT,
        Op.OPERATOR_GTE,
        Op.OPERATOR_LT,
        Op.OPERATOR_LTE,
        Op.OPERATOR_BETWEEN,
    )
)

# So many values are compared one by one, more as an array.
MOST_WAYS = 32


def condition(
    item: Field, operator: Op.ValueType, values: Sequence[Any], p: Parameters
) -> Sql:
    """The SQL of one condition on a field of the record `r`."""
    search = item.search
    if item.own_type:
        positive = NEGATIVE.get(operator)
        if positive is None:
            return own_condition(item, operator, values, p)
        return "(", *own_condition(item, positive, values, p), ") IS NOT TRUE"
    if operator == Op.OPERATOR_IS_EMPTY and search.unset:
        return (search.unset,)
    if operator == Op.OPERATOR_IS_NOT_EMPTY and search.is_set:
        return (search.is_set,)
    if item.type is FieldType.EXTERNAL and operator == Op.OPERATOR_IS_NOT_EMPTY:
        return has_external_id(item, p)
    positive = NEGATIVE.get(operator)
    if positive is not None:
        return "(", *condition(item, positive, values, p), ") IS NOT TRUE"
    return _CONDITIONS[item.type](item, operator, values, p)


def is_narrow(item: Field, operator: Op.ValueType) -> bool:
    """Whether few records can fulfil the condition, however many there are."""
    return item.search.narrow and operator in (Op.OPERATOR_EQ, Op.OPERATOR_IN)


def bounds(item: Field, operator: Op.ValueType) -> str:
    """The expression whose range the condition limits, empty if it limits none."""
    limits = operator in RANGES and not (item.nullable or item.own_type)
    return item.search.lowest if limits else ""


def _text(
    item: Field, operator: Op.ValueType, values: Sequence[str], p: Parameters
) -> Sql:
    if item.is_phone:
        return _phone(item, operator, values, p)
    column = item.search.compared
    possible = not_longer(values, item.policy.max_len)
    given = [value for value in possible if value]
    if not given:  # what is set contains the empty text, and none equals it
        is_part = operator in PATTERNS and bool(possible)
        return (item.search.is_set if is_part else NEVER,)
    if operator not in PATTERNS:
        if len(given) > MOST_WAYS:
            lowered = once(f"lower_all({p.place(given, 'text[]')})")
            return f"{column} = ANY(", *lowered, "::text[])"
        return _one_of(column, [once(f"lower({p.place(v, 'text')})") for v in given])
    value = p.place(given[0], "text")
    pattern = PATTERNS[operator].format(f"like_literal(lower({value}))")
    if not item.policy.searchable:
        return f"{column} LIKE ", *once(pattern)
    # True whenever the other is, and found by trigrams.
    part = PATTERNS[Op.OPERATOR_CONTAINS].format(f"like_literal(fold({value}))")
    return _like_both(column, once(pattern), once(part))


def _like_both(column: str, pattern: Sql, in_text: Sql) -> Sql:
    """That a column and the record's searchable text both match."""
    return f"{column} LIKE ", *pattern, " AND r.search_text LIKE ", *in_text


def _one_of(column: str, values: Sequence[Sql]) -> Sql:
    """Equality with one of a few values, since an inverted index serves no array."""
    ways: list[Sql] = [(f"{column} = ", *value) for value in values]
    return any_of(ways) if len(ways) > 1 else ways[0]


def _phone(
    item: Field, operator: Op.ValueType, values: Sequence[str], p: Parameters
) -> Sql:
    column = item.search.compared
    possible = not_longer(map(digits, values), item.policy.max_len)
    numbers = [number for number in possible if number]
    if not numbers:
        return (NEVER,)
    if operator == Op.OPERATOR_IN:
        return (f"{column} = ANY({p.place(numbers, 'text[]')})",)
    value = p.place(numbers[0], "text")
    if operator == Op.OPERATOR_EQ:
        return (f"{column} = {value}",)
    pattern = once(PATTERNS[operator].format(value))
    if not item.policy.searchable:
        return f"{column} LIKE ", *pattern
    part = once(PATTERNS[Op.OPERATOR_CONTAINS].format(value))  # as for other texts
    return _like_both(column, pattern, part)


def _number(
    item: Field, operator: Op.ValueType, values: Sequence[Decimal], p: Parameters
) -> Sql:
    """Compares whole numbers with whole numbers alone, so that an index serves."""
    column = item.search.compared
    if operator in (Op.OPERATOR_EQ, Op.OPERATOR_IN):
        whole = [_clamped(int(v)) for v in values if v == v.to_integral_value()]
        return (f"{column} = ANY({p.place(whole, 'bigint[]')})",)
    if operator == Op.OPERATOR_BETWEEN:
        least, most = _clamped(ceil(values[0])), _clamped(floor(values[1]))
        places = [p.place(least, "bigint"), p.place(most, "bigint")]
        return (f"{column} BETWEEN {places[0]} AND {places[1]}",)
    rounded = _clamped(_ROUNDED[operator](values[0]))
    return (f"{column} {SIGNS[operator]} {p.place(rounded, 'bigint')}",)


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
) -> Sql:
    # An unset value stands where the comparison does not hold.
    upward = operator in (Op.OPERATOR_LT, Op.OPERATOR_LTE)
    column = item.search.highest if upward else item.search.lowest
    if operator == Op.OPERATOR_IN:
        return (f"{column} = ANY({p.place(values, item.column_type + '[]')})",)
    places = [p.place(value, item.column_type) for value in values]
    if operator == Op.OPERATOR_BETWEEN:
        return (f"{column} BETWEEN {places[0]} AND {places[1]}",)
    return (f"{column} {SIGNS[operator]} {places[0]}",)


def _plain(
    item: Field, operator: Op.ValueType, values: Sequence[Any], p: Parameters
) -> Sql:
    if item.references == "user" and item.nullable:
        values = [value for value in values if value]  # the empty id is that of nobody
    if not values:
        return (NEVER,)
    return _equals(item.search.compared, values, item.column_type, p)


def _equals(column: str, values: Sequence[Any], kind: str, p: Parameters) -> Sql:
    if len(values) > MOST_WAYS:
        return (f"{column} = ANY({p.place(values, f'{kind}[]')})",)
    return _one_of(column, [(f"{p.place(value, kind)}",) for value in values])


def _links(
    item: Field, operator: Op.ValueType, values: Sequence[str], p: Parameters
) -> Sql:
    """Any link is one of the ids. An id's prefix says which link it can be."""
    ways: list[Sql] = []
    for link in item.links:
        prefix = link.target.id_prefix if link.target else ""
        ids = [value for value in values if value.startswith(prefix)]
        if ids:
            ways.append(_equals(link.search.compared, ids, link.column_type, p))
    return any_of(ways or [(NEVER,)])


def _tags(
    item: Field, operator: Op.ValueType, values: Sequence[str], p: Parameters
) -> Sql:
    sign = "&&" if operator == Op.OPERATOR_ANY_OF else "@>"
    possible = not_longer(values, item.policy.items.max_len)
    if not possible or (sign == "@>" and len(possible) < len(values)):
        return (NEVER,)
    sought = once(f"lower_all({p.place(possible, 'text[]')})")
    return f"{item.search.compared} {sign} ", *sought


def _ids(
    item: Field, operator: Op.ValueType, values: Sequence[str], p: Parameters
) -> Sql:
    """One of the ids is one of those given."""
    return (f"{item.search.compared} && {p.place(values, 'text[]')}",)


_CONDITIONS: dict[
    FieldType, Callable[[Field, Op.ValueType, Sequence[Any], Parameters], Sql]
] = {
    FieldType.STRING: _text,
    FieldType.INTEGER: _number,
    FieldType.DECIMAL: _range,
    FieldType.DATE: _range,
    FieldType.TIMESTAMP: _range,
    FieldType.LINKS: _links,
    FieldType.ID: _plain,
    FieldType.ENUM: _plain,
    FieldType.BOOLEAN: _plain,
    FieldType.TAGS: _tags,
    FieldType.IDS: _ids,
    FieldType.CUSTOM: custom_condition,
    FieldType.EXTERNAL: external_condition,
}
