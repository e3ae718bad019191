"""Links: what a record's deletion does to the records that are linked to it.

Links are cleared, and a record that belongs to its links goes with the last one.
It happens in the deletion's transaction, after the deleted record is locked: a link
made in the same instant is either seen here or finds nothing to link to.
"""

from collections.abc import Iterable

from services.kinds.record_type import Field, RecordType
from services.records.statements import update_many_sql


def clearing_sql(kinds: Iterable[RecordType], resource: str) -> list[str]:
    """The statements that clear all references to a record of a resource.

    Values: business, the record's id, the moment.
    """
    return [
        _clear(kind, item)
        for kind in kinds
        for item in kind.fields
        if item.references == resource
    ]


def _clear(kind: RecordType, link: Field) -> str:
    sets = [f"{link.name} = NULL"]
    if kind.policy.owned_by_links and link.policy.link:
        others = " AND ".join(
            f"{item.sql} IS NULL" for item in kind.link_fields if item is not link
        )
        sets.append(f"deleted_at = CASE WHEN {others} THEN $3::timestamptz END")
    return update_many_sql(kind.table, sets, f"{link.sql} = $2")
