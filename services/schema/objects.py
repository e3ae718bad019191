"""Types of record: what a tenant has records of, and what it may change about them.

The built-in types are those that have custom fields. A tenant's rows of them are made
when somebody first looks at its types; without a row a type is open. The others are
custom objects. Every change locks the tenant's row and counts its schema's generation
up, so that no record is written to an object that is archived meanwhile.
"""

from typing import Any

import asyncpg
from google.protobuf.empty_pb2 import Empty
from prospectconnect.options.v1.options_pb2 import Format
from prospectconnect.schema.v1 import objects_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller, current_call
from services.errors import SystemRecord, ValidationFailed
from services.faults import Fault
from services.gates.permissions import check_permission
from services.ids import new_id
from services.kinds import masks
from services.kinds.formats import FORMATS
from services.kinds.objects import no_object
from services.postgres.database import Transaction
from services.record_messages import is_built_in
from services.records.behaviour import Behaviour
from services.records.commands import Around, Command
from services.records.engine import Change, Records
from services.records.statements import insert_one_sql
from services.schema.audited import tell
from services.schema.bounds import refuse_too_many_objects
from services.schema.built_in_fields import words
from services.schema.generation import COUNT_UP, LOCK
from services.schema.leading import refuse_in_use
from services.schema.object_schemas import ObjectSchemas
from services.schema.reserved import RESERVED
from services.schema.types import built_in

_ADD = insert_one_sql(
    "objects",
    {
        "id": "made.id",
        "slug": "made.slug",
        "singular_label": "made.singular",
        "plural_label": "made.plural",
        "open": "true",
        "built_in": "true",
        "archived": "false",
        "created_at": "n.created_at",
        "updated_at": "n.created_at",
    },
    source="tenants AS n, unnest($2::text[], $3::text[], $4::text[], $5::text[])"
    " AS made (id, slug, singular, plural) WHERE n.business_id = $1"
    " AND NOT EXISTS (SELECT FROM objects AS o"
    " WHERE o.business_id = $1 AND o.slug = made.slug)",
    unless="business_id, slug",
)
_FIND = """
SELECT id FROM objects WHERE business_id = $1 AND slug = $2 AND deleted_at IS NULL
"""


def around(
    caller: Caller, before: pb.ObjectType | None, after: pb.ObjectType | None
) -> Around:
    """Locks the tenant's row, and counts its schema's generation up.

    Then it is checked that there are not too many types, and that nothing leads to the
    records of one that is archived.
    """
    assert after is not None  # noqa: S101 - types are archived, not deleted
    tenant = [caller.business_id]

    async def then(transaction: Transaction) -> None:
        if before is None:
            await refuse_too_many_objects(transaction, caller.business_id)
        elif after.archived and not before.archived:
            await refuse_in_use(transaction, caller.business_id, after.slug)
        await tell(transaction, caller, "object", before, after)

    return Around([Command(LOCK, tenant)], [Command(COUNT_UP, tenant)], then)


async def prepare(records: Records[pb.ObjectType], caller: Caller) -> None:
    """Makes the rows that the tenant lacks, before its types are looked at."""
    kinds = built_in(records.kinds)
    await records.database.run(
        _ADD,
        caller.business_id,
        [new_id(records.kind.policy.id_prefix) for _ in kinds],
        [each.table for each in kinds],
        [words(each.resource) for each in kinds],
        [words(each.table) for each in kinds],
    )


class ObjectMethods:
    """The methods of types of record, as the proto describes them."""

    def __init__(self, records: Records[pb.ObjectType]) -> None:
        self._records = records
        self._kinds = {each.table: each for each in built_in(records.kinds)}
        self._custom = next(e for e in records.kinds.values() if e.object_field)
        self._schemas = ObjectSchemas(records.database, records.kinds)
        self.finders = {"CreateObject": self.find}

    async def GetObject(self, request: pb.GetObjectRequest, _: Any) -> pb.ObjectType:
        return await self.get(current_call().caller, request.slug)

    async def CreateObject(
        self, request: pb.CreateObjectRequest, _: Any
    ) -> pb.ObjectType:
        call = current_call()
        faults = await self.find(call.caller, request)
        if faults:
            raise ValidationFailed(faults)
        try:
            made = await self._records.create(call, request.object)
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != "objects_slug":
                raise
            raise ValidationFailed([_TAKEN_SLUG]) from None
        await self._records.look_again(call)
        return made

    async def UpdateObject(
        self, request: pb.UpdateObjectRequest, _: Any
    ) -> pb.ObjectType:
        write = masks.writer(self._records.kind, request)

        def change(found: pb.ObjectType) -> None:
            before = pb.ObjectType()
            before.CopyFrom(found)
            write(found)
            if found.built_in:
                _refuse_more_than_open(before, found)

        return await self._change(request, change)

    async def DeleteObject(self, request: pb.DeleteObjectRequest, _: Any) -> Empty:
        await self._archive(request, archived=True)
        return Empty()

    async def RestoreObject(
        self, request: pb.RestoreObjectRequest, _: Any
    ) -> pb.ObjectType:
        return await self._archive(request, archived=False)

    async def GetObjectSchema(
        self, request: pb.GetObjectSchemaRequest, _: Any
    ) -> pb.ObjectSchema:
        caller = current_call().caller
        kind = self._kinds.get(request.slug, self._custom)
        if not caller.may(f"{kind.resource}.read"):
            check_permission(caller, "schema.read")
        found = await self.get(caller, request.slug)
        if found.archived:
            raise no_object(request.slug)
        return await self._schemas.of(caller, kind, found)

    async def _archive(self, request: Any, *, archived: bool) -> pb.ObjectType:
        def change(found: pb.ObjectType) -> None:
            if found.built_in:
                raise SystemRecord
            found.archived = archived

        return await self._change(request, change)

    async def _change(
        self, request: Any, change: Change[pb.ObjectType]
    ) -> pb.ObjectType:
        """Changes a type. This process sees it at once, others in a second."""
        call, records = current_call(), self._records
        found = await self.get(call.caller, request.slug)
        changed = await records.update(call, found.id, change, request.etag)
        if not call.changed_nothing:
            await records.look_again(call)
        return changed

    async def find(
        self, caller: Caller, request: pb.CreateObjectRequest
    ) -> list[Fault]:
        """Finds the fault of a slug that is taken."""
        slug = request.object.slug
        if not FORMATS[Format.FORMAT_SLUG].matches(slug):
            return []  # which is another fault
        if slug in RESERVED or is_built_in(slug):
            return [_refused_slug(f"The slug {slug} is reserved for the API.")]
        row = await self._records.database.row(_FIND, caller.business_id, slug)
        return [] if row is None else [_TAKEN_SLUG]

    async def prepare(self, caller: Caller) -> None:
        """Makes the rows that the tenant lacks."""
        await prepare(self._records, caller)

    async def get(self, caller: Caller, slug: str) -> pb.ObjectType:
        """Raises `NotFound` if the tenant has no such type of record."""
        if not FORMATS[Format.FORMAT_SLUG].matches(slug):
            raise no_object(slug)
        sought = caller.business_id, slug
        row = await self._records.database.row(_FIND, *sought)
        if row is None and slug in self._kinds:
            await prepare(self._records, caller)
            row = await self._records.database.row(_FIND, *sought)
        if row is None:
            raise no_object(slug)
        return await self._records.get(caller, row[0])


def _refused_slug(message: str) -> Fault:
    return Fault("object.slug", FaultCode.FAULT_CODE_NOT_UNIQUE, message)


_TAKEN_SLUG = _refused_slug("The slug is taken, maybe by an archived object.")


def _refuse_more_than_open(before: pb.ObjectType, after: pb.ObjectType) -> None:
    """Refuses a change of a built-in type, but for `open`."""
    faults = [
        Fault(
            f"object.{name}",
            FaultCode.FAULT_CODE_READ_ONLY,
            "Of a built-in type only open can be changed.",
        )
        for name in ("singular_label", "plural_label", "description")
        if getattr(before, name) != getattr(after, name)
    ]
    if faults:
        raise ValidationFailed(faults)


BEHAVIOUR: Behaviour[pb.ObjectType] = Behaviour(
    around=around, prepare=prepare, methods=ObjectMethods
)
