"""The texts of a record that an erasure destroys: in its row, and in the log of it.

What a person wrote goes: texts, custom fields, metadata, ids in other systems. What
remains says nothing of anybody: ids, times, states, numbers. A text that a record must
have becomes `ERASED`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from services.kinds.record_type import Field, FieldType, RecordType
from services.postgres.sql_parts import later, quoted
from services.records.log.statements import changed_columns, logged_many

ERASED = "[erased]"

# A key of a struct, as the log names it.
_OF_A_STRUCT = "'^(custom_fields|external_ids)[.]'"


@dataclass(frozen=True, slots=True)
class TextSql:
    """The statements that destroy the texts of records of a kind.

    `blank` does so in the records. Values: business, their ids, the moment, and who
    does it.
    `scrub` does so in their log. Values: business, their ids.
    """

    blank: str
    scrub: str


def texts_of(kind: RecordType) -> Mapping[str, Any]:
    """The fields that an erasure destroys, with what becomes of their values.

    Of a record that connects two others, only what a person may leave out: the other
    texts name its type.
    """
    fields = (item for item in kind.fields if item.type in _AFTER)
    if kind.ends:
        fields = (item for item in fields if item.nullable)
    return {item.name: _after(item) for item in fields}


def _after(item: Field) -> Any:
    if item.type is FieldType.STRING and not item.nullable:
        return ERASED
    return _AFTER[item.type]


_AFTER: Mapping[FieldType, Any] = {
    FieldType.STRING: None,
    FieldType.TAGS: [],
    FieldType.CUSTOM: {},
    FieldType.METADATA: {},
    FieldType.EXTERNAL: None,
    FieldType.MESSAGE: None,
}


def text_sql(kind: RecordType) -> TextSql:
    """The statements for a kind whose changes are logged."""
    after = texts_of(kind)
    return TextSql(_blank_sql(kind, after), _scrub_sql(after))


def _blank_sql(kind: RecordType, after: Mapping[str, Any]) -> str:
    """A deleted record gets no new version: its deletion stays its last change."""
    sets = [f"{quoted(name)} = {_column(value)}" for name, value in after.items()]
    lives = "r.deleted_at IS NULL"
    moment = later("$3", "r.updated_at")
    sets += [
        f"version = r.version + CASE WHEN {lives} THEN 1 ELSE 0 END",
        f"updated_at = CASE WHEN {lives} THEN {moment} ELSE r.updated_at END",
    ]
    held = " OR ".join(
        f"r.{quoted(name)} IS DISTINCT FROM {_column(value)}"
        for name, value in after.items()
    )
    changed = (
        f"UPDATE {kind.table} AS r SET {', '.join(sets)} WHERE r.business_id = $1"
        f" AND r.id = ANY($2::text[]) AND ({held})"
        f" RETURNING {changed_columns(kind.table, {}, {})}, {lives} AS lives"
    )
    logged = logged_many("(SELECT * FROM blanked WHERE lives)", 4)
    return (
        f"WITH blanked AS ({changed}), logged AS ({logged})"
        " SELECT count(*) FROM blanked"
    )


def _column(value: Any) -> str:
    if value is None:
        return "NULL"
    if value == []:
        return "'{}'::text[]"
    return f"'{value}'" if value == ERASED else "'{}'::jsonb"


def _scrub_sql(after: Mapping[str, Any]) -> str:
    names = ", ".join(f"'{name}'" for name in after)
    dropped = [name for name, value in after.items() if value is None]
    kept = {name: value for name, value in after.items() if value is not None}
    sets = ", ".join(
        f"{column} = CASE WHEN c.{column} IS NOT NULL THEN"
        f" {_scrubbed(f'c.{column}', kept, dropped)} END"
        for column in ("was", "now", "image")
    )
    is_told = " OR ".join(f"c.{each} ?| ARRAY[{names}]" for each in _LOGGED)
    keys = (
        "EXISTS (SELECT FROM jsonb_object_keys(c.now) AS k (key)"
        f" WHERE k.key ~ {_OF_A_STRUCT})"
    )
    return (
        f"WITH scrubbed AS (UPDATE changes AS c SET {sets} WHERE c.business_id = $1"
        f" AND c.record_id = ANY($2::text[]) AND ({is_told} OR {keys}) RETURNING 1)"
        " SELECT count(*) FROM scrubbed"
    )


_LOGGED = ("was", "now", "image")


def _scrubbed(column: str, kept: Mapping[str, Any], dropped: list[str]) -> str:
    """The values of a row of the log, without the texts in them."""
    replaced = orjson.dumps(kept).decode()
    names = ", ".join(f"'{name}'" for name in dropped) or "''"
    value = f"coalesce('{replaced}'::jsonb -> e.key, e.value)"
    return (
        f"(SELECT coalesce(jsonb_object_agg(e.key, {value}), '{{}}')"
        f" FROM jsonb_each({column}) AS e (key, value)"
        f" WHERE e.key NOT IN ({names}) AND e.key !~ {_OF_A_STRUCT})"
    )
