"""What the pages of imports show and do, by the methods of imports."""

from collections.abc import Iterable
from typing import Any

from prospectconnect.jobs.v1 import imports_pb2 as api
from prospectconnect.jobs.v1 import jobs_pb2 as jobs
from prospectconnect.jobs.v1 import own_jobs_pb2 as pb
from prospectconnect.type.v1.files_pb2 import FilePiece

from services.account_records.resources import paths_of
from services.account_records.running import Running
from services.caller import current_call
from services.errors import PermissionDenied
from services.imports import statements as sql
from services.imports.checks import kind_of
from services.imports.paths import Fields
from services.imports.rejected import charset_of_rows
from services.imports.taking import ENDED
from services.imports.undoing import may_undo
from services.kinds.sensitive import fields_of
from services.postgres.database import Database
from services.records.schemas import Schemas

_SERVICE = "/prospectconnect.jobs.v1.ImportService/"
_GET_JOB = "/prospectconnect.jobs.v1.JobService/GetJob"
_PAGE, _ROWS = 20, 50
# So many characters of a rejected row are shown, of at most so many bytes each.
_MOST_SENT, _LONGEST_CHARACTER = 300, 4
# What the list shows. The first rows of dry runs would make it long, and they may be
# nested more deeply than a message within another one may be.
_LISTED = (
    *("mode", "resource", "state", "dry_run", "created_at", "created_by", "rows"),
    *("created", "updated", "unchanged", "deleted", "failed", "undoes", "undone_by"),
)
# What one import has of another that is begun with its file.
_SAME = (
    *("resource", "mode", "match_on", "format", "on_error", "locale", "charset"),
    *("delimiter", "create_missing", "empty"),
)
# How the file of a dry run is read, which may be another way than it was tried by.
_READ_BY = "charset", "delimiter", "locale"


class OwnImports:
    """Shows imports, begins them and sends their files."""

    def __init__(self, database: Database, schemas: Schemas, running: Running) -> None:
        self._database, self._schemas, self._running = database, schemas, running

    async def page(self, cursor: str) -> Any:
        """A page of imports, newest first."""
        its = {"limit": _PAGE, "cursor": cursor or None, "fields": _LISTED}
        asked = api.SearchImportsRequest(**its)  # type: ignore[arg-type]  # as named
        return await self._run("SearchImports", asked)

    async def named(self, ids: Iterable[str]) -> dict[str, api.Import]:
        """Imports by their ids, as the list has them. Those not seen are not there."""
        wanted = sorted({*ids} - {""})
        if not wanted:
            return {}
        asked = api.SearchImportsRequest(ids=wanted, by_ids=True, fields=_LISTED)
        found = (await self._run("SearchImports", asked)).data
        return {each.id: each for each in found}

    async def one(self, import_id: str, cursor: str) -> pb.GetOwnImportResponse:
        """An import, how far it is, and a page of its rejected rows."""
        found = await self._get(import_id)
        told = pb.GetOwnImportResponse(**{"import": found})
        caller = current_call().caller
        told.is_own = found.created_by == caller.user_id
        if found.job_id:
            of_job = jobs.GetJobRequest(id=found.job_id)
            job = await self._running.call(_GET_JOB, of_job)
            told.job.CopyFrom(job)
        told.may_undo = may_undo(caller, self._running.kinds, found)
        others = await self.named((found.undoes, found.undone_by))
        for each in others.values():
            its = told.undoes if each.id == found.undoes else told.undone_by
            its.CopyFrom(each)
        if found.failed:
            await self._tell_rows(told, cursor)
        if found.dry_run and found.state in ENDED and told.is_own:
            row = await self._database.row(sql.READ, caller.business_id, found.id)
            told.has_content = row is not None and bool(row["sendings"])
            if told.has_content:
                told.paths.extend(await self._paths(found))
        return told

    async def create(self, given: api.Import) -> str:
        """Begins an import. Returns its id."""
        made = await self._run("CreateImport", _creating(given))
        return str(made.id)

    async def write(self, request: pb.WriteOwnImportContentRequest) -> None:
        """Sends a piece of its file on."""
        piece = api.WriteImportContentRequest(
            id=request.id,
            sending=request.sending,
            piece=request.piece,
            data=request.data,
            last=request.last,
            sha256=request.sha256,
        )
        await self._run("WriteImportContent", piece)

    async def start(self, request: pb.StartOwnImportRequest) -> str:
        """Begins an import with the file of a dry run. Returns its id.

        A file that is read in another way has other columns: they are matched anew.
        """
        tried = await self._get(request.id)
        given: Any = api.Import(dry_run=request.dry_run)
        asked: Any = request
        for name in _SAME:
            if getattr(tried, name):
                setattr(given, name, getattr(tried, name))
        is_read_anew = False
        for name in _READ_BY:
            value = getattr(asked, name)
            if asked.HasField(name) and value != getattr(tried, name):
                is_read_anew = True
                given.ClearField(name)
                if value:
                    setattr(given, name, value)
        if tried.HasField("defaults"):
            given.defaults.CopyFrom(tried.defaults)
        if tried.format == api.IMPORT_FORMAT_CSV and not is_read_anew:
            chosen = tried.result.fields["mapping"].struct_value
            given.mapping.CopyFrom(
                request.mapping if request.HasField("mapping") else chosen
            )
        made = await self._run("CreateImport", _creating(given, tried.id))
        return str(made.id)

    async def undo(self, request: pb.UndoOwnImportRequest) -> str:
        """Begins to undo an import. Returns the id of the undo."""
        asked = api.UndoImportRequest(id=request.id, dry_run=request.dry_run)
        return str((await self._run("UndoImport", asked)).id)

    async def errors(self, request: pb.ReadOwnImportErrorsRequest) -> FilePiece:
        """A piece of the file of rejected rows."""
        asked = api.GetImportErrorsRequest(
            id=request.id, offset=request.offset, length=request.length
        )
        found: FilePiece = await self._run("GetImportErrors", asked)
        return found

    async def _tell_rows(self, told: pb.GetOwnImportResponse, cursor: str) -> None:
        asked = api.SearchImportRowsRequest(
            id=getattr(told, "import").id,
            status=api.IMPORT_ROW_STATUS_FAILED,
            limit=_ROWS,
            cursor=cursor or None,
        )
        try:
            found = await self._run("SearchImportRows", asked)
        except PermissionDenied:  # what the rows hold, the user may not read
            return
        told.rows.extend(found.data)
        told.next = found.meta.cursor.next
        its = getattr(told, "import")
        if not its.undoes:
            await self._tell_sent(told, its, [each.row for each in found.data])

    async def _tell_sent(
        self, told: pb.GetOwnImportResponse, its: api.Import, numbers: list[int]
    ) -> None:
        """Tells how rows were sent: who sees their problems may download them."""
        business_id = current_call().caller.business_id
        given = business_id, its.id, numbers, _MOST_SENT * _LONGEST_CHARACTER
        charset = charset_of_rows(its)
        for number, sent in await self._database.rows(sql.SENT_OF, *given):
            text = sent.decode(charset, "ignore")
            is_cut = len(text) > _MOST_SENT
            told.sent[number] = f"{text[:_MOST_SENT]}…" if is_cut else text

    async def _paths(self, found: api.Import) -> list[str]:
        """The fields that columns may be mapped to."""
        caller, kinds = current_call().caller, self._running.kinds
        kind = kind_of(kinds, found.resource)
        slug = found.resource if kind.object_field else kind.table
        schema = await self._schemas.of(caller)
        return paths_of(Fields(kinds, kind, fields_of(schema, slug, caller)))

    async def _get(self, import_id: str) -> Any:
        return await self._run("GetImport", api.GetImportRequest(id=import_id))

    async def _run(self, method: str, request: Any) -> Any:
        return await self._running.call(_SERVICE + method, request)


def _creating(given: api.Import, content_of: str = "") -> api.CreateImportRequest:
    fields: dict[str, Any] = {"import": given, "content_of": content_of}
    return api.CreateImportRequest(**fields)
