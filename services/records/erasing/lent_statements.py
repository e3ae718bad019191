"""The SQL of what undone merges had lent to other records, and of where it still is."""

from services.kinds.record_type import Field, RecordType
from services.records.erasing.statements import linked_cte

# The merges that records were a part of and that were undone, the oldest first. While
# a merge lasted, its survivor may have been merged too, and then have lent what it had
# taken. Values: business, the records' ids.
UNDONE_SQL = """
WITH RECURSIVE lent AS (
  SELECT m.id, m.survivor_id, m.at, m.undone_at, m.xid, m.undone_xid FROM merges AS m
  WHERE m.business_id = $1 AND m.merged_ids && $2::text[] AND m.undone_at IS NOT NULL
  UNION
  SELECT m.id, m.survivor_id, m.at, m.undone_at, m.xid, m.undone_xid
  FROM lent AS l JOIN merges AS m ON m.business_id = $1
    AND l.survivor_id = ANY(m.merged_ids)
    AND m.at >= l.at AND m.undone_at <= l.undone_at
)
SELECT survivor_id, at, undone_at, xid::text AS xid, undone_xid::text AS undone_xid
FROM lent WHERE survivor_id <> ALL($2::text[]) ORDER BY at, id
"""


def survivor_sql(kind: RecordType, columns: str) -> str:
    """Reads a record, living or deleted. Values: business, its id."""
    return (
        f"SELECT {columns} FROM {kind.table} AS r"
        " WHERE r.business_id = $1 AND r.id = $2"
    )


# A record's changes since a moment. Values: business, the record, the moment.
CHANGES_SQL = """
SELECT at, version, was, now, image, xid::text AS xid FROM changes
WHERE business_id = $1 AND record_id = $2 AND at >= $3 ORDER BY at FOR UPDATE
"""

# Tells changes of a record anew. Values: business, the record, the moments of the
# changes, and what they tell from now on.
REWRITE_SQL = """
WITH told AS (
  UPDATE changes AS c SET was = n.was, now = n.now, image = n.image
  FROM unnest($3::timestamptz[], $4::jsonb[], $5::jsonb[], $6::jsonb[])
    AS n (at, was, now, image)
  WHERE c.business_id = $1 AND c.record_id = $2 AND c.at = n.at RETURNING 1
) SELECT count(*) FROM told
"""


def _without_tags(name: str) -> str:
    """`metadata` with a list that has none of the tags `$5`, if it has such a list."""
    return (
        f"CASE WHEN jsonb_typeof(r.metadata -> '{name}') = 'array' THEN"
        f" jsonb_build_object('{name}', (SELECT coalesce(jsonb_agg(e), '[]')"
        f" FROM jsonb_array_elements(r.metadata -> '{name}') AS e"
        " WHERE e #>> '{}' <> ALL($5::text[]))) ELSE '{}' END"
    )


def timeline_sql(kind: RecordType, link: Field) -> str:
    """Takes tags out of what the server told of records in a time.

    Values: business, the records' ids, from when and until when, the tags.
    """
    return f"""
WITH {linked_cte(kind, link)}, held AS MATERIALIZED (
  SELECT r.id FROM {kind.table} AS r
  WHERE r.business_id = $1 AND r.id IN (SELECT id FROM linked)
    AND r.source = {kind.by_links_alone} AND r.metadata ->> 'event' = 'tags_changed'
    AND r.created_at BETWEEN $3::timestamptz AND $4::timestamptz
  ORDER BY r.id FOR UPDATE
), told AS (
  UPDATE {kind.table} AS r
  SET metadata = r.metadata || {_without_tags("from")} || {_without_tags("to")}
  FROM held AS h WHERE r.business_id = $1 AND r.id = h.id
    AND r.metadata IS DISTINCT FROM
      r.metadata || {_without_tags("from")} || {_without_tags("to")}
  RETURNING 1
) SELECT count(*) FROM told
"""
