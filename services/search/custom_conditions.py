"""Conditions on custom fields, whose kind is that of the values compared.

Equality is containment in the lower-cased copy of the fields, which an inverted
index serves; an array contains each of its strings. Several values make one parameter,
so that the SQL is as long for a thousand as for one.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import orjson
from prospectconnect.type.v1.search_pb2 import Operator as Op

from services.postgres.sql_parts import PATTERNS, SIGNS, Parameters, once


def custom_condition(
    column: str, key: str, operator: Op.ValueType, values: Sequence[Any], p: Parameters
) -> str:
    """The SQL of one condition on the custom field `key` of a jsonb column."""
    lowered = f"{column}_lower"
    if operator == Op.OPERATOR_IS_EMPTY:
        place = f"{column} -> {p.place(key, 'text')}"
        return f"coalesce({place}, 'null') IN ('null', '[]', '\"\"')"
    if operator == Op.OPERATOR_EQ:
        return _equals(lowered, key, values[0], p)
    if operator == Op.OPERATOR_IN:
        return _one_of(lowered, key, values, "<> 'array'", p)
    if operator == Op.OPERATOR_ANY_OF:
        return _one_of(lowered, key, values, "= 'array'", p)
    if operator == Op.OPERATOR_ALL_OF:
        return _has(lowered, key, values, p)
    if operator in PATTERNS:
        return _matches(lowered, key, operator, values[0], p)
    return _compares(column, key, operator, values, p)


def _equals(lowered: str, key: str, value: Any, p: Parameters) -> str:
    sought = once(f"lower_json({p.place({key: _json(value)}, 'jsonb')})")
    contained = f"{lowered} @> {sought}"
    # Containment also finds a string inside an array.
    scalar = f"jsonb_typeof({lowered} -> {p.place(key, 'text')}) <> 'array'"
    return f"({contained} AND {scalar})"


def _one_of(
    lowered: str, key: str, values: Sequence[Any], kind: str, p: Parameters
) -> str:
    """Whether a value, or an element of an array, is one of the values.

    A path because an inverted index takes its alternatives apart, and no array.
    """
    ways = " || ".join(
        f"@ == {orjson.dumps(_json(value)).decode()}" for value in values
    )
    place = p.place(f'$."{key}" ? ({ways})', "text")
    path = once(f"lower({place})::jsonpath")
    # A path looks into arrays by itself, and takes another value for an array of one.
    is_kind = f"jsonb_typeof({lowered} -> {p.place(key, 'text')}) {kind}"
    return f"({lowered} @? {path} AND {is_kind})"


def _has(lowered: str, key: str, values: Sequence[str], p: Parameters) -> str:
    sought = once(f"lower_json({p.place({key: list(values)}, 'jsonb')})")
    return f"{lowered} @> {sought}"


def _json(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _matches(
    lowered: str, key: str, operator: Op.ValueType, value: str, p: Parameters
) -> str:
    place = p.place(key, "text")
    literal = f"like_literal(lower({p.place(value, 'text')}))"
    sql = (
        f"(jsonb_typeof({lowered} -> {place}) = 'string'"
        f" AND {lowered} ->> {place} LIKE {once(PATTERNS[operator].format(literal))})"
    )
    if operator == Op.OPERATOR_CONTAINS:
        return f"({sql} OR {_has(lowered, key, [value], p)})"
    return sql


def _compares(
    column: str, key: str, operator: Op.ValueType, values: Sequence[Decimal], p: Any
) -> str:
    place = p.place(key, "text")
    number = (
        f"(CASE WHEN jsonb_typeof({column} -> {place}) = 'number'"
        f" THEN ({column} ->> {place})::numeric END)"
    )
    places = [p.place(value, "numeric") for value in values]
    if operator == Op.OPERATOR_BETWEEN:
        return f"{number} BETWEEN {places[0]} AND {places[1]}"
    return f"{number} {SIGNS[operator]} {places[0]}"
