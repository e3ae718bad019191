"""References: the ids of other records that a record holds.

The statement that writes references locks the records behind them, so that none is
deleted at the same time. If the statement did not find them all, this module finds out
which are missing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller
from services.errors import Unavailable, ValidationFailed
from services.faults import Fault
from services.ids import is_id
from services.kinds.objects import ObjectRecords
from services.kinds.record_type import Field, Kinds, RecordType
from services.postgres.database import Database
from services.records.contended import MOST_ATTEMPTS
from services.records.many.merged import survivor_of
from services.records.referenced import Target, referenced_sql
from services.records.visibility import USER, owner_column, visible
from services.roles import RESOURCES


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference to check. `target` is None if no record can have the id.

    `object` is the custom object that the record must be of, "" where any will do.
    """

    name: str
    kind: RecordType
    record_id: str
    target: Target | None
    object: str = ""


def references_of(
    caller: Caller,
    record: Any,
    fields: Iterable[Field],
    known: Mapping[str, RecordType],
) -> list[Reference]:
    """Returns the references of a record that are set, among `fields`.

    References to the caller's own user are left out: they need no check. `fields` are
    fields that `referring_fields` returned, in its order.
    """
    found = []
    for item in fields:
        record_id = getattr(record, item.name)
        if record_id and not (
            item.references == "user" and record_id == caller.user_id
        ):
            kind = known[item.references]
            target = _target(caller, kind, record_id)
            found.append(Reference(item.name, kind, record_id, target))
    return found


def reference_to(
    caller: Caller, name: str, kind: RecordType, record_id: str, object_: str
) -> Reference | None:
    """Returns a reference to check. None for the caller's own user."""
    if record_id == caller.user_id and kind.resource == "user":
        return None
    target = _target(caller, kind, record_id)
    if target is None or not target.object_column:
        return Reference(name, kind, record_id, target)
    target = replace(target, is_of_one=True)
    return Reference(name, kind, record_id, target, object_)


def end_reference(
    caller: Caller, name: str, ends: ObjectRecords, record_id: str, known: Kinds
) -> Reference:
    """Returns a reference to a record of an object that the caller sees."""
    found = reference_to(caller, name, ends.kind, record_id, ends.slug)
    assert found is not None  # noqa: S101 - no object has users
    if found.target is None or not ends.kind.link_fields:
        return found
    seen = visible(ends.kind, caller, known)
    owner = ends.kind.policy.owner_field if USER in seen else ""
    return replace(found, target=replace(found.target, owner_column=owner, seen=seen))


def referring_fields(
    fields: Iterable[Field], known: Mapping[str, RecordType]
) -> list[Field]:
    """Returns the references to records of `known` kinds, in the order of locking.

    References to other kinds are checked by the method that writes them.
    """
    order = list(known)
    referring = (item for item in fields if item.references in known)
    return sorted(referring, key=lambda item: order.index(item.references))


def _target(caller: Caller, record: RecordType, record_id: str) -> Target | None:
    is_hidden = (
        record.resource in RESOURCES
        and f"{record.resource}.read" not in caller.role_permissions
    )
    if is_hidden or not is_id(record.policy.id_prefix, record_id):
        return None
    return Target(record.table, owner_column(record, caller), record.object_field)


async def refuse_missing(
    database: Database,
    caller: Caller,
    found: Sequence[Reference],
    resource: str,
    survivors: dict[str, str] | None = None,
) -> None:
    """Raises `ValidationFailed` with all references that lead to no record.

    See `missing` for `survivors`.
    """
    faults = await missing(database, caller, found, resource, survivors)
    if faults:
        raise ValidationFailed(faults)


async def missing(
    database: Database,
    caller: Caller,
    found: Sequence[Reference],
    resource: str,
    survivors: dict[str, str] | None = None,
) -> list[Fault]:
    """Returns the faults of the references that lead to no record.

    A merged record leads to its survivor, which is added to `survivors`.
    """
    faults = []
    for reference in found:
        if await exists(database, caller, reference):
            continue
        stands = await _standing(database, caller, reference)
        if stands is None:
            at, code = f"{resource}.{reference.name}", FaultCode.FAULT_CODE_NOT_FOUND
            faults.append(Fault(at, code, _message(reference)))
        elif survivors is not None:
            _lead(survivors, reference.record_id, stands)
    return faults


def _lead(survivors: dict[str, str], record_id: str, survivor: str) -> None:
    """Leads a record to its survivor, with all that led to it a moment ago."""
    survivors.pop(survivor, None)
    for each, led in survivors.items():
        if led == record_id:
            survivors[each] = survivor
    survivors[record_id] = survivor


async def _standing(
    database: Database, caller: Caller, reference: Reference
) -> str | None:
    """The record that stands for one that was not found, if the caller sees it.

    Merges and their undoing may go on between the statements. So what stands for it is
    looked up again, until that is seen or still the same.
    """
    if reference.target is None:
        return None
    where, last = (database, reference.kind, caller.business_id), ""
    for _ in range(MOST_ATTEMPTS):
        stands = await survivor_of(*where, reference.record_id)
        if stands is None and not last:
            return None
        stands = stands or reference.record_id
        if stands == last:
            return None
        if await exists(database, caller, replace(reference, record_id=stands)):
            return stands
        last = stands
    raise Unavailable


def _message(reference: Reference) -> str:
    prefix = reference.kind.policy.id_prefix
    if not reference.record_id.startswith(prefix):
        return f"Give a {reference.kind.resource} id, which begins with {prefix}"
    return f"There is no {reference.kind.resource} {reference.record_id[:64]}."


async def exists(database: Database, caller: Caller, reference: Reference) -> bool:
    """Whether there is the record, for this caller."""
    target = reference.target
    if target is None:
        return False
    values = [caller.business_id, reference.record_id]
    if target.is_of_one:
        values.append(reference.object)
    named = len(values)
    if target.owner_column:
        values.append(caller.user_id)
    sql = referenced_sql(target, record_id=2, named=named, user=len(values))
    return await database.row(sql, *values) is not None
