"""Moves back what a merge had moved, for one that is undone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from prospectconnect.crm.v1.merges_pb2 import MovedCounts
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.errors import ValidationFailed
from services.faults import Fault
from services.kinds.objects import kind_named
from services.kinds.own_fields import Schema
from services.kinds.record_type import Kinds, RecordType
from services.merging.moving import acyclic_types, count_moved
from services.postgres.database import Transaction
from services.records.many.moving import LEADS_TO_ITSELF_SQL, links_to
from services.records.many.moving_back import (
    move_links_back_sql,
    move_references_back_sql,
    revive_associations_sql,
)


@dataclass(frozen=True, slots=True)
class Return:
    """Records of one type that are back, and by which transaction they had gone.

    `its` is the name of the type. `moment` is that of the changes, `actor` says who
    makes them, as `acting` does.
    """

    business_id: str
    kind: RecordType
    its: str
    survivor_id: str
    ids: list[str]
    merge_id: str
    xid: str
    moment: int
    actor: str

    @property
    def values(self) -> tuple[Any, ...]:
        """The values that each statement begins with."""
        return self.business_id, self.survivor_id, self.moment, self.ids, self.xid


async def move_all_back(
    transaction: Transaction, back: Return, schema: Schema, kinds: Kinds
) -> MovedCounts:
    """Moves links, the tenant's own fields and associations back, and counts them."""
    counts, values = MovedCounts(), (*back.values, back.actor)
    for table, column in links_to(kinds, back.kind.resource):
        sql = move_links_back_sql(table, column)
        await count_moved(transaction, counts, table, sql, values)
    for name, key in schema.leading_to(back.its):
        table, own = kind_named(kinds, name).table, schema.of(name).by_key[key]
        sql, further = move_references_back_sql(table, name), (key, own.unique)
        given = (*back.values, *further, back.actor)
        await count_moved(transaction, counts, table, sql, given)
    if schema.has_associations:
        table = "associations"
        for column in ("from_id", "to_id"):
            sql = move_links_back_sql(table, column)
            await count_moved(transaction, counts, table, sql, values)
        sql = revive_associations_sql(kinds)
        reviving = back.business_id, back.merge_id, back.moment, back.actor
        await count_moved(transaction, counts, table, sql, reviving)
        await _refuse_cycles(transaction, back, acyclic_types(schema, back.its))
    return counts


async def _refuse_cycles(
    transaction: Transaction, back: Return, types: Iterable[str]
) -> None:
    for each in types:
        for record_id in (back.survivor_id, *back.ids):
            values = back.business_id, record_id, each
            if await transaction.row(LEADS_TO_ITSELF_SQL, *values) is not None:
                code = FaultCode.FAULT_CODE_INVALID
                message = f"By {each} {record_id} would lead to itself."
                raise ValidationFailed([Fault("merge_id", code, message)])
