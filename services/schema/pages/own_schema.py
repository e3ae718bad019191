"""The service of the pages: lists, and changes that go through the API's methods.

A form is accepted from its own session, and only if the user's role may write.
"""

from typing import Any

from google.protobuf.empty_pb2 import Empty
from google.protobuf.field_mask_pb2 import FieldMask
from prospectconnect.schema.v1 import association_types_pb2 as types_pb2
from prospectconnect.schema.v1 import fields_pb2, objects_pb2, own_schema_pb2_grpc
from prospectconnect.schema.v1 import own_schema_pb2 as pb

from services.caller import current_call
from services.gates.permissions import check_permission
from services.iam.oauth.sessions import ACCOUNT
from services.jobs.methods import cancel
from services.postgres.database import Database
from services.records.engine import Records
from services.schema.association_types import AssociationTypeMethods
from services.schema.existing import TooManyValues
from services.schema.fields import FieldMethods
from services.schema.objects import ObjectMethods
from services.schema.pages.listing import Listing
from services.schema.pages.own_jobs import OwnJobs
from services.sealed.forms import Forms

_ROLES = "SELECT name FROM roles WHERE business_id = $1 ORDER BY name"


class OwnSchemaService(own_schema_pb2_grpc.OwnSchemaServiceServicer):
    """The methods of `OwnSchemaService`, as the proto describes them."""

    def __init__(
        self,
        database: Database,
        forms: Forms,
        fields: FieldMethods,
        objects: ObjectMethods,
        types: AssociationTypeMethods,
        jobs: Records[Any],
    ) -> None:
        self._database, self._forms = database, forms
        self._fields, self._objects, self._types = fields, objects, types
        self._listing = Listing(database, fields, objects, types)
        self._listed_jobs = OwnJobs(database, jobs.kind)
        self._jobs = jobs
        self.finders = {
            "CreateOwnField": fields.find,
            "CreateOwnObject": objects.find,
            "CreateOwnAssociationType": types.find,
        }

    async def ListOwnObjects(
        self, request: pb.ListOwnObjectsRequest, _: Any
    ) -> pb.ListOwnObjectsResponse:
        caller = current_call().caller
        check_permission(caller, "schema.read")
        listed = await self._listing.counted_objects(caller)
        writable = caller.may("schema.write")
        return pb.ListOwnObjectsResponse(objects=listed, writable=writable)

    async def ListOwnFields(
        self, request: pb.ListOwnFieldsRequest, _: Any
    ) -> pb.ListOwnFieldsResponse:
        caller, slug = current_call().caller, request.slug
        check_permission(caller, "schema.read")
        found = await self._objects.get(caller, slug)
        listed = await self._listing.objects(caller)
        roles = await self._database.rows(_ROLES, caller.business_id)
        return pb.ListOwnFieldsResponse(
            object=next(each for each in listed if each.slug == found.slug),
            fields=await self._listing.fields(caller, slug),
            writable=caller.may("schema.write"),
            roles=[row[0] for row in roles],
            targets=await self._fields.targets(caller),
            jobs=await self._listed_jobs.of(caller, slug),
        )

    async def ListOwnAssociationTypes(
        self, request: pb.ListOwnAssociationTypesRequest, _: Any
    ) -> pb.ListOwnAssociationTypesResponse:
        caller = current_call().caller
        check_permission(caller, "schema.read")
        return pb.ListOwnAssociationTypesResponse(
            types=await self._listing.association_types(caller),
            writable=caller.may("schema.write"),
            objects=await self._listing.objects(caller),
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
        self._check(request.form_token, archives=request.archived)
        if request.archived:
            gone = fields_pb2.DeleteFieldRequest(id=request.id)
            await self._fields.DeleteField(gone, _)
        else:
            again = fields_pb2.RestoreFieldRequest(id=request.id)
            await self._fields.RestoreField(again, _)
        return Empty()

    async def ChangeOwnField(
        self, request: pb.ChangeOwnFieldRequest, _: Any
    ) -> pb.ChangeOwnFieldResponse:
        self._check(request.form_token)
        change = request.change
        if request.only_look:
            change.on_conflict = fields_pb2.ON_CONFLICT_CLEAR
            change.ClearField("map")
            try:
                told = await self._fields.changing.look(change)
            except TooManyValues:
                return pb.ChangeOwnFieldResponse(by_job=True)
        else:
            if request.HasField("others"):
                await self._fields.changing.name_all(change, request.others)
            told = await self._fields.ChangeField(change, _)
        return pb.ChangeOwnFieldResponse(
            records=told.records,
            converted=told.converted,
            cleared=told.cleared,
            sample=told.sample,
            by_job=told.HasField("job"),
        )

    async def ReplaceOwnFieldOption(
        self, request: pb.ReplaceOwnFieldOptionRequest, _: Any
    ) -> pb.ReplaceOwnFieldOptionResponse:
        self._check(request.form_token)
        done = await self._fields.ReplaceFieldOption(request.replacement, _)
        return pb.ReplaceOwnFieldOptionResponse(
            records=done.records, by_job=done.HasField("job")
        )

    async def CancelOwnJob(self, request: pb.CancelOwnJobRequest, _: Any) -> Empty:
        caller = current_call().caller
        self._forms.check(request.form_token, ACCOUNT, caller.token_id)
        await cancel(self._jobs, current_call(), request.id)
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

    async def CreateOwnObject(
        self, request: pb.CreateOwnObjectRequest, _: Any
    ) -> Empty:
        self._check(request.form_token)
        given = objects_pb2.CreateObjectRequest(object=request.object)
        await self._objects.CreateObject(given, _)
        return Empty()

    async def UpdateOwnObject(
        self, request: pb.UpdateOwnObjectRequest, _: Any
    ) -> Empty:
        self._check(request.form_token)
        given = objects_pb2.UpdateObjectRequest(
            slug=request.slug,
            object=request.object,
            update_mask=request.update_mask,
            etag=request.etag,
        )
        await self._objects.UpdateObject(given, _)
        return Empty()

    async def ArchiveOwnObject(
        self, request: pb.ArchiveOwnObjectRequest, _: Any
    ) -> Empty:
        self._check(request.form_token, archives=request.archived)
        if request.archived:
            gone = objects_pb2.DeleteObjectRequest(slug=request.slug)
            await self._objects.DeleteObject(gone, _)
        else:
            again = objects_pb2.RestoreObjectRequest(slug=request.slug)
            await self._objects.RestoreObject(again, _)
        return Empty()

    async def CreateOwnAssociationType(
        self, request: pb.CreateOwnAssociationTypeRequest, _: Any
    ) -> Empty:
        self._check(request.form_token)
        given = types_pb2.CreateAssociationTypeRequest(
            association_type=request.association_type
        )
        await self._types.CreateAssociationType(given, _)
        return Empty()

    async def UpdateOwnAssociationType(
        self, request: pb.UpdateOwnAssociationTypeRequest, _: Any
    ) -> Empty:
        self._check(request.form_token)
        given = types_pb2.UpdateAssociationTypeRequest(
            id=request.id,
            association_type=request.association_type,
            update_mask=request.update_mask,
            etag=request.etag,
        )
        await self._types.UpdateAssociationType(given, _)
        return Empty()

    async def ArchiveOwnAssociationType(
        self, request: pb.ArchiveOwnAssociationTypeRequest, _: Any
    ) -> Empty:
        self._check(request.form_token, archives=request.archived)
        if request.archived:
            gone = types_pb2.DeleteAssociationTypeRequest(id=request.id)
            await self._types.DeleteAssociationType(gone, _)
        else:
            again = types_pb2.RestoreAssociationTypeRequest(id=request.id)
            await self._types.RestoreAssociationType(again, _)
        return Empty()

    def _check(self, form_token: str, *, archives: bool = False) -> None:
        """Refuses a form of another session, and a user whose role may not write."""
        caller = current_call().caller
        self._forms.check(form_token, ACCOUNT, caller.token_id)
        check_permission(caller, "schema.delete" if archives else "schema.write")
