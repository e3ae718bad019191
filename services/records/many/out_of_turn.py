"""Merges of one survivor that are undone out of turn: an earlier one before a later.

What the later one found on the survivor may have been lent by the earlier one. Once
that is undone, it is nobody's: the value that the earlier one found stands for it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from services.postgres.database import Database, Row, Transaction

Values = Mapping[str, Any]

# What earlier merges changed of a survivor, if they were undone while a merge lasted;
# the latest of them first. Values: business, the survivor, when that merge was.
_UNDONE_WITHIN_SQL = """
SELECT m.undone_at, c.was, c.now
FROM merges AS m CROSS JOIN LATERAL (
  SELECT c.was, c.now FROM changes AS c
  WHERE c.business_id = $1 AND c.record_id = $2 AND c.xid = m.xid
) AS c
WHERE m.business_id = $1 AND m.survivor_id = $2 AND m.at < $3::timestamptz
  AND m.undone_at > $3::timestamptz AND c.was IS NOT NULL
ORDER BY m.at DESC, m.id DESC
"""


class Earlier(NamedTuple):
    """What a merge that was undone out of turn had changed of its survivor."""

    undone_at: int
    was: Values
    now: Values


async def undone_within(
    database: Database | Transaction, business_id: str, survivor_id: str, at: int
) -> list[Earlier]:
    """The merges before that at a moment which were undone before it is."""
    values = business_id, survivor_id, at
    rows: Sequence[Row] = await database.rows(_UNDONE_WITHIN_SQL, *values)
    return [Earlier(*row) for row in rows]


def without(value: Any, name: str, earlier: Sequence[Earlier]) -> Any:
    """A value that a merge found, without what earlier ones had lent."""
    for each in earlier:
        if name not in each.now:
            continue
        found, lent = each.was[name], each.now[name]
        if is_same(value, lent):
            value = found
        elif isinstance(value, list) and isinstance(lent, list):
            added = [text for text in lent if text not in (found or ())]
            value = [text for text in value if text not in added]
    return value


def is_same(one: Any, other: Any) -> bool:
    """Whether values of JSON are the same: true is not 1."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
