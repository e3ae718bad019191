"""All SQL that creates several records of one type at once.

It is `statements.insert_sql` for many: one statement, whose values are arrays with an
element for each record. It writes all of the records or none.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import count

from services.postgres.sql_parts import quoted
from services.records.log.statements import logged_creations
from services.records.referenced import all_referenced_sql
from services.records.statements import Shape, reference_name, schema_sql, timeline_sql
from services.records.timeline import LINKS
from services.records.values.newest import newest_parts
from services.records.values.typed_statements import typed_by_many_sql
from services.records.values.unique_statements import taken_by_many_sql

# Nothing follows unless the records were inserted.
_WRITTEN = "(SELECT FROM record LIMIT 1) AS written, "


@lru_cache(maxsize=512)
def insert_many_sql(shape: Shape) -> str:
    """Values: business, columns, ids of each kind of reference, objects of those that
    name one, [user if any is owned], [generation], typed values, unique values, log,
    events, newest.

    All are arrays but business, objects, user, generation, and who made the changes.
    """
    numbers = count(2)
    columns = [(quoted(name), kind, next(numbers)) for name, kind in shape.columns]
    parts, conditions = _references(shape, numbers)
    names = ", ".join(name for name, _, _ in columns)
    arrays = ", ".join(f"${number}::{element(kind)}[]" for _, kind, number in columns)
    values = ", ".join(
        f"v.{name}::{kind}" if is_list(kind) else f"v.{name}"
        for name, kind, _ in columns
    )
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    record = (
        f"INSERT INTO {shape.table} (business_id, {names}) SELECT $1, {values}"
        f" FROM unnest({arrays}) AS v ({names}){where} RETURNING {shape.returned}"
    )
    parts.append(("record", record))
    its = shape.literal
    if shape.object_column:
        its = f"(SELECT {shape.object_column} FROM record LIMIT 1)"
    if shape.own == "typed":
        parts.append(("typed", typed_by_many_sql(its, numbers, _WRITTEN)))
    if shape.takes:
        parts.append(("taken", taken_by_many_sql(its, numbers, _WRITTEN)))
    if shape.operation:
        logged = logged_creations(shape.object, shape.operation, numbers)
        parts.append(("logged", logged))
    if shape.events:
        parts.append(("timeline", _timeline(numbers)))
    if shape.newest:
        parts += newest_parts(shape.newest, shape.updated, numbers)
    listed = ", ".join(f"{name} AS ({sql})" for name, sql in parts)
    return f"WITH {listed} SELECT count(*) FROM record"


def is_list(kind: str) -> bool:
    """Whether a column of a type holds lists."""
    return kind.endswith("[]")


def element(kind: str) -> str:
    """The type of an element of a column's array. A list is given as its text: arrays
    of arrays have the same length in PostgreSQL."""
    return "text" if is_list(kind) else kind


def as_text(items: list[str]) -> str:
    """A list of texts as PostgreSQL writes it."""
    if not items:
        return "{}"
    escaped = (each.replace("\\", "\\\\").replace('"', '\\"') for each in items)
    return '{"' + '","'.join(escaped) + '"}'


def _references(
    shape: Shape, numbers: Iterator[int]
) -> tuple[list[tuple[str, str]], list[str]]:
    """Locks the referenced records against deletion until the command commits."""
    ids = [next(numbers) for _ in shape.references]
    objects = [next(numbers) if each.is_of_one else 0 for each in shape.references]
    user = next(numbers) if any(each.owner_column for each in shape.references) else 0
    parts, conditions = [], []
    for index, target in enumerate(shape.references):
        what, lock = shape.locked(index, "r.id")
        found = all_referenced_sql(target, ids[index], objects[index], user, what)
        parts.append((name := reference_name(index), f"{found}{lock}"))
        conditions.append(
            f"(SELECT count(*) FROM {name}) = cardinality(${ids[index]}::text[])"
        )
    if shape.own:
        parts.append(("schema", schema_sql(next(numbers), shape.own)))
        conditions.append("EXISTS (SELECT FROM schema)")
    return parts, conditions


def _timeline(numbers: Iterator[int]) -> str:
    """Inserts activities. Values: ids, moments, metadata, each link, then the actor."""
    kinds = ("text", "timestamptz", "jsonb", *("text" for _ in LINKS))
    arrays = ", ".join(f"${next(numbers)}::{kind}[]" for kind in kinds)
    links = ", ".join(LINKS)
    source = f"unnest({arrays}) AS event (id, moment, metadata, {links})"
    return timeline_sql(links, source, next(numbers))


@lru_cache(maxsize=64)
def lock_sql(tables: tuple[str, ...]) -> str:
    """Locks records of several tables, in the order of the tables and of their ids.

    Values: business, then the ids for each table.
    """
    parts = ", ".join(
        f"locked_{index} AS (SELECT r.id FROM {table} AS r WHERE r.business_id = $1"
        f" AND r.id = ANY(${index + 2}::text[]) ORDER BY r.id FOR UPDATE)"
        for index, table in enumerate(tables)
    )
    counts = ", ".join(
        f"(SELECT count(*) FROM locked_{index})" for index in range(len(tables))
    )
    return f"WITH {parts} SELECT {counts}"
