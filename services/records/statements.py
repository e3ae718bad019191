"""All SQL that writes records. No other module has any.

A command's record, its timeline and its idempotency key are parts of one statement, and
therefore of one transaction. The text is built once for each shape and cached. The
parameter numbers have the order in which `commands.py` lists the values.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Literal

from services.postgres.sql_parts import quoted
from services.records.log.statements import logged_part
from services.records.referenced import Target, referenced_sql
from services.records.timeline import LINKS, SOURCE_SYSTEM, TYPE_SYSTEM
from services.records.values.newest import Newest, newest_parts
from services.records.values.typed_statements import forget_sql, typed_parts
from services.records.values.unique_statements import freed_sql, taken_sql

Columns = tuple[tuple[str, str], ...]  # (name, type)


# What a statement has for the fields that the tenant has defined. `current`: the
# tenant's schema was of a generation when the statement began. `guarded`: it is of that
# until the command commits. `typed`: besides, it writes typed values. `forgets`:
# besides, it deletes those of the record.
Own = Literal["", "current", "guarded", "typed", "forgets"]


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything that the text of a command's statement depends on.

    `events` is the number of timeline events. `takes` and `frees`: the statement writes
    and deletes values that at most one record may have. `object_column` is the column
    with the record's custom object, "" where the table has one type of record.
    `operation` is what the log says that the statement did, 0 where it says nothing.
    `revives`: the record that it writes is a deleted one. `newest` is what the record
    makes newer of one that it refers to.
    """

    table: str
    columns: Columns
    references: tuple[Target, ...] = ()
    events: int = 0
    keyed: bool = False
    own: Own = ""
    takes: bool = False
    frees: bool = False
    object_column: str = ""
    operation: int = 0
    revives: bool = False
    newest: Newest | None = None

    @property
    def returned(self) -> str:
        """The columns that the other parts of the statement need."""
        returned = f"id, {self.object_column}" if self.object_column else "id"
        return f"{returned}, {self.newest.returned}" if self.newest else returned

    @property
    def object(self) -> str:
        """What the tables of values call the record's type, beside `record`."""
        return f"record.{self.object_column}" if self.object_column else self.literal

    @property
    def the_object(self) -> str:
        """The same where `record` is no source of the part."""
        if not self.object_column:
            return self.literal
        return f"(SELECT {self.object_column} FROM record)"

    @property
    def updated(self) -> Sequence[str]:
        """The parts whose records are updated besides. They are locked for that."""
        if self.newest is None:
            return ()
        every, table = enumerate(self.references), self.newest.table
        return [reference_name(index) for index, e in every if e.table == table]

    def locked(self, index: int, what: str) -> tuple[str, str]:
        """What is read of a reference, and how it is locked. Not for share if it is
        updated: two such statements would then wait for one another."""
        if self.newest is None or reference_name(index) not in self.updated:
            return what, " FOR SHARE OF r"
        return f"r.id, r.{self.newest.column}", " FOR UPDATE OF r"

    @property
    def literal(self) -> str:
        """The name of the only type of record in the table."""
        return f"'{self.table}'"


def reference_name(index: int) -> str:
    """The name of the part that finds and locks a referenced record."""
    return f"reference_{index}"


@lru_cache(maxsize=2048)
def insert_sql(shape: Shape) -> str:
    """Values: business, columns, references, objects of those that name one, [user if
    any is owned], those of `OwnValues`, unique values, log, timeline, newest, key.
    """
    numbers = count(2)
    columns = [
        (quoted(name), f"${next(numbers)}::{kind}") for name, kind in shape.columns
    ]
    checks, conditions = _references(shape, numbers)
    record = (
        f"INSERT INTO {shape.table} (business_id, {', '.join(n for n, _ in columns)})"
        f" SELECT $1, {', '.join(v for _, v in columns)}"
        f"{_where(conditions)} RETURNING {shape.returned}"
    )
    return _command([*checks, ("record", record)], shape, numbers)


@lru_cache(maxsize=2048)
def update_sql(shape: Shape) -> str:
    """Values: business, id, version, columns, references, objects, [user], those of
    `OwnValues`, unique values, log, timeline, key.
    """
    numbers = count(4)
    columns = [
        f"{quoted(name)} = ${next(numbers)}::{kind}" for name, kind in shape.columns
    ]
    checks, conditions = _references(shape, numbers)
    is_there = "deleted_at IS NOT NULL" if shape.revives else "deleted_at IS NULL"
    here = ["business_id = $1", "id = $2", "version = $3", is_there]
    record = (
        f"UPDATE {shape.table} SET version = version + 1, {', '.join(columns)}"
        f"{_where(here + conditions)} RETURNING {shape.returned}"
    )
    return _command([*checks, ("record", record)], shape, numbers)


def insert_one_sql(
    table: str, columns: Mapping[str, str], source: str = "", unless: str = ""
) -> str:
    """Returns an insert for administration; `columns` maps columns to expressions.

    `source` is the FROM clause that the expressions need. `unless` are the columns of
    an index: a record that is there already stays as it is. Values: business, then the
    parameters of the expressions.
    """
    names, expressions = ", ".join(columns), ", ".join(columns.values())
    return (
        f"INSERT INTO {table} (business_id, {names}) SELECT $1, {expressions}"
        f"{source and f' FROM {source}'}"
        f"{unless and f' ON CONFLICT ({unless}) DO NOTHING'} RETURNING id"
    )


@lru_cache(maxsize=8)
def key_sql() -> str:
    """Values: business, key. For a command that changes nothing."""
    numbers = count(2)
    return f"INSERT INTO idempotency_keys {_KEY_COLUMNS} {_key_values(numbers)}"


@lru_cache(maxsize=64)
def key_beside_sql(table: str) -> str:
    """The same as long as the record is as it was read, which it stays until the end.

    So nothing that destroys the record's values misses the answer. Values: business,
    the record's id, its version, those of the key.
    """
    key = f"INSERT INTO idempotency_keys {_KEY_COLUMNS} {_key_values(count(4))}"
    return (
        f"WITH record AS ({unchanged_sql(table)}),"
        f" answer AS ({key} WHERE EXISTS (SELECT FROM record))"
        " SELECT count(*) FROM record"
    )


def unchanged_sql(table: str) -> str:
    """Whether a record is as it was read. Values: business, its id, its version."""
    return (
        f"SELECT 1 FROM {table} WHERE business_id = $1 AND id = $2 AND version = $3"
        " AND deleted_at IS NULL FOR SHARE"
    )


def answer_again_sql() -> str:
    """Replaces a kept answer. Values: business, user, client, key, the answer."""
    return (
        "UPDATE idempotency_keys SET outcome = $5 WHERE business_id = $1"
        " AND user_id = $2 AND client_id = $3 AND key = $4"
    )


# A change of the schema locks the tenant's row against the lock, and then counts.
_SCHEMA = "SELECT 1 FROM tenants WHERE business_id = $1 AND schema_generation = ${}{}"
_LOCKED = "::bigint FOR KEY SHARE"


def schema_sql(number: int, own: Own) -> str:
    """Checks the generation of the tenant's schema, the parameter with a number."""
    return _SCHEMA.format(number, "::bigint" if own == "current" else _LOCKED)


def _references(
    shape: Shape, numbers: Iterator[int]
) -> tuple[list[tuple[str, str]], list[str]]:
    """Locks each referenced record against deletion until the command commits."""
    ids = [next(numbers) for _ in shape.references]
    objects = [next(numbers) if r.is_of_one else 0 for r in shape.references]
    user = next(numbers) if any(r.owner_column for r in shape.references) else 0
    checks = []
    for index, reference in enumerate(shape.references):
        what, lock = shape.locked(index, "1")
        found = referenced_sql(reference, ids[index], objects[index], user, what)
        checks.append((reference_name(index), f"{found}{lock}"))
    if shape.own:
        checks.append(("schema", schema_sql(next(numbers), shape.own)))
    return checks, [f"EXISTS (SELECT FROM {name})" for name, _ in checks]


def _command(parts: list[tuple[str, str]], shape: Shape, numbers: Iterator[int]) -> str:
    if shape.own == "typed":
        parts += typed_parts(shape.object, shape.the_object, numbers)
    if shape.own == "forgets":
        forgotten = f"{forget_sql(shape.the_object)} AND EXISTS (SELECT FROM record)"
        parts.append(("forgotten", forgotten))
    if shape.frees:
        parts.append(("freed", freed_sql(shape.object, numbers)))
    if shape.takes:
        parts.append(("taken", taken_sql(shape.object, numbers)))
    if shape.operation:
        logged = logged_part(shape.object, shape.operation, numbers)
        parts.append(("logged", logged))
    if shape.events:
        parts.append(("timeline", _timeline(shape.events, numbers)))
    if shape.newest:
        parts += newest_parts(shape.newest, shape.updated, numbers)
    if shape.keyed:
        key = f"INSERT INTO idempotency_keys {_KEY_COLUMNS} {_key_values(numbers)}"
        parts.append(("answer", f"{key} WHERE EXISTS (SELECT FROM record)"))
    listed = ", ".join(f"{name} AS ({sql})" for name, sql in parts)
    return f"WITH {listed} SELECT count(*) FROM record"


def _timeline(events: int, numbers: Iterator[int]) -> str:
    """Inserts an activity for each event, with the values of `timeline.values`."""
    links = ", ".join(f"${next(numbers)}::text" for _ in LINKS)
    kinds = ("text", "timestamptz", "jsonb")
    rows = ", ".join(
        f"({', '.join(f'${next(numbers)}::{kind}' for kind in kinds)})"
        for _ in range(events)
    )
    source = f"(VALUES {rows}) AS event (id, moment, metadata)"
    return timeline_sql(links, source, next(numbers))


def timeline_sql(links: str, source: str, actor: int) -> str:
    """Inserts the activities of a command's events, which `source` names `event`."""
    return (
        f"INSERT INTO activities (business_id, id, type, source, occurred_at,"
        f" created_at, updated_at, {', '.join(LINKS)}, metadata, actor_id)"
        f" SELECT $1, id, {TYPE_SYSTEM}, {SOURCE_SYSTEM}, moment, moment, moment,"
        f" {links}, metadata, ${actor}::text"
        f" FROM {source} WHERE EXISTS (SELECT FROM record)"
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


@lru_cache(maxsize=64)
def lock_sql(table: str) -> str:
    """Locks a record as its update does. Values: business, id."""
    return f"SELECT 1 FROM {table} WHERE business_id = $1 AND id = $2 FOR NO KEY UPDATE"
