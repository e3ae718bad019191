"""Reads several records at once, and makes the command that creates several.

The values of the command have the order of the parameters in `many_statements.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from services.caller import Call, Caller
from services.clock import from_timestamp, now
from services.ids import is_id
from services.kinds.typed_values import Typed, columns
from services.records import timeline
from services.records.commands import Command, Companions
from services.records.compiled import CompiledKind
from services.records.engine import Records
from services.records.log.actor import acting, actor_of
from services.records.log.changes import CREATED
from services.records.many.merged import can_merge, survivors_of
from services.records.referenced import Target
from services.records.references import Reference
from services.records.several.many_statements import as_text, insert_many_sql
from services.records.statements import Own, Shape
from services.records.visibility import USER, visible


class Draft(NamedTuple):
    """A record to insert: the values of its columns, and what else its insertion
    checks and writes."""

    record: Any
    values: Sequence[Any]
    companions: Companions


async def load_many(
    records: Records[Any], caller: Caller, ids: Sequence[str], its: str
) -> Mapping[str, Any]:
    """Returns those of the records that the caller sees, by their ids.

    The id of a merged record leads to its survivor.
    """
    prefix, compiled = records.kind.policy.id_prefix, records.compiled
    sought = sorted({each for each in ids if is_id(prefix, each)})
    if not sought:
        return {}
    sql, values = compiled.get_many_sql, [caller.business_id, sought]
    if its:
        values.append(its)
    seen = visible(records.kind, caller, records.kinds)
    if seen:
        sql = f"{sql} AND {seen.format(tenant='$1', user=f'${len(values) + 1}')}"
    if USER in seen:
        values.append(caller.user_id)
    rows = await records.database.rows(sql, *values)
    read = (records.codec.read(row, caller.business_id) for row in rows)
    found = {each.id: each for each in read}
    if len(found) < len(sought) and can_merge(records.kind):
        lost = (each for each in sought if each not in found)
        led = await survivors_of(records.database, caller.business_id, lost)
        if led:
            survivors = await load_many(records, caller, [*led.values()], its)
            found |= {
                old: survivors[new] for old, new in led.items() if new in survivors
            }
    return found


def _own(is_guarded: bool, is_typed: bool) -> Own:
    """What the statement does about own fields."""
    if not is_guarded:
        return ""
    return "typed" if is_typed else "guarded"


def insert_many(
    kind: CompiledKind[Any], call: Call, drafts: Sequence[Draft]
) -> Command | None:
    """Returns the command that inserts drafts. None if no single one can.

    That is so where a reference cannot lead anywhere, or the drafts were checked by
    different definitions.
    """
    references = [each for draft in drafts for each in draft.companions.references]
    guards = {
        each.companions.own.parameters[0]
        for each in drafts
        if each.companions.own is not None
    }
    if any(each.target is None for each in references) or len(guards) > 1:
        return None
    sought = _sought(kind, references)
    typed = _typed(drafts)
    taken = _taken(drafts)
    changes = [each for each in drafts if each.companions.change is not None]
    has_events = any(draft.companions.events for draft in drafts)
    shape = Shape(
        table=kind.kind.table,
        columns=kind.kind.columns,
        references=tuple(target for target, _ in sought),
        events=int(has_events),
        own=_own(bool(guards), bool(typed[0])),
        takes=bool(taken),
        object_column=kind.kind.object_field,
        operation=CREATED if changes else 0,
        newest=next((n for d in drafts if (n := d.companions.newest)), None),
    )
    values: list[Any] = [call.caller.business_id, *_columns(kind, drafts)]
    values += _sought_values(call, sought)
    values += guards
    if typed[0]:
        values += typed
    if taken:
        values += map(list, zip(*taken, strict=True))
    if changes:
        values += [*_logged(changes), *actor_of(call)]
    if has_events:
        values += [*_events(kind, drafts), call.caller.user_id]
    if shape.newest:
        values += (now(), acting(call.caller))
    return Command(insert_many_sql(shape), values)


def _taken(drafts: Sequence[Draft]) -> list[tuple[str, str, str]]:
    """The unique values that records take, each with its key and the record's id."""
    return sorted(
        (key, value, draft.record.id)
        for draft in drafts
        for key, value in draft.companions.unique.taken
    )


def _sought_values(
    call: Call, sought: Mapping[tuple[Target, str], list[str]]
) -> list[Any]:
    """The values of what must be there: the ids, the objects, and who asks."""
    values: list[Any] = [*sought.values()]
    values += [its for target, its in sought if target.is_of_one]
    if any(target.owner_column for target, _ in sought):
        values.append(call.caller.user_id)
    return values


def _columns(kind: CompiledKind[Any], drafts: Sequence[Draft]) -> list[list[Any]]:
    """The values of each column."""
    rows = [draft.values for draft in drafts]
    found = [list(column) for column in zip(*rows, strict=True)]
    for index, (_, column_type) in enumerate(kind.kind.columns):
        if column_type.endswith("[]"):
            found[index] = [as_text(each) for each in found[index]]
    return found


def _sought(
    kind: CompiledKind[Any], references: Sequence[Reference]
) -> Mapping[tuple[Target, str], list[str]]:
    """The ids that must be there, by target and object, in the order of locks."""
    order = list(kind.kinds)
    found: dict[tuple[int, Target, str], set[str]] = {}
    for each in references:
        assert each.target is not None  # noqa: S101 - the caller has looked
        key = order.index(each.kind.resource), each.target, each.object
        found.setdefault(key, set()).add(each.record_id)
    in_order = sorted(found, key=lambda key: (key[0], key[2]))
    return {key[1:]: sorted(found[key]) for key in in_order}


def _typed(drafts: Sequence[Draft]) -> list[list[Any]]:
    """The typed values of the drafts: their records, then each column."""
    written: list[tuple[str, tuple[str, Typed]]] = [
        (draft.record.id, each)
        for draft in drafts
        if draft.companions.own is not None
        for each in draft.companions.own.written
    ]
    ids = [record_id for record_id, _ in written]
    return [ids, *columns([each for _, each in written])]


def _logged(drafts: Sequence[Draft]) -> list[list[Any]]:
    """What the log says of creations: their records, the moments, the whole records."""
    rows = [
        (draft.record.id, change.at, change.image)
        for draft in drafts
        if (change := draft.companions.change) is not None
    ]
    return [list(column) for column in zip(*rows, strict=True)]


def _events(kind: CompiledKind[Any], drafts: Sequence[Draft]) -> list[list[Any]]:
    """The activities of the drafts: ids, moments, metadata, then each link."""
    width = len(timeline.LINKS)
    rows = []
    for draft in drafts:
        events = draft.companions.events
        if not events:
            continue
        moment = from_timestamp(draft.record.created_at)
        links = timeline.links_of(kind.kind, draft.record)
        values = timeline.values(links, events, moment)
        for at in range(width, len(values), 3):
            rows.append((*values[at : at + 3], *values[:width]))
    return [list(column) for column in zip(*rows, strict=True)]
