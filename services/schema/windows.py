"""Windows over the records of a table: bounded pieces of it, in the order of the ids.

A window holds so many records, whether they have the key or not, so that a rare key
costs no long search. Records that are created later are judged when they are written:
no window need find them.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from services.jobs.work import Json
from services.postgres.database import Row, Transaction

FIRST, LEAST, MOST = 200, 50, 5_000
# A window is made shorter or longer so that its step takes about so many seconds.
_LONG_SECONDS, _SHORT_SECONDS = 0.05, 0.02

_LOOKED = (
    "SELECT r.id, r.deleted_at, r.custom_fields FROM {table} AS r"
    " WHERE r.business_id = $1 AND r.id > $2 ORDER BY r.id LIMIT $3"
)
_COUNTED = (
    "SELECT max(w.id), count(*) FILTER (WHERE w.deleted_at IS NULL"
    " AND w.custom_fields ? $4 AND ($5::text IS NULL"
    f" OR w.custom_fields -> $4 ? $5::text)) FROM ({_LOOKED}) AS w"
)
# What is locked is read a second time, as it is once the lock is granted.
_LOCKED = (
    "WITH looked AS (SELECT max(w.id) AS last FROM (SELECT r.id FROM {table} AS r"
    " WHERE r.business_id = $1 AND r.id > $2 ORDER BY r.id LIMIT $3) AS w),"
    " found AS (SELECT r.id, r.custom_fields -> $4 AS value FROM {table} AS r"
    " WHERE r.business_id = $1 AND r.id > $2 AND r.id <= (SELECT last FROM looked)"
    " AND r.deleted_at IS NULL AND r.custom_fields ? $4"
    " AND ($5::text IS NULL OR r.custom_fields -> $4 ? $5::text)"
    " ORDER BY r.id FOR NO KEY UPDATE)"
    " SELECT l.last, f.id, f.value FROM looked AS l LEFT JOIN found AS f ON true"
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
    table: str,
    task: Json,
    key: str,
    option: str | None = None,
) -> Window:
    """Locks the records of the next window, or those that have an option of a field."""
    where = business_id, task["cursor"], task["window"], key, option
    rows: list[Row] = await transaction.rows(_LOCKED.format(table=table), *where)
    last = rows[0][0]
    return Window(last, [(row[1], row[2]) for row in rows if row[1] is not None])


async def counted(
    transaction: Transaction,
    business_id: str,
    table: str,
    task: Json,
    key: str,
    option: str | None = None,
) -> tuple[str | None, int]:
    """Where the next window ends, and how many of its records have the key."""
    where = business_id, task["cursor"], MOST, key, option
    row = await transaction.row(_COUNTED.format(table=table), *where)
    return (row[0], row[1]) if row is not None else (None, 0)


def began() -> float:
    """When a step began, for `adapt`."""
    return time.monotonic()


def adapt(task: Json, began: float) -> None:
    """Makes windows shorter after a step that took long, longer after a short one."""
    took = time.monotonic() - began
    if took > _LONG_SECONDS:
        task["window"] = max(LEAST, task["window"] // 2)
    elif took < _SHORT_SECONDS:
        task["window"] = min(MOST, task["window"] * 2)
