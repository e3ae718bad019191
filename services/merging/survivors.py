"""Writes the survivor of a merge, or of one that is undone, within its transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message

from services.caller import Call
from services.gates.permissions import check_permission
from services.kinds.own_fields import OwnFields
from services.postgres.database import Transaction
from services.records import commands, own_writes
from services.records.compiled import CompiledKind
from services.records.engine import Records
from services.records.referenced import referenced_sql
from services.records.references import Reference, references_of
from services.records.timeline import Event


class ChangedMeanwhileError(Exception):
    """A record or the definitions are no longer those that were read."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A survivor before and after, by the tenant's own fields."""

    before: Any
    after: Any
    own: OwnFields

    def references(self, call: Call, compiled: CompiledKind[Any]) -> list[Reference]:
        """The references that it gets, in the order of locks."""
        changed, _ = compiled.differences(self.before, self.after)
        fields = [f for f in compiled.references if (f.name, f.column_type) in changed]
        found = references_of(call.caller, self.after, fields, compiled.kinds)
        states = call.caller, self.before, self.after, self.own
        return own_writes.owed(compiled, *states, found)[1]


async def refuse_lost(
    call: Call, records: Records[Any], rewritten: Rewritten, *, whole: bool = True
) -> None:
    """Raises `ValidationFailed` for references that lead nowhere.

    Not `whole`: only for those of which no statement is needed to say so.
    """
    found = rewritten.references(call, records.compiled)
    if whole or any(each.target is None for each in found):
        await records.refuse(call, found)


def may_delete(call: Call, records: Records[Any]) -> None:
    """Refuses callers who may not delete such records."""
    policy = records.kind.policy
    resource = policy.permission_resource or policy.resource
    check_permission(call.caller, f"{resource}.delete")


async def lock_references(
    transaction: Transaction, call: Call, references: Sequence[Reference]
) -> None:
    """Locks the records that references lead to, against deletion."""
    for each in references:
        if each.target is None:
            continue
        values = [call.caller.business_id, each.record_id]
        values += [each.object] if each.target.is_of_one else []
        named = len(values)
        values += [call.caller.user_id] if each.target.owner_column else []
        sql = referenced_sql(each.target, 2, named, len(values))
        await transaction.run(f"{sql} FOR SHARE OF r", *values)


def survivor_written(
    call: Call,
    records: Records[Any],
    rewritten: Rewritten,
    told: tuple[Sequence[Event], Message] = ((), Empty()),
) -> own_writes.Written:
    """The survivor as it is to be, with the command that writes it and its values.

    `told` are events of its timeline, and the answer for the key.
    """
    compiled, caller = records.compiled, call.caller
    before, after, (events, answer) = rewritten.before, rewritten.after, told
    changed, change = compiled.differences(before, after)
    found = rewritten.references(call, compiled)
    owed, _ = own_writes.owed(compiled, caller, before, after, rewritten.own, [])
    if not records.kind.timeline_link:
        events = ()
    unique = compiled.unique.changes(before, after)
    companions = commands.Companions(found, events, answer, unique, owed, change)
    version = int(before.etag)
    command = commands.update(call, records.kind, after, version, changed, companions)
    return after, command, companions


async def write_survivor(
    transaction: Transaction,
    call: Call,
    records: Records[Any],
    rewritten: Rewritten,
    told: tuple[Event, Message],
) -> None:
    """Writes the record, an event of its timeline, and the answer for the key."""
    event, answer = told
    events = records.compiled.events(rewritten.before, rewritten.after)
    told_as = [*events, event], answer
    written = survivor_written(call, records, rewritten, told_as)
    if not await commands.run_in(transaction, written[1]):
        raise ChangedMeanwhileError
