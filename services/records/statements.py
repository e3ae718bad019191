"""All SQL that writes records. No other module has any.

A command's record, its timeline and its idempotency key are parts of one statement, and
therefore of one transaction. The text is built once for each shape and cached. The
parameter numbers have the order in which `commands.py` lists the values.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count

from services.postgres.sql_parts import later, quoted
from services.records.timeline import LINKS, SOURCE_SYSTEM, TYPE_SYSTEM

Columns = tuple[tuple[str, str], ...]  # (name, type)


@dataclass(frozen=True, slots=True)
class Target:
    """The table of a referenced record, which must exist.

    If `owner_column` is set, the record must also belong to the caller or to nobody.
    """

    table: str
    owner_column: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything that the text of a command's statement depends on.

    `events` is the number of timeline events. `guarded`: the tenant's schema must be of
    a generation. `typed`: the statement writes typed values. `forgets`: it deletes
    those of the record.
    """

    table: str
    columns: Columns
    references: tuple[Target, ...] = ()
    events: int = 0
    keyed: bool = False
    guarded: bool = False
    typed: bool = False
    forgets: bool = False


@lru_cache(maxsize=2048)
def insert_sql(shape: Shape) -> str:
    """Values: business, columns, references, [user if any is owned], those of
    `OwnValues`, timeline, key.
    """
    numbers = count(2)
    columns = [
        (quoted(name), f"${next(numbers)}::{kind}") for name, kind in shape.columns
    ]
    checks, conditions = _references(shape, numbers)
    record = (
        f"INSERT INTO {shape.table} (business_id, {', '.join(n for n, _ in columns)})"
        f" SELECT $1, {', '.join(v for _, v in columns)}"
        f"{_where(conditions)} RETURNING id"
    )
    return _command([*checks, ("record", record)], shape, numbers)


@lru_cache(maxsize=2048)
def update_sql(shape: Shape) -> str:
    """Values: business, id, version, columns, references, [user], those of
    `OwnValues`, timeline, key.
    """
    numbers = count(4)
    columns = [
        f"{quoted(name)} = ${next(numbers)}::{kind}" for name, kind in shape.columns
    ]
    checks, conditions = _references(shape, numbers)
    here = ["business_id = $1", "id = $2", "version = $3", "deleted_at IS NULL"]
    record = (
        f"UPDATE {shape.table} SET version = version + 1, {', '.join(columns)}"
        f"{_where(here + conditions)} RETURNING id"
    )
    return _command([*checks, ("record", record)], shape, numbers)


def insert_one_sql(table: str, columns: Mapping[str, str], source: str = "") -> str:
    """Returns an insert for administration; `columns` maps columns to expressions.

    `source` is the FROM clause that the expressions need. Values: business, then the
    parameters of the expressions.
    """
    names, expressions = ", ".join(columns), ", ".join(columns.values())
    return (
        f"INSERT INTO {table} (business_id, {names}) SELECT $1, {expressions}"
        f"{source and f' FROM {source}'} RETURNING id"
    )


def update_many_sql(
    table: str, sets: Sequence[str], condition: str, source: str = ""
) -> str:
    """Returns an update of all records `r` under a condition; `sets` are assignments.

    Values: business, one for the condition, the moment, then further ones.
    """
    assigned = [*sets, "version = r.version + 1"]
    assigned.append(f"updated_at = {later('$3', 'r.updated_at')}")
    return (
        f"UPDATE {table} AS r SET {', '.join(assigned)}{source and f' FROM {source}'}"
        f" WHERE r.business_id = $1 AND r.deleted_at IS NULL AND {condition}"
    )


@lru_cache(maxsize=8)
def key_sql() -> str:
    """Values: business, key. For a command that changes nothing."""
    numbers = count(2)
    return f"INSERT INTO idempotency_keys {_KEY_COLUMNS} {_key_values(numbers)}"


# A change of the schema locks the tenant's row against this, and then counts.
_SCHEMA = (
    "SELECT 1 FROM tenants WHERE business_id = $1 AND schema_generation = ${}::bigint"
    " FOR KEY SHARE"
)


def _references(
    shape: Shape, numbers: Iterator[int]
) -> tuple[list[tuple[str, str]], list[str]]:
    """Locks each referenced record against deletion until the command commits."""
    ids = [next(numbers) for _ in shape.references]
    user = next(numbers) if any(r.owner_column for r in shape.references) else 0
    checks = []
    for index, (reference, number) in enumerate(
        zip(shape.references, ids, strict=True)
    ):
        owner = reference.owner_column
        mine = f" AND ({owner} = ${user} OR {owner} IS NULL)" if owner else ""
        sql = (
            f"SELECT 1 FROM {reference.table} WHERE business_id = $1 AND id = ${number}"
            f" AND deleted_at IS NULL{mine} FOR SHARE"
        )
        checks.append((f"reference_{index}", sql))
    if shape.guarded:
        checks.append(("schema", _SCHEMA.format(next(numbers))))
    return checks, [f"EXISTS (SELECT FROM {name})" for name, _ in checks]


def _command(parts: list[tuple[str, str]], shape: Shape, numbers: Iterator[int]) -> str:
    if shape.typed:
        parts += _typed(shape.table, numbers)
    if shape.forgets:
        forgotten = f"{forget_sql(shape.table)} AND EXISTS (SELECT FROM record)"
        parts.append(("forgotten", forgotten))
    if shape.events:
        parts.append(("timeline", _timeline(shape.events, numbers)))
    if shape.keyed:
        key = f"INSERT INTO idempotency_keys {_KEY_COLUMNS} {_key_values(numbers)}"
        parts.append(("answer", f"{key} WHERE EXISTS (SELECT FROM record)"))
    listed = ", ".join(f"{name} AS ({sql})" for name, sql in parts)
    return f"WITH {listed} SELECT count(*) FROM record"


def _timeline(events: int, numbers: Iterator[int]) -> str:
    """Inserts an activity for each event, with the values of `timeline.values`."""
    names = ", ".join(LINKS)
    links = ", ".join(f"${next(numbers)}::text" for _ in LINKS)
    kinds = ("text", "timestamptz", "jsonb")
    rows = ", ".join(
        f"({', '.join(f'${next(numbers)}::{kind}' for kind in kinds)})"
        for _ in range(events)
    )
    actor = f"${next(numbers)}::text"
    return (
        f"INSERT INTO activities (business_id, id, type, source, occurred_at,"
        f" created_at, updated_at, {names}, metadata, actor_id)"
        f" SELECT $1, id, {TYPE_SYSTEM}, {SOURCE_SYSTEM}, moment, moment, moment,"
        f" {links}, metadata, {actor}"
        f" FROM (VALUES {rows}) AS event (id, moment, metadata)"
        f" WHERE EXISTS (SELECT FROM record)"
    )


_FORGET = "DELETE FROM typed_values WHERE business_id = $1 AND object = '{}'"
_TYPED_COLUMNS = {
    "key": "text",
    "number": "numeric",
    "moment": "timestamptz",
    "text": "text",
    "digest": "bytea",
}


def typed_values_sql(table: str, first: int = 2) -> str:
    """Stores typed values of many records. Values: business, ids, then each column."""
    return _stored(table, count(first), "v.record_id", "", "record_id")


def _typed(table: str, numbers: Iterator[int]) -> list[tuple[str, str]]:
    """Writes the values that searches compare, and deletes those of cleared keys."""
    written = _stored(table, numbers, "record.id", "record, ", "")
    cleared = (
        f"{_FORGET.format(table)} AND record_id IN (SELECT id FROM record)"
        f" AND key = ANY(${next(numbers)}::text[])"
    )
    return [("typed", written), ("cleared", cleared)]


def _stored(
    table: str, numbers: Iterator[int], record_id: str, source: str, with_ids: str
) -> str:
    """Inserts or replaces typed values, given as an array for each column."""
    columns = ({with_ids: "text"} if with_ids else {}) | _TYPED_COLUMNS
    arrays = ", ".join(f"${next(numbers)}::{kind}[]" for kind in columns.values())
    names = ", ".join(_TYPED_COLUMNS)
    sets = ", ".join(f"{each} = excluded.{each}" for each in _TYPED_COLUMNS)
    values = ", ".join(f"v.{each}" for each in _TYPED_COLUMNS)
    return (
        f"INSERT INTO typed_values (business_id, object, record_id, {names})"
        f" SELECT $1, '{table}', {record_id}, {values}"
        f" FROM {source}unnest({arrays}) AS v ({', '.join(columns)})"
        f" ON CONFLICT (business_id, object, record_id, key) DO UPDATE SET {sets}"
    )


def forget_sql(table: str) -> str:
    """Deletes the typed values of a record. Values: business, the record's id."""
    return f"{_FORGET.format(table)} AND record_id = $2"


def forget_reference_sql(table: str) -> str:
    """Deletes the typed references to a record. Values: business, its id, the key."""
    return f"{_FORGET.format(table)} AND text = $2 AND key = $3"


def give_values_sql(table: str) -> str:
    """Stores a value of one custom field in many records; null takes it out.

    Values: business, the key, the moment, an object of values by the records' ids.
    """
    field = "r.custom_fields"
    sets = [
        "custom_fields = CASE WHEN given.value = 'null'"
        f" THEN {field} - $2::text"
        f" ELSE {field} || jsonb_build_object($2::text, given.value) END"
    ]
    source = "jsonb_each($4::jsonb) AS given (id, value)"
    return update_many_sql(table, sets, "r.id = given.id", source)


def drop_digests_sql(table: str) -> str:
    """Lets records share the values of a field. Values: business, the key."""
    return (
        "UPDATE typed_values SET digest = NULL WHERE business_id = $1"
        f" AND object = '{table}' AND key = $2"
    )


def holders_sql(table: str) -> str:
    """Finds who has unique values: key, record, and whether it lives.

    Values: business, keys, digests, the record that does not count.
    """
    return (
        "SELECT v.key, v.record_id, r.id IS NOT NULL"
        " FROM unnest($2::text[], $3::bytea[]) AS sought (key, digest)"
        " JOIN typed_values AS v ON v.business_id = $1"
        f" AND v.object = '{table}' AND v.key = sought.key"
        " AND v.digest = sought.digest AND v.record_id <> $4"
        f" LEFT JOIN {table} AS r ON r.business_id = $1 AND r.id = v.record_id"
        " AND r.deleted_at IS NULL"
    )


_KEY_COLUMNS = (
    "(business_id, user_id, client_id, key, fingerprint, outcome, created_at)"
)


def _key_values(numbers: Iterator[int]) -> str:
    """Inserts the key's row. `lock_timeout` limits the wait for another call."""
    kinds = ("text", "text", "text", "bytea", "bytea", "timestamptz")
    values = ", ".join(f"${next(numbers)}::{kind}" for kind in kinds)
    wait = f"set_config('lock_timeout', ${next(numbers)}, true)"
    return f"SELECT $1, {values} FROM (SELECT {wait} OFFSET 0) AS wait"


def _where(conditions: list[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""
