"""The commands that create, change and delete one record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from services.caller import Call
from services.kinds.own_fields import OwnFields, Schema
from services.records import commands, own_writes
from services.records.commands import Around, Command, Companions
from services.records.compiled import CompiledKind
from services.records.own_writes import Written
from services.records.references import references_of
from services.records.versions import next_moment


def insertion_of(
    compiled: CompiledKind[Any],
    call: Call,
    record: Any,
    answer: Message,
    own: OwnFields,
) -> Written:
    """Returns a draft with the command that inserts it; a replay gets `answer`."""
    values = compiled.codec.values(record)
    companions = own_writes.owed_by_creation(
        compiled, call.caller, record, answer, own, values
    )
    command = commands.insert(call, compiled.kind, record, values, companions)
    return record, command, companions


@dataclass(frozen=True, slots=True)
class Changed:
    """A changed record, the version that it had, and what differs, by columns."""

    record: Any
    version: int
    columns: Mapping[tuple[str, str], Any]
    companions: Companions

    def written(self, compiled: CompiledKind[Any], call: Call) -> Written:
        """The record with the command that writes what differs.

        The command writes nothing if the record has another version.
        """
        its = self.record, self.version, self.columns, self.companions
        command = commands.update(call, compiled.kind, *its)
        return self.record, command, self.companions


def change_of(
    compiled: CompiledKind[Any],
    call: Call,
    before: Any,
    after: Any,
    answer: Message,
    own: OwnFields,
) -> Changed:
    """Returns what a change writes."""
    changed, change = compiled.differences(before, after)
    refs = compiled.references
    referring = [f for f in refs if (f.name, f.column_type) in changed]
    caller = call.caller
    found = references_of(caller, after, referring, compiled.kinds)
    owed, found = own_writes.owed(compiled, caller, before, after, own, found)
    events = compiled.events(before, after)
    unique = compiled.unique.changes(before, after)
    companions = Companions(found, events, answer, unique, owed, change)
    return Changed(after, int(before.etag), changed, companions)


def deletion_of(
    compiled: CompiledKind[Any], call: Call, record: Any, schema: Schema, owes: bool
) -> tuple[Command, Around | None]:
    """Returns the command that deletes a record as it was read, with what is around it.

    `owes`: the record may have values of the tenant's own fields, which go with it.
    """
    moment = next_moment(record)
    unique = compiled.unique.changes(record, None)
    where = compiled, call.caller, schema
    around = own_writes.around_deletion(*where, record, moment)
    owed = own_writes.owed_by_deletion(compiled, schema, record) if owes else None
    return commands.delete(call, compiled.kind, record, moment, unique, owed), around
