"""All SQL that writes merges, and where the ids of merged records lead.

An id leads to the record that stands for it today, however many merges lie between.
"""

from services.kinds.matching import MERGED
from services.records.many.given_up import compared_sql
from services.records.statements import insert_one_sql

# Remembers that a tenant has merged records. Value: business.
FIRST_SQL = """
UPDATE tenants SET has_merges = true WHERE business_id = $1 AND NOT has_merges
"""

# Records a merge. Values: business, its id, the type of the records, the survivor, the
# merged records, the user, the moment.
MERGE_SQL = insert_one_sql(
    "merges",
    {
        "id": "$2",
        "resource": "$3",
        "survivor_id": "$4",
        "merged_ids": "$5::text[]",
        "user_id": "$6::text",
        "at": "$7::timestamptz",
        "created_at": "$7::timestamptz",
        "updated_at": "$7::timestamptz",
        "created_by": "$6::text",
    },
)

# Leads what led to merged records on to the survivor. Values: business, the survivor,
# the merged records.
LEAD_ON_SQL = """
UPDATE merged_records SET survivor_id = $2
WHERE business_id = $1 AND survivor_id = ANY($3::text[])
"""

# Leads merged records to the survivor, and so the values that it has not taken. Values:
# business, the survivor, the merged records, the merge, the moment, the type of the
# records, and what was given up: see `given_up`.
LEAD_SQL = f"""
WITH given_up AS (
  INSERT INTO unique_values (business_id, object, key, value, record_id)
  SELECT DISTINCT ON (g.key, c.value) $1, $6, g.key, c.value, g.record_id
  FROM unnest($7::text[], $8::text[], $9::text[], $10::text[])
    WITH ORDINALITY AS g (key, value, record_id, how, place),
    LATERAL (SELECT {compared_sql("g.how", "g.value")}) AS c (value)
  ORDER BY g.key, c.value, g.place
  ON CONFLICT (business_id, object, key, value)
  DO UPDATE SET record_id = excluded.record_id
)
INSERT INTO merged_records (business_id, record_id, survivor_id, into_id, merge_id, at)
SELECT $1, m.id, $2, $2, $4, $5::timestamptz FROM unnest($3::text[]) AS m (id)
"""


def locked_sql(table: str) -> str:
    """Locks records in the order of their ids, and returns these with the versions.

    Values: business, the ids.
    """
    return (
        f"SELECT r.id, r.version FROM {table} AS r WHERE r.business_id = $1"
        " AND r.id = ANY($2::text[]) AND r.deleted_at IS NULL"
        " ORDER BY r.id FOR UPDATE OF r"
    )


def locked_with_deleted_sql(table: str) -> str:
    """The same for records that may be deleted. Values: business, the ids."""
    return (
        f"SELECT r.id, r.version FROM {table} AS r WHERE r.business_id = $1"
        " AND r.id = ANY($2::text[]) ORDER BY r.id FOR UPDATE OF r"
    )


def living_sql(table: str) -> str:
    """Locks records against deletion. Values: business, the ids."""
    return (
        f"SELECT r.id FROM {table} AS r WHERE r.business_id = $1"
        " AND r.id = ANY($2::text[]) AND r.deleted_at IS NULL"
        " ORDER BY r.id FOR SHARE OF r"
    )


# What is known of a merge. Values: business, its id, the type of the records.
KNOWN_SQL = """
SELECT survivor_id, merged_ids, at, undone_at, xid::text AS xid FROM merges
WHERE business_id = $1 AND id = $2 AND resource = $3 AND deleted_at IS NULL
"""

# What the merge changed about its survivor. Of a value and its currency only one may
# have come: then `other` is the name of the other, and the first change of it since is
# `since`. Values: business, the survivor, the transaction.
TOOK_SQL = """
SELECT c.was, c.now, o.name AS other, CASE WHEN o.name IS NOT NULL THEN (
  SELECT l.was FROM changes AS l
  WHERE l.business_id = $1 AND l.record_id = $2 AND l.at > c.at AND l.was ? o.name
  ORDER BY l.at LIMIT 1) END AS since
FROM changes AS c, LATERAL (SELECT CASE
  WHEN c.now ? 'value' = c.now ? 'currency' THEN NULL
  WHEN c.now ? 'value' THEN 'currency' ELSE 'value' END) AS o (name)
WHERE c.business_id = $1 AND c.record_id = $2 AND c.xid = $3::text::xid8
"""

# The merge that a record was merged by. Values: business, the record.
MERGED_BY_SQL = """
SELECT merge_id FROM merged_records WHERE business_id = $1 AND record_id = $2
"""

# Ends where records lead, with the values that they had. Values: business, the records.
LEAD_NO_MORE_SQL = f"""
WITH given_up AS (
  DELETE FROM unique_values WHERE business_id = $1 AND record_id = ANY($2::text[])
    AND starts_with(key, '{MERGED}')
)
DELETE FROM merged_records WHERE business_id = $1 AND record_id = ANY($2::text[])
"""

# Leads what was merged into records back to these. Values: business, the survivor that
# it led to meanwhile, the records.
LEAD_BACK_SQL = """
WITH RECURSIVE back (record_id, survivor_id) AS (
  SELECT m.record_id, m.into_id FROM merged_records AS m
  WHERE m.business_id = $1 AND m.survivor_id = $2 AND m.into_id = ANY($3::text[])
  UNION ALL
  SELECT m.record_id, b.survivor_id FROM back AS b JOIN merged_records AS m
  ON m.business_id = $1 AND m.survivor_id = $2 AND m.into_id = b.record_id
)
UPDATE merged_records AS m SET survivor_id = b.survivor_id
FROM back AS b WHERE m.business_id = $1 AND m.record_id = b.record_id
"""

# Records that a merge was undone. Values: business, its id, the moment.
UNDO_SQL = """
UPDATE merges SET undone_at = $3::timestamptz, undone_xid = pg_current_xact_id(),
  updated_at = $3::timestamptz,
  version = version + 1
WHERE business_id = $1 AND id = $2 AND undone_at IS NULL RETURNING id
"""

# Marks consents that a merge has added. Values: business, their ids, the merge.
DENIED_BY_MERGE_SQL = """
UPDATE consents SET external = jsonb_build_object('merge', $3::text)
WHERE business_id = $1 AND id = ANY($2::text[])
"""
