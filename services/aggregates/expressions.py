"""How figures read a field of a record `r`: an expression of SQL, and its type.

An unset value is NULL in every expression. None of them fails for any record:
values from before a definition need not fit it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from services.kinds.own_fields import BESIDE
from services.kinds.record_type import Field, FieldType
from services.postgres.sql_parts import Parameters

# Longer texts are no names of groups.
LONGEST_GROUP = 2_048


class Shape(Enum):
    """What an expression gives. The value is its type in PostgreSQL."""

    TEXT = "text"
    CHOICE = "smallint"
    NUMBER = "numeric"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "timestamptz"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Expression:
    """The SQL of a value. `join` gives the values of a list one by one, "" for others.

    `set_of` gives the same values without the join, in about 0.6 of the time. A
    statement may have one: PostgreSQL puts the values of several side by side.
    `choices` are the names of an enum's values, by number.
    """

    sql: str
    shape: Shape
    join: str = ""
    set_of: str = ""
    choices: Mapping[int, str] | None = None

    @property
    def column_type(self) -> str:
        """The type of the column that holds it."""
        return "text" if self.shape is Shape.JSON else self.shape.value


_COLUMNS: Mapping[FieldType, Shape] = {
    FieldType.STRING: Shape.TEXT,
    FieldType.ID: Shape.TEXT,
    FieldType.ASSOCIATED: Shape.TEXT,
    FieldType.INTEGER: Shape.NUMBER,
    FieldType.DECIMAL: Shape.NUMBER,
    FieldType.BOOLEAN: Shape.BOOLEAN,
    FieldType.DATE: Shape.DATE,
    FieldType.TIMESTAMP: Shape.MOMENT,
}
_LISTS = (FieldType.TAGS, FieldType.IDS)
_NONE = "'{NULL}'::text[]"  # a record without values is counted as one without a group


def is_changing(item: Field) -> bool:
    """Whether a job changes the type of a field, so that records do not tell it."""
    return bool(item.own_type) and BESIDE in item.key


def is_list(item: Field) -> bool:
    """Whether a field may hold several values."""
    return item.type in _LISTS or item.type is FieldType.CUSTOM


def expression(item: Field, name: str, p: Parameters) -> Expression | None:
    """The value of a field, None if figures cannot tell its values apart.

    `name` is one that no other list of the statement has.
    """
    if item.own_type and item.type not in _LISTS:
        return _OWN[item.type](item, p)
    if item.type is FieldType.CUSTOM or item.own_type:
        return _each_json(item, name)
    if item.type in _LISTS:
        join = f" LEFT JOIN LATERAL unnest({item.sql}) AS {name} (v) ON true"
        held = f"CASE WHEN cardinality({item.sql}) > 0 THEN {item.sql} ELSE {_NONE} END"
        sql, set_of = f'({name}.v COLLATE "C")', f'(unnest({held}) COLLATE "C")'
        return Expression(sql, Shape.TEXT, join, set_of)
    if item.type is FieldType.ENUM:
        names = {number: choice for choice, number in item.choices.items()}
        return Expression(f"nullif({item.sql}, 0)", Shape.CHOICE, choices=names)
    shape = _COLUMNS.get(item.type)
    if shape is None or (item.policy.max_len or 0) > LONGEST_GROUP:
        return None
    if shape is Shape.TEXT:
        return Expression(f"(nullif({item.sql}, '') COLLATE \"C\")", shape)
    return Expression(item.sql, shape)


def is_set(item: Field, p: Parameters) -> str:
    """SQL that is NULL where a field is unset."""
    if item.type is FieldType.CUSTOM or (item.own_type and item.type in _LISTS):
        return (
            f"(CASE WHEN coalesce({_json(item)}, 'null')"
            " NOT IN ('null', '[]', '\"\"') THEN 1 END)"
        )
    if item.type in _LISTS:
        return f"(CASE WHEN cardinality({item.sql}) > 0 THEN 1 END)"
    if item.type is FieldType.STRING and not item.own_type:
        return f"nullif({item.sql}, '')"
    found = expression(item, "", p)
    return "NULL" if found is None else found.sql


def number(item: Field, p: Parameters) -> str | None:
    """The SQL of a number, None if the field holds none."""
    if item.type is FieldType.CUSTOM or (
        item.own_type and item.type is FieldType.DECIMAL
    ):
        return _number_of(item)
    return item.sql if item.type in (FieldType.INTEGER, FieldType.DECIMAL) else None


def single(item: Field, p: Parameters) -> Expression | None:
    """The value of a field as one value, None for lists."""
    if item.type is FieldType.CUSTOM:
        return Expression(_written(_json(item)), Shape.JSON)
    return None if item.type in _LISTS else expression(item, "", p)


def _key(item: Field) -> str:
    """The key in the custom fields: a letter, letters, digits and `_`."""
    return item.key.partition(BESIDE)[0]


def _json(item: Field) -> str:
    return f"({item.sql} -> '{_key(item)}')"


def _text_of(item: Field) -> str:
    return f"({item.sql} ->> '{_key(item)}')"


def _number_of(item: Field) -> str:
    return (
        f"(CASE WHEN jsonb_typeof({_json(item)}) = 'number'"
        f" THEN {_text_of(item)}::numeric END)"
    )


def _written(json: str) -> str:
    """A JSON value as text: equal numbers are written alike, and null is none."""
    return (
        f"((CASE jsonb_typeof({json}) WHEN 'number'"
        f" THEN trim_scale({json}::text::numeric)::text"
        f" ELSE nullif(nullif({json}::text, 'null'), '\"\"') END) COLLATE \"C\")"
    )


def _each_json(item: Field, name: str) -> Expression:
    """Each value of a list, or the one value that is no list."""
    each = f"jsonb_path_query({item.sql}, '$.\"{_key(item)}\"[*]') AS e (v)"
    join = (
        f" LEFT JOIN LATERAL (SELECT DISTINCT {_written('e.v')} AS v FROM {each})"
        f" AS {name} ON true"
    )
    return Expression(f"{name}.v", Shape.JSON, join)


def _own_text(item: Field, _: Parameters) -> Expression:
    return Expression(f"(nullif({_text_of(item)}, '') COLLATE \"C\")", Shape.TEXT)


def _own_number(item: Field, _: Parameters) -> Expression:
    return Expression(_number_of(item), Shape.NUMBER)


def _own_boolean(item: Field, _: Parameters) -> Expression:
    is_one = f"jsonb_typeof({_json(item)}) = 'boolean'"
    value = f"(CASE WHEN {is_one} THEN {_json(item)}::boolean END)"
    return Expression(value, Shape.BOOLEAN)


def _own_moment(item: Field, p: Parameters) -> Expression:
    """A time out of the typed values: only these are times for sure."""
    moment = (
        "(SELECT v.moment FROM typed_values AS v WHERE v.business_id = r.business_id"
        f" AND v.object = {p.object or item.holder} AND v.key = '{_key(item)}'"
        " AND v.record_id = r.id)"
    )
    if item.type is FieldType.DATE:
        return Expression(f"({moment} AT TIME ZONE 'UTC')::date", Shape.DATE)
    return Expression(moment, Shape.MOMENT)


_OWN: Mapping[FieldType, Callable[[Field, Parameters], Expression]] = {
    FieldType.STRING: _own_text,
    FieldType.ID: _own_text,
    FieldType.ENUM: _own_text,
    FieldType.DECIMAL: _own_number,
    FieldType.BOOLEAN: _own_boolean,
    FieldType.DATE: _own_moment,
    FieldType.TIMESTAMP: _own_moment,
}
