"""Conditions on the fields that tenants define, whose kind the definition says.

A condition is written in two ways that mean the same. By index: `typed_values` finds
the records. Row by row: the value is read out of the custom fields. Values are in their
normal form there, so that dates and times compare as texts; of a deleted record they
may be anything, and none of these expressions fails for it.

While a job changes the type of a field, records have values of either type. Then
`typed_values` alone tells the new ones, by a key that the job keeps beside that of the
field, and the second way is not taken.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from prospectconnect.schema.v1 import fields_pb2 as pb
from prospectconnect.type.v1.search_pb2 import Operator as Op

from services.clock import DAY, EPOCH
from services.kinds.formats import digits
from services.kinds.own_fields import BESIDE
from services.kinds.own_types import MOST_CHARACTERS
from services.kinds.record_type import Field, FieldType
from services.kinds.typed_values import LONGEST_COMPARED
from services.postgres.sql_parts import (
    NEVER,
    PATTERNS,
    SIGNS,
    Parameters,
    Sql,
    Varying,
    once,
)
from services.search.custom_conditions import custom_condition
from services.search.possible import not_longer

_FIRST_DAY = EPOCH.date()


def own_condition(
    item: Field, operator: Op.ValueType, values: Sequence[Any], p: Parameters
) -> Sql:
    """The SQL of one positive condition on a field that the tenant defines."""
    if operator == Op.OPERATOR_IS_EMPTY:
        return (f"coalesce({_stored(item)}, 'null') IN ('null', '[]', '\"\"')",)
    return _CONDITIONS[item.type](item, operator, values, p)


def _stored(item: Field) -> str:
    """The value as JSON. A key is a defined one: a letter, letters, digits and `_`."""
    return f"{item.sql} -> '{_key(item)}'"


def _text_of(item: Field) -> str:
    return f"({item.sql} ->> '{_key(item)}')"


def _key(item: Field) -> str:
    """The key in the custom fields of records."""
    return item.key.partition(BESIDE)[0]


def _is_changing(item: Field) -> bool:
    """Whether a job changes the type, so that records do not tell the values yet."""
    return BESIDE in item.key


def _ways(item: Field, by_index: str, by_row: str) -> Sql:
    """A condition in both ways, or by index where the other would be wrong."""
    return (by_index,) if _is_changing(item) else (Varying(by_index, by_row),)


def _found(item: Field, comparison: str, p: Parameters) -> str:
    """That the record's typed value fulfils a comparison."""
    return (
        "EXISTS (SELECT FROM typed_values AS v WHERE v.business_id = r.business_id"
        f" AND v.object = {p.object or item.holder} AND v.key = '{item.key}'"
        f" AND v.record_id = r.id AND {comparison})"
    )


def _text(
    item: Field, operator: Op.ValueType, values: Sequence[str], p: Parameters
) -> Sql:
    if item.own_type == pb.FIELD_TYPE_PHONE:
        return _phone(item, operator, values, p)
    possible = not_longer(values, MOST_CHARACTERS)
    given = [value for value in possible if value]
    column = f"({item.search.compared} ->> '{_key(item)}' COLLATE \"C\")"
    if not given:  # what is set contains the empty text, and none equals it
        is_part = operator in PATTERNS and bool(possible)
        return (f"{column} <> ''" if is_part else NEVER,)
    if operator in PATTERNS:
        literal = f"like_literal(lower({p.place(given[0], 'text')}))"
        return f"{column} LIKE ", *once(PATTERNS[operator].format(literal))
    sought = f"lower_all({p.place(given, 'text[]')})"
    short = f"SELECT left(t, {LONGEST_COMPARED}) FROM unnest({sought}) AS t"
    found = _found(item, f"v.text IN ({short})", p)
    if _is_changing(item):
        return (found,)
    by_index = f"({found} AND {column} = ANY({sought}))"
    return (Varying(by_index, f"({column} = ANY((SELECT {sought})::text[]))"),)


def _phone(
    item: Field, operator: Op.ValueType, values: Sequence[str], p: Parameters
) -> Sql:
    numbers = [number for number in map(digits, values) if number]
    if not numbers:
        return (NEVER,)
    column = f"digits({_text_of(item)})"
    if operator in PATTERNS:
        pattern = PATTERNS[operator].format(p.place(numbers[0], "text"))
        return f"{column} LIKE ", *once(pattern)
    comparison = f"{{}} = ANY({p.place(numbers, 'text[]')})"
    return _either(item, comparison, "text", column, p)


def _either(item: Field, comparison: str, column: str, row: str, p: Parameters) -> Sql:
    """A comparison of the typed value by index, and of the stored one row by row."""
    found = _found(item, comparison.format(f"v.{column}"), p)
    return _ways(item, found, f"({comparison.format(row)})")


def _number(
    item: Field, operator: Op.ValueType, values: Sequence[Any], p: Parameters
) -> Sql:
    row = (
        f"(CASE WHEN jsonb_typeof({_stored(item)}) = 'number'"
        f" THEN {_text_of(item)}::numeric END)"
    )
    if operator in (Op.OPERATOR_EQ, Op.OPERATOR_IN):
        comparison = f"{{}} = ANY({p.place(list(values), 'numeric[]')})"
    else:
        places = [str(p.place(value, "numeric")) for value in values]
        comparison = _range("{}", operator, places)
    return _either(item, comparison, "number", row, p)


def _boolean(
    item: Field, operator: Op.ValueType, values: Sequence[bool], p: Parameters
) -> Sql:
    value = p.place(values[0], "boolean")
    if _is_changing(item):
        return (_found(item, f"v.number = ({value})::integer", p),)
    return (f"{_text_of(item)} = ({value})::text",)


def _time(
    item: Field, operator: Op.ValueType, values: Sequence[Any], p: Parameters
) -> Sql:
    moments = [_moment(value) for value in values]
    row, written = f"rtrim({_text_of(item)}, 'Z') COLLATE \"C\"", _WRITTEN[item.type]
    if operator in (Op.OPERATOR_EQ, Op.OPERATOR_IN):
        place = p.place(moments, "timestamptz[]")
        found = _found(item, f"v.moment = ANY({place})", p)
        texts = f"SELECT array_agg({written.format('m')}) FROM unnest({place}) AS m"
        return _ways(item, found, f"({row} = ANY(({texts})::text[]))")
    places = [str(p.place(moment, "timestamptz")) for moment in moments]
    found = _found(item, _range("v.moment", operator, places), p)
    written_places = [f"(SELECT {written.format(place)})" for place in places]
    return _ways(item, found, f"({_range(row, operator, written_places)})")


def _range(column: str, operator: Op.ValueType, places: Sequence[str]) -> str:
    if operator == Op.OPERATOR_BETWEEN:
        return f"{column} BETWEEN {places[0]} AND {places[1]}"
    return f"{column} {SIGNS[operator]} {places[0]}"


def _moment(value: date | int) -> int:
    if isinstance(value, date):
        return (value - _FIRST_DAY).days * DAY
    return value


# How a moment is written in the normal form, without the `Z` of a timestamp.
_WRITTEN = {
    FieldType.DATE: "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
    FieldType.TIMESTAMP: "rtrim(rtrim(to_char({} AT TIME ZONE 'UTC',"
    " 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), '0'), '.')",
}


def _choice(
    item: Field, operator: Op.ValueType, values: Sequence[Any], p: Parameters
) -> Sql:
    if item.type is FieldType.ENUM:
        names = list(item.choices)
        values = [names[value] for value in values]
    comparison = f"{{}} = ANY({p.place(list(values), 'text[]')})"
    return _either(item, comparison, "text", _text_of(item), p)


def _chosen(
    item: Field, operator: Op.ValueType, values: Sequence[str], p: Parameters
) -> Sql:
    if operator == Op.OPERATOR_CONTAINS:
        operator = Op.OPERATOR_ALL_OF
    return custom_condition(item, operator, values, p)


_Condition = Callable[[Field, Op.ValueType, Sequence[Any], Parameters], Sql]

_CONDITIONS: Mapping[FieldType, _Condition] = {
    FieldType.STRING: _text,
    FieldType.INTEGER: _number,
    FieldType.DECIMAL: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _time,
    FieldType.TIMESTAMP: _time,
    FieldType.ENUM: _choice,
    FieldType.ID: _choice,
    FieldType.TAGS: _chosen,
}
