"""Clears the references to a deleted record.

A record that exists only through its links (a note, an activity) is deleted with its
last link. All this runs in the transaction of the deletion, after the deleted record is
locked. So a reference that is written at the same time is either cleared here, or finds
no record and fails.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.kinds.record_type import Field, FieldType, RecordType
from services.records.association_statements import END_OF_CLEARED_SQL
from services.records.log.changes import is_logged
from services.records.many.statements import (
    freeing_sql,
    logged_sql,
    update_in_order_sql,
)


@dataclass(frozen=True, slots=True)
class Clearing:
    """The statement that clears one reference in the records of a table.

    `owning` is the same statement by what it does besides to the records that it
    deletes: whether it deletes their typed values, and whether it ends their
    associations. It is empty if it deletes none. Values: business, the id of the
    deleted record, the moment, and who deletes it if it `is_logged`.
    """

    table: str
    sql: str
    owning: Mapping[tuple[bool, bool], str]
    is_logged: bool

    def besides(self, *, forgets: bool, ends: bool) -> str:
        """The statement that does so much besides."""
        return self.owning.get((forgets, ends), self.sql)


def clearing_of(kinds: Iterable[RecordType], resource: str) -> list[Clearing]:
    """Returns the statements that clear all references to a record of a resource."""
    return [
        _clear(kind, item)
        for kind in kinds
        for item in kind.fields
        if item.references == resource
    ]


def _clear(kind: RecordType, link: Field) -> Clearing:
    sets = [f"{link.name} = NULL"]
    if kind.policy.owned_by_links and link.policy.link:
        others = " AND ".join(
            f"{item.sql} IS NULL" for item in kind.link_fields if item is not link
        )
        last = others or "true"
        sets.append(f"deleted_at = CASE WHEN {last} THEN $3::timestamptz END")
    update = update_in_order_sql(kind.table, sets, f"{link.sql} = $2")
    was = {f"'{link.name}'": "$2::text"}
    has_ids = any(item.type is FieldType.EXTERNAL for item in kind.fields)
    if len(sets) == 1 or not has_ids:
        update = logged_sql(update, kind.table, was, 4)
        return Clearing(kind.table, update, {}, is_logged(kind))
    owning = {
        (forgets, ends): freeing_sql(
            update,
            kind.table,
            was,
            forgets=forgets,
            ends=END_OF_CLEARED_SQL if ends else "",
        )
        for forgets in (False, True)
        for ends in (False, True)
    }
    return Clearing(kind.table, owning[False, False], owning, is_logged(kind))
