"""All SQL that undoes what `moving.py` does, as the log of changes tells it.

What somebody has changed since the merge stays as it is; other merges and their undoing
are no such changes. What was restored since the merge, and led on to the survivor by
that, is moved back too. `$1` is the tenant, `$2` the
survivor, `$3` the moment, `$4` the records that are back and `$5` the transaction of
the merge; the last value says who does it, as `acting` does.

Directly after a merge of many records PostgreSQL's statistics are old: it expects one
row where there are thousands, and any of its plans may then compare each with each. The
statements are written so that it has no choice: records are found by their ids, one by
one, and values by look-ups instead of joins.
"""

from functools import lru_cache

from services.kinds.objects import object_kinds
from services.kinds.record_type import Kinds
from services.postgres.sql_parts import later
from services.records.log.changes import RESTORED
from services.records.log.statements import changed_columns, logged_many, moment_sql

_LOCKED = "ORDER BY r.id FOR NO KEY UPDATE OF r"
# When the merge was.
_MERGE = """
SELECT n.at FROM merges AS n WHERE n.business_id = $1 AND n.xid = $5::text::xid8
ORDER BY n.at LIMIT 1
"""
# The transactions of merges since this one, and of their undoing.
_BY_MERGES = """
SELECT unnest(ARRAY[m.xid, coalesce(m.undone_xid, m.xid)]) AS xid FROM merges AS m
WHERE m.business_id = $1 AND m.deleted_at IS NULL
  AND m.updated_at >= (SELECT at FROM merge)
"""
# The tenant, as a value that the planner does not know. Of a tenant that is new to its
# statistics it expects one row, and then takes any index that begins with the tenant.
# This way it expects what tenants have on average, and takes the index of the ids.
_TENANT = "$1 || (SELECT '')"
_CHANGED = f"version = r.version + 1, updated_at = {later('$3', 'r.updated_at')}"
_SET = f"{_CHANGED} FROM held AS h WHERE r.business_id = $1 AND r.id = h.id"
_SET_HELD = (
    f"{_CHANGED} WHERE r.business_id = {_TENANT}"
    " AND r.id = ANY(ARRAY(SELECT id FROM held))"
)
# Where a record led, by its id: a look-up, and no join.
_LED = "((SELECT ids FROM led) ->> r.id)"

# Where records led that were restored since the merge and lead to the survivor now. It
# may have been a record that was merged before into one that is back.
_BACK = (
    "coalesce((SELECT m.survivor_id FROM merged_records AS m"
    " WHERE m.business_id = $1 AND m.record_id = e.was ->> {0}), e.was ->> {0})"
)
_RESTORED = (
    "SELECT n.id, b.at, b.led FROM near AS n CROSS JOIN LATERAL ("
    f"SELECT e.at, {_BACK} AS led FROM changes AS e WHERE e.business_id = {_TENANT}"
    " AND e.record_id = n.id AND e.at > (SELECT at FROM merge)"
    f" AND e.operation = {RESTORED} AND {_BACK} = ANY($4::text[])"
    " ORDER BY e.at DESC LIMIT 1) AS b"
)


@lru_cache(maxsize=64)
def move_links_back_sql(table: str, column: str) -> str:
    """Moves the records of a table back that a column linked. Values: see above."""
    name = f"'{column}'"
    held = _held(table, name, f"r.{column}", f"r.{column} = $2")
    returned = changed_columns(table, {name: "$2::text"}, {name: _LED})
    changed = (
        f"UPDATE {table} AS r SET {column} = {_LED}, {_SET_HELD} RETURNING {returned}"
    )
    return _counted(f"{held}, changed AS ({changed})", 6)


@lru_cache(maxsize=64)
def move_references_back_sql(table: str, name: str) -> str:
    """Moves back the records of a type that led there by a field of the tenant's own.

    `name` is the type of these records. Values: see above, then the key, and whether
    the field is unique.
    """
    key = "$6::text"
    told = f"('custom_fields.' || {key})"
    leads = (
        "r.id IN (SELECT v.record_id FROM typed_values AS v WHERE v.business_id = $1"
        f" AND v.object = '{name}' AND v.key = {key} AND v.text = $2)"
    )
    held = _held(table, told, f"(r.custom_fields ->> {key})", leads)
    returned = changed_columns(table, {told: "$2::text"}, {told: _LED})
    changed = (
        f"UPDATE {table} AS r SET custom_fields = r.custom_fields"
        f" || jsonb_build_object({key}, {_LED}), {_SET_HELD} RETURNING {returned}"
    )
    led = _LED.replace("r.id", "v.record_id")
    typed = (
        f"UPDATE typed_values AS v SET text = {led},"
        f" digest = CASE WHEN $7 THEN sha256(convert_to({led}, 'UTF8')) END"
        f" WHERE v.business_id = {_TENANT} AND v.object = '{name}'"
        f" AND v.key = {key} AND v.record_id = ANY(ARRAY(SELECT id FROM changed))"
    )
    return _counted(f"{held}, changed AS ({changed}), typed AS ({typed})", 8)


@lru_cache(maxsize=1)
def _ends(kinds: tuple[tuple[str, str], ...]) -> str:
    """That both records of an association `r` live. `kinds`: prefixes and tables."""
    return " AND ".join(
        "("
        + " OR ".join(
            f"(split_part(r.{end}, '_', 1) = '{prefix}' AND EXISTS (SELECT FROM {table}"
            f" AS e WHERE e.business_id = $1 AND e.id = r.{end}"
            " AND e.deleted_at IS NULL))"
            for prefix, table in kinds
        )
        + ")"
        for end in ("from_id", "to_id")
    )


def revive_associations_sql(kinds: Kinds) -> str:
    """Brings associations back that ended by the merge and whose place is still free.

    Values: business, the merge, the moment, who does it.
    """
    lives = _ends(
        tuple(
            (kind.policy.id_prefix.removesuffix("_"), kind.table)
            for kind in object_kinds(kinds)
        )
    )
    # `cardinality` is as `Cardinality` numbers it.
    held = f"""
      SELECT r.id, r.deleted_at FROM associations AS r
      WHERE r.business_id = $1 AND r.deleted_at IS NOT NULL
        AND r.external ->> 'merge' = $2::text AND {lives}
        AND NOT EXISTS (SELECT FROM associations AS o WHERE o.business_id = $1
          AND o.type = r.type AND o.deleted_at IS NULL
          AND (o.from_id = r.from_id AND (o.to_id = r.to_id OR r.cardinality IN (3, 4))
            OR o.to_id = r.to_id AND r.cardinality IN (2, 3)))
      {_LOCKED}
    """
    returned = changed_columns("associations", {}, {}, moment_sql("h.deleted_at"))
    changed = (
        "UPDATE associations AS r SET deleted_at = NULL, external = NULL,"
        f" {_SET} RETURNING {returned}"
    )
    return _counted(f"held AS MATERIALIZED ({held}), changed AS ({changed})", 4)


def _held(table: str, name: str, link: str, leads: str) -> str:
    """Locks the records `r` that the merge has moved and nobody has changed since.

    `name` is the SQL of what the log calls the value, `link` that of the value itself,
    `leads` that it is the survivor. `link` is compared so that no index finds it, and
    each record is found by its id.
    """
    return (
        f"merge AS MATERIALIZED ({_MERGE}),"
        f" near AS MATERIALIZED (SELECT r.id FROM {table} AS r"
        " WHERE r.business_id = $1 AND r.deleted_at IS NULL"
        f" AND r.updated_at > (SELECT at FROM merge) AND {leads}),"
        " told AS MATERIALIZED (SELECT c.record_id, c.at, c.was ->> {0} AS led"
        " FROM changes AS c"
        " WHERE c.business_id = $1 AND c.xid = $5::text::xid8 AND c.now ->> {0} = $2"
        f" AND c.was ->> {{0}} = ANY($4::text[]) UNION ALL {_RESTORED} ORDER BY 1),"
        f" by_merges AS MATERIALIZED ({_BY_MERGES}),"
        " held AS MATERIALIZED (SELECT h.id, t.led FROM told AS t"
        f" CROSS JOIN LATERAL (SELECT r.id FROM {table} AS r"
        f" WHERE r.business_id = {_TENANT} AND r.id = t.record_id"
        " AND r.deleted_at IS NULL"
        f" AND {link} IS NOT DISTINCT FROM $2"
        f" AND NOT EXISTS (SELECT FROM changes AS l WHERE l.business_id = {_TENANT}"
        " AND l.record_id = t.record_id AND l.at > t.at"
        f" AND l.operation <> {RESTORED}"
        " AND l.xid NOT IN (SELECT xid FROM by_merges)"
        f" AND l.was ->> {{0}} IS DISTINCT FROM l.now ->> {{0}})"
        " FOR NO KEY UPDATE OF r) AS h),"
        " led AS MATERIALIZED (SELECT jsonb_object_agg(id, led) AS ids FROM held)"
    ).format(name)


def _counted(parts: str, actor: int) -> str:
    """Changes as the part `changed`, with their log and their number."""
    logged = f"logged AS ({logged_many('changed', actor)})"
    return f"WITH {parts}, {logged} SELECT count(*) FROM changed"
