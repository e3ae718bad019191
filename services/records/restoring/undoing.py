"""Undoes what one deletion did to other records, where nothing newer stands there.

All records that are written are locked first, in the order of all locks. What others do
at the same time comes before or after as a whole.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.caller import Call
from services.kinds.association_types import BUILT_IN
from services.kinds.objects import kind_named
from services.kinds.own_fields import OwnField, Schema
from services.kinds.record_type import Field, Kinds, RecordType
from services.kinds.typed_values import Typed, columns
from services.postgres.database import Row, Transaction
from services.records.association_statements import (
    LEADS_TO_SQL,
    LOCK_SQL,
    UNLOCK_SQL,
)
from services.records.compiled import CompiledKind
from services.records.log.actor import acting
from services.records.log.extent import BACK, LINKED, effect
from services.records.references import Reference
from services.records.restoring import statements as sql
from services.records.restoring.children import Children
from services.records.restoring.revival import may_be_deleted
from services.records.values.typed_statements import typed_values_sql

_ASSOCIATIONS = "associations"


@dataclass(slots=True)
class Undoing:
    """What a deletion did, and the transaction in which it is undone.

    `its` is the type of the restored record, `since` when it was deleted. Without a
    `xid` the deletion is older than the log: nothing but the record itself is known of
    it. `locked` are the types of association that no other call adds to.
    """

    transaction: Transaction
    call: Call
    every: Mapping[str, CompiledKind[Any]]
    kinds: Kinds
    schema: Schema
    kind: RecordType
    record_id: str
    its: str
    since: int
    xid: str | None = None
    at: int = 0
    objects: frozenset[str] = frozenset()
    ended: Sequence[Row] = ()
    tables: frozenset[str] = frozenset()
    locked: Sequence[str] = ()

    @property
    def _business(self) -> str:
        return self.call.caller.business_id

    async def look(self, deleted_at: int) -> None:
        """Reads what the deletion at a moment has done."""
        here = self._business, self.record_id, deleted_at
        row = await self.transaction.row(sql.DELETION_SQL, *here)
        if row is None:
            return
        self.xid, self.at = row["xid"], row["at"]
        self.objects = frozenset(row["changed"])
        self.tables = frozenset(kind_named(self.kinds, e).table for e in self.objects)
        await self._look_for_ended()

    async def _look_for_ended(self) -> None:
        if _ASSOCIATIONS in self.objects:
            here = self._business, self.xid, self.at
            self.ended = await self.transaction.rows(sql.ENDED_SQL, *here)

    async def lock(self, references: Iterable[Reference]) -> None:
        """Locks what is to be written, and what these records lead to.

        A deletion of one of the latter clears links in any order. It holds that record
        first, and so it has either done that already or waits.
        """
        self.locked = self._acyclic()
        for key in self.locked:
            await self.transaction.run(LOCK_SQL, self._business, _lock_name(key))
        ids = defaultdict[str, list[str]](list)
        for each in references:
            ids[each.kind.table].append(each.record_id)
        for kind, record_id in self._ends():
            ids[kind.table].append(record_id)
        if links := tuple(self._led_to()):
            here = self._business, self.xid
            for row in await self.transaction.rows(sql.linked_sql(links), *here):
                ids[row["led_to"]].append(row["id"])
        for kind in self.kinds.values():
            table = kind.table
            if table in self.tables or ids[table]:
                xid = self.xid if table in self.tables else None
                values = self._business, ids[table], xid
                await self.transaction.row(sql.lock_sql(table), *values)

    async def bring_back(self, moment: int) -> None:
        """Brings back links, the records that were deleted with them, associations."""
        if self.xid is None:
            return
        values = self._business, self.record_id, moment, acting(self.call.caller)
        here = (*values, self.xid, self.at)
        for kind, link in self._links():
            statement = sql.links_back_sql(kind.table, link.name)
            linked = await self.transaction.run(statement, *here)
            self.count(kind.table, LINKED, _rows_of(linked))
            if kind.policy.owned_by_links and link.policy.link:
                its = self.every[kind.resource]
                children = Children(its, link.name, self.schema, self.since)
                back = await children.bring_back(self.transaction, self.call, here)
                self.count(kind.table, BACK, back)
        for name, own in self._references():
            await self._refer_again(name, own, here)
        if self.ended:
            await self._look_for_ended()  # another call may have restored some
            await self._associate_again((*values, self.since))
        for key in self.locked:
            await self.transaction.run(UNLOCK_SQL, self._business, _lock_name(key))

    def _led_to(self) -> Iterable[tuple[str, str, str]]:
        """The links of the changed records, as `linked_sql` takes them."""
        for kind in self.kinds.values():
            if kind.table in self.tables:
                for item in kind.fields:
                    target = self.kinds.get(item.references)
                    if target is not None and may_be_deleted(target):
                        yield kind.table, item.name, target.table

    def _links(self) -> Iterable[tuple[RecordType, Field]]:
        """The fields by which records that the deletion changed may refer to it."""
        for kind in self.kinds.values():
            for item in kind.fields:
                is_link = item.references == self.kind.resource
                if is_link and kind.table in self.tables:
                    yield kind, item

    def _references(self) -> Iterable[tuple[str, OwnField]]:
        """The custom fields by which they may.

        Not one whose type a job changes just now: its values have two forms meanwhile.
        """
        for name, key in self.schema.leading_to(self.its):
            own = self.schema.of(name).by_key[key]
            if name in self.objects and not own.beside:
                yield name, own

    async def _refer_again(
        self, name: str, own: OwnField, here: tuple[Any, ...]
    ) -> None:
        typed = own.typed(self.record_id)
        if typed.digest is not None:
            held = self._business, name, own.key, typed.digest
            if await self.transaction.row(sql.HELD_SQL, *held) is not None:
                return
        statement = sql.references_back_sql(kind_named(self.kinds, name).table)
        rows = await self.transaction.rows(statement, *here, own.key, name)
        if rows:
            self.count(kind_named(self.kinds, name).table, LINKED, len(rows))
            await self._keep_typed(name, own.key, typed, [row["id"] for row in rows])

    async def _keep_typed(
        self, name: str, key: str, typed: Typed, ids: Sequence[str]
    ) -> None:
        values = columns([(key, typed)] * len(ids))
        store = typed_values_sql(f"'{name}'")
        await self.transaction.run(store, self._business, ids, *values)

    def _acyclic(self) -> Sequence[str]:
        """The types among the ended associations by which no record leads to itself."""
        types = {row["type"] for row in self.ended}
        return sorted(e for e in types if e in BUILT_IN and BUILT_IN[e].acyclic)

    def _ends(self) -> Iterable[tuple[RecordType, str]]:
        """The records that the ended associations connect."""
        prefixes = {each.policy.id_prefix: each for each in self.kinds.values()}
        for row in self.ended:
            for record_id in (row["from_id"], row["to_id"]):
                yield prefixes[f"{record_id.partition('_')[0]}_"], record_id

    async def _associate_again(self, values: tuple[Any, ...]) -> None:
        """Restores the associations whose records both live."""
        sought = defaultdict[str, list[str]](list)
        for kind, record_id in self._ends():
            sought[kind.table].append(record_id)
        living = set[str]()
        for table, ids in sought.items():
            rows = await self.transaction.rows(
                sql.living_sql(table), self._business, ids
            )
            living.update(row["id"] for row in rows)
        between = [e for e in self.ended if {e["from_id"], e["to_id"]} <= living]
        acyclic = self._acyclic()
        plain = [e["id"] for e in between if e["type"] not in acyclic]
        business, _, *rest = values
        if plain:
            back = await self.transaction.run(
                sql.associations_back_sql(), business, plain, *rest
            )
            self.count(_ASSOCIATIONS, BACK, _rows_of(back))
        for each in between:
            if each["type"] in acyclic and not await self._leads_back(each):
                one = business, [each["id"]], *rest
                back = await self.transaction.run(sql.associations_back_sql(), *one)
                self.count(_ASSOCIATIONS, BACK, _rows_of(back))

    def count(self, name: str, became: str, number: int) -> None:
        """Adds to what the call has brought back besides the record itself."""
        if number:
            what, affected = effect(name, became), self.call.affected
            affected[what] = affected.get(what, 0) + number

    async def _leads_back(self, association: Row) -> bool:
        """Whether an association would close a circle."""
        key, start, end = (association[n] for n in ("type", "from_id", "to_id"))
        values = self._business, end, key, start
        return await self.transaction.row(LEADS_TO_SQL, *values) is not None


def _rows_of(tag: str) -> int:
    """How many rows a statement wrote, by its command tag."""
    return int(tag.rpartition(" ")[2])


def _lock_name(key: str) -> str:
    """What a new association of an acyclic type locks."""
    return f"associations {key}"
