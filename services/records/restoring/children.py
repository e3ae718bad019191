"""Restores the records that were deleted with their last link.

Most of them by one statement. Those with values that the tenant has defined come back
one by one, as a record does that is restored by itself; but one whose unique values
others have by now stays deleted.
"""

from dataclasses import dataclass
from typing import Any

from services.caller import Call
from services.kinds.own_fields import Schema
from services.postgres.database import Row, Transaction
from services.records import commands
from services.records.compiled import CompiledKind
from services.records.own_writes import Written
from services.records.restoring import statements as sql
from services.records.restoring.revival import led_among, outgoing, revive


@dataclass(frozen=True, slots=True)
class Children:
    """The records of a kind that were deleted with a link, `since` a moment."""

    kind: CompiledKind[Any]
    link: str
    schema: Schema
    since: int

    async def bring_back(
        self, transaction: Transaction, call: Call, here: tuple[Any, ...]
    ) -> int:
        """Restores them, and says how many.

        `here` is the tenant, the record that they are linked to, the moment, who does
        it, and the deletion's transaction and moment.
        """
        kind = self.kind.kind
        own = self.schema.of(kind.table)
        is_defined = kind.table in self.schema.by_object
        back = 0
        if not own.formulas:
            statement = sql.children_back_sql(kind, self.link)
            row = await transaction.row(statement, *here, not is_defined, self.since)
            back = 0 if row is None else row[0]
        if not is_defined:
            return back
        columns, (business, record_id, _, _, xid, at) = self.kind.codec.columns, here
        statement = sql.children_sql(kind, self.link, columns)
        values = business, record_id, xid, at, bool(own.formulas)
        for row in await transaction.rows(statement, *values):
            back += await self._restore(transaction, call, row, record_id)
        return back

    async def _restore(
        self, transaction: Transaction, call: Call, row: Row, record_id: str
    ) -> bool:
        """Restores one of them, if no other record has its unique values."""
        kind, business = self.kind, call.caller.business_id
        record = kind.codec.read(row, business)
        setattr(record, self.link, record_id)
        found = outgoing(kind, record, self.schema)
        lost, led = await led_among(transaction, business, found)
        record.ClearField(self.link)
        again = {**led, self.link: record_id}
        back = revive(kind, record, self.since, self.schema, set_again=again, lost=lost)
        written = back.written(call, kind, self.schema)
        if await self._are_taken(transaction, business, written):
            return False
        return await commands.run_in(transaction, written[1])

    async def _are_taken(
        self, transaction: Transaction, business: str, written: Written
    ) -> bool:
        """Whether another record has one of its unique values."""
        record, _, companions = written
        its = self.kind.kind.object_of(record)
        for key, value in companions.unique.taken:
            if await transaction.row(sql.TAKEN_SQL, business, its, key, value):
                return True
        typed = () if companions.own is None else companions.own.written
        for key, each in typed:
            held = business, its, key, each.digest
            if each.digest and await transaction.row(sql.HELD_SQL, *held):
                return True
        return False
