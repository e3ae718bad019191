"""All SQL that writes the log: as a part of the statements that write records."""

from collections.abc import Iterator, Mapping
from functools import cache

from services.clock import EPOCH_SECONDS, SECOND
from services.kinds.descriptors import record_type
from services.kinds.record_type import Field, FieldType, RecordType
from services.record_messages import policy_of, record_messages
from services.records.log.changes import (
    CREATED,
    DELETED,
    DELETED_AT,
    IMAGE_EVERY,
    OWN_TIME,
    RESTORED,
    UPDATED,
    is_logged,
)

LOG_COLUMNS = (
    "business_id, record_id, object, operation, version, at, was, now, image,"
    " user_id, client_id, token_id, trace_id"
)
# The place of a change that has waited for another one of its record: it is settled
# when the feed is read.
UNSETTLED = "'0'::xid8"
# A function of PostgreSQL takes a hundred arguments, two for each value here.
_AT_ONCE = 40


def logged_part(its: str, operation: int, numbers: Iterator[int]) -> str:
    """Logs the change of the part `record`; `its` is the SQL of the record's type.

    Values: version, moment, was, now, image; user, app, token, trace.
    """
    kinds = ("integer", "timestamptz", "jsonb", "jsonb", "jsonb", *["text"] * 4)
    values = ", ".join(f"${next(numbers)}::{kind}" for kind in kinds)
    place = "NULL" if operation == CREATED else place_sql("record.id")
    return (
        f"INSERT INTO changes ({LOG_COLUMNS}, place)"
        f" SELECT $1, record.id, {its}, {operation}, {values}, {place} FROM record"
    )


# The tenant, as a value that the planner does not know. Of a tenant that is new to its
# statistics it expects one row, and may take any index that begins with the tenant. One
# statement may look for the changes of thousands of records.
_TENANT = "$1 || (SELECT '')"


def place_sql(record_id: str) -> str:
    """The place of a change in the feed: null for that of its own transaction.

    A transaction may change a record after one that began later. The change then has
    the place of the record's change before. A transaction whose first statement this is
    began after all that it sees, and looks for nothing.
    """
    here = "pg_current_xact_id()"
    return (
        f"CASE WHEN {here} < pg_snapshot_xmax(pg_current_snapshot()) THEN (SELECT"
        f" CASE WHEN p.place = {UNSETTLED} THEN p.place"
        f" ELSE nullif(greatest({here}, p.xid, p.place), {here}) END"
        f" FROM changes AS p WHERE p.business_id = {_TENANT}"
        f" AND p.record_id = {record_id} ORDER BY p.at DESC LIMIT 1) END"
    )


def logged_creations(its: str, operation: int, numbers: Iterator[int]) -> str:
    """Logs the creation of each record of the part `record`.

    Values: the records' ids, the moments, the images, all of them arrays; user, app,
    token, trace.
    """
    kinds = ("text[]", "timestamptz[]", "jsonb[]", *["text"] * 4)
    ids, moments, images, *actor = (f"${next(numbers)}::{kind}" for kind in kinds)
    return (
        f"INSERT INTO changes ({LOG_COLUMNS})"
        f" SELECT $1, record.id, {its}, {operation}, 1, c.at, NULL, NULL, c.image,"
        f" {', '.join(actor)}"
        f" FROM unnest({ids}, {moments}, {images}) AS c (id, at, image)"
        " JOIN record ON record.id = c.id"
    )


def logged_changes(its: str, operation: int, numbers: Iterator[int]) -> str:
    """Logs the change of each record of the part `record`.

    Values: the records' ids, versions, moments, what was, what is, and images, all of
    them arrays; user, app, token, trace.
    """
    kinds = ("text", "integer", "timestamptz", *["jsonb"] * 3)
    arrays = ", ".join(f"${next(numbers)}::{kind}[]" for kind in kinds)
    actor = ", ".join(f"${next(numbers)}::text" for _ in range(4))
    return (
        f"INSERT INTO changes ({LOG_COLUMNS}, place)"
        f" SELECT $1, record.id, {its}, {operation}, c.version, c.at, c.was, c.now,"
        f" c.image, {actor}, {place_sql('record.id')}"
        f" FROM unnest({arrays}) AS c (id, version, at, was, now, image)"
        " JOIN record ON record.id = c.id"
    )


def logs(table: str) -> bool:
    """Whether the changes of a table's records are kept."""
    return table in _logged_kinds()


def changed_columns(
    table: str, was: Mapping[str, str], now: Mapping[str, str], since: str = ""
) -> str:
    """What an update of many records `r` returns for its `logged_many`.

    `was` and `now` are the SQL of values, as JSON or as the log has them, by the SQL of
    their names. An update that restores says `since` when the record was deleted.
    """
    kind = _logged_kinds()[table]
    its = f"r.{kind.object_field}" if kind.object_field else f"'{table}'"
    has_image = f"r.version % {IMAGE_EVERY} = 0"
    operation = f"CASE WHEN {_IS_GONE} THEN {DELETED} ELSE {UPDATED} END"
    before, after = _gone("NULL"), _gone(moment_sql(f"r.{DELETED_AT}"))
    if since:
        name, operation = _name(DELETED_AT), str(RESTORED)
        before, after = _pairs({name: since}), _pairs({name: "NULL"})
    return (
        f"r.id, r.version, r.updated_at, {its} AS object, {operation} AS operation,"
        f" (SELECT o.version FROM {table} AS o WHERE o.business_id = $1"
        " AND o.id = r.id) AS seen,"
        f" {_pairs(was)} || {before} AS was, {_pairs(now)} || {after} AS now,"
        f" CASE WHEN {has_image} THEN {_image_sql(table)} END AS image"
    )


def logged_many(source: str, actor: int) -> str:
    """Logs the changes that the part `source` returned.

    `actor` is the number of the parameter that says who made them, as `acting` does.
    """
    told = ", ".join(f"split_part(${actor}::text, ' ', {n})" for n in range(1, 5))
    # The update has waited for a change that this statement does not see.
    is_late = "c.seen <> c.version - 1"
    place = f"CASE WHEN {is_late} THEN {UNSETTLED} ELSE {place_sql('c.id')} END"
    return (
        f"INSERT INTO changes ({LOG_COLUMNS}, place)"
        " SELECT $1, c.id, c.object, c.operation, c.version, c.updated_at, c.was,"
        f" c.now, c.image, {told}, {place} FROM {source} AS c"
    )


_IS_GONE = f"r.{DELETED_AT} IS NOT NULL"


def _gone(value: str) -> str:
    """What the log says besides of a record that the update deletes."""
    told = _pairs({_name(DELETED_AT): value})
    return f"CASE WHEN {_IS_GONE} THEN {told} ELSE '{{}}' END"


def moment_sql(column: str) -> str:
    """A timestamp as the log has it."""
    micro = f"(extract(epoch FROM {column}) * {SECOND})::bigint"
    return f"({micro} - {EPOCH_SECONDS * SECOND})"


def _name(name: str) -> str:
    return f"'{name}'"


def _pairs(values: Mapping[str, str]) -> str:
    pairs = ", ".join(f"{name}, {value}" for name, value in values.items())
    return f"jsonb_build_object({pairs})"


@cache
def _logged_kinds() -> Mapping[str, RecordType]:
    """The kinds whose changes are kept, by their tables."""
    messages = {policy_of(each).plural: each for each in record_messages()}
    kinds = {table: record_type(each) for table, each in messages.items()}
    return {table: kind for table, kind in kinds.items() if is_logged(kind)}


def _image_sql(table: str) -> str:
    """The whole of a record `r`."""
    values = {
        _name(item.name): _value_sql(item)
        for item in _logged_kinds()[table].fields
        if item.name != OWN_TIME
    }
    names = list(values)
    parts = (names[at : at + _AT_ONCE] for at in range(0, len(names), _AT_ONCE))
    return " || ".join(_pairs({name: values[name] for name in part}) for part in parts)


def _value_sql(item: Field) -> str:
    if item.type is FieldType.TIMESTAMP:
        return moment_sql(item.sql)
    return f"{item.sql}::text" if item.type is FieldType.DECIMAL else item.sql
