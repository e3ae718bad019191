"""SQL of associations beside that of every record: how they end, and their order."""

from services.records.many.statements import (
    logged_sql,
    update_in_order_sql,
    update_many_sql,
)

# An association that ended with a record of it. A restored record finds by this mark
# which associations it had.
_ENDED = """'{"ended": true}'::jsonb"""

# Ends the associations of a deleted record. Values: business, its id, the moment, who
# deletes it.
END_SQL = logged_sql(
    update_in_order_sql(
        "associations",
        ["deleted_at = $3::timestamptz", f"external = {_ENDED}"],
        "(r.from_id = $2 OR r.to_id = $2)",
    ),
    "associations",
    was={},
    actor=4,
)

# PostgreSQL does not know the tenant before it plans: of one that is new to its
# statistics it expects a row, and then reads all associations for each record.
_TENANT = "$1 || (SELECT '')"


def _of_cleared(alias: str, end: str) -> str:
    return (
        f"SELECT {alias}.id FROM associations AS {alias} WHERE"
        f" {alias}.business_id = {_TENANT} AND {alias}.{end} = c.id"
        f" AND {alias}.deleted_at IS NULL"
    )


# The same for records `c` that the statement has deleted.
END_OF_CLEARED_SQL = update_many_sql(
    "associations",
    ["deleted_at = $3::timestamptz", f"external = {_ENDED}"],
    "r.id = n.id",
    source=(
        "(SELECT DISTINCT e.id FROM cleared AS c, LATERAL"
        f" ({_of_cleared('f', 'from_id')} UNION ALL {_of_cleared('t', 'to_id')}) AS e"
        " WHERE c.deleted_at IS NOT NULL) AS n"
    ),
    tenant=_TENANT,
)

# Whether a record leads to another one by associations of a type: then a cycle is
# closed. Values: business, where to begin, the type, the record that must not be found.
LEADS_TO_SQL = """
WITH RECURSIVE above (id) AS (
  SELECT $2::text COLLATE "C" UNION
  SELECT a.to_id FROM above JOIN associations AS a
    ON a.business_id = $1 AND a.from_id = above.id AND a.type = $3
    AND a.deleted_at IS NULL
)
SELECT 1 FROM above WHERE id = $4
"""

# How many associations of a type the two records have, counted up to a number. Values:
# business, the type, the ids, the number.
COUNT_SQL = """
SELECT
  (SELECT count(*) FROM (SELECT FROM associations AS a WHERE a.business_id = $1
    AND a.from_id = $3 AND a.type = $2 AND a.deleted_at IS NULL LIMIT $5) AS found),
  (SELECT count(*) FROM (SELECT FROM associations AS a WHERE a.business_id = $1
    AND a.to_id = $4 AND a.type = $2 AND a.deleted_at IS NULL LIMIT $5) AS found)
"""

# Finds the association of two records. Values: business, the type, the ids.
FIND_SQL = """
SELECT id FROM associations WHERE business_id = $1 AND from_id = $3 AND type = $2
  AND to_id = $4 AND deleted_at IS NULL
"""

# The second of two transactions that lock a row waits for the first. Values: business,
# a name for what is locked.
LOCK_SQL = """
INSERT INTO upsert_locks (business_id, key) VALUES ($1, $2)
ON CONFLICT (business_id, key) DO UPDATE SET key = excluded.key
"""
UNLOCK_SQL = "DELETE FROM upsert_locks WHERE business_id = $1 AND key = $2"
