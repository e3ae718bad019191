"""Moves what leads to merged records on to their survivor."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from prospectconnect.crm.v1.merges_pb2 import MovedCounts
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.errors import ValidationFailed
from services.faults import Fault
from services.kinds.association_types import BUILT_IN
from services.kinds.objects import kind_named
from services.kinds.own_fields import Schema
from services.kinds.record_type import Kinds, RecordType
from services.postgres.database import Transaction
from services.records.association_statements import LOCK_SQL, UNLOCK_SQL
from services.records.many.moving import (
    END_ASSOCIATIONS_SQL,
    LEADS_TO_ITSELF_SQL,
    MOVE_ASSOCIATIONS_SQL,
    links_to,
    move_links_sql,
    move_references_sql,
)

_MOST_REST = 0.02


@dataclass(frozen=True, slots=True)
class Move:
    """What leads to records of one type, and where it is to lead.

    `its` is the name of the type. `moment` is that of the changes, `actor` says who
    makes them, as `acting` does.
    """

    business_id: str
    kind: RecordType
    its: str
    survivor_id: str
    merged_ids: Sequence[str]
    merge_id: str
    moment: int
    actor: str

    @property
    def values(self) -> tuple[Any, ...]:
        """The values that each statement begins with."""
        return self.business_id, self.survivor_id, self.moment, list(self.merged_ids)


async def move_all(
    transaction: Transaction, move: Move, schema: Schema, kinds: Kinds
) -> MovedCounts:
    """Moves links, fields of the tenant's own and associations, and counts them.

    The merged records are locked, so nothing new can lead to them.
    """
    counts = MovedCounts()
    for table, column in links_to(kinds, move.kind.resource):
        sql, values = move_links_sql(table, column), (*move.values, move.actor)
        await _move_links(transaction, counts, table, sql, values)
    for name, key in schema.leading_to(move.its):
        table = kind_named(kinds, name).table
        digest = _digest(schema, name, key, move.survivor_id)
        values = (*move.values, key, digest, move.actor)
        sql = move_references_sql(table, name)
        await count_moved(transaction, counts, table, sql, values)
    if schema.has_associations:
        ending = (*move.values, move.merge_id, move.actor)
        await transaction.run(END_ASSOCIATIONS_SQL, *ending)
        values, table = (*move.values, move.actor), "associations"
        await count_moved(transaction, counts, table, MOVE_ASSOCIATIONS_SQL, values)
        await _refuse_cycles(transaction, move, acyclic_types(schema, move.its))
    return counts


async def _move_links(
    transaction: Transaction,
    counts: MovedCounts,
    table: str,
    sql: str,
    values: tuple[Any, ...],
) -> None:
    """Moves the links of a column, some at a time.

    Between two times it rests for as long as the first of them took, so that others
    get the processors: a merge of many links would take one of them for itself.
    """
    while True:
        began = time.monotonic()
        row = await transaction.row(sql, *values)
        assert row is not None  # noqa: S101 - it counts
        moved, there = row
        setattr(counts, table, getattr(counts, table) + moved)
        if moved == there:
            return
        await asyncio.sleep(min(time.monotonic() - began, _MOST_REST))


async def count_moved(
    transaction: Transaction,
    counts: MovedCounts,
    table: str,
    sql: str,
    values: Iterable[Any],
) -> None:
    """Runs a statement that moves records of a table, and adds up how many."""
    row = await transaction.row(sql, *values)
    assert row is not None  # noqa: S101 - it counts
    setattr(counts, table, getattr(counts, table) + row[0])


def _digest(schema: Schema, name: str, key: str, survivor_id: str) -> bytes | None:
    """What no two records have in common where they lead to the survivor."""
    return schema.of(name).by_key[key].typed(survivor_id).digest


def acyclic_types(schema: Schema, its: str) -> list[str]:
    """The types of association by which no record may lead to itself."""
    types = (*BUILT_IN.values(), *schema.associations.values())
    acyclic = (e for e in types if e.acyclic and not e.link_field)
    return sorted(e.key for e in acyclic if its in (e.from_object, e.to_object))


async def _refuse_cycles(
    transaction: Transaction, move: Move, types: Iterable[str]
) -> None:
    for each in types:
        values = move.business_id, move.survivor_id, each
        if await transaction.row(LEADS_TO_ITSELF_SQL, *values) is not None:
            code = FaultCode.FAULT_CODE_INVALID
            message = f"By {each} the record would lead to itself."
            raise ValidationFailed([Fault("ids", code, message)])


async def lock_types(
    transaction: Transaction, business_id: str, types: Iterable[str]
) -> None:
    """Lets nobody else write associations of acyclic types until the end."""
    for each in types:
        await transaction.run(LOCK_SQL, business_id, f"associations {each}")


async def unlock_types(
    transaction: Transaction, business_id: str, types: Iterable[str]
) -> None:
    """Removes the rows of these locks; the transaction holds them until its end."""
    for each in types:
        await transaction.run(UNLOCK_SQL, business_id, f"associations {each}")
