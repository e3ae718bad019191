"""All SQL that writes the typed values beside records, and finds who has one.

A record's own statement has `typed_parts`. The others are for changes of definitions,
and for what deleted records leave. `its` is SQL: the name of the records' type.
"""

from collections.abc import Iterator
from itertools import count

from services.postgres.sql_parts import later
from services.records.log.statements import changed_columns, logged_many

_FORGET = "DELETE FROM typed_values WHERE business_id = $1 AND object = {}"
# Not a join: PostgreSQL expects one record there, and would compare each with each.
_HELD = "({} IN (SELECT id FROM held)) IS TRUE"
_TYPED_COLUMNS = {
    "key": "text",
    "number": "numeric",
    "moment": "timestamptz",
    "text": "text",
    "digest": "bytea",
    "words": "text",
}


def typed_values_sql(its: str, first: int = 2) -> str:
    """Stores typed values of many records. Values: business, ids, then each column."""
    return _stored(its, count(first), "v.record_id", "", "record_id")


def typed_by_many_sql(its: str, numbers: Iterator[int], source: str) -> str:
    """Stores typed values of many new records. Values: ids, then each column."""
    return _stored(its, numbers, "v.record_id", source, "record_id")


def typed_parts(
    its: str, its_own: str, numbers: Iterator[int]
) -> list[tuple[str, str]]:
    """Writes the values that searches compare, and deletes those of cleared keys.

    `its` may name the part `record`, which `its_own` may not.
    """
    written = _stored(its, numbers, "record.id", "record, ", "")
    cleared = (
        f"{_FORGET.format(its_own)} AND record_id IN (SELECT id FROM record)"
        f" AND key = ANY(${next(numbers)}::text[])"
    )
    return [("typed", written), ("cleared", cleared)]


def _stored(
    its: str,
    numbers: Iterator[int],
    record_id: str,
    source: str,
    with_ids: str,
    held: str = "",
) -> str:
    """Inserts or replaces typed values, given as an array for each column.

    `held` is what must be the id of a record in the part of this name.
    """
    columns = ({with_ids: "text"} if with_ids else {}) | _TYPED_COLUMNS
    arrays = ", ".join(f"${next(numbers)}::{kind}[]" for kind in columns.values())
    names = ", ".join(_TYPED_COLUMNS)
    sets = ", ".join(f"{each} = excluded.{each}" for each in _TYPED_COLUMNS)
    values = ", ".join(f"v.{each}" for each in list(_TYPED_COLUMNS)[:-1])
    return (
        f"INSERT INTO typed_values (business_id, object, record_id, {names})"
        f" SELECT $1, {its}, {record_id}, {values}, fold(v.words)"
        f" FROM {source}unnest({arrays}) AS v ({', '.join(columns)})"
        f"{held and f' WHERE {_HELD.format(held)}'}"
        f" ON CONFLICT (business_id, object, record_id, key) DO UPDATE SET {sets}"
    )


def forget_sql(its: str) -> str:
    """Deletes the typed values of a record. Values: business, the record's id."""
    return f"{_FORGET.format(its)} AND record_id = $2"


def forget_reference_sql(its: str) -> str:
    """Deletes the typed references to a record. Values: business, its id, the key."""
    return f"{_FORGET.format(its)} AND text = $2 AND key = $3"


def forget_key_sql(its: str) -> str:
    """Deletes the typed values of a field. Values: business, the key."""
    return f"{_FORGET.format(its)} AND key = $2"


def drop_digests_sql(its: str) -> str:
    """Lets records share the values of a field. Values: business, the key."""
    return (
        "UPDATE typed_values SET digest = NULL WHERE business_id = $1"
        f" AND object = {its} AND key = $2"
    )


def drop_words_sql(its: str) -> str:
    """Makes the values of a field no longer searchable. Values: business, the key."""
    return (
        "UPDATE typed_values SET words = NULL WHERE business_id = $1"
        f" AND object = {its} AND key = $2"
    )


def holders_sql(table: str, seen: str) -> str:
    """Finds who has unique values: key, record, whether it lives and is seen.

    `seen` is the condition on records `r` that the caller sees, empty for all. Values:
    business, keys, digests, the record that does not count, the name of the records'
    type, those of `seen`.
    """
    is_seen = f" AND ({seen}) IS TRUE" if seen else ""
    return (
        f"SELECT v.key, v.record_id, r.id IS NOT NULL, r.id IS NOT NULL{is_seen}"
        " FROM unnest($2::text[], $3::bytea[]) AS sought (key, digest)"
        " JOIN typed_values AS v ON v.business_id = $1"
        " AND v.object = $5 AND v.key = sought.key"
        " AND v.digest = sought.digest AND v.record_id <> $4"
        f" LEFT JOIN {table} AS r ON r.business_id = $1 AND r.id = v.record_id"
        " AND r.deleted_at IS NULL ORDER BY v.key"
    )


def forget_values_sql(its: str) -> str:
    """Deletes the typed values of a field. Values: business, the key, the records."""
    return f"{_FORGET.format(its)} AND key = $2 AND record_id = ANY($3::text[])"


def forget_between_sql(its: str) -> str:
    """Deletes the typed values of a field in records after an id, up to another.

    Values: business, the key, both ids.
    """
    return f"{_FORGET.format(its)} AND key = $2 AND record_id > $3 AND record_id <= $4"


def forget_definition_sql() -> str:
    """Deletes a definition that was taken back. Values: business, its id."""
    return "DELETE FROM fields WHERE business_id = $1 AND id = $2"


def conflicts_sql(table: str) -> str:
    """Finds records whose unique values others have: record, holder, if that lives.

    Values: business, the key, the records, their digests, the name of their type.
    """
    return (
        "SELECT s.record_id, v.record_id, r.id IS NOT NULL"
        " FROM unnest($3::text[], $4::bytea[]) AS s (record_id, digest)"
        " JOIN typed_values AS v ON v.business_id = $1 AND v.object = $5"
        " AND v.key = $2 AND v.digest = s.digest AND v.record_id <> s.record_id"
        f" LEFT JOIN {table} AS r ON r.business_id = $1 AND r.id = v.record_id"
        " AND r.deleted_at IS NULL"
    )


def settle_values_sql(table: str, its: str) -> str:
    """Stores a value of many records, and typed values, by one statement.

    Records whose value is no longer the one that was read stay as they are: who wrote
    it has done all of this. So locks are held for one statement, not while values are
    judged. Returns the ids of the others. Values: business, the key, the moment; ids,
    values that were read, values to store (null to take it out, none to leave it); ids
    and keys of typed values to delete; who does it; ids and columns of typed values to
    store.
    """
    held = (
        "SELECT r.id, g.before::jsonb AS before, g.after::jsonb AS after"
        f" FROM {table} AS r"
        " JOIN unnest($4::text[], $5::text[], $6::text[]) AS g (id, before, after)"
        " ON g.id = r.id WHERE r.business_id = $1 AND r.deleted_at IS NULL"
        " AND r.custom_fields -> $2::text = g.before::jsonb"
        " ORDER BY r.id FOR NO KEY UPDATE OF r"
    )
    record = (
        f"UPDATE {table} AS r SET version = r.version + 1, updated_at ="
        f" {later('$3', 'r.updated_at')}, custom_fields = CASE WHEN h.after = 'null'"
        " THEN r.custom_fields - $2::text"
        " ELSE r.custom_fields || jsonb_build_object($2::text, h.after) END"
        " FROM held AS h WHERE r.business_id = $1 AND r.id = h.id"
        f" AND h.after IS NOT NULL RETURNING {_logged(table)}"
    )
    dropped = (
        f"{_FORGET.format(its)} AND record_id = ANY($7::text[])"
        f" AND key = ANY($8::text[]) AND {_HELD.format('record_id')}"
    )
    numbers = count(10)
    typed = _stored(its, numbers, "v.record_id", "", "record_id", "v.record_id")
    return (
        f"WITH held AS MATERIALIZED ({held}), record AS ({record}),"
        f" log AS ({logged_many('record', 9)}),"
        f" dropped AS ({dropped}), typed AS ({typed}) SELECT id FROM held"
    )


def _logged(table: str) -> str:
    """What `settle_values_sql` returns of a record for the log."""
    name = "'custom_fields.' || $2::text"
    return changed_columns(table, {name: "h.before"}, {name: "h.after"})
