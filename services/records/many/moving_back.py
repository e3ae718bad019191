"""All SQL that undoes what `moving.py` does, as the log of changes tells it.

What somebody has changed since the merge stays as it is; other merges and their undoing
are no such changes. `$1` is the tenant, `$2` the
survivor, `$3` the moment, `$4` the records that are back and `$5` the transaction of
the merge; the last value says who does it, as `acting` does.
"""

from functools import lru_cache

from services.kinds.objects import object_kinds
from services.kinds.record_type import Kinds
from services.postgres.sql_parts import later
from services.records.log.statements import changed_columns, logged_many, moment_sql

_LOCKED = "ORDER BY r.id FOR NO KEY UPDATE OF r"
# The transactions of merges since this one, and of their undoing.
_BY_MERGES = """
SELECT unnest(ARRAY[m.xid, coalesce(m.undone_xid, m.xid)]) FROM merges AS m
WHERE m.business_id = $1 AND m.deleted_at IS NULL AND m.updated_at >= (
  SELECT n.at FROM merges AS n WHERE n.business_id = $1 AND n.xid = $5::text::xid8
  ORDER BY n.at LIMIT 1)
"""
_SET = (
    "version = r.version + 1,"
    f" updated_at = {later('$3', 'r.updated_at')} FROM held AS h"
    " WHERE r.business_id = $1 AND r.id = h.id"
)


@lru_cache(maxsize=64)
def move_links_back_sql(table: str, column: str) -> str:
    """Moves the records of a table back that a column linked. Values: see above."""
    held = _held(table, f"'{column}'", f"r.{column} = $2")
    name = f"'{column}'"
    returned = changed_columns(table, {name: "$2::text"}, {name: "h.led"})
    changed = f"UPDATE {table} AS r SET {column} = h.led, {_SET} RETURNING {returned}"
    return _counted(f"{held}, changed AS ({changed})", 6)


@lru_cache(maxsize=64)
def move_references_back_sql(table: str, name: str) -> str:
    """Moves the records of a type back for which a field of the tenant's own led there.

    `name` is the type of these records. Values: see above, then the key, and whether
    the field is unique.
    """
    key = "$6::text"
    told = f"('custom_fields.' || {key})"
    held = _held(table, told, f"r.custom_fields ->> {key} = $2")
    returned = changed_columns(table, {told: "$2::text"}, {told: "h.led"})
    changed = (
        f"UPDATE {table} AS r SET custom_fields = r.custom_fields"
        f" || jsonb_build_object({key}, h.led), {_SET} RETURNING {returned}, h.led"
    )
    typed = (
        "UPDATE typed_values AS v SET text = c.led,"
        " digest = CASE WHEN $7 THEN sha256(convert_to(c.led, 'UTF8')) END"
        f" FROM changed AS c WHERE v.business_id = $1 AND v.object = '{name}'"
        f" AND v.key = {key} AND v.record_id = c.id"
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


def _held(table: str, name: str, leads_here: str) -> str:
    """Locks the records `r` that the merge has moved and nobody has changed since.

    `name` is the SQL of what the log calls the value.
    """
    return (
        "told AS (SELECT c.record_id, c.at, c.was ->> {0} AS led FROM changes AS c"
        " WHERE c.business_id = $1 AND c.xid = $5::text::xid8 AND c.now ->> {0} = $2"
        " AND c.was ->> {0} = ANY($4::text[])),"
        f" held AS MATERIALIZED (SELECT r.id, t.led FROM {table} AS r"
        " JOIN told AS t ON t.record_id = r.id"
        f" WHERE r.business_id = $1 AND r.deleted_at IS NULL AND {leads_here}"
        " AND NOT EXISTS (SELECT FROM changes AS l WHERE l.business_id = $1"
        f" AND l.record_id = r.id AND l.at > t.at AND l.xid NOT IN ({_BY_MERGES})"
        f" AND l.was ->> {{0}} IS DISTINCT FROM l.now ->> {{0}}) {_LOCKED})"
    ).format(name)


def _counted(parts: str, actor: int) -> str:
    """Changes as the part `changed`, with their log and their number."""
    logged = f"logged AS ({logged_many('changed', actor)})"
    return f"WITH {parts}, {logged} SELECT count(*) FROM changed"
