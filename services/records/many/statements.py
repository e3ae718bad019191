"""All SQL that updates many records of a table: links, values, what ends with others.

Each statement logs the changes that it makes. The last of its values says who makes
them, as `acting` does.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from services.postgres.sql_parts import later
from services.records.log.statements import (
    changed_columns,
    logged_many,
    logs,
)


def update_many_sql(
    table: str,
    sets: Sequence[str],
    condition: str,
    source: str = "",
    tenant: str = "$1",
) -> str:
    """Returns an update of all records `r` under a condition; `sets` are assignments.

    Values: business, one for the condition, the moment, then further ones.
    """
    assigned = [*sets, "version = r.version + 1"]
    assigned.append(f"updated_at = {later('$3', 'r.updated_at')}")
    return (
        f"UPDATE {table} AS r SET {', '.join(assigned)}{source and f' FROM {source}'}"
        f" WHERE r.business_id = {tenant} AND r.deleted_at IS NULL AND {condition}"
    )


def update_in_order_sql(table: str, sets: Sequence[str], condition: str) -> str:
    """Returns the same update for records that another one may update at that moment.

    Both lock them in the order of their ids, with any plan, so neither waits for what
    the other one holds.
    """
    locked = (
        f"(SELECT r.id FROM {table} AS r WHERE r.business_id = $1"
        f" AND r.deleted_at IS NULL AND {condition}"
        " ORDER BY r.id FOR NO KEY UPDATE) AS locked"
    )
    return update_many_sql(table, sets, "r.id = locked.id", locked)


def freeing_sql(
    update: str,
    table: str,
    was: Mapping[str, str],
    *,
    forgets: bool = False,
    ends: str = "",
) -> str:
    """Returns an update of many records `r` that also frees what it deletes.

    `was` are the columns that it clears, with their values before. `forgets`: it
    deletes their typed values too. `ends` is an update of associations that it does
    besides for what it deletes, which it names `cleared`. The values are those of the
    update, then who makes the changes.
    """
    is_gone = (
        f"{{0}}.business_id = $1 AND {{0}}.object = '{table}'"
        " AND {0}.record_id = c.id AND c.deleted_at IS NOT NULL"
    )
    parts = [
        ("cleared", f"{_returning(update, table, was)}, r.deleted_at, r.external_ids"),
        ("logged", logged_many("cleared", 4)),
    ]
    if forgets:
        parts.append(
            (
                "forgotten",
                "DELETE FROM typed_values AS w USING cleared AS c"
                f" WHERE {is_gone.format('w')}",
            )
        )
    if ends:
        ended = _returning(ends, "associations", {})
        parts += [("ended", ended), ("told", logged_many("ended", 4))]
    listed = ", ".join(f"{name} AS ({sql})" for name, sql in parts)
    return (
        f"WITH {listed} DELETE FROM unique_values AS v USING cleared AS c"
        f" WHERE {is_gone.format('v')} AND c.external_ids IS NOT NULL"
    )


def logged_sql(update: str, table: str, was: Mapping[str, str], actor: int) -> str:
    """Returns an update of many records `r` with the log of its changes.

    `was` are the columns that it clears, with their values before; `actor` is the
    number of the parameter that says who makes the changes.
    """
    if not logs(table):
        return update
    changed = _returning(update, table, was)
    return f"WITH changed AS ({changed}) {logged_many('changed', actor)}"


def _returning(update: str, table: str, was: Mapping[str, str]) -> str:
    cleared = dict.fromkeys(was, "NULL")
    return f"{update} RETURNING {changed_columns(table, was, cleared)}"


@lru_cache(maxsize=64)
def clear_reference_sql(table: str, name: str) -> str:
    """Clears a custom field of the records for which it leads to a deleted one.

    `name` is the type of these records. Values: business, the id of the deleted record,
    the moment, the key, who clears it.
    """
    holds = (
        "r.id IN (SELECT record_id FROM typed_values WHERE business_id = $1"
        f" AND object = '{name}' AND key = $4::text AND text = $2)"
    )
    sets = ["custom_fields = r.custom_fields - $4::text"]
    was = {"'custom_fields.' || $4::text": "$2::text"}
    return logged_sql(update_in_order_sql(table, sets, holds), table, was, 5)


@lru_cache(maxsize=64)
def give_values_sql(table: str) -> str:
    """Stores a value of one custom field in many records; null takes it out.

    Values: business, the key, the moment, an object of values by the records' ids, who
    gives them. The records are locked already.
    """
    sets = [
        "custom_fields = CASE WHEN given.value = 'null' THEN r.custom_fields - $2::text"
        " ELSE r.custom_fields || jsonb_build_object($2::text, given.value) END"
    ]
    name = "'custom_fields.' || $2::text"
    return logged_as(
        table,
        sets,
        "r.id = given.id",
        values=(name, "o.custom_fields -> $2::text", "given.value"),
        actor=5,
        source=f"jsonb_each($4::jsonb) AS given (id, value) JOIN {table} AS o"
        " ON o.business_id = $1 AND o.id = given.id",
    )


def logged_as(
    table: str,
    sets: Sequence[str],
    condition: str,
    *,
    values: tuple[str, str, str],
    actor: int,
    source: str,
) -> str:
    """Returns an update of many records `r` that sets one value, with its log.

    `values` are the SQL of the value's name, and of the value before and after as the
    log has it; the `source` has them. `actor` is the number of the parameter that says
    who makes the changes.
    """
    update, (name, was, now) = update_many_sql(table, sets, condition, source), values
    returned = changed_columns(table, {name: was}, {name: now})
    changed = f"{update} RETURNING {returned}"
    return f"WITH changed AS ({changed}) {logged_many('changed', actor)}"
