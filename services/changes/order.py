"""The order of the feed, and the statements that read it.

Changes are told in the order of their places, and in one place by time. The place of a
change is its transaction, but for one that came after a change of its record by a later
transaction: it then has the place of that one. So each record's changes are told in the
order of its versions. Places before the oldest transaction that still runs, the
horizon, are complete: nothing is added to them any more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.clock import rfc3339
from services.errors import ChangesGone
from services.kinds.descriptors import record_types
from services.postgres.database import Database, Row, Transaction
from services.record_messages import record_messages
from services.records.log.statements import UNSETTLED
from services.records.timeline import SOURCE_SYSTEM
from services.records.visibility import hidden

# Before every moment and after it, as the database takes them.
_FIRST = -(2**57)

HORIZON = "pg_snapshot_xmin(pg_current_snapshot())"

_COLUMNS = (
    "c.record_id, c.at, c.version, c.object, c.operation, c.user_id, c.client_id,"
    " c.token_id, c.trace_id, c.xid::text AS xid, c.was, c.now, c.image"
)


# Private records are told to nobody, their makers included: nobody looks at each record
# again. What was done while a record was private stays untold once it is open. The
# timeline's own activities are not told either: they repeat what is.
_IS_HIDDEN = hidden(record_types(record_messages()).values(), "c")
_IS_TOLD = (
    f"NOT {_IS_HIDDEN} AND"
    " (c.object <> 'activities' OR NOT EXISTS (SELECT FROM activities AS a"
    " WHERE a.business_id = $1 AND a.id = c.record_id"
    f" AND a.source = {SOURCE_SYSTEM}))"
)


def _part(place: str, is_so: str) -> str:
    return (
        f"(SELECT {place} AS place, {_COLUMNS} FROM changes AS c"
        f" WHERE c.business_id = $1 AND {is_so}"
        f" AND {place} >= $2::text::xid8 AND {place} < {HORIZON}"
        f" AND ({place}, c.at, c.record_id)"
        " > ($2::text::xid8, $3::timestamptz, $4::text)"
        f" AND c.object = ANY($5::text[]) AND {_IS_TOLD}"
        f" ORDER BY {place}, c.at, c.record_id LIMIT $6)"
    )


# One page, and how far the feed goes: at least one row, for a tenant. Values: business,
# the position (place, moment, record), the names of the types of records, how many.
# A text longer than LONGEST_KEPT would be prepared anew for each page.
PAGE_SQL = " ".join(
    f"""
SELECT {HORIZON}::text AS horizon, t.changes_since, t.has_merges,
  pg_snapshot_xmax(pg_current_snapshot())::text AS next,
  EXISTS (SELECT FROM changes AS u WHERE u.business_id = $1
    AND u.place = {UNSETTLED} AND u.xid < {HORIZON}) AS has_unsettled,
  f.place::text AS place, f.record_id, f.at, f.version, f.object, f.operation,
  f.user_id, f.client_id, f.token_id, f.trace_id, f.xid, f.was, f.now, f.image
FROM tenants AS t LEFT JOIN LATERAL (
  SELECT * FROM ({_part("c.xid", "c.place IS NULL")}
    UNION ALL {_part("c.place", f"c.place IS NOT NULL AND c.place <> {UNSETTLED}")}
  ) AS b ORDER BY place, at, record_id LIMIT $6
) AS f ON true
WHERE t.business_id = $1 ORDER BY f.place, f.at, f.record_id
""".split()
)

# Values: business, the records' ids, the moments of their changes.
_ROWS = f"""
SELECT {_COLUMNS} FROM unnest($2::text[], $3::timestamptz[]) AS k (record_id, at)
JOIN changes AS c ON c.business_id = $1 AND c.record_id = k.record_id AND c.at = k.at
  AND {_IS_TOLD}
"""

# Gives places to the changes that have none yet: that of the record's change before.
# What they follow is committed, for they waited for it. Value: business.
_SETTLE = f"""
UPDATE changes AS c SET place = nullif(e.place, c.xid) FROM (
  SELECT u.record_id, u.at, greatest(u.xid, (
    SELECT max(coalesce(nullif(p.place, {UNSETTLED}), p.xid)) FROM changes AS p
    WHERE p.business_id = $1 AND p.record_id = u.record_id AND p.at < u.at
      AND p.at >= coalesce((
        SELECT max(s.at) FROM changes AS s WHERE s.business_id = $1
          AND s.record_id = u.record_id AND s.at < u.at
          AND s.place IS DISTINCT FROM {UNSETTLED}), '-infinity')
  )) AS place FROM changes AS u
  WHERE u.business_id = $1 AND u.place = {UNSETTLED} AND u.xid < {HORIZON}
) AS e
WHERE c.business_id = $1 AND c.record_id = e.record_id AND c.at = e.at
  AND c.place = {UNSETTLED}
"""

# The first transaction that wrote at a moment or later, found by halves: transactions
# are numbered in the order of time, more or less. Values: business, the moment.
_SINCE = f"""
WITH RECURSIVE halves (low, high) AS (
  SELECT coalesce((SELECT xid FROM changes WHERE business_id = $1 ORDER BY xid LIMIT 1),
    {HORIZON})::text::bigint, {HORIZON}::text::bigint
  UNION ALL
  SELECT CASE WHEN p.is_before THEN p.xid + 1 ELSE h.low END,
    CASE WHEN p.is_before THEN h.high ELSE h.low + (h.high - h.low) / 2 END
  FROM halves AS h LEFT JOIN LATERAL (
    SELECT c.at < $2::timestamptz AS is_before, c.xid::text::bigint AS xid
    FROM changes AS c WHERE c.business_id = $1
      AND c.xid >= (h.low + (h.high - h.low) / 2)::text::xid8
    ORDER BY c.xid LIMIT 1
  ) AS p ON true
  WHERE h.low < h.high
)
SELECT low::text FROM halves ORDER BY high - low LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a reader stands: after this change.

    What happened before `since` is not told.
    """

    place: int
    at: int = _FIRST
    record_id: str = ""
    since: int = _FIRST

    @property
    def text(self) -> str:
        """It as a cursor holds it."""
        return f"{self.place} {self.at} {self.since} {self.record_id}"

    @classmethod
    def read(cls, text: str) -> "Position":
        """Reads one that a cursor held."""
        place, at, since, record_id = text.split(" ")
        return cls(int(place), int(at), record_id, int(since))


@dataclass(frozen=True, slots=True)
class Page:
    """The changes after a position, in their order; `has_more`: others follow.

    `end` is the position after them, `since` when the log of the tenant began. All
    before the `horizon` was known when they were read.
    """

    rows: list[Row]
    end: Position
    has_more: bool
    since: int
    has_merges: bool
    horizon: int


async def read_page(
    database: Database | Transaction,
    business_id: str,
    position: Position,
    objects: list[str],
    limit: int,
) -> Page:
    """Reads so many changes after a position. Raises `ChangesGone`."""
    where = position.place, position.at, position.record_id
    values = business_id, str(where[0]), *where[1:], objects, limit + 1
    rows = await database.rows(PAGE_SQL, *values)
    while rows[0]["has_unsettled"]:
        await database.run(_SETTLE, business_id)
        rows = await database.rows(PAGE_SQL, *values)
    head = rows[0]
    if position.place > int(head["next"]):
        # The transactions of a database that was restored from a dump begin anew.
        raise ChangesGone(rfc3339(head["changes_since"]))
    found = [row for row in rows if row["record_id"] is not None]
    since, has_merges = head["changes_since"], head["has_merges"]
    read = Page(found, position, False, since, has_merges, int(head["horizon"]))
    return page_of(read, position, found, limit)


def page_of(read: Page, position: Position, rows: Sequence[Row], limit: int) -> Page:
    """So many of the changes that were read, and of those after a position."""
    has_more, told = len(rows) > limit, list(rows[:limit])
    if has_more:
        end = after(told[-1], position.since)
    elif read.horizon <= position.place:
        end = position
    else:
        end = Position(read.horizon, since=position.since)
    return replace(read, rows=told, end=end, has_more=has_more)


def after(row: Row, since: int = _FIRST) -> Position:
    """The position after a change."""
    return Position(int(row["place"]), row["at"], row["record_id"], since)


async def rows_of(
    database: Database, business_id: str, keys: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], Row]:
    """Changes by the ids of their records and their moments, without their places.

    Those that are no longer kept are missing.
    """
    given = list(keys)
    values = [each[0] for each in given], [each[1] for each in given]
    rows = await database.rows(_ROWS, business_id, *values)
    return {(row["record_id"], row["at"]): row for row in rows}


async def horizon(database: Database) -> Position:
    """The position of now: nothing that commits from here on is before it."""
    row = await database.row(f"SELECT {HORIZON}::text")
    return Position(int(row[0])) if row is not None else Position(0)


async def began(database: Database, business_id: str) -> int:
    """When the log of a tenant began."""
    sql = "SELECT changes_since FROM tenants WHERE business_id = $1"
    row = await database.row(sql, business_id)
    return 0 if row is None else int(row[0])


async def place_since(
    database: Database | Transaction, business_id: str, moment: int, margin: int
) -> Position:
    """The position before all that happened at a moment or later.

    Clocks of processes differ by the `margin` at most, and no transaction is longer.
    """
    row: Any = await database.row(_SINCE, business_id, moment - margin)
    return Position(int(row[0]), since=moment)
