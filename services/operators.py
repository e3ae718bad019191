"""What each operator means for each kind of field, as SQL.

A condition may be true, false or unknown. The negative operators are the plain
complement of the positive ones (`IS NOT TRUE`), so that an unset value matches
them and `is_empty` alone.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from prospectconnect.type.v1.search_pb2 import Operator as Op

from services.custom_conditions import custom_condition
from services.formats import digits
from services.record_type import Field, Kind
from services.sql_parts import NEVER, PATTERNS, SIGNS, Parameters

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

# Which operators a field takes (contract §7).
TAKES: dict[Kind, tuple[Op.ValueType, ...]] = {
    Kind.STRING: TEXT,
    Kind.INTEGER: RANGE,
    Kind.TIMESTAMP: RANGE,
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
    positive = NEGATIVE.get(operator)
    if positive is not None:
        return f"({condition(item, key, positive, values, p)}) IS NOT TRUE"
    if item.kind is Kind.CUSTOM:
        return custom_condition(f"r.{item.name}", key, operator, values, p)
    return _CONDITIONS[item.kind](item, operator, values, p)


def _text(
    item: Field, operator: Op.ValueType, values: Sequence[str], p: Parameters
) -> str:
    if operator == Op.OPERATOR_IS_EMPTY:
        return f"r.{item.name} IS NULL"
    if item.is_phone:
        return _phone(item, operator, values, p)
    column = f'(lower(r.{item.name}) COLLATE "C")'
    if operator == Op.OPERATOR_EQ:
        return f"{column} = lower({p.add(values[0], 'text')})"
    if operator == Op.OPERATOR_IN:
        return f"{column} = ANY(lower_all({p.add(values, 'text[]')}))"
    value = p.add(values[0], "text")
    pattern = PATTERNS[operator].format(f"like_literal(lower({value}))")
    sql = f"{column} LIKE {pattern}"
    if item.policy.searchable:
        # True whenever the other is, and it has a trigram index.
        sql += f" AND r.search_text LIKE '%' || like_literal(fold({value})) || '%'"
    return sql


def _phone(
    item: Field, operator: Op.ValueType, values: Sequence[str], p: Parameters
) -> str:
    column = f"r.{item.name}_digits"
    numbers = [number for number in map(digits, values) if number]
    if not numbers:
        return NEVER
    if operator == Op.OPERATOR_IN:
        return f"{column} = ANY({p.add(numbers, 'text[]')})"
    value = p.add(numbers[0], "text")
    if operator == Op.OPERATOR_EQ:
        return f"{column} = {value}"
    sql = f"{column} LIKE {PATTERNS[operator].format(value)}"
    return f"{sql} AND r.search_text LIKE '%' || {value} || '%'"


def _number(
    item: Field, operator: Op.ValueType, values: Sequence[Decimal], p: Parameters
) -> str:
    column = f"r.{item.name}"
    if operator == Op.OPERATOR_IS_EMPTY:
        return f"{column} IS NULL"
    if operator == Op.OPERATOR_IN:
        whole = [int(v) for v in values if _is_int(v)]
        return f"{column} = ANY({p.add(whole, 'integer[]')})"
    places = [
        p.add(int(v), "integer") if _is_int(v) else p.add(v, "numeric") for v in values
    ]
    if operator == Op.OPERATOR_BETWEEN:
        return f"{column} BETWEEN {places[0]} AND {places[1]}"
    return f"{column} {SIGNS[operator]} {places[0]}"


def _is_int(value: Decimal) -> bool:
    """Whether the column's own type holds the value, which lets an index serve."""
    return value == value.to_integral_value() and abs(value) < 2**31


def _timestamp(
    item: Field, operator: Op.ValueType, values: Sequence[int], p: Parameters
) -> str:
    column = f"r.{item.name}"
    if operator == Op.OPERATOR_IS_EMPTY:
        return f"{column} IS NULL"
    if item.nullable and item.policy.sortable:
        # The expression of the index that orders by the field. An unset value
        # stands where the comparison does not hold.
        end = "infinity" if operator in _UPWARD else "-infinity"
        column = f"coalesce({column}, '{end}'::timestamptz)"
    if operator == Op.OPERATOR_IN:
        return f"{column} = ANY({p.add(values, 'timestamptz[]')})"
    places = [p.add(value, "timestamptz") for value in values]
    if operator == Op.OPERATOR_BETWEEN:
        return f"{column} BETWEEN {places[0]} AND {places[1]}"
    return f"{column} {SIGNS[operator]} {places[0]}"


_UPWARD = (Op.OPERATOR_LT, Op.OPERATOR_LTE)


def _plain(
    item: Field, operator: Op.ValueType, values: Sequence[Any], p: Parameters
) -> str:
    column = f"r.{item.name}"
    if operator == Op.OPERATOR_IS_EMPTY:
        return f"{column} IS NULL"
    if operator == Op.OPERATOR_IN:
        return f"{column} = ANY({p.add(values, item.column_type + '[]')})"
    return f"{column} = {p.add(values[0], item.column_type)}"


def _tags(
    item: Field, operator: Op.ValueType, values: Sequence[str], p: Parameters
) -> str:
    column = f"r.{item.name}_lower"
    if operator == Op.OPERATOR_IS_EMPTY:
        return f"{column} = '{{}}'"
    sign = "&&" if operator == Op.OPERATOR_ANY_OF else "@>"
    return f"{column} {sign} lower_all({p.add(values, 'text[]')})"


_CONDITIONS: dict[
    Kind, Callable[[Field, Op.ValueType, Sequence[Any], Parameters], str]
] = {
    Kind.STRING: _text,
    Kind.INTEGER: _number,
    Kind.TIMESTAMP: _timestamp,
    Kind.ID: _plain,
    Kind.ENUM: _plain,
    Kind.BOOLEAN: _plain,
    Kind.TAGS: _tags,
}
