"""All SQL that brings back what a deletion cleared and deleted in other records.

The records that it writes are locked before, so that they are as the statements of the
same transaction find them. `changes AS c` are the changes that the deletion made.
"""

from functools import lru_cache

from services.kinds.record_type import FieldType, RecordType
from services.postgres.sql_parts import later
from services.records.log.changes import DELETED, DELETED_AT
from services.records.log.statements import (
    changed_columns,
    logged_many,
    logs,
    moment_sql,
)
from services.records.many.statements import update_many_sql

# What a deletion did: its transaction, and the types of records that it changed.
# Values: business, the deleted record, when it was changed last.
DELETION_SQL = f"""
SELECT d.xid::text AS xid, d.at, ARRAY(SELECT DISTINCT c.object FROM changes AS c
  WHERE c.business_id = $1 AND c.xid = d.xid AND c.record_id <> $2) AS changed
FROM changes AS d
WHERE d.business_id = $1 AND d.record_id = $2 AND d.at = $3 AND d.operation = {DELETED}
"""

# The associations that ended with records of the deletion. Values: business, its
# transaction and moment.
ENDED_SQL = f"""
SELECT r.id, r.type, r.from_id, r.to_id FROM changes AS c CROSS JOIN LATERAL (
  SELECT * FROM associations AS r
  WHERE r.business_id = $1 AND r.id = c.record_id OFFSET 0
) AS r
WHERE c.business_id = $1 AND c.xid = $2::text::xid8 AND c.at >= $3
  AND c.operation = {DELETED} AND c.version = r.version
  AND r.deleted_at IS NOT NULL AND r.external IS NOT NULL
ORDER BY r.id
"""


@lru_cache(maxsize=64)
def lock_sql(table: str) -> str:
    """Locks records by their ids, and those that a deletion changed.

    Values: business, the ids, the deletion's transaction; null for no deletion.
    """
    return (
        f"SELECT count(*) FROM (SELECT FROM {table} AS r WHERE r.business_id = $1"
        " AND r.id = ANY(ARRAY(SELECT unnest($2::text[]) UNION ALL"
        " SELECT c.record_id FROM changes AS c WHERE c.business_id = $1"
        " AND c.xid = $3::text::xid8)) ORDER BY r.id FOR NO KEY UPDATE) AS locked"
    )


@lru_cache(maxsize=512)
def linked_sql(links: tuple[tuple[str, str, str], ...]) -> str:
    """Finds the records that those which a deletion changed lead to.

    `links` are a table, a link in it, and the table that it leads to. Returns the
    latter with the id of a record. Values: business, the deletion's transaction.
    """
    return " UNION ".join(
        f"SELECT '{target}' AS led_to, l.id FROM (SELECT r.{link} AS id"
        f" FROM {table} AS r WHERE r.business_id = $1 AND r.id = ANY(ARRAY("
        "SELECT c.record_id FROM changes AS c WHERE c.business_id = $1"
        " AND c.xid = $2::text::xid8)) OFFSET 0) AS l WHERE l.id IS NOT NULL"
        for table, link, target in links
    )


@lru_cache(maxsize=64)
def living_sql(table: str) -> str:
    """Finds which of some records live. Values: business, the ids."""
    return (
        f"SELECT r.id FROM (SELECT r.id, r.{DELETED_AT} FROM {table} AS r"
        " WHERE r.business_id = $1 AND r.id = ANY($2::text[]) OFFSET 0) AS r"
        f" WHERE r.{DELETED_AT} IS NULL"
    )


@lru_cache(maxsize=64)
def links_back_sql(table: str, link: str) -> str:
    """Sets a link again in the records that live and have none.

    Values: business, the id of the restored record, the moment, who restores it, the
    deletion's transaction and moment.
    """
    found = _found(table, "r.id", f"{_cleared(link)} AND {_LIVES}")
    update = update_many_sql(table, [f"{link} = $2"], _IS_FOUND)
    if not logs(table):
        return f"WITH {found} {update}"
    now = {f"'{link}'": "$2::text"}
    changed = changed_columns(table, dict.fromkeys(now, "NULL"), now)
    log = logged_many("back", 4)
    return f"WITH {found}, back AS ({update} RETURNING {changed}) {log}"


@lru_cache(maxsize=64)
def children_back_sql(kind: RecordType, link: str) -> str:
    """Restores records that were deleted with their last link, with this link, and
    says how many.

    Not those whose external ids others have by now. Values: as for links; whether those
    that have custom fields are among them; when they were deleted.
    """
    table, field = kind.table, _external(kind)
    condition = f"{_deleted_with(link)} AND ($7::boolean OR {_is_plain(kind)})"
    if field:
        condition += f" AND NOT EXISTS ({_taken(kind, field)})"
    found = _found(table, "r.id", condition)
    changed = changed_columns(
        table,
        {f"'{link}'": "NULL"},
        {f"'{link}'": "$2::text"},
        moment_sql("$8::timestamptz"),
    )
    update = f"{_reviving(table, f'{link} = $2')} RETURNING {changed}"
    parts, count = f"logged AS ({logged_many('back', 4)})", "SELECT count(*) FROM back"
    if not field:
        return f"WITH {found}, back AS ({update}), {parts} {count}"
    return (
        f"WITH {found}, back AS ({update}, r.{field} AS ids), {parts}, named AS ("
        "INSERT INTO unique_values (business_id, object, key, value, record_id)"
        f" SELECT $1, b.object, '{field}.' || e.key, e.value, b.id"
        f" FROM back AS b, jsonb_each_text(b.ids) AS e) {count}"
    )


@lru_cache(maxsize=64)
def children_sql(kind: RecordType, link: str, columns: str) -> str:
    """Reads those of them that have custom fields.

    Values: business, the restored record, the deletion's transaction and moment, and
    whether those without custom fields are read too.
    """
    condition = f"{_deleted_with(link)} AND ($5::boolean OR NOT {_is_plain(kind)})"
    found = _found(kind.table, columns, condition, "$3", "$4")
    return f"WITH {found} SELECT * FROM found ORDER BY id"


@lru_cache(maxsize=64)
def references_back_sql(table: str) -> str:
    """Sets a custom field again in the living records that have no value in it.

    Returns their ids. Values: as for links; then the key, and the name of the records'
    type.
    """
    path = "'custom_fields.' || $7::text"
    found = _found(
        table,
        "r.id",
        f"c.object = $8 AND c.was ->> ({path}) = $2::text"
        f" AND NOT r.custom_fields ? $7::text AND {_LIVES}",
    )
    set_again = "r.custom_fields || jsonb_build_object($7::text, $2::text)"
    update = update_many_sql(table, [f"custom_fields = {set_again}"], _IS_FOUND)
    changed = changed_columns(table, {path: "NULL"}, {path: "$2::text"})
    return (
        f"WITH {found}, back AS ({update} RETURNING {changed}),"
        f" logged AS ({logged_many('back', 4)}) SELECT id FROM back"
    )


# Whether a record has a value that the field gives to one record alone. Values:
# business, the name of the records' type, the key, the digest.
HELD_SQL = """
SELECT 1 FROM typed_values WHERE business_id = $1 AND object = $2 AND key = $3
  AND digest = $4
"""

# The same of an external id. Values: as before, but for the value itself.
TAKEN_SQL = """
SELECT 1 FROM unique_values WHERE business_id = $1 AND object = $2 AND key = $3
  AND value = $4
"""

# An association in the place of `r`: the same, or the only one that its type allows.
_IN_PLACE = """
SELECT FROM associations AS n WHERE n.business_id = $1 AND n.deleted_at IS NULL
  AND n.type = r.type AND (n.from_id = r.from_id AND n.to_id = r.to_id
    OR r.cardinality IN (2, 3) AND n.to_id = r.to_id
    OR r.cardinality IN (3, 4) AND n.from_id = r.from_id)
"""


@lru_cache(maxsize=1)
def associations_back_sql() -> str:
    """Restores associations if no other has taken the place.

    Values: business, their ids, the moment, who restores them, when they ended.
    """
    found = (
        "found AS MATERIALIZED (SELECT r.id FROM associations AS r"
        " WHERE r.business_id = $1 AND r.id = ANY($2::text[])"
        f" AND NOT EXISTS ({_IN_PLACE}))"
    )
    since = moment_sql("$5::timestamptz")
    changed = changed_columns("associations", {}, {}, since)
    update = f"{_reviving('associations', 'external = NULL')} RETURNING {changed}"
    return f"WITH {found}, back AS ({update}) {logged_many('back', 4)}"


_LIVES = f"r.{DELETED_AT} IS NULL"
# Not a join: PostgreSQL knows little of what has just been written, and might compare
# each record with each.
_IS_FOUND = "r.id = ANY(ARRAY(SELECT id FROM found))"


def _found(
    table: str, columns: str, condition: str, xid: str = "$5", at: str = "$6"
) -> str:
    """The part that finds records `r` by the changes `c` which a deletion made.

    One record after the other is looked up by its key, for the same reason.
    """
    return (
        f"found AS MATERIALIZED (SELECT {columns} FROM changes AS c CROSS JOIN LATERAL"
        f" (SELECT * FROM {table} AS r WHERE r.business_id = $1 AND r.id = c.record_id"
        f" OFFSET 0) AS r WHERE c.business_id = $1 AND c.xid = {xid}::text::xid8"
        f" AND c.at >= {at} AND {condition})"
    )


def _cleared(link: str) -> str:
    """That the deletion cleared the link, and that nothing has taken its place."""
    return f"c.was ->> '{link}' = $2::text AND r.{link} IS NULL"


def _is_plain(kind: RecordType) -> str:
    """That a record has no custom fields."""
    has_fields = any(item.type is FieldType.CUSTOM for item in kind.fields)
    return "r.custom_fields = '{}'" if has_fields else "true"


def _deleted_with(link: str) -> str:
    """That the deletion deleted the record too, and nothing was changed since."""
    is_last = f"c.operation = {DELETED} AND c.version = r.version"
    return f"{_cleared(link)} AND {is_last} AND r.{DELETED_AT} IS NOT NULL"


def _reviving(table: str, set_again: str) -> str:
    """The update of the deleted records that were found, which shows them again."""
    return (
        f"UPDATE {table} AS r SET {set_again}, {DELETED_AT} = NULL,"
        f" version = r.version + 1, updated_at = {later('$3', 'r.updated_at')}"
        f" WHERE r.business_id = $1 AND {_IS_FOUND}"
    )


def _external(kind: RecordType) -> str:
    """The field with the external ids of a kind's records, "" if they have none."""
    found = (item.name for item in kind.fields if item.type is FieldType.EXTERNAL)
    return next(found, "")


def _taken(kind: RecordType, field: str) -> str:
    """The query of the external ids of `r` that other records have."""
    return (
        f"SELECT FROM jsonb_each_text(r.{field}) AS e JOIN unique_values AS v"
        f" ON v.business_id = $1 AND v.object = '{kind.table}'"
        f" AND v.key = '{field}.' || e.key AND v.value = e.value"
    )
