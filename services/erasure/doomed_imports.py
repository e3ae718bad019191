"""What imports hold of an erased person is destroyed: rejected rows, and contents.

A rejected row tells of the person if it holds the e-mail address, the telephone number,
or both names. The files of rejected rows go with it; they are written anew when asked
for. A content that is not wholly imported may tell of the person as well, and would
bring it back; which one does, nobody can tell. So all of them go, and their imports
fail. The erasure has locked the jobs that are open: no step runs beside it. So do those
of dry runs go, which stay for a day to be imported.
"""

from prospectconnect.jobs.v1 import imports_pb2 as pb

from services.postgres.database import Transaction
from services.postgres.sql_parts import later

DETAIL = (
    "A person was erased that the content may have held, so it was destroyed. Import"
    " what is not written yet again, without the person."
)
_PROBLEM = {"type": "gone", "title": "Gone", "status": 410, "detail": DETAIL}

_IS_OPEN = f"r.state <= {int(pb.IMPORT_STATE_RUNNING)}"
_HOLDS = "position({} in lower(replace(encode(r.sent, 'escape'), '\\000', ''))) > 0"


def _as_sent(column: str) -> str:
    """A text as `encode` shows its bytes, in small letters."""
    return f"lower(encode(convert_to({column}, 'UTF8'), 'escape'))"


# Values: business, the ids of the person's records.
_DOOM = f"""
WITH person AS (
  SELECT {_as_sent("email")} AS email, {_as_sent("phone")} AS phone,
    {_as_sent("nullif(first_name, '')")} AS first_name,
    {_as_sent("nullif(last_name, '')")} AS last_name
  FROM contacts WHERE business_id = $1 AND id = ANY($2::text[])
), forgotten AS (
  UPDATE import_rows AS r SET sent = NULL, problem = r.problem - 'errors' - 'detail'
  FROM person AS p
  WHERE r.business_id = $1 AND r.status = {int(pb.IMPORT_ROW_STATUS_FAILED)}
    AND r.sent IS NOT NULL
    AND ({_HOLDS.format("p.email")} OR {_HOLDS.format("p.phone")}
      OR ({_HOLDS.format("p.first_name")} AND {_HOLDS.format("p.last_name")}))
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


async def destroy(transaction: Transaction, business_id: str, moment: int) -> None:
    """Destroys the contents of all imports of a tenant that have not ended."""
    await transaction.row(_DESTROY, business_id, moment, _PROBLEM)


async def doom(transaction: Transaction, business_id: str, ids: list[str]) -> int:
    """Destroys what rejected rows hold of a person, and says of how many rows."""
    row = await transaction.row(_DOOM, business_id, ids)
    return 0 if row is None else int(row[0])
