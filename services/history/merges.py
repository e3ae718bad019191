"""Which changes of a history are those of a merge, or of its undoing.

The log calls them what they are to the record alone: a deletion, an update. All changes
of a merge have its transaction, so the row of the merge tells which they are. What it
moves to the survivor, such as a note, is changed by it too.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass

from prospectconnect.type.v1.history_pb2 import ChangeOperation

from services.postgres.database import Database, Row
from services.records.log.changes import DELETED, RESTORED
from services.records.many.merged import MERGED_IDS

MERGED = ChangeOperation.CHANGE_OPERATION_MERGED
UNMERGED = ChangeOperation.CHANGE_OPERATION_UNMERGED

# The survivor of each merge is found by its change, as merges have no index by
# transaction. Values: business, transactions.
_MERGES = f"""
SELECT c.xid::text AS xid, m.id, m.undone_xid IS NOT DISTINCT FROM c.xid AS is_undone
FROM changes AS c JOIN merges AS m ON m.business_id = $1
  AND m.survivor_id = c.record_id AND m.deleted_at IS NULL
  AND (m.xid = c.xid OR m.undone_xid = c.xid)
WHERE c.business_id = $1 AND c.xid = ANY($2::text[]::xid8[]) AND c.now ? '{MERGED_IDS}'
"""


@dataclass(frozen=True, slots=True)
class Merge:
    """What a change was to a merge: MERGED or UNMERGED, and which merge it was."""

    operation: ChangeOperation.ValueType
    merge_id: str


async def merges_of(
    database: Database,
    business_id: str,
    rows: Iterable[Row],
    *,
    has_merges: bool,
    links: Set[str],
) -> dict[str, Merge]:
    """The merges among changes, by their transactions.

    Costs a statement if there may be one: a survivor's change tells `merged_ids`, and
    records of a tenant that `has_merges` may be deleted or be back by one. What is
    linked to a merged record is moved: one of its `links` changes.
    """
    ends = (DELETED, RESTORED) if has_merges else ()
    xids = {
        row["xid"]
        for row in rows
        if row["operation"] in ends
        or MERGED_IDS in (row["now"] or ())
        or (links and _is_moved(row, links))
    }
    if not xids:
        return {}
    found = await database.rows(_MERGES, business_id, sorted(xids))
    return {
        row["xid"]: Merge(UNMERGED if row["is_undone"] else MERGED, row["id"])
        for row in found
    }


def _is_moved(row: Row, links: Set[str]) -> bool:
    """Whether a link led to a record before a change, and to another one after it."""
    was, now = row["was"], row["now"]
    if not was or not now:
        return False
    return any(was.get(name) and now[name] for name in links & now.keys())
