"""Exports in whose files an erased person may be: their files are destroyed."""

from prospectconnect.jobs.v1 import jobs_pb2 as jobs

from services.postgres.database import Transaction
from services.postgres.sql_parts import later
from services.records.log.job_changes import logged_change, returned

DETAIL = "A person was erased that the files may have held. Export the records again."
_PROBLEM = {"type": "gone", "title": "Gone", "status": 410, "detail": DETAIL}

# Files do not tell who is in them, so that all go. Those that are being written begin
# anew. Values: business, the moment, the problem.
_DOOM = f"""
WITH doomed AS (
  UPDATE exports AS r SET problem = $3::jsonb, result = NULL,
    expires_at = least(r.expires_at, $2::timestamptz), version = r.version + 1,
    updated_at = {later("$2", "r.updated_at")}
  WHERE r.business_id = $1 AND r.has_files AND r.result IS NOT NULL
  RETURNING r.job_id
), record AS (
  UPDATE jobs AS j SET result = NULL, version = j.version + 1,
    updated_at = {later("$2", "j.updated_at")}
  FROM doomed AS d WHERE j.business_id = $1 AND j.id = d.job_id RETURNING {returned()}
), told AS ({logged_change("NULL", "NULL")}), begun AS (
  UPDATE jobs AS j SET task = j.task || '{{"is_stale": true}}'
  WHERE j.business_id = $1 AND j.is_open AND j.kind = {jobs.JOB_KIND_EXPORT}
) SELECT count(*) FROM doomed
"""


async def doom(transaction: Transaction, business_id: str, moment: int) -> int:
    """Destroys the files of all exports of a tenant, and says of how many.

    Nobody can download them from the commit on. They are deleted soon after.
    """
    row = await transaction.row(_DOOM, business_id, moment, _PROBLEM)
    return 0 if row is None else int(row[0])
