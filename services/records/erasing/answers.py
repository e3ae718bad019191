"""The SQL of stored answers that hold what an erasure destroys.

A row says nothing of the type of its answer. Each record, and each answer of an upsert,
begins with the record's own id; an answer of another type, such as that of a batch, is
looked through for ids. There is no index: it would cost each write with a key, and an
erasure is rare. So all answers of the tenant since the oldest record was made are read,
once.
"""

# The id that an answer begins with. Bytes that are no ASCII are escaped.
_OWN = (
    "substring(encode(substr(k.outcome, 1, 48), 'escape') from '[a-z]+_[0-9a-f]{24}')"
)
_IS_BATCH = "position('type.googleapis.com/'::bytea IN substr(k.outcome, 1, 200)) > 0"
_NAMES_ONE = (
    "EXISTS (SELECT FROM regexp_matches(encode(k.outcome, 'escape'),"
    " '[a-z]+_[0-9a-f]{24}', 'g') AS m (ids) WHERE m.ids[1] = ANY($2::text[]))"
)

# The answers to destroy, locked: whose they are, and the bytes of one that may be a
# batch's. Values: business, the records' ids, the moment since when these exist, the
# prefixes of ids of records, without `_`. Answers of records that only lead to an
# erased one are left alone.
FIND_SQL = f"""
SELECT k.user_id, k.client_id, k.key, CASE WHEN is_batch THEN k.outcome END AS outcome,
  own = ANY($2::text[]) AS is_own
FROM idempotency_keys AS k,
  LATERAL (SELECT {_OWN} AS own, {_IS_BATCH} AS is_batch OFFSET 0) AS told
WHERE k.business_id = $1 AND k.created_at >= $3::timestamptz AND CASE
  WHEN is_batch OR NOT coalesce(split_part(own, '_', 1) = ANY($4::text[]), false)
  THEN {_NAMES_ONE} ELSE own = ANY($2::text[]) END
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
