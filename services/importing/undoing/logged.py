"""What an import did to records, as the log of changes has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from prospectconnect.jobs.v1 import imports_pb2 as pb

from services.importing.undoing.traces import trace_of
from services.postgres.database import Database

# A file may name one record in many rows. Of more changes nothing is undone.
MOST_CHANGES = 100
_STATUSES = (
    int(pb.IMPORT_ROW_STATUS_CREATED),
    int(pb.IMPORT_ROW_STATUS_UPDATED),
    int(pb.IMPORT_ROW_STATUS_DELETED),
)

# The rows that did something, from the last one on. Values: business, import, the row
# after, how many.
ROWS = f"""
SELECT row, status, record_id FROM import_rows
WHERE business_id = $1 AND import_id = $2 AND row < $3 AND record_id IS NOT NULL
  AND status IN {_STATUSES} ORDER BY row DESC LIMIT $4
"""

# The changes of an import, of each record the first ones: those of its maker, while its
# job ran. The import itself may change later, so its own moment tells only if its job
# is not kept any more. The moment of a change may be a little later than the clock
# says.
# Values: business, ids, the import, the trace.
_CHANGES = f"""
SELECT n.id, c.operation, c.version, c.was, c.now, c.image, c.xid::text AS xid
FROM (
  SELECT i.created_at AS began, coalesce((SELECT j.finished_at FROM jobs AS j
      WHERE j.business_id = $1 AND j.id = i.job_id), i.updated_at)
      + interval '1 second' AS ended, coalesce(i.created_by, '') AS user_id,
    coalesce(i.client_id, '') AS client_id, coalesce(i.token_id, '') AS token_id
  FROM imports AS i WHERE i.business_id = $1 AND i.id = $3
) AS i, unnest($2::text[]) AS n (id), LATERAL (
  SELECT * FROM changes AS c WHERE c.business_id = $1 AND c.record_id = n.id
    AND c.at >= i.began AND c.at <= i.ended AND c.trace_id = $4
    AND (c.user_id, c.client_id, c.token_id) = (i.user_id, i.client_id, i.token_id)
  ORDER BY c.at LIMIT {MOST_CHANGES + 1}
) AS c ORDER BY n.id, c.at
"""


@dataclass(slots=True)
class Done:
    """What an import did to one record, all of its rows together.

    `operation` is that of its first change, and `version` that of the record after its
    last one. `was` are the values before the first change of each, `now` those after
    the last one. `image` is the whole of a record that it created.
    """

    operation: int
    version: int
    changes: int = 0
    was: dict[str, Any] = field(default_factory=dict)
    now: dict[str, Any] = field(default_factory=dict)
    image: Mapping[str, Any] | None = None
    xids: set[str] = field(default_factory=set)


async def done_by(
    database: Database, business_id: str, its: pb.Import, ids: Sequence[str]
) -> dict[str, Done]:
    """What an import did to records, by their ids. Nothing is known of others."""
    given = business_id, list(ids), its.id, trace_of(its.id)
    found = dict[str, Done]()
    for row in await database.rows(_CHANGES, *given):
        done = found.get(row["id"])
        if done is None:
            done = found[row["id"]] = Done(row["operation"], row["version"])
            done.image = row["image"]
        done.version, done.changes = row["version"], done.changes + 1
        done.xids.add(row["xid"])
        done.was = (row["was"] or {}) | done.was
        done.now |= row["now"] or {}
    return found
