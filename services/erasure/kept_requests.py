"""What imports and exports keep of their requests and files, besides rows.

Defaults, mappings, the first line of a file without a header, the rows that a dry run
has shown, and the filters of an export that has ended may name a person. They do if
they hold the e-mail address, the telephone number, or both names. What holds them goes
as a whole.
"""

from prospectconnect.jobs.v1 import jobs_pb2 as pb

from services.postgres.database import Transaction
from services.postgres.sql_parts import later
from services.records.log.job_changes import logged_change, returned

_PERSON = """
person AS (
  SELECT lower(email) AS email, lower(phone) AS phone,
    lower(nullif(first_name, '')) AS first_name,
    lower(nullif(last_name, '')) AS last_name
  FROM contacts WHERE business_id = $1 AND id = ANY($2::text[])
)
"""
# How JSON writes a text within it.
_WITHIN = "position(btrim(to_json({})::text, '\"') in lower({}::text)) > 0"
# What a file's header says, and the rows that a dry run has shown of it.
_HEADER = "'{columns,mapping,missing,unmapped}'::text[]"


def _tells(column: str) -> str:
    """Whether a column of JSON holds one of the persons."""
    email, phone, first, last = (
        _WITHIN.format(f"p.{name}", column)
        for name in ("email", "phone", "first_name", "last_name")
    )
    return f"EXISTS (SELECT FROM person AS p WHERE {email} OR {phone}" + (
        f" OR ({first} AND {last}))"
    )


def _without(column: str) -> str:
    """A column of JSON without what holds a person of it."""
    rest = f"({column} - 'rows')"
    return (
        f"CASE WHEN NOT {_tells(column)} THEN {column}"
        f" WHEN {_tells(rest)} THEN {rest} - {_HEADER} ELSE {rest} END"
    )


# Values: business, the ids of the person's records.
_FORGET = f"""
WITH {_PERSON}, imported AS (
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
), exported AS (
  UPDATE exports AS r SET version = r.version + 1, filters = '[]'
  WHERE r.business_id = $1 AND {_tells("r.filters")}
    AND r.state > {int(pb.JOB_STATE_RUNNING)}
  RETURNING r.id
)
SELECT (SELECT count(*) FROM imported) + (SELECT count(*) FROM exported)
"""

# Clients see the result and the problem of a job, so it tells of the change. Values:
# business, the ids of the person's records, the moment.
_FORGET_JOBS = f"""
WITH {_PERSON}, record AS (
  UPDATE jobs AS r SET version = r.version + 1,
    updated_at = {later("$3", "r.updated_at")},
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
    transaction: Transaction, business_id: str, ids: list[str], moment: int
) -> None:
    """Destroys what requests of imports and exports tell of a person."""
    await transaction.row(_FORGET, business_id, ids)
    await transaction.rows(_FORGET_JOBS, business_id, ids, moment)
