"""What imports keep of their requests and files, besides rows.

Defaults, mappings, the first line of a file without a header, and the rows that a dry
run has shown may name a person. They do if they hold the e-mail address, the last
digits of the telephone number, or both names. What holds them goes as a whole.
"""

from prospectconnect.jobs.v1 import jobs_pb2 as pb

from services.erasure.known import PERSON_SQL, Known
from services.postgres.database import Transaction
from services.postgres.sql_parts import later
from services.records.log.job_changes import logged_change, returned

# How JSON writes a text within it.
_WITHIN = "position(btrim(to_json({})::text, '\"') in lower({}::text)) > 0"
# A telephone number has other characters among its digits.
_DIGITS = "regexp_replace({}::text, '[^0-9]+', '', 'g')"
# What a file's header says, and the rows that a dry run has shown of it.
_HEADER = "'{columns,mapping,missing,unmapped}'::text[]"


def _tells(column: str) -> str:
    """Whether a column of JSON holds one of the persons."""
    email, phone, first, last = (
        _WITHIN.format(f"p.{name}", column)
        for name in ("email", "phone", "first_name", "last_name")
    )
    number = f"position(p.digits in {_DIGITS.format(column)}) > 0"
    return f"EXISTS (SELECT FROM person AS p WHERE {email} OR {phone} OR {number}" + (
        f" OR ({first} AND {last}))"
    )


def _without(column: str) -> str:
    """A column of JSON without what holds a person of it."""
    rest = f"({column} - 'rows')"
    return (
        f"CASE WHEN NOT {_tells(column)} THEN {column}"
        f" WHEN {_tells(rest)} THEN {rest} - {_HEADER} ELSE {rest} END"
    )


# Values: business, what the person is known by.
_FORGET = f"""
WITH {PERSON_SQL}, imported AS (
  UPDATE imports AS r SET version = r.version + 1,
    defaults = CASE WHEN {_tells("r.defaults")} THEN NULL ELSE r.defaults END,
    mapping = CASE WHEN {_tells("r.mapping")} THEN NULL ELSE r.mapping END,
    result = {_without("r.result")},
    problem = CASE WHEN {_tells("r.problem")} THEN r.problem - 'detail'
      ELSE r.problem END
  WHERE r.business_id = $1
    AND ({_tells("r.defaults")} OR {_tells("r.mapping")} OR {_tells("r.result")}
      OR {_tells("r.problem")})
  RETURNING r.id
) SELECT count(*) FROM imported
"""

# Clients see the result and the problem of a job, so it tells of the change. Values:
# business, what the person is known by, the moment.
_FORGET_JOBS = f"""
WITH {PERSON_SQL}, record AS (
  UPDATE jobs AS r SET version = r.version + 1,
    updated_at = {later("$7", "r.updated_at")},
    task = {_without("r.task")}, result = {_without("r.result")},
    problem = CASE WHEN {_tells("r.problem")} THEN r.problem - 'detail'
      ELSE r.problem END
  WHERE r.business_id = $1 AND r.kind = {int(pb.JOB_KIND_IMPORT)}
    AND ({_tells("r.task")} OR {_tells("r.result")} OR {_tells("r.problem")})
  RETURNING {returned()}
), told AS ({logged_change("NULL", "NULL")})
SELECT id FROM record
"""


async def forget(
    transaction: Transaction, business_id: str, known: Known, moment: int
) -> None:
    """Destroys what requests of imports tell of a person."""
    await transaction.row(_FORGET, business_id, *known.lists)
    await transaction.rows(_FORGET_JOBS, business_id, *known.lists, moment)
