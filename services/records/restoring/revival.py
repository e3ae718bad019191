"""A deleted record as it comes back: what it refers to, its custom fields, its command.

What it refers to must live, or the reference is cleared. While it was deleted, no
change of the tenant's definitions has reached it: a custom field that today's
definition refuses is cleared, and formulas are computed anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from prospectconnect.options.v1.options_pb2 import STANDARD_METHOD_DELETE

from services.caller import Call
from services.faults import Faults
from services.kinds.formulas import compute
from services.kinds.objects import kind_named
from services.kinds.own_fields import NO_SCHEMA, OwnFields, Schema
from services.kinds.record_type import RecordType
from services.postgres.database import Database, Transaction
from services.records import commands
from services.records.compiled import CompiledKind
from services.records.many.merged import survivors_of
from services.records.own_values import (
    CUSTOM_FIELDS,
    STILL_UNDEFINED,
    OwnValues,
    own_values,
)
from services.records.own_writes import Written
from services.records.referenced import Target
from services.records.references import Reference
from services.records.restoring.statements import living_sql
from services.records.timeline import Event
from services.records.versions import advance

EVENT = "restored"


@dataclass(frozen=True, slots=True)
class Revival:
    """A record before and after it comes back; `since` is when it was deleted.

    `references` are the records that it then refers to. All of them must live.
    """

    before: Any
    after: Any
    since: int
    references: tuple[Reference, ...]

    def written(
        self,
        call: Call,
        kind: CompiledKind[Any],
        schema: Schema,
        answer: Message | None = None,
    ) -> Written:
        """The command that writes it. With an answer it is what the request is about:
        its timeline tells it, and the answer is kept for a replay.
        """
        before, after = self.before, self.after
        changed, change = kind.differences(before, after)
        if change is not None and kind.changes is not None:
            values = kind.codec.values(after)
            change = kind.changes.restored(change, values, self.since)
        has_timeline = answer is not None and kind.kind.timeline_link
        companions = commands.Companions(
            references=self.references,
            events=(Event(EVENT),) if has_timeline else (),
            answer=after if answer is None else answer,
            unique=kind.unique.changes(None, after),
            own=_owed(kind, schema, after),
            change=change,
        )
        version = int(before.etag)
        if answer is None:
            call = replace(call, key=None)
        command = commands.restore(call, kind.kind, after, version, changed, companions)
        return after, command, companions


def _owed(kind: CompiledKind[Any], schema: Schema, after: Any) -> OwnValues | None:
    """What the write owes to the definitions: all typed values were deleted."""
    if not kind.has_custom_fields:
        return None
    if schema is NO_SCHEMA:
        return STILL_UNDEFINED
    own = schema.of(kind.kind.object_of(after))
    return own_values(own, None, after.custom_fields)


def revive(
    kind: CompiledKind[Any],
    before: Any,
    since: int,
    schema: Schema,
    *,
    set_again: Mapping[str, str],
    lost: frozenset[str],
) -> Revival:
    """Returns the record as it comes back.

    `set_again` are references that it gets: links that come back with what it was
    deleted with, and survivors. `lost` are the paths of references to records that do
    not live.
    """
    after = type(before)()
    after.CopyFrom(before)
    for path, record_id in set_again.items():
        name, dot, key = path.partition(".")
        if dot:
            getattr(after, name).fields[key].string_value = record_id
        else:
            setattr(after, name, record_id)
    for path in lost:
        name, dot, key = path.partition(".")
        if dot:
            getattr(after, name).fields.pop(key, None)
        else:
            after.ClearField(name)
    own = schema.of(kind.kind.object_of(before))
    if own.checks:
        fit(after.custom_fields, own)
    kind.complete(after)
    if own.formulas:
        compute(after, own)
    kind.check_whole(after, before, own)
    advance(before, after)
    return Revival(before, after, since, tuple(outgoing(kind, after, schema)))


def may_be_deleted(kind: RecordType) -> bool:
    """Whether a record of a kind can be deleted, unlike a user."""
    return STANDARD_METHOD_DELETE not in kind.policy.without


def outgoing(
    kind: CompiledKind[Any], record: Any, schema: Schema
) -> Iterator[Reference]:
    """What a record refers to and may have been deleted, in the order of locks.

    Whether the caller sees it does not matter: the record referred to it before.
    """
    kinds = kind.kinds
    prefixes = {each.policy.id_prefix: each for each in kinds.values()}
    found = [
        (item.name, kinds[item.references], getattr(record, item.name))
        for item in kind.references
    ]
    for item in kind.kind.ends:
        if record_id := getattr(record, item.name):
            end = prefixes[f"{record_id.partition('_')[0]}_"]
            found.append((item.name, end, record_id))
    if kind.has_custom_fields:
        own = schema.of(kind.kind.object_of(record))
        for each in own.references:
            value = record.custom_fields.fields.get(each.key)
            record_id = "" if value is None else value.string_value
            path = f"{CUSTOM_FIELDS}.{each.key}"
            found.append((path, kind_named(kinds, each.refers_to), record_id))
    order = list(kinds)
    found.sort(key=lambda each: (order.index(each[1].resource), each[2]))
    for path, target, record_id in found:
        if record_id and may_be_deleted(target):
            yield Reference(path, target, record_id, Target(target.table))


async def lost_among(
    reads: Database | Transaction, business: str, found: Iterable[Reference]
) -> frozenset[str]:
    """The names of the references to records that do not live."""
    by_table = defaultdict[str, list[Reference]](list)
    for each in found:
        by_table[each.kind.table].append(each)
    lost = set[str]()
    for table, references in by_table.items():
        ids = [each.record_id for each in references]
        rows = await reads.rows(living_sql(table), business, ids)
        living = {row["id"] for row in rows}
        lost.update(each.name for each in references if each.record_id not in living)
    return frozenset(lost)


async def led_among(
    reads: Database | Transaction, business: str, found: Iterable[Reference]
) -> tuple[frozenset[str], dict[str, str]]:
    """The names of the references to records that do not live, less those to merged
    ones; and the survivors to which these lead, by the names.
    """
    every = tuple(found)
    lost = await lost_among(reads, business, every)
    if not lost:
        return lost, {}
    gone = [each for each in every if each.name in lost]
    ids = [each.record_id for each in gone]
    survivors = await survivors_of(reads, business, ids)
    led = [
        replace(each, record_id=survivors[each.record_id])
        for each in gone
        if each.record_id in survivors
    ]
    still = await lost_among(reads, business, led)
    again = {each.name: each.record_id for each in led if each.name not in still}
    return lost - again.keys(), again


def fit(values: Struct, own: OwnFields) -> None:
    """Takes out what the definitions of today refuse, and leaves the rest as they say.

    What a formula gives, and what archived fields have, stays as it is here.
    """
    unmasked = replace(own, masked=frozenset())
    for key in list(values.fields):
        field = own.by_key.get(key)
        if field is None or field.archived or field.formula:
            continue
        one, faults = Struct(), Faults(own=unmasked, updates=True)
        one.fields[key].CopyFrom(values.fields[key])
        unmasked.free(one, CUSTOM_FIELDS, faults)
        if faults.found or key not in one.fields:
            del values.fields[key]
        else:
            values.fields[key].CopyFrom(one.fields[key])
