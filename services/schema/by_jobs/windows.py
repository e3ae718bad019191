"""Windows over the records of a table: bounded pieces of it, in the order of the ids.

A window ends after so many records that have the key, and after so many that have it or
not, so that neither a common nor a rare key costs a long lock. Records that are created
later are judged when they are written: no window need find them.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from prospectconnect.schema.v1 import fields_pb2 as pb

from services.clock import now
from services.jobs.work import Json, Work
from services.kinds.own_schemas import own_field
from services.kinds.typed_values import Typed, columns
from services.postgres.database import Row, Transaction
from services.record_messages import home_of
from services.records.log.actor import acting
from services.records.values.typed_statements import settle_values_sql
from services.schema.by_jobs.in_time import LEAST, locking

FIRST, MOST = 200, 2_000
LOOKED = 5_000
# A window is made shorter or longer so that it locks records for about so many seconds.
# The end of the transaction takes some more.
_SECONDS = 0.02

_LOOKED = (
    "SELECT r.* FROM {table} AS r"
    " WHERE r.business_id = $1 AND r.id > $2 ORDER BY r.id LIMIT $3"
)
_COUNTED = (
    "SELECT max(r.id), count(*) FILTER (WHERE r.deleted_at IS NULL{condition}"
    " AND r.custom_fields ? $4 AND ($5::text IS NULL"
    f" OR r.custom_fields -> $4 ? $5::text)) FROM ({_LOOKED}) AS r"
)
# The key is not looked for by `?`: PostgreSQL would find all records that have it by an
# index, and sort them.
_HAS_KEY = (
    "r.business_id = $1 AND r.id > $2 AND r.deleted_at IS NULL{condition}"
    " AND (r.custom_fields -> $4) IS NOT NULL"
    " AND ($5::text IS NULL OR r.custom_fields -> $4 ? $5::text)"
)
_READ = (
    "WITH looked AS (SELECT max(w.id) AS last FROM (SELECT r.id FROM {table} AS r"
    " WHERE r.business_id = $1 AND r.id > $2 ORDER BY r.id LIMIT $3) AS w),"
    " found AS MATERIALIZED (SELECT r.id, (r.custom_fields -> $4)::text AS value"
    f" FROM {{table}} AS r WHERE {_HAS_KEY}"
    " AND r.id <= (SELECT last FROM looked) ORDER BY r.id LIMIT $6::int)"
    " SELECT CASE WHEN (SELECT count(*) FROM found) = $6::int"
    " THEN (SELECT max(id) FROM found) ELSE looked.last END, found.id, found.value"
    " FROM looked LEFT JOIN found ON true ORDER BY found.id"
)


@dataclass(frozen=True, slots=True)
class Window:
    """The records of a window that have the key, with their values.

    `last` is the id that the next window begins after, None after the last one. `read`
    are the values as PostgreSQL writes them.
    """

    last: str | None
    rows: Sequence[tuple[str, Any]]
    read: Mapping[str, str]


async def values(
    transaction: Transaction,
    work: Work,
    definition: pb.Field,
    option: str | None = None,
) -> Window:
    """Reads the values of the next window, or those with an option of the field.

    Nothing is locked: `settle` stores nothing in records whose value has changed.
    """
    sql = _in(_READ, definition.object)
    where = _place(work, definition, option)
    rows: list[Row] = await transaction.rows(sql, *where, work.task["window"])
    read = {row[1]: row[2] for row in rows if row[1] is not None}
    found = [(record_id, orjson.loads(value)) for record_id, value in read.items()]
    return Window(rows[0][0], found, read)


@dataclass(slots=True)
class Settled:
    """What a window stores: values by the ids of records, None to take one out.

    `typed` are the typed values of records, with their keys. Those of the records
    `dropped` are deleted, by all `keys`.
    """

    after: Mapping[str, Any] = field(default_factory=dict)
    typed: Sequence[tuple[str, str, Typed]] = ()
    dropped: Sequence[str] = ()
    keys: Sequence[str] = ()


def typed_of(
    definition: pb.Field, fitting: Mapping[str, Any], key: str = ""
) -> list[tuple[str, str, Typed]]:
    """The typed values of records, with their keys: that of the field, or another."""
    own = own_field(definition)
    if not own.is_kept:
        return []
    at = key or own.key
    return [(each, at, own.typed(value)) for each, value in fitting.items()]


async def settle(
    transaction: Transaction,
    work: Work,
    definition: pb.Field,
    window: Window,
    settled: Settled,
) -> frozenset[str]:
    """Stores what follows for the records of a window, and returns their ids.

    Not of those whose value has changed: who wrote it has done the same. The next
    window is made shorter or longer, by the time for which this one locks records.
    """
    if not window.read:
        return frozenset()
    began, after = time.monotonic(), settled.after
    ids = list(window.read)
    stored = [orjson.dumps(after[e]).decode() if e in after else None for e in ids]
    typed = columns([(at, each) for _, at, each in settled.typed])
    name = definition.object
    async with locking(transaction, work.task):
        rows = await transaction.rows(
            settle_values_sql(home_of(name).table, f"'{name}'"),
            *(work.business_id, definition.key, now()),
            *(ids, list(window.read.values()), stored, settled.dropped, settled.keys),
            *(acting(), [record_id for record_id, _, _ in settled.typed], *typed),
        )
    adapt(work.task, began)
    return frozenset(row[0] for row in rows)


async def counted(
    transaction: Transaction,
    work: Work,
    definition: pb.Field,
    option: str | None = None,
) -> tuple[str | None, int]:
    """Where the next window ends, and how many of its records have the key."""
    sql = _in(_COUNTED, definition.object)
    row = await transaction.row(sql, *_place(work, definition, option))
    return (row[0], row[1]) if row is not None else (None, 0)


def _place(
    work: Work, definition: pb.Field, option: str | None
) -> tuple[str, str, int, str, str | None]:
    cursor: str = work.task["cursor"]
    return work.business_id, cursor, LOOKED, definition.key, option


def _in(sql: str, name: str) -> str:
    """A statement on the table of a type. The others in that table are looked at too.

    So a window is bounded also where the type has few of the table's records.
    """
    home = home_of(name)
    return sql.format(table=home.table, condition=home.condition)


def began() -> float:
    """When locks were taken, for `adapt`."""
    return time.monotonic()


def adapt(task: Json, began: float) -> None:
    """Makes the next window as long as locks would be held for `_SECONDS`.

    It is halved at most, and grows by a quarter at most: one moment of the machine
    tells little, and long locks harm more than short windows.
    """
    took, last = max(time.monotonic() - began, 0.001), task["window"]
    fitting = min(last * 5 // 4, max(last // 2, int(last * _SECONDS / took)))
    task["window"] = max(LEAST, min(MOST, fitting))
