"""References: the ids of other records that a record holds.

The statement that writes them locks each record that they name, so that none is
deleted in the same instant. When the statement found one missing, this room says
which.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller
from services.errors import ValidationFailed
from services.faults import Fault
from services.ids import is_id
from services.kinds.record_type import Field, RecordType
from services.postgres.database import Database
from services.records.statements import Reference
from services.records.visibility import owner_column
from services.roles import RESOURCES


@dataclass(frozen=True, slots=True)
class Link:
    """One reference to check. `target` is None when nothing can be behind the id."""

    name: str
    kind: RecordType
    record_id: str
    target: Reference | None


def links(
    caller: Caller,
    record: Any,
    fields: Iterable[Field],
    known: Mapping[str, RecordType],
) -> list[Link]:
    """The references among `fields` that are set; the caller itself needs no check.

    `fields` are some of what `linking` gives, in its order.
    """
    found = []
    for item in fields:
        record_id = getattr(record, item.name)
        if record_id and not (
            item.references == "user" and record_id == caller.user_id
        ):
            kind = known[item.references]
            target = _target(caller, kind, record_id)
            found.append(Link(item.name, kind, record_id, target))
    return found


def linking(fields: Iterable[Field], known: Mapping[str, RecordType]) -> list[Field]:
    """The fields that refer to records of the kinds `known`, in the order in which
    these are locked. Other references are checked by the service of their own."""
    order = list(known)
    referring = (item for item in fields if item.references in known)
    return sorted(referring, key=lambda item: order.index(item.references))


def _target(caller: Caller, record: RecordType, record_id: str) -> Reference | None:
    is_hidden = (
        record.resource in RESOURCES
        and f"{record.resource}.read" not in caller.role_permissions
    )
    if is_hidden or not is_id(record.policy.id_prefix, record_id):
        return None
    return Reference(record.table, owner_column(record, caller))


async def refuse_missing(
    database: Database, caller: Caller, found: Sequence[Link], resource: str
) -> None:
    """Raises `ValidationFailed` naming every reference behind which nothing is."""
    faults = await missing(database, caller, found, resource)
    if faults:
        raise ValidationFailed(faults)


async def missing(
    database: Database, caller: Caller, found: Sequence[Link], resource: str
) -> list[Fault]:
    """The faults of the references behind which nothing is."""
    return [
        Fault(
            f"{resource}.{link.name}",
            FaultCode.FAULT_CODE_NOT_FOUND,
            _message(link),
        )
        for link in found
        if not await _exists(database, caller, link)
    ]


def _message(link: Link) -> str:
    prefix = link.kind.policy.id_prefix
    if not link.record_id.startswith(prefix):
        return f"Give a {link.kind.resource} id, which begins with {prefix}"
    return f"There is no {link.kind.resource} {link.record_id[:64]}."


async def _exists(database: Database, caller: Caller, link: Link) -> bool:
    if link.target is None:
        return False
    sql = (
        f"SELECT 1 FROM {link.target.table} WHERE business_id = $1 AND id = $2"
        " AND deleted_at IS NULL"
    )
    values = [caller.business_id, link.record_id]
    if owner := link.target.owner_column:
        sql = f"{sql} AND ({owner} = $3 OR {owner} IS NULL)"
        values.append(caller.user_id)
    return await database.row(sql, *values) is not None
