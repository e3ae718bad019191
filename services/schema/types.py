"""The types of record that fields are defined for, and that they refer to.

The built-in types are those that have custom fields. The others are the tenant's custom
objects, as far as they are not archived.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from prospectconnect.schema.v1 import fields_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller
from services.errors import ValidationFailed
from services.faults import Fault
from services.kinds.record_type import FieldType, Kinds, RecordType
from services.postgres.database import Transaction
from services.record_messages import is_built_in
from services.records.engine import Records

# Those that can have fields, and those that a field of type `record` can refer to.
Named = tuple[Sequence[str], Sequence[str]]

_LIVE = """
SELECT slug FROM objects
WHERE business_id = $1 AND slug = ANY($2::text[]) AND NOT built_in AND NOT archived
"""


def built_in(kinds: Kinds) -> list[RecordType]:
    """The built-in kinds of records that can have fields."""
    return [
        each
        for each in kinds.values()
        if not each.object_field
        and any(item.type is FieldType.CUSTOM for item in each.fields)
    ]


class Types:
    """The types of record by name, as definitions are checked by them."""

    def __init__(self, records: Records[Any]) -> None:
        self._records = records
        having = built_in(records.kinds)
        self._objects = [each.table for each in having]
        # Of these the owner alone decides who sees them, as a reference checks it.
        self._targets = [e.table for e in having if not e.policy.shared_by_links]

    def of(self, definition: pb.Field) -> Named:
        """The types for a definition that is there: its own are known.

        Whether they are archived is found out in the transaction of the change.
        """
        return [*self._objects, definition.object], [*self._targets, definition.target]

    async def known(self, caller: Caller, definition: pb.Field) -> Named:
        """The types for a new definition, as the tenant has them now."""
        sought = {definition.object, definition.target} - {"", *self._objects}
        custom = sorted(await self._records.custom_objects(caller, sought))
        return [*self._objects, *custom], [*self._targets, *custom]


async def refuse_archived(
    transaction: Transaction,
    business_id: str,
    before: pb.Field | None,
    after: pb.Field,
) -> None:
    """Refuses a definition that is not archived while its object or its target is."""
    if not after.archived:
        # A request that restores holds no definition.
        at = "" if before is not None and before.archived else "field."
        named = {f"{at}object": after.object, f"{at}target": after.target}
        await refuse_unless_live(transaction, business_id, named)


async def refuse_unless_live(
    transaction: Transaction, business_id: str, named: Mapping[str, str]
) -> None:
    """Refuses a record that names a type that is archived, or is not there.

    `named` are the types by the paths of the fields that name them. The tenant's row is
    locked: none can be archived before the record is there.
    """
    custom = {at: name for at, name in named.items() if name and not is_built_in(name)}
    if not custom:
        return
    rows = await transaction.rows(_LIVE, business_id, list(custom.values()))
    live = {row[0] for row in rows}
    code = FaultCode.FAULT_CODE_INVALID_CHOICE
    faults = [
        Fault(at, code, f"There is no type {name}, or it is archived.")
        for at, name in custom.items()
        if name not in live
    ]
    if faults:
        raise ValidationFailed(faults)
