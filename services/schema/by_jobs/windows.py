"""Windows over the records of a table: bounded pieces of it, in the order of the ids.

A window ends after so many records that have the key, and after so many that have it or
not, so that neither a common nor a rare key costs a long lock. Records that are created
later are judged when they are written: no window need find them.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from services.jobs.work import Json
from services.postgres.database import Row, Transaction
from services.record_messages import home_of

FIRST, LEAST, MOST = 100, 20, 2_000
LOOKED = 5_000
# A window is made shorter or longer so that its step takes about so many seconds.
_SECONDS = 0.04

_LOOKED = (
    "SELECT r.* FROM {table} AS r"
    " WHERE r.business_id = $1 AND r.id > $2 ORDER BY r.id LIMIT $3"
)
_COUNTED = (
    "SELECT max(r.id), count(*) FILTER (WHERE r.deleted_at IS NULL{condition}"
    " AND r.custom_fields ? $4 AND ($5::text IS NULL"
    f" OR r.custom_fields -> $4 ? $5::text)) FROM ({_LOOKED}) AS r"
)
# What is locked is read once more, as it is when the lock is granted. The window's end
# does not depend on that: otherwise a record that loses the key meanwhile would make it
# seem to be the last of those that are looked at. The key is not looked for by `?`:
# PostgreSQL would find all records that have it by an index, and sort them.
_HAS_KEY = (
    "r.business_id = $1 AND r.id > $2 AND r.deleted_at IS NULL{condition}"
    " AND (r.custom_fields -> $4) IS NOT NULL"
    " AND ($5::text IS NULL OR r.custom_fields -> $4 ? $5::text)"
)
_LOCKED = (
    "WITH looked AS (SELECT max(w.id) AS last FROM (SELECT r.id FROM {table} AS r"
    " WHERE r.business_id = $1 AND r.id > $2 ORDER BY r.id LIMIT $3) AS w),"
    " ends AS (SELECT CASE WHEN count(*) = $6::int THEN max(w.id)"
    " ELSE (SELECT last FROM looked) END AS last FROM ("
    f"SELECT r.id FROM {{table}} AS r WHERE {_HAS_KEY}"
    " AND r.id <= (SELECT last FROM looked) ORDER BY r.id LIMIT $6::int) AS w),"
    f" found AS (SELECT r.id, r.custom_fields -> $4 AS value FROM {{table}} AS r"
    f" WHERE {_HAS_KEY} AND r.id <= (SELECT last FROM ends)"
    " ORDER BY r.id FOR NO KEY UPDATE)"
    " SELECT e.last, f.id, f.value FROM ends AS e LEFT JOIN found AS f ON true"
)


@dataclass(frozen=True, slots=True)
class Window:
    """The records of a window that have the key, with their values.

    `last` is the id that the next window begins after, None after the last one.
    """

    last: str | None
    rows: Sequence[tuple[str, object]]


async def locked(
    transaction: Transaction,
    business_id: str,
    name: str,
    task: Json,
    key: str,
    option: str | None = None,
) -> Window:
    """Locks the records of the next window, or those that have an option of a field.

    `name` is their type.
    """
    sql = _in(_LOCKED, name)
    where = business_id, task["cursor"], LOOKED, key, option, task["window"]
    rows: list[Row] = await transaction.rows(sql, *where)
    last = rows[0][0]
    return Window(last, [(row[1], row[2]) for row in rows if row[1] is not None])


async def counted(
    transaction: Transaction,
    business_id: str,
    name: str,
    task: Json,
    key: str,
    option: str | None = None,
) -> tuple[str | None, int]:
    """Where the next window ends, and how many of its records have the key."""
    where = business_id, task["cursor"], LOOKED, key, option
    row = await transaction.row(_in(_COUNTED, name), *where)
    return (row[0], row[1]) if row is not None else (None, 0)


def _in(sql: str, name: str) -> str:
    """A statement on the table of a type. The others in that table are looked at too.

    So a window is bounded also where the type has few of the table's records.
    """
    home = home_of(name)
    return sql.format(table=home.table, condition=home.condition)


def began() -> float:
    """When a step began, for `adapt`."""
    return time.monotonic()


def adapt(task: Json, began: float) -> None:
    """Makes the next window as long as a step of `_SECONDS` would have been.

    It at most doubles: the records that follow may be dearer.
    """
    took = max(time.monotonic() - began, 0.001)
    fitting = int(task["window"] * _SECONDS / took)
    task["window"] = max(LEAST, min(MOST, 2 * task["window"], fitting))
