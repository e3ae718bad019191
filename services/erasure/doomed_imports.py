"""Rejected rows of imports that tell of an erased person: what was sent is destroyed.

A row tells of the person if it holds the e-mail address, the telephone number, or both
names. The files of rejected rows go with it; they are written anew when asked for.
Contents need nothing: they are deleted when their imports end.
"""

from prospectconnect.jobs.v1 import imports_pb2 as pb

from services.postgres.database import Transaction

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


async def doom(transaction: Transaction, business_id: str, ids: list[str]) -> int:
    """Destroys what rejected rows hold of a person, and says of how many rows."""
    row = await transaction.row(_DOOM, business_id, ids)
    return 0 if row is None else int(row[0])
