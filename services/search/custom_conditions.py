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

from services.kinds.custom_fields import MOST_CHARACTERS
from services.kinds.record_type import Field
from services.postgres.sql_parts import (
    NEVER,
    PATTERNS,
    SIGNS,
    Parameters,
    Sql,
    once,
)
from services.search.possible import not_longer


def custom_condition(
    item: Field, operator: Op.ValueType, values: Sequence[Any], p: Parameters
) -> Sql:
    """The SQL of one condition on a value of custom fields, found by its key."""
    column, lowered, key = item.sql, item.search.compared, item.key
    if operator == Op.OPERATOR_IS_EMPTY:
        place = f"{column} -> {p.place(key, 'text')}"
        return (f"coalesce({place}, 'null') IN ('null', '[]', '\"\"')",)
    possible = not_longer(values, MOST_CHARACTERS)
    is_whole = len(possible) == len(values)
    if not possible or (operator == Op.OPERATOR_ALL_OF and not is_whole):
        return (NEVER,)
    if operator == Op.OPERATOR_EQ:
        return _equals(lowered, key, values[0], p)
    if operator == Op.OPERATOR_IN:
        return _one_of(lowered, key, possible, "<> 'array'", p)
    if operator == Op.OPERATOR_ANY_OF:
        return _one_of(lowered, key, possible, "= 'array'", p)
    if operator == Op.OPERATOR_ALL_OF:
        return _has(lowered, key, values, p)
    if operator in PATTERNS:
        return _matches(lowered, key, operator, values[0], p)
    return _compares(column, key, operator, values, p)


def _equals(lowered: str, key: str, value: Any, p: Parameters) -> Sql:
    sought = once(f"lower_json({p.place({key: _json(value)}, 'jsonb')})")
    # Containment also finds a string inside an array.
    scalar = f"jsonb_typeof({lowered} -> {p.place(key, 'text')}) <> 'array'"
    return (f"({lowered} @> ", *sought, f" AND {scalar})")


def _one_of(
    lowered: str, key: str, values: Sequence[Any], kind: str, p: Parameters
) -> Sql:
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
    return (f"({lowered} @? ", *path, f" AND {is_kind})")


def _has(lowered: str, key: str, values: Sequence[str], p: Parameters) -> Sql:
    sought = once(f"lower_json({p.place({key: list(values)}, 'jsonb')})")
    return (f"{lowered} @> ", *sought)


def _json(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _matches(
    lowered: str, key: str, operator: Op.ValueType, value: str, p: Parameters
) -> Sql:
    literal = f"like_literal(lower({p.place(value, 'text')}))"
    pattern = once(PATTERNS[operator].format(literal))
    place = p.place(key, "text")
    is_text = f"jsonb_typeof({lowered} -> {place}) = 'string'"
    text = f"{lowered} ->> {place}"
    sql: Sql = (f"({is_text} AND {text} LIKE ", *pattern, ")")
    if operator == Op.OPERATOR_CONTAINS:
        return ("(", *sql, " OR ", *_has(lowered, key, [value], p), ")")
    return sql


def _compares(
    column: str, key: str, operator: Op.ValueType, values: Sequence[Decimal], p: Any
) -> Sql:
    place = p.place(key, "text")
    number = (
        f"(CASE WHEN jsonb_typeof({column} -> {place}) = 'number'"
        f" THEN ({column} ->> {place})::numeric END)"
    )
    places = [p.place(value, "numeric") for value in values]
    if operator == Op.OPERATOR_BETWEEN:
        return (f"{number} BETWEEN {places[0]} AND {places[1]}",)
    return (f"{number} {SIGNS[operator]} {places[0]}",)
