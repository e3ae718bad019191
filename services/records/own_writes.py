"""How the engine writes records whose tenant has defined fields for them.

What a write owes to the definitions, who holds a unique value, and what a deletion
clears.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller
from services.errors import ValidationFailed
from services.faults import Fault
from services.kinds.objects import kind_named
from services.kinds.own_fields import BESIDE, NO_FIELDS, NO_SCHEMA, OwnFields, Schema
from services.kinds.record_type import Kinds, RecordType
from services.postgres.database import Database, Row
from services.records.association_statements import END_SQL
from services.records.commands import Around, Command, Companions
from services.records.compiled import CompiledKind
from services.records.idempotency import violates
from services.records.log.actor import acting
from services.records.many.statements import clear_reference_sql
from services.records.own_values import (
    CUSTOM_FIELDS,
    STILL_UNDEFINED,
    STILL_WITHOUT_FORMULA,
    OwnValues,
    own_references,
    own_values,
)
from services.records.references import Reference, references_of
from services.records.statements import Own
from services.records.values import unique_values
from services.records.values.typed_statements import (
    forget_reference_sql,
    forget_sql,
    holders_sql,
)
from services.records.visibility import USER, visible

UNIQUE = "typed_values_unique"


# A record, the command that writes it, and the rest of what the command does.
Written = tuple[Any, Command, Companions]


def owed(
    kind: CompiledKind[Any],
    caller: Caller,
    before: Any,
    after: Any,
    own: OwnFields,
    found: list[Reference],
) -> tuple[OwnValues | None, list[Reference]]:
    """What a write owes to the definitions, and all its references in lock order."""
    if own is NO_FIELDS:
        return _owed_to_none(kind, before, after), found
    old, new = before and before.custom_fields, after.custom_fields
    values = own_values(own, old, new)
    if values.part == "current" and kind.kind.object_field:
        values = OwnValues("guarded", (own.generation,))  # it may be archived meanwhile
    if not own.references:
        return values, found
    both = found + own_references(caller, own, old, new, kind.kinds)
    order = list(kind.kinds)

    def place(each: Reference) -> tuple[int, str]:
        return order.index(each.kind.resource), each.record_id

    return values, sorted(both, key=place)


def owed_by_creation(
    kind: CompiledKind[Any],
    caller: Caller,
    record: Any,
    answer: Any,
    own: OwnFields,
    values: Sequence[Any],
) -> Companions:
    """What the insertion of a draft checks and writes besides.

    `values` are those of the record's columns.
    """
    found = references_of(caller, record, kind.references, kind.kinds)
    owing, found = owed(kind, caller, None, record, own, found)
    events, unique = kind.events(None, record), kind.unique.changes(None, record)
    change = kind.creation(record, values)
    newest = kind.newest(record)
    return Companions(found, events, answer, unique, owing, change, newest)


def _owed_to_none(kind: CompiledKind[Any], before: Any, after: Any) -> OwnValues | None:
    """What a write owes where nothing is defined: it may be by then."""
    if not kind.has_custom_fields:
        return None
    new = after.custom_fields
    if before is None:
        return STILL_UNDEFINED if new.fields else None
    return STILL_WITHOUT_FORMULA if before.custom_fields == new else STILL_UNDEFINED


async def refuse_taken(
    database: Database,
    kind: CompiledKind[Any],
    caller: Caller,
    written: Written,
    error: Exception,
    sought: str,
) -> None:
    """Raises `ValidationFailed` for unique values that other records have.

    Not if one of these is at the path `sought`: the caller looks for the record that
    has it. An error that says something else is raised again.
    """
    if violates(error, UNIQUE):
        faults = await _taken(database, kind, caller, written)
    elif unique_values.is_taken(error):
        unique, record = kind.unique, written[0]
        values = sorted(unique.of(record).items())
        its = kind.kind.object_of(record)
        faults = unique.faults(
            await unique.holders(database, caller, record.id, values, its)
        )
    else:
        raise error
    at = f"{kind.kind.resource}.{sought}"
    if faults and at not in {each.field for each in faults}:
        raise ValidationFailed(faults)


async def _taken(
    database: Database, kind: CompiledKind[Any], caller: Caller, written: Written
) -> list[Fault]:
    """Returns the faults of the unique values that other records have.

    Values of records that are deleted hold nothing: they are deleted here.
    """
    record, _, companions = written
    values = companions.own.written if companions.own is not None else ()
    sought = [(key, each.digest) for key, each in values if each.digest]
    its = kind.kind.object_of(record)
    found = await _holders(database, kind, caller, record.id, sought, its)
    faults = [
        _fault(kind.kind, key, record_id if is_seen else "")
        for key, record_id, lives, is_seen in found
        if lives
    ]
    if not faults:
        for _, holder, _, _ in found:
            await database.run(forget_sql("$3"), caller.business_id, holder, its)
    return faults


async def record_with(
    database: Database,
    kind: CompiledKind[Any],
    caller: Caller,
    sought: tuple[str, bytes],
    its: str,
) -> str | None:
    """Returns the id of the record of a type that has the value of a unique field.

    `sought` are key and digest, `its` is the type's name. Raises `ValidationFailed` if
    there is a record that the caller does not see.
    """
    key, _ = sought
    found = await _holders(database, kind, caller, "", [sought], its)
    for _, record_id, lives, is_seen in found:
        if is_seen:
            return str(record_id)
        if lives:
            raise ValidationFailed([_fault(kind.kind, key, "")])
    return None


async def _holders(
    database: Database,
    kind: CompiledKind[Any],
    caller: Caller,
    record_id: str,
    sought: Sequence[tuple[str, bytes]],
    its: str,
) -> list[Row]:
    seen = visible(kind.kind, caller, kind.kinds)
    values: list[Any] = [
        caller.business_id,
        [key for key, _ in sought],
        [digest for _, digest in sought],
        record_id,
        its,
    ]
    if USER in seen:
        values.append(caller.user_id)
    sql = holders_sql(kind.kind.table, seen.format(tenant="$1", user="$6"))
    return await database.rows(sql, *values)


def _fault(kind: RecordType, key: str, holder: str) -> Fault:
    return Fault(
        f"{kind.resource}.{CUSTOM_FIELDS}.{key.partition(BESIDE)[0]}",
        FaultCode.FAULT_CODE_NOT_UNIQUE,
        f"Another {kind.resource.replace('_', ' ')} has this value.",
        holder,
        kind.resource if holder else "",
    )


def owed_by_deletion(
    kind: CompiledKind[Any], schema: Schema, record: Any
) -> OwnValues | None:
    """What a deletion owes: a field that comes meanwhile may lead to the record."""
    if not kind.has_custom_fields:
        return None
    if schema is NO_SCHEMA:
        return STILL_UNDEFINED
    is_defined = kind.kind.object_of(record) in schema.by_object
    part: Own = "forgets" if is_defined else "guarded"
    return OwnValues(part, (schema.generation,))


def around_deletion(
    kind: CompiledKind[Any], caller: Caller, schema: Schema, record: Any, moment: int
) -> Around | None:
    """Returns the statements around a deletion: they clear the references to it.

    They also end its associations.
    """
    around = kind.behaviour.around(caller, record, None)
    here = caller.business_id, record.id, moment, acting(caller)
    ends = schema.has_associations
    clearing = [
        Command(
            each.besides(forgets=each.table in schema.by_object, ends=ends),
            here if each.is_logged else here[:3],
        )
        for each in kind.clearing
    ]
    if schema is not NO_SCHEMA:
        its = kind.kind.object_of(record)
        clearing = [*_clearing(schema, kind.kinds, its, here), *clearing]
    if ends and kind.has_custom_fields:
        clearing.append(Command(END_SQL, here))
    if not clearing:
        return around
    if around is None:
        return Around(after=clearing)
    return replace(around, after=[*clearing, *around.after])


def _clearing(
    schema: Schema, kinds: Kinds, its: str, here: tuple[str, str, int, str]
) -> list[Command]:
    """The statements that clear custom fields which refer to a deleted record.

    `here` is the tenant, the record's id, the moment, and who deletes it.
    """
    tenant, record_id, moment, actor = here
    found = []
    for name, key in schema.leading_to(its):
        table = kind_named(kinds, name).table
        values = [tenant, record_id, moment, key, actor]
        found.append(Command(clear_reference_sql(table, name), values))
        forgotten = [tenant, record_id, key, name]
        found.append(Command(forget_reference_sql("$4"), forgotten))
    return found
