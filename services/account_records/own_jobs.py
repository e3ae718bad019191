"""The service of the pages of jobs, imports and exports.

A form is accepted from its own session alone.
"""

from collections.abc import Iterable
from typing import Any

from google.protobuf.empty_pb2 import Empty
from prospectconnect.jobs.v1 import exports_pb2, own_jobs_pb2_grpc
from prospectconnect.jobs.v1 import jobs_pb2 as jobs
from prospectconnect.jobs.v1 import own_jobs_pb2 as pb
from prospectconnect.type.v1.files_pb2 import FilePiece

from services.account_records.makers import user_names
from services.account_records.own_imports import OwnImports
from services.account_records.resources import resources_for
from services.account_records.running import Running
from services.caller import current_call
from services.iam.oauth.sessions import ACCOUNT
from services.postgres.database import Database
from services.records.schemas import Schemas
from services.sealed.forms import Forms

_JOBS = "/prospectconnect.jobs.v1.JobService/"
_EXPORTS = "/prospectconnect.jobs.v1.ExportService/"
_PAGE = 20


class OwnJobsService(own_jobs_pb2_grpc.OwnJobsServiceServicer):
    """The methods of `OwnJobsService`, as the proto describes them."""

    def __init__(
        self, database: Database, schemas: Schemas, forms: Forms, running: Running
    ) -> None:
        self._schemas, self._forms, self._running = schemas, forms, running
        self._imports = OwnImports(database, schemas, running)

    async def ListOwnJobs(
        self, request: pb.ListOwnJobsRequest, _: Any
    ) -> pb.ListOwnJobsResponse:
        asked = jobs.SearchJobsRequest(limit=_PAGE, cursor=request.cursor or None)
        found = await self._running.call(f"{_JOBS}SearchJobs", asked)
        kind = jobs.JOB_KIND_IMPORT
        its = {each.subject_id for each in found.data if each.kind == kind}
        imports = await self._imports.named(its)
        imports |= await self._imports.named(each.undoes for each in imports.values())
        return pb.ListOwnJobsResponse(
            jobs=found.data,
            next=found.meta.cursor.next,
            names=await self._names(found.data),
            imports=imports,
        )

    async def CancelOwnJob(self, request: pb.CancelOwnJobRequest, _: Any) -> Empty:
        self._check(request.form_token)
        asked = jobs.CancelJobRequest(id=request.id)
        await self._running.call(f"{_JOBS}CancelJob", asked)
        return Empty()

    async def ListOwnResources(
        self, request: pb.ListOwnResourcesRequest, _: Any
    ) -> pb.ListOwnResourcesResponse:
        caller = current_call().caller
        schema = await self._schemas.of(caller)
        found = resources_for(self._running.kinds, schema, caller)
        return pb.ListOwnResourcesResponse(resources=found)

    async def ListOwnImports(
        self, request: pb.ListOwnImportsRequest, _: Any
    ) -> pb.ListOwnImportsResponse:
        found = await self._imports.page(request.cursor)
        return pb.ListOwnImportsResponse(
            imports=found.data,
            next=found.meta.cursor.next,
            names=await self._names(found.data),
            undone=await self._imports.named(each.undoes for each in found.data),
        )

    async def GetOwnImport(
        self, request: pb.GetOwnImportRequest, _: Any
    ) -> pb.GetOwnImportResponse:
        return await self._imports.one(request.id, request.cursor)

    async def CreateOwnImport(
        self, request: pb.CreateOwnImportRequest, _: Any
    ) -> pb.CreateOwnImportResponse:
        self._check(request.form_token)
        made = await self._imports.create(getattr(request, "import"))
        return pb.CreateOwnImportResponse(id=made)

    async def WriteOwnImportContent(
        self, request: pb.WriteOwnImportContentRequest, _: Any
    ) -> Empty:
        self._check(request.form_token)
        await self._imports.write(request)
        return Empty()

    async def StartOwnImport(
        self, request: pb.StartOwnImportRequest, _: Any
    ) -> pb.StartOwnImportResponse:
        self._check(request.form_token)
        return pb.StartOwnImportResponse(id=await self._imports.start(request))

    async def UndoOwnImport(
        self, request: pb.UndoOwnImportRequest, _: Any
    ) -> pb.UndoOwnImportResponse:
        self._check(request.form_token)
        return pb.UndoOwnImportResponse(id=await self._imports.undo(request.id))

    async def ReadOwnImportErrors(
        self, request: pb.ReadOwnImportErrorsRequest, _: Any
    ) -> FilePiece:
        return await self._imports.errors(request)

    async def ListOwnExports(
        self, request: pb.ListOwnExportsRequest, _: Any
    ) -> pb.ListOwnExportsResponse:
        asked = exports_pb2.SearchExportsRequest(
            limit=_PAGE, cursor=request.cursor or None
        )
        found = await self._running.call(f"{_EXPORTS}SearchExports", asked)
        return pb.ListOwnExportsResponse(
            exports=found.data,
            next=found.meta.cursor.next,
            names=await self._names(found.data),
        )

    async def GetOwnExport(
        self, request: pb.GetOwnExportRequest, _: Any
    ) -> pb.GetOwnExportResponse:
        asked = exports_pb2.GetExportRequest(id=request.id)
        export = await self._running.call(f"{_EXPORTS}GetExport", asked)
        of_job = jobs.GetJobRequest(id=export.job_id)
        job = await self._running.call(f"{_JOBS}GetJob", of_job)
        return pb.GetOwnExportResponse(export=export, job=job)

    async def CreateOwnExport(
        self, request: pb.CreateOwnExportRequest, _: Any
    ) -> pb.CreateOwnExportResponse:
        self._check(request.form_token)
        asked = exports_pb2.CreateExportRequest(export=request.export)
        made = await self._running.call(f"{_EXPORTS}CreateExport", asked)
        return pb.CreateOwnExportResponse(id=made.id)

    async def ReadOwnExportFile(
        self, request: pb.ReadOwnExportFileRequest, _: Any
    ) -> FilePiece:
        asked = exports_pb2.GetExportFileRequest(
            id=request.id,
            number=request.number,
            offset=request.offset,
            length=request.length,
        )
        found: FilePiece = await self._running.call(f"{_EXPORTS}GetExportFile", asked)
        return found

    def _check(self, form_token: str) -> None:
        """Refuses a form of another session."""
        self._forms.check(form_token, ACCOUNT, current_call().caller.token_id)

    async def _names(self, records: Iterable[Any]) -> dict[str, str]:
        """The names of those who began something."""
        ids = {each.created_by for each in records} - {""}
        return await user_names(self._running, ids) if ids else {}
