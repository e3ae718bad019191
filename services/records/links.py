"""Clears the references to a deleted record.

A record that exists only through its links (a note, an activity) is deleted with its
last link. All this runs in the transaction of the deletion, after the deleted record is
locked. So a reference that is written at the same time is either cleared here, or finds
no record and fails.
"""

from collections.abc import Iterable

from services.kinds.record_type import Field, Kind, RecordType
from services.records.statements import freeing_sql, update_many_sql


def clearing_sql(kinds: Iterable[RecordType], resource: str) -> list[str]:
    """Returns the statements that clear all references to a record of a resource.

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
    update = update_many_sql(kind.table, sets, f"{link.sql} = $2")
    has_ids = any(item.kind is Kind.EXTERNAL for item in kind.fields)
    return freeing_sql(update, kind.table) if len(sets) > 1 and has_ids else update
