"""The statements that write the audit: those that add, sweep, and destroy a part.

Entries are chained by a trigger of the table, so that only these three are needed.
"""

_COLUMNS = """business_id, id, at, created_at, updated_at, event, user_id, client_id,
  ip, target, details, trace_id"""

SWEEP_SQL = """
WITH kept AS (
  SELECT min(place) AS place FROM audit WHERE business_id = $1 AND at > $2
), gone AS (
  DELETE FROM audit USING kept WHERE business_id = $1
    AND (kept.place IS NULL OR audit.place < kept.place)
  RETURNING audit.place, audit.hash, audit.at
), newest AS (SELECT place, hash, at FROM gone ORDER BY place DESC LIMIT 1)
UPDATE audit_heads SET swept_place = newest.place, swept_hash = newest.hash,
  swept_at = newest.at
FROM newest WHERE business_id = $1
"""
SWEEP_OLD_SQL = "DELETE FROM audit_events WHERE business_id = $1 AND at <= $2"
FORGET_SQL = """
WITH emptied AS (
  UPDATE audit SET ip = NULL, details = NULL, salt = NULL
  WHERE business_id = $1 AND salt IS NOT NULL AND details IS NOT NULL
    AND lower(details ->> 'email') = ANY(SELECT lower(unnest($2::text[])))
  RETURNING 1
)
SELECT count(*) FROM emptied
"""


def beside(source: str, event: str, user_id: str, client_id: str, first: int) -> str:
    """Returns SQL that records an event for each row of `source`.

    It is a part of a larger statement. `event`, `user_id` and `client_id` are SQL. The
    parameters of `beside_values` begin at number `first`; the tenant is $1.
    """
    at, told = f"${first + 1}::timestamptz", f"${first + 3}::jsonb"
    return (
        f"INSERT INTO audit ({_COLUMNS}) SELECT $1, ${first}, {at}, {at}, {at}, "
        f"{event}, nullif({user_id}, ''), nullif({client_id}, ''), "
        f"nullif(${first + 2}::text, ''), {told} ->> 'target', {told} -> 'details', "
        f"{told} ->> 'trace_id' FROM {source}"
    )


RECORD_SQL = beside("(SELECT) AS one", "$8", "$2", "$3", 4)
