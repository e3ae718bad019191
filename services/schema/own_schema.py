"""The tenant's schema on the pages of an account: lists, and changes by forms.

A session has no scopes of its own, so the role alone decides. Every change goes through
the methods of the API, with their rules.
"""

from typing import Any

from google.protobuf.empty_pb2 import Empty
from google.protobuf.field_mask_pb2 import FieldMask
from prospectconnect.schema.v1 import fields_pb2, objects_pb2, own_schema_pb2_grpc
from prospectconnect.schema.v1 import own_schema_pb2 as pb

from services.caller import Caller, current_call
from services.gates.interceptors import check_permission
from services.iam.oauth.sessions import ACCOUNT
from services.kinds.sensitive import reaches
from services.kinds.typed_values import UNTYPED
from services.postgres.database import Database
from services.records.rows import RowCodec
from services.schema.fields import FieldMethods
from services.schema.objects import ObjectMethods
from services.schema.settling import sees
from services.sealed.forms import Forms

MOST_COUNTED = 10_001

_OBJECTS = """
SELECT o.slug, o.singular_label, o.plural_label, o.open,
  count(f.id) FILTER (WHERE NOT f.archived)::int,
  count(f.id) FILTER (WHERE f.archived)::int
FROM objects AS o LEFT JOIN fields AS f ON f.business_id = o.business_id
  AND f.object = o.slug AND f.deleted_at IS NULL
WHERE o.business_id = $1 AND o.deleted_at IS NULL
GROUP BY o.business_id, o.id ORDER BY o.plural_label, o.slug
"""
_ROLES = "SELECT name FROM roles WHERE business_id = $1 ORDER BY name"


def _counted(column: str) -> str:
    """How many typed values of a field stand in a column, along its index."""
    return (
        "(SELECT count(*) FROM (SELECT FROM typed_values AS v"
        " WHERE v.business_id = $1 AND v.object = $2 AND v.key = k.key"
        f" AND v.{column} IS NOT NULL LIMIT {MOST_COUNTED}) AS counted)"
    )


_COUNTS = (
    f"SELECT k.key, ({' + '.join(map(_counted, ('number', 'moment', 'text')))})::int"
    " FROM unnest($3::text[]) AS k (key)"
)


class OwnSchemaService(own_schema_pb2_grpc.OwnSchemaServiceServicer):
    """The methods of `OwnSchemaService`, as the proto describes them."""

    def __init__(
        self,
        database: Database,
        forms: Forms,
        fields: FieldMethods,
        objects: ObjectMethods,
    ) -> None:
        self._database, self._forms = database, forms
        self._fields, self._objects = fields, objects
        self._codec = RowCodec(fields.kind)
        self._definitions = (
            f"SELECT {self._codec.columns} FROM fields AS r"
            " WHERE r.business_id = $1 AND r.object = $2 AND r.deleted_at IS NULL"
            " ORDER BY r.archived, r.position, r.created_at, r.id"
        )
        self.finders = {"CreateOwnField": fields.find}

    async def ListOwnObjects(
        self, request: pb.ListOwnObjectsRequest, _: Any
    ) -> pb.ListOwnObjectsResponse:
        caller = current_call().caller
        check_permission(caller, "schema.read")
        return pb.ListOwnObjectsResponse(objects=await self._own_objects(caller))

    async def ListOwnFields(
        self, request: pb.ListOwnFieldsRequest, _: Any
    ) -> pb.ListOwnFieldsResponse:
        caller, slug = current_call().caller, request.slug
        check_permission(caller, "schema.read")
        found = await self._objects.get(caller, slug)
        listed = await self._own_objects(caller)
        where = caller.business_id, slug
        rows = await self._database.rows(self._definitions, *where)
        fields = [self._codec.read(row, caller.business_id) for row in rows]
        keys = [each.key for each in fields if _is_counted(caller, each)]
        counted = []
        if sees(caller, slug):
            counted = await self._database.rows(_COUNTS, *where, keys)
        counts: dict[str, int] = {row[0]: row[1] for row in counted}
        roles = await self._database.rows(_ROLES, caller.business_id)
        return pb.ListOwnFieldsResponse(
            object=next(each for each in listed if each.slug == found.slug),
            fields=[_told(caller, each, counts.get(each.key)) for each in fields],
            writable=caller.may("schema.write"),
            roles=[row[0] for row in roles],
            targets=await self._fields.targets(caller),
        )

    async def CreateOwnField(self, request: pb.CreateOwnFieldRequest, _: Any) -> Empty:
        self._check(request.form_token)
        existing = request.existing if request.HasField("existing") else None
        given = fields_pb2.CreateFieldRequest(field=request.field, existing=existing)
        await self._fields.CreateField(given, _)
        return Empty()

    async def UpdateOwnField(self, request: pb.UpdateOwnFieldRequest, _: Any) -> Empty:
        self._check(request.form_token)
        given = fields_pb2.UpdateFieldRequest(
            id=request.id,
            field=request.field,
            update_mask=request.update_mask,
            etag=request.etag,
            existing=request.existing if request.HasField("existing") else None,
        )
        await self._fields.UpdateField(given, _)
        return Empty()

    async def ArchiveOwnField(
        self, request: pb.ArchiveOwnFieldRequest, _: Any
    ) -> Empty:
        self._check(request.form_token, "schema.delete" if request.archived else "")
        if request.archived:
            await self._fields.DeleteField(
                fields_pb2.DeleteFieldRequest(id=request.id), _
            )
        else:
            again = fields_pb2.RestoreFieldRequest(id=request.id)
            await self._fields.RestoreField(again, _)
        return Empty()

    async def OpenOwnObject(self, request: pb.OpenOwnObjectRequest, _: Any) -> Empty:
        self._check(request.form_token)
        changed = objects_pb2.ObjectType(open=request.open)
        mask = FieldMask(paths=["open"])
        given = objects_pb2.UpdateObjectRequest(
            slug=request.slug, object=changed, update_mask=mask
        )
        await self._objects.UpdateObject(given, _)
        return Empty()

    def _check(self, form_token: str, permission: str = "") -> None:
        """Refuses a form of another session, and a user whose role may not write."""
        caller = current_call().caller
        self._forms.check(form_token, ACCOUNT, caller.token_id)
        check_permission(caller, permission or "schema.write")

    async def _own_objects(self, caller: Caller) -> list[pb.OwnObject]:
        await self._objects.prepare(caller)
        rows = await self._database.rows(_OBJECTS, caller.business_id)
        names = ("slug", "singular_label", "plural_label", "open", "fields", "archived")
        return [pb.OwnObject(**dict(zip(names, row, strict=True))) for row in rows]


def _is_counted(caller: Caller, definition: fields_pb2.Field) -> bool:
    """Whether values are kept where they can be counted, and the caller may know."""
    return definition.type not in UNTYPED and not _is_masked(caller, definition)


def _is_masked(caller: Caller, definition: fields_pb2.Field) -> bool:
    return definition.sensitive and not reaches(caller, definition.readable_by)


def _told(
    caller: Caller, definition: fields_pb2.Field, records: int | None
) -> pb.OwnField:
    """A definition as the pages list it: the members of both messages."""
    told = pb.OwnField()
    names = {item.name for item in told.DESCRIPTOR.fields}
    for item, value in definition.ListFields():
        if item.name not in names:
            continue
        if item.is_repeated:
            getattr(told, item.name).extend(value)
        elif item.message_type is not None:
            getattr(told, item.name).CopyFrom(value)
        else:
            setattr(told, item.name, value)
    if _is_masked(caller, definition):
        told.ClearField("expression")
    if records is not None:
        told.records = min(records, MOST_COUNTED)
    return told
