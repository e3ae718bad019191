"""Association types: the ways in which a tenant connects its records.

The rows of the built-in types are made when somebody first looks at a tenant's types.
Records are associated by built-in types without them. Every change of a type of the
tenant's own counts the generation of its schema up.
"""

from collections.abc import Sequence
from typing import Any

from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from prospectconnect.schema.v1 import association_types_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call, Caller, current_call
from services.errors import SystemRecord, ValidationFailed
from services.faults import Fault
from services.ids import new_id
from services.kinds import masks
from services.kinds.association_types import BUILT_IN
from services.postgres.database import Database, Transaction
from services.records.behaviour import Behaviour
from services.records.bulk import copy_in, rows_of
from services.records.commands import Around, Command
from services.records.engine import Change, Records
from services.records.idempotency import FAILED_WRITES, violates
from services.records.rows import RowCodec
from services.records.statements import insert_one_sql
from services.schema.audited import tell
from services.schema.bounds import refuse_more_types
from services.schema.generation import COUNT_UP, LOCK
from services.schema.types import built_in, refuse_unless_live

_KEY_INDEX = "association_types_key"

_MADE = "id, key, from_object, to_object, label, inverse_label, cardinality, link_field"
_ADD = insert_one_sql(
    "association_types",
    {
        **{name: f"made.{name}" for name in _MADE.split(", ")},
        "built_in": "true",
        "archived": "false",
        "created_at": "n.created_at",
        "updated_at": "n.created_at",
    },
    source="tenants AS n, unnest($2::text[], $3::text[], $4::text[], $5::text[],"
    f" $6::text[], $7::text[], $8::smallint[], $9::text[]) AS made ({_MADE})"
    " WHERE n.business_id = $1 AND NOT EXISTS (SELECT FROM association_types AS t"
    " WHERE t.business_id = $1 AND t.key = made.key)",
    unless="business_id, key",
)


def around(
    caller: Caller, before: pb.AssociationType | None, after: pb.AssociationType | None
) -> Around:
    """Locks the tenant's row, and counts its schema's generation up.

    A type that is not archived connects records of objects that are not archived.
    """
    tenant = [caller.business_id]

    async def then(transaction: Transaction) -> None:
        if before is None:
            await refuse_more_types(transaction, caller.business_id)
        if after is not None and not after.archived:
            # A request that restores holds no type.
            at = "" if before is not None and before.archived else "association_type."
            ends = {name: getattr(after, name) for name in ("from_object", "to_object")}
            named = {f"{at}{name}": slug for name, slug in ends.items()}
            await refuse_unless_live(transaction, caller.business_id, named)
        if after is not None:
            await tell(transaction, caller, "association_type", before, after)

    return Around([Command(LOCK, tenant)], [Command(COUNT_UP, tenant)], then)


async def prepare(records: Records[pb.AssociationType], caller: Caller) -> None:
    """Makes the built-in types that the tenant lacks, before types are looked at."""
    types = BUILT_IN.values()
    await records.database.run(
        _ADD,
        caller.business_id,
        [new_id(records.kind.policy.id_prefix) for _ in types],
        [each.key for each in types],
        [each.from_object for each in types],
        [each.to_object for each in types],
        [each.label for each in types],
        [each.inverse_label for each in types],
        [each.cardinality for each in types],
        [each.link_field or None for each in types],
    )


async def load(
    database: Database,
    business_id: str,
    types: Sequence[pb.AssociationType],
    associations: Sequence[Message],
) -> None:
    """Loads types and associations of records. No method of a service calls it."""
    rows = rows_of(business_id, [*types, *associations])
    async with database.transaction() as transaction:
        await transaction.run(LOCK, business_id)
        await copy_in(transaction, rows)
        await transaction.run(COUNT_UP, business_id)


class AssociationTypeMethods:
    """The methods of association types, as the proto describes them."""

    def __init__(self, records: Records[pb.AssociationType]) -> None:
        self._records = records
        self.codec = RowCodec(records.kind)
        self._objects = [each.table for each in built_in(records.kinds)]
        self.finders = {"CreateAssociationType": self.find}

    async def CreateAssociationType(
        self, request: pb.CreateAssociationTypeRequest, _: Any
    ) -> pb.AssociationType:
        call, given = current_call(), request.association_type
        faults = await self.find(call.caller, request)
        if faults:
            raise ValidationFailed(faults)
        try:
            made = await self._records.create(call, given)
        except FAILED_WRITES as error:
            if not violates(error, _KEY_INDEX):
                raise
            raise ValidationFailed([_taken()]) from None
        await self._records.look_again(call)
        return made

    async def UpdateAssociationType(
        self, request: pb.UpdateAssociationTypeRequest, _: Any
    ) -> pb.AssociationType:
        change = masks.writer(self._records.kind, request)
        return await self._change(current_call(), request, change)

    async def DeleteAssociationType(
        self, request: pb.DeleteAssociationTypeRequest, _: Any
    ) -> Empty:
        await self._archive(request, archived=True)
        return Empty()

    async def RestoreAssociationType(
        self, request: pb.RestoreAssociationTypeRequest, _: Any
    ) -> pb.AssociationType:
        return await self._archive(request, archived=False)

    async def _archive(self, request: Any, *, archived: bool) -> pb.AssociationType:
        def change(found: pb.AssociationType) -> None:
            found.archived = archived

        return await self._change(current_call(), request, change)

    async def _change(
        self, call: Call, request: Any, change: Change[pb.AssociationType]
    ) -> pb.AssociationType:
        """Changes a type. This process sees it at once, others in a second."""

        def of_tenant(found: pb.AssociationType) -> None:
            if found.built_in:
                raise SystemRecord
            change(found)

        changed = await self._records.update(call, request.id, of_tenant, request.etag)
        if not call.changed_nothing:
            await self._records.look_again(call)
        return changed

    async def prepare(self, caller: Caller) -> None:
        """Makes the rows of built-in types that the tenant lacks."""
        await prepare(self._records, caller)

    async def find(
        self, caller: Caller, request: pb.CreateAssociationTypeRequest
    ) -> list[Fault]:
        """Finds the objects of a type that have no records, and a key that is taken."""
        given = request.association_type
        sides = {"from_object": given.from_object, "to_object": given.to_object}
        sought = set(sides.values()) - {"", *self._objects}
        custom = await self._records.custom_objects(caller, sought) if sought else ()
        objects = [*self._objects, *sorted(custom)]
        message = f"Give one of {', '.join(objects)}."
        code = FaultCode.FAULT_CODE_INVALID_CHOICE
        taken = [_taken()] if given.key in BUILT_IN else []
        return taken + [
            Fault(f"association_type.{name}", code, message)
            for name, slug in sides.items()
            if slug and slug not in objects
        ]


def _taken() -> Fault:
    code = FaultCode.FAULT_CODE_NOT_UNIQUE
    message = "There is a type with this key, which may be archived or built in."
    return Fault("association_type.key", code, message)


BEHAVIOUR: Behaviour[pb.AssociationType] = Behaviour(
    around=around, prepare=prepare, methods=AssociationTypeMethods
)
