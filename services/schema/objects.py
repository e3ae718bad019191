"""Types of record: what a tenant has records of, and what it may change about them.

The built-in types are those that have custom fields. A tenant's rows of them are made
when somebody first looks at its types; without a row a type is open.
"""

from typing import Any

from prospectconnect.schema.v1 import objects_pb2 as pb

from services.caller import Caller, current_call
from services.errors import NotFound
from services.gates.interceptors import check_permission
from services.ids import new_id
from services.kinds import masks
from services.kinds.record_type import FieldType, RecordType
from services.records.behaviour import Behaviour
from services.records.commands import Around, Command
from services.records.engine import Records
from services.records.statements import insert_one_sql
from services.schema.built_in_fields import words
from services.schema.generation import COUNT_UP, LOCK
from services.schema.object_schemas import ObjectSchemas

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
    """Locks the tenant's row, and counts its schema's generation up."""
    tenant = [caller.business_id]
    return Around([Command(LOCK, tenant)], [Command(COUNT_UP, tenant)])


def _built_in(records: Records[pb.ObjectType]) -> list[RecordType]:
    return [
        each
        for each in records.kinds.values()
        if any(item.type is FieldType.CUSTOM for item in each.fields)
    ]


async def prepare(records: Records[pb.ObjectType], caller: Caller) -> None:
    """Makes the rows that the tenant lacks, before its types are looked at."""
    kinds = _built_in(records)
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
        self._kinds = {each.table: each for each in _built_in(records)}
        self._schemas = ObjectSchemas(records.database, records.kinds)

    async def GetObject(self, request: pb.GetObjectRequest, _: Any) -> pb.ObjectType:
        return await self.get(current_call().caller, request.slug)

    async def UpdateObject(
        self, request: pb.UpdateObjectRequest, _: Any
    ) -> pb.ObjectType:
        call, records = current_call(), self._records
        found = await self.get(call.caller, request.slug)
        change = masks.writer(records.kind, request)
        changed = await records.update(call, found.id, change, request.etag)
        if not call.changed_nothing:
            await records.look_again(call)
        return changed

    async def GetObjectSchema(
        self, request: pb.GetObjectSchemaRequest, _: Any
    ) -> pb.ObjectSchema:
        caller = current_call().caller
        kind = self._kinds.get(request.slug)
        if kind is None or not caller.may(f"{kind.resource}.read"):
            check_permission(caller, "schema.read")
        if kind is None:
            raise NotFound
        found = await self.get(caller, request.slug)
        return await self._schemas.of(caller, kind, found)

    async def prepare(self, caller: Caller) -> None:
        """Makes the rows that the tenant lacks."""
        await prepare(self._records, caller)

    async def get(self, caller: Caller, slug: str) -> pb.ObjectType:
        """Raises `NotFound` if the tenant has no such type of record."""
        sought = caller.business_id, slug
        row = await self._records.database.row(_FIND, *sought)
        if row is None and slug in self._kinds:
            await prepare(self._records, caller)
            row = await self._records.database.row(_FIND, *sought)
        if row is None:
            raise NotFound
        return await self._records.get(caller, row[0])


BEHAVIOUR: Behaviour[pb.ObjectType] = Behaviour(
    around=around, prepare=prepare, methods=ObjectMethods
)
