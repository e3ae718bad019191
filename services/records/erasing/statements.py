"""The statements of an erasure, beside those that destroy texts.

The order in which an erasure runs them is the order of all locks: jobs, the tenant, the
record, what is linked to it.
"""

from services.kinds.matching import MERGED
from services.kinds.record_type import Field, RecordType
from services.postgres.sql_parts import later
from services.records.log.changes import DELETED, ERASED
from services.records.log.job_changes import logged_change, returned
from services.records.log.statements import place_sql
from services.sealed.digests import DIGEST, digest_sql

# Steps of jobs lock their job before records. Values: business.
LOCK_JOBS_SQL = """
SELECT id FROM jobs WHERE business_id = $1 AND is_open ORDER BY id FOR UPDATE
"""


# The records that were merged into one. Values: business, its id.
_MERGED = (
    "SELECT record_id FROM merged_records WHERE business_id = $1 AND survivor_id = $2"
)


def lock_all_sql(kind: RecordType) -> str:
    """Locks a record and those that were merged into it, in the order of an unmerge.

    Returns their ids. Values: business, its id.
    """
    return (
        f"SELECT r.id FROM {kind.table} AS r WHERE r.business_id = $1"
        f" AND (r.id = $2 OR r.id IN ({_MERGED})) ORDER BY r.id FOR UPDATE"
    )


def lock_sql(kind: RecordType, columns: str, seen: str) -> str:
    """Reads a record `r`, living or deleted, and locks it.

    `seen` is a condition, "" for none. Values: business, id, those of `seen`.
    """
    return (
        f"SELECT {columns}, r.deleted_at FROM {kind.table} AS r"
        f" WHERE r.business_id = $1 AND r.id = $2{seen and f' AND {seen}'} FOR UPDATE"
    )


def merged_sql(kind: RecordType) -> str:
    """Reads the records that were merged into one: their ids and when they began.

    Values: business, its id.
    """
    return (
        f"SELECT r.id, r.created_at FROM {kind.table} AS r"
        f" WHERE r.business_id = $1 AND r.id IN ({_MERGED}) ORDER BY r.id"
    )


def linked_cte(kind: RecordType, link: Field) -> str:
    """The records that are or were linked to some, as the part `linked`.

    These are living and deleted ones, and those whose link a deletion of the record has
    cleared. Values: business, the records' ids.
    """
    its = f"{link.name} = ANY($2::text[])"
    here = f"SELECT id FROM {kind.table} WHERE business_id = $1 AND {its}"
    return f"""linked AS (
  {here} AND deleted_at IS NULL
  UNION {here} AND deleted_at IS NOT NULL
  UNION SELECT c.record_id FROM changes AS d JOIN changes AS c
    ON c.business_id = $1 AND c.xid = d.xid AND c.object = '{kind.table}'
    AND c.was ->> '{link.name}' = ANY($2::text[])
  WHERE d.business_id = $1 AND d.record_id = ANY($2::text[]) AND d.operation = {DELETED}
)"""


def linked_sql(kind: RecordType, link: Field) -> str:
    """Locks the records that are or were linked to some records, and tells of each.

    Columns: the id, whether it is linked to nothing else, whether the server wrote it,
    and when it was created. Values: business, the records' ids.
    """
    others = [item.sql for item in kind.link_fields if item is not link]
    alone = " AND ".join(f"{sql} IS NULL" for sql in others) or "true"
    system = kind.by_links_alone
    is_system = "false" if system is None else f"r.source = {system}"
    return f"""
WITH {linked_cte(kind, link)}
SELECT r.id, {alone} AS is_alone, {is_system} AS is_system, r.created_at
FROM {kind.table} AS r
WHERE r.business_id = $1 AND r.id IN (SELECT id FROM linked)
ORDER BY r.id FOR UPDATE
"""


# All associations of records, ended ones too. Values: business, the records' ids.
ASSOCIATIONS_SQL = " UNION ".join(
    "SELECT id FROM associations"
    f" WHERE business_id = $1 AND {end} = ANY($2::text[]) AND deleted_at IS {lives}"
    for end in ("from_id", "to_id")
    for lives in ("NULL", "NOT NULL")
)

# Values: business, the records' ids, the name of their type.
TYPED_SQL = """
WITH destroyed AS (
  DELETE FROM typed_values
  WHERE business_id = $1 AND record_id = ANY($2::text[]) AND object = $3 RETURNING 1
) SELECT count(*) FROM destroyed
"""

# Counts ids in other systems, not what a merge has left of other values. Values:
# business, the records' ids.
UNIQUE_SQL = f"""
WITH destroyed AS (
  DELETE FROM unique_values
  WHERE business_id = $1 AND record_id = ANY($2::text[]) RETURNING key
) SELECT count(*) FROM destroyed WHERE NOT starts_with(key, '{MERGED}')
"""

# The server's own activities keep what happened, and lose the values before and after.
# Values: business, their ids.
TIMELINE_SQL = """
WITH destroyed AS (
  UPDATE activities SET metadata = metadata - 'from' - 'to'
  WHERE business_id = $1 AND id = ANY($2::text[]) AND metadata ?| ARRAY['from', 'to']
  RETURNING 1
) SELECT count(*) FROM destroyed
"""

# Keeps digests of suppressed addresses. Values: business, the suppressions' ids, a key.
DIGEST_SQL = f"""
UPDATE suppressions AS r
SET external = jsonb_build_object('{DIGEST}', {digest_sql("$3::bytea", "r.address")})
WHERE r.business_id = $1 AND r.id = ANY($2::text[])
"""

# What endpoints of webhooks answered to changes of records: it may repeat these.
# Values: business, the records' ids.
ANSWERS_SQL = """
UPDATE deliveries AS d SET attempts = (
  SELECT coalesce(jsonb_agg(a.told - 'answer' ORDER BY a.number), '[]')
  FROM jsonb_array_elements(d.attempts) WITH ORDINALITY AS a (told, number))
WHERE d.business_id = $1 AND d.record_id = ANY($2::text[]) AND d.attempts <> '[]'
"""

# The log keeps who changed the records when. Values: business, the records' ids.
LOG_SQL = """
WITH destroyed AS (
  UPDATE changes SET was = NULL, now = NULL, image = NULL
  WHERE business_id = $1 AND record_id = ANY($2::text[])
    AND NOT (was IS NULL AND now IS NULL AND image IS NULL) RETURNING 1
) SELECT count(*) FROM destroyed
"""


def erase_sql(kind: RecordType) -> str:
    """Deletes the rows of records, and logs the erasure as their last change.

    Values: business, ids, the moment; user, app, token, trace.
    """
    who = ", ".join(f"${number}::text" for number in range(4, 8))
    return (
        f"WITH record AS (DELETE FROM {kind.table} AS r WHERE r.business_id = $1"
        " AND r.id = ANY($2::text[]) RETURNING r.id, r.version, r.updated_at)"
        " INSERT INTO changes (business_id, record_id, object, operation, version, at,"
        " user_id, client_id, token_id, trace_id, place)"
        f" SELECT $1, id, '{kind.table}', {ERASED}, version + 1,"
        f" {later('$3', 'updated_at')}, {who}, {place_sql('record.id')} FROM record"
    )


def _without(column: str) -> str:
    return (
        f"CASE WHEN {column} ? 'sample' THEN jsonb_set({column}, '{{sample}}',"
        " (SELECT coalesce(jsonb_agg(e), '[]') FROM"
        f" jsonb_array_elements({column} -> 'sample') AS e"
        f" WHERE coalesce(e ->> 'id' <> ALL($2::text[]), true))) ELSE {column} END"
    )


def _holds(column: str) -> str:
    return (
        f"(jsonb_typeof({column} -> 'sample') = 'array' AND EXISTS (SELECT FROM"
        f" jsonb_array_elements({column} -> 'sample') AS e"
        " WHERE e ->> 'id' = ANY($2::text[])))"
    )


# A change of a definition shows values of some records that do not fit it. Returns the
# ids of the jobs. Values: business, the records' ids, the moment, and from when and
# until when jobs are looked at, null for any time.
JOBS_SQL = f"""
WITH record AS (
  UPDATE jobs AS r SET task = {_without("r.task")}, result = {_without("r.result")},
    version = r.version + 1, updated_at = {later("$3", "r.updated_at")}
  WHERE r.business_id = $1 AND ({_holds("r.task")} OR {_holds("r.result")})
    AND ($4::timestamptz IS NULL OR r.updated_at >= $4)
    AND ($5::timestamptz IS NULL OR r.created_at <= $5)
  RETURNING {returned()}
), told AS ({logged_change("NULL", "NULL")})
SELECT id FROM record
"""
