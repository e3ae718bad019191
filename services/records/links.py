"""Links: what a record's deletion does to the records that are linked to it.

Links are cleared, and a record that belongs to its links goes with the last one.
It happens in the deletion's transaction, after the deleted record is locked: a link
made in the same instant is either seen here or finds nothing to link to.
"""

from collections.abc import Iterable

from services.kinds.record_type import LINKS, Field, RecordType
from services.postgres.sql_parts import later


def clearing_sql(kinds: Iterable[RecordType], resource: str) -> list[str]:
    """The statements that clear all links to a record of a kind.

    Values: business, the record's id, the moment.
    """
    if resource not in LINKS:
        return []
    return [
        _clear(kind, item)
        for kind in kinds
        for item in kind.fields
        if item.policy.references == resource
    ]


def _clear(kind: RecordType, link: Field) -> str:
    sets = [
        f"{link.name} = NULL",
        "version = version + 1",
        f"updated_at = {later('$3', 'updated_at')}",
    ]
    if kind.policy.owned_by_links:
        others = " AND ".join(
            f"{item.name} IS NULL" for item in kind.link_fields if item is not link
        )
        sets.append(f"deleted_at = CASE WHEN {others} THEN $3::timestamptz END")
    return (
        f"UPDATE {kind.table} SET {', '.join(sets)} WHERE business_id = $1"
        f" AND {link.name} = $2 AND deleted_at IS NULL"
    )
