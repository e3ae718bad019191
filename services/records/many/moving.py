"""All SQL that moves what is linked to merged records to another record, and back.

Each statement locks the records that it changes in the order of their ids, logs the
changes and returns how many there are. `$1` is the tenant, `$2` the record that they
lead to then, `$3` the moment and `$4` the records that they led to; the last value says
who does it, as `acting` does.
"""

from functools import lru_cache

from services.kinds.record_type import Kinds
from services.postgres.sql_parts import later
from services.records.log.statements import changed_columns, logged_many, logs

# So many links are moved by one statement: it takes some hundredths of a second.
AT_ONCE = 500

_LIVES = "r.business_id = $1 AND r.deleted_at IS NULL"
_LOCKED = "ORDER BY r.id FOR NO KEY UPDATE OF r"
_SET = (
    "version = r.version + 1,"
    f" updated_at = {later('$3', 'r.updated_at')} FROM held AS h"
    " WHERE r.business_id = $1 AND r.id = h.id"
)


def links_to(kinds: Kinds, resource: str) -> tuple[tuple[str, str], ...]:
    """Tables and columns that hold ids of a resource's records, in lock order."""
    return tuple(
        (kind.table, item.name)
        for kind in kinds.values()
        for item in kind.fields
        if item.references == resource and logs(kind.table)
    )


@lru_cache(maxsize=64)
def move_links_sql(table: str, column: str) -> str:
    """Moves some of the records of a table that a column links. Values: see above.

    All of them are locked. The second number is how many were there to be moved.
    """
    held = (
        f"SELECT r.id, r.{column} AS led FROM {table} AS r WHERE {_LIVES}"
        f" AND r.{column} = ANY($4::text[]) {_LOCKED}"
    )
    name = f"'{column}'"
    returned = changed_columns(table, {name: "h.led"}, {name: "$2::text"})
    set_part = _SET.replace("held AS h", "part AS h")
    changed = (
        f"UPDATE {table} AS r SET {column} = $2::text, {set_part} RETURNING {returned}"
    )
    part = f"SELECT id, led FROM held ORDER BY id LIMIT {AT_ONCE}"
    parts = f"held AS MATERIALIZED ({held}), part AS ({part}), changed AS ({changed})"
    return f"{_counted(parts, 5)}, (SELECT count(*) FROM held)"


@lru_cache(maxsize=64)
def move_references_sql(table: str, name: str) -> str:
    """Moves the records of a type for which a field of the tenant's own leads there.

    `name` is the type of these records. Values: see above, then the key and the digest
    of the new value, null where the field is not unique.
    """
    key = "$5::text"
    held = (
        f"SELECT r.id, r.custom_fields -> {key} AS led FROM {table} AS r"
        f" WHERE {_LIVES} AND r.id <> $2"
        " AND r.id IN (SELECT v.record_id FROM typed_values AS v"
        f" WHERE v.business_id = $1 AND v.object = '{name}' AND v.key = {key}"
        f" AND v.text = ANY($4::text[])) {_LOCKED}"
    )
    told = f"'custom_fields.' || {key}"
    returned = changed_columns(table, {told: "h.led"}, {told: "$2::text"})
    changed = (
        f"UPDATE {table} AS r SET custom_fields = r.custom_fields"
        f" || jsonb_build_object({key}, $2::text), {_SET} RETURNING {returned}"
    )
    typed = (
        "UPDATE typed_values AS v SET text = $2::text, digest = $6::bytea FROM changed"
        f" AS c WHERE v.business_id = $1 AND v.object = '{name}' AND v.key = {key}"
        " AND v.record_id = c.id"
    )
    parts = f"held AS MATERIALIZED ({held}), changed AS ({changed}), typed AS ({typed})"
    return _counted(parts, 7)


# The associations of the records and of the survivor, each with its end there, with its
# other end as it will be, and with how near to the survivor that end is.
_NEAR = """
SELECT r.id, r.type, r.cardinality, s.side,
  CASE WHEN s.other = ANY($4) THEN $2 ELSE s.other END AS other,
  CASE WHEN s.own = $2 THEN 0 ELSE array_position($4, s.own) END AS place, r.created_at
FROM associations AS r CROSS JOIN LATERAL (
  VALUES ('from', r.from_id, r.to_id), ('to', r.to_id, r.from_id)
) AS s (side, own, other)
WHERE r.business_id = $1 AND r.deleted_at IS NULL
  AND (r.from_id = $2 OR r.to_id = $2
    OR r.from_id = ANY($4::text[]) OR r.to_id = ANY($4::text[]))
  AND (s.own = $2 OR s.own = ANY($4))
"""
# Which of them cannot go on: one with the survivor itself; a second one with the same
# record; a second one where the type allows one. `cardinality` is as `Cardinality`.
_TOO_MANY = """
SELECT id FROM (
  SELECT id, side, other, cardinality,
    row_number() OVER (PARTITION BY type, side, other ORDER BY place, created_at, id)
      AS among_same,
    row_number() OVER (PARTITION BY type, side ORDER BY place, created_at, id)
      AS among_all
  FROM near WHERE other <> $2
) AS ranked
WHERE among_same > 1
  OR (among_all > 1 AND (side = 'from' AND cardinality IN (3, 4)
    OR side = 'to' AND cardinality IN (2, 3)))
UNION SELECT id FROM near WHERE other = $2
"""

_ENDED = changed_columns("associations", {}, {})
# Ends these. Values: see above, then the merge's id, by which they are found again.
END_ASSOCIATIONS_SQL = f"""
WITH near AS ({_NEAR}), too_many AS ({_TOO_MANY}),
held AS MATERIALIZED (SELECT r.id FROM associations AS r
  WHERE {_LIVES} AND r.id IN (SELECT id FROM too_many) {_LOCKED}),
changed AS (UPDATE associations AS r SET deleted_at = $3::timestamptz,
  external = jsonb_build_object('merge', $5::text), {_SET} RETURNING {_ENDED}),
logged AS ({logged_many("changed", 6)})
SELECT count(*) FROM changed
"""

_ENDS = {f"'{each}'": f"h.{each}" for each in ("from_id", "to_id")}
_LED_ON = "CASE WHEN h.{0} = ANY($4) THEN $2 ELSE h.{0} END"
_NEW_ENDS = {f"'{each}'": f"r.{each}" for each in ("from_id", "to_id")}
_MOVED = changed_columns("associations", _ENDS, _NEW_ENDS)
# Moves the others. Values: see above.
MOVE_ASSOCIATIONS_SQL = f"""
WITH held AS MATERIALIZED (SELECT r.id, r.from_id, r.to_id FROM associations AS r
  WHERE {_LIVES}
  AND (r.from_id = ANY($4::text[]) OR r.to_id = ANY($4::text[])) {_LOCKED}),
changed AS (UPDATE associations AS r SET from_id = {_LED_ON.format("from_id")},
  to_id = {_LED_ON.format("to_id")}, {_SET} RETURNING {_MOVED}),
logged AS ({logged_many("changed", 5)})
SELECT count(*) FROM changed
"""

# Whether a record leads to itself by associations of a type. Values: business, its id,
# the type.
LEADS_TO_ITSELF_SQL = """
WITH RECURSIVE above (id) AS (
  SELECT a.to_id FROM associations AS a WHERE a.business_id = $1 AND a.from_id = $2
    AND a.type = $3 AND a.deleted_at IS NULL
  UNION
  SELECT a.to_id FROM above JOIN associations AS a
    ON a.business_id = $1 AND a.from_id = above.id AND a.type = $3
    AND a.deleted_at IS NULL
)
SELECT 1 FROM above WHERE id = $2
"""


def _counted(parts: str, actor: int) -> str:
    """Changes as the part `changed`, with their log and their number."""
    logged = f"logged AS ({logged_many('changed', actor)})"
    return f"WITH {parts}, {logged} SELECT (SELECT count(*) FROM changed)"
