"""The SQL of stored answers that hold what an erasure destroys.

A row says nothing of the type of its answer. Each record begins with its own id; so
does the record in the answer of an upsert, after the status. An answer of another type,
such as that of a batch, is looked through for ids. There is no index: it would cost
each write with a key, and an erasure is rare. So an erasure reads all answers of the
tenant since the oldest record was made, once.
"""

from prospectconnect.jobs.v1.jobs_pb2 import JOB_KIND_EXPORT, JOB_KIND_IMPORT

# The first bytes of an answer. Those of a record: a tag, the length of the id, the id.
_HEAD = "substr(k.outcome, 1, 64)"
_OF_RECORD = "substr(head, 3, get_byte(head, 1))"
# Those of an upsert: tag and status, tag and length of the record, then the record. A
# length has seven bits a byte; the highest bit says whether there is another byte.
_LONG = "(get_byte(head, 3) >> 7)"
_AT = f"(4 + {_LONG} + {_LONG} * (get_byte(head, 4) >> 7))"
_OF_UPSERT = f"substr(head, {_AT} + 3, get_byte(head, {_AT} + 1))"
_OWN = (
    "CASE WHEN length(head) < 16 THEN NULL"
    f" WHEN get_byte(head, 0) = 8 THEN {_OF_UPSERT} ELSE {_OF_RECORD} END"
)
_NAMES_ONE = (
    "EXISTS (SELECT FROM regexp_matches(encode(k.outcome, 'escape'),"
    " '[a-z]+_[0-9a-f]{24}', 'g') AS m (ids)"
    " WHERE m.ids[1] IN (SELECT unnest($2::text[])))"
)

# The answers to destroy, locked: whose they are, and the bytes of one that is none of a
# record, or of each. Values: business, the records' ids, the moment since when these
# exist, what the ids of records begin with, four bytes of each, until when answers are
# looked at, null for now, and whether the bytes of each are told. The answers of other
# records, which only lead to an erased one, are left alone.
FIND_SQL = f"""
SELECT k.user_id, k.client_id, k.key, CASE WHEN $6 OR NOT is_record THEN k.outcome END
FROM idempotency_keys AS k,
  LATERAL (SELECT {_HEAD} AS head OFFSET 0) AS begins,
  LATERAL (SELECT {_OWN} AS own OFFSET 0) AS told,
  LATERAL (
    SELECT coalesce(substr(own, 1, 4) = ANY($4::bytea[]), false) AS is_record OFFSET 0
  ) AS judged
WHERE k.business_id = $1 AND k.created_at >= $3::timestamptz
  AND ($5::timestamptz IS NULL OR k.created_at <= $5) AND CASE
  WHEN is_record
  THEN own IN (SELECT convert_to(id, 'UTF8') FROM unnest($2::text[]) AS given (id))
  ELSE {_NAMES_ONE} END
ORDER BY k.user_id, k.client_id, k.key FOR UPDATE OF k
"""

# Values: business, users, apps, keys, the answers without what was destroyed, the
# erased record of an answer that was destroyed as a whole, else null.
REPLACE_SQL = """
UPDATE idempotency_keys AS k SET outcome = n.outcome, erased_id = n.erased_id
FROM unnest($2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[])
  AS n (user_id, client_id, key, outcome, erased_id)
WHERE k.business_id = $1 AND k.user_id = n.user_id AND k.client_id = n.client_id
  AND k.key = n.key
"""


def _first(prefix: str) -> str:
    """The first bytes of a record's answer, up to those of its id."""
    return f"'\\x{(bytes((10, 28)) + prefix.encode()).hex()}'::bytea"


# Destroys the answers that are imports, exports, or their jobs, and returns how many.
# What these say of their requests and files may name anybody, at any time. Values:
# business, the erased record.
OF_FILES_SQL = f"""
WITH found AS (
  SELECT k.user_id, k.client_id, k.key FROM idempotency_keys AS k
  WHERE k.business_id = $1 AND (
    substr(k.outcome, 1, 6) IN ({_first("imp_")}, {_first("exp_")})
    OR substr(k.outcome, 1, 6) = {_first("job_")} AND substr(k.outcome, 3, 28) IN (
      SELECT convert_to(j.id, 'UTF8') FROM jobs AS j WHERE j.business_id = $1
        AND j.kind IN ({int(JOB_KIND_IMPORT)}, {int(JOB_KIND_EXPORT)})))
  ORDER BY k.user_id, k.client_id, k.key FOR UPDATE
), destroyed AS (
  UPDATE idempotency_keys AS k SET outcome = '', erased_id = $2 FROM found AS f
  WHERE k.business_id = $1 AND k.user_id = f.user_id AND k.client_id = f.client_id
    AND k.key = f.key RETURNING k.key
) SELECT count(*) FROM destroyed
"""
