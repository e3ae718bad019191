"""Brings merged records back as they were, less references to what is gone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.empty_pb2 import Empty

from services.caller import Call
from services.kinds.formulas import compute
from services.kinds.objects import kind_named
from services.kinds.own_fields import OwnFields
from services.merging.survivors import ChangedMeanwhileError
from services.postgres.database import Transaction
from services.records import commands, own_writes
from services.records.engine import Records
from services.records.many.merged import lead_on, survivors_of
from services.records.many.merged_statements import living_sql
from services.records.own_writes import Written
from services.records.restoring.revival import fit
from services.records.timeline import Event
from services.records.versions import advance


@dataclass(frozen=True, slots=True)
class Gone:
    """A merged record as its row has it, and when it was merged."""

    record: Any
    since: int

    def again(self, own: OwnFields) -> Any:
        """The record as it is to be, by the definitions of today."""
        after = type(self.record)()
        after.CopyFrom(self.record)
        if own.checks:
            fit(after.custom_fields, own)
        advance(self.record, after)
        return after


async def found_again(
    transaction: Transaction,
    call: Call,
    records: Records[Any],
    gone: Sequence[Gone],
    own: OwnFields,
) -> list[Any]:
    """The records as they are to be; what they refer to is locked.

    References to records that are deleted are cleared. What was merged meanwhile leads
    to its survivor. A custom field that today's definition refuses is cleared, and
    formulas are computed anew: no change of definitions reaches a merged record.
    """
    found = [each.again(own) for each in gone]
    business_id = call.caller.business_id
    named = _referred(records, found, own)
    every = sorted({each for ids in named.values() for each in ids})
    led = await survivors_of(transaction, business_id, every) if every else {}
    living = set[str]()
    for table, ids in named.items():
        sought = sorted({*ids, *(led[each] for each in ids if each in led)})
        rows = await transaction.rows(living_sql(table), business_id, sought)
        living.update(row[0] for row in rows)
    survivors = {old: new for old, new in led.items() if new in living}
    for each in found:
        lead_on(each, records.compiled.references, own.references, survivors)
        _let_go(records, each, own, living)
        if own.formulas:
            compute(each, own)
    return found


def restored(
    call: Call,
    records: Records[Any],
    gone: Gone,
    after: Any,
    own: OwnFields,
    events: Sequence[Event] = (),
) -> Written:
    """A record that is back, with the command that writes it and its values."""
    compiled = records.compiled
    changed, change = compiled.differences(gone.record, after)
    owed, _ = own_writes.owed(compiled, call.caller, None, after, own, [])
    if change is not None and compiled.changes is not None:
        values = compiled.codec.values(after)
        change = compiled.changes.restored(change, values, gone.since)
    told = events if records.kind.timeline_link else ()
    unique = compiled.unique.changes(None, after)
    companions = commands.Companions((), told, Empty(), unique, owed, change)
    version, unkeyed = int(gone.record.etag), replace(call, key=None)
    command = commands.restore(
        unkeyed, records.kind, after, version, changed, companions
    )
    return after, command, companions


async def bring_back(transaction: Transaction, written: Written) -> None:
    """Writes a record that is back."""
    if not await commands.run_in(transaction, written[1]):
        raise ChangedMeanwhileError


def _referred(
    records: Records[Any], found: Sequence[Any], own: OwnFields
) -> Mapping[str, set[str]]:
    """The ids that records refer to, by table, in the order of locks."""
    kinds, by_kind = records.kinds, dict[str, set[str]]()
    for record in found:
        for item in records.compiled.references:
            if referred := getattr(record, item.name):
                by_kind.setdefault(item.references, set()).add(referred)
        for each in own.references:
            value = record.custom_fields.fields.get(each.key)
            if value is not None and value.string_value:
                resource = kind_named(kinds, each.refers_to).resource
                by_kind.setdefault(resource, set()).add(value.string_value)
    order = list(kinds)
    return {
        kinds[name].table: by_kind[name] for name in sorted(by_kind, key=order.index)
    }


def _let_go(
    records: Records[Any], record: Any, own: OwnFields, living: set[str]
) -> None:
    """Clears the references to what is not there any more."""
    itself = record.id
    for item in records.compiled.references:
        if getattr(record, item.name) not in living:
            record.ClearField(item.name)
    fields = record.custom_fields.fields
    for each in own.references:
        value = fields.get(each.key)
        if value is not None and value.string_value not in (*living, itself, ""):
            del fields[each.key]
