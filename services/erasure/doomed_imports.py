"""What imports hold of an erased person is destroyed: rejected rows, and contents.

Rejected rows go that tell of the person. The files of rejected rows go with them; they
are written anew when asked for. A content that is not wholly imported may tell of the
person as well, and would bring it back; which one does, nobody can tell. So all of them
go, and their imports fail. The erasure has locked the jobs that are open: no step runs
beside it. So do those of dry runs go, which stay for a day to be imported.
"""

from collections.abc import Sequence

from prospectconnect.jobs.v1 import imports_pb2 as pb

from services.erasure.person import Person
from services.erasure.rejected_rows import is_in
from services.postgres.database import Row, Transaction
from services.postgres.sql_parts import later

DETAIL = (
    "A person was erased that the content may have held, so it was destroyed. Import"
    " what is not written yet again, without the person."
)
_PROBLEM = {"type": "gone", "title": "Gone", "status": 410, "detail": DETAIL}

_IS_OPEN = f"r.state <= {int(pb.IMPORT_STATE_RUNNING)}"
# So many rejected rows of a tenant, with so many bytes, are looked through one by one,
# some at a time. Of more, all go: an erasure ends in time, however many there are.
MOST_ROWS, MOST_BYTES = 100_000, 32 * 1024**2
_AT_ONCE = 500

# Values: business.
_KEPT = f"""
SELECT count(sent), coalesce(sum(octet_length(sent)), 0) FROM import_rows
WHERE business_id = $1 AND status = {int(pb.IMPORT_ROW_STATUS_FAILED)}
"""

# Values: business, the import and the row before, how many.
_SENT = f"""
SELECT r.import_id, r.row, r.sent, i.charset FROM import_rows AS r
JOIN imports AS i ON i.business_id = $1 AND i.id = r.import_id
WHERE r.business_id = $1 AND r.status = {int(pb.IMPORT_ROW_STATUS_FAILED)}
  AND r.sent IS NOT NULL AND (r.import_id, r.row) > ($2::text, $3::integer)
ORDER BY r.import_id, r.row LIMIT $4
"""

# Values: business, then lists, null for all rows: imports, rows.
_DOOM = f"""
WITH forgotten AS (
  UPDATE import_rows AS r SET sent = NULL, problem = r.problem - 'errors' - 'detail'
  WHERE r.business_id = $1 AND r.status = {int(pb.IMPORT_ROW_STATUS_FAILED)}
    AND r.sent IS NOT NULL AND ($2::text[] IS NULL OR (r.import_id, r.row) IN
      (SELECT * FROM unnest($2::text[], $3::integer[])))
  RETURNING r.import_id
), cleared AS (
  UPDATE jobs AS j SET is_open = true, due_at = now() FROM imports AS i
  WHERE j.business_id = $1 AND j.finished_at IS NOT NULL AND i.business_id = $1
    AND i.job_id = j.id AND i.id IN (SELECT import_id FROM forgotten)
  RETURNING j.id
) SELECT (SELECT count(*) FROM forgotten) + 0 * (SELECT count(*) FROM cleared)
"""

# An import whose job is open ends by its next step, which finds no content; so does the
# job of a dry run delete what it has left. Values: business, the moment, the problem.
_DESTROY = f"""
WITH destroyed AS (
  UPDATE imports AS r SET sendings = '{{}}', parts = '[]',
    problem = CASE WHEN {_IS_OPEN} THEN $3::jsonb ELSE r.problem END,
    state = CASE WHEN r.job_id IS NULL THEN {int(pb.IMPORT_STATE_FAILED)}
      ELSE r.state END,
    version = r.version + 1, updated_at = {later("$2", "r.updated_at")}
  WHERE r.business_id = $1 AND ({_IS_OPEN} OR r.dry_run AND r.has_files)
    AND r.sendings <> '{{}}'
  RETURNING r.job_id
), hurried AS (
  UPDATE jobs AS j SET is_open = true, due_at = now() FROM destroyed AS d
  WHERE j.business_id = $1 AND j.id = d.job_id
) SELECT count(*) FROM destroyed
"""


async def destroy(transaction: Transaction, business_id: str, moment: int) -> int:
    """Destroys the contents of all imports of a tenant that have not ended.

    Returns of how many.
    """
    row = await transaction.row(_DESTROY, business_id, moment, _PROBLEM)
    return 0 if row is None else int(row[0])


async def doom(
    transaction: Transaction, business_id: str, persons: Sequence[Person]
) -> int:
    """Destroys what rejected rows hold of a person, and says of how many rows."""
    kept = await transaction.row(_KEPT, business_id)
    if kept is None or not kept[0]:
        return 0
    if kept[0] > MOST_ROWS or kept[1] > MOST_BYTES:
        row = await transaction.row(_DOOM, business_id, None, None)
        return 0 if row is None else int(row[0])
    count, after = 0, ("", 0)
    while rows := await transaction.rows(_SENT, business_id, *after, _AT_ONCE):
        after = rows[-1]["import_id"], rows[-1]["row"]
        told = [
            (each["import_id"], each["row"]) for each in rows if _tells(each, persons)
        ]
        if told:
            lists = map(list, zip(*told, strict=True))
            row = await transaction.row(_DOOM, business_id, *lists)
            count += 0 if row is None else int(row[0])
    return count


def _tells(row: Row, persons: Sequence[Person]) -> bool:
    """Whether a rejected row tells of one of some persons."""
    sent, charset = row["sent"] or b"", row["charset"] or ""
    return bool(sent) and any(is_in(each, sent, charset) for each in persons)
