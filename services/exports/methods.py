"""The methods of exports, as the proto describes them."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_SESSION
from prospectconnect.jobs.v1 import exports_pb2 as pb
from prospectconnect.jobs.v1 import jobs_pb2 as jobs
from prospectconnect.type.v1.errors_pb2 import FaultCode
from prospectconnect.type.v1.files_pb2 import FilePiece

from services.caller import Caller, current_call
from services.clock import from_timestamp, now
from services.contracts import contract_at
from services.errors import NotFound, ValidationFailed
from services.exports.errors import FilesGone
from services.exports.formats import media_type_of
from services.exports.parquet import has_parquet
from services.exports.resources import AT, Resources
from services.exports.rights import WRITTEN, check_written, needed, reached
from services.exports.runner import ATTEMPT, folder_of
from services.exports.selection import Selections
from services.faults import Fault
from services.files.stores import FileMissing, Files
from services.jobs import queue
from services.jobs.apps import count_own, find_own, refuse_others
from services.kinds.own_fields import Schema
from services.postgres.database import Transaction
from services.records import job_statements
from services.records.commands import Around, Command
from services.records.engine import Records
from services.records.reading.short_pages import short_page
from services.standard import Kept, standard_methods

_CHOICE, _INVALID = FaultCode.FAULT_CODE_INVALID_CHOICE, FaultCode.FAULT_CODE_INVALID
_REQUIRED = FaultCode.FAULT_CODE_REQUIRED
MOST_LENGTH = 1024**2
_MOST_DIGITS = 9
# Of one type of records alone.
_OF_ONE = ("filters", "fields", "expand")

# Where the files of an export are, and what their maker saw. Values: business, the
# export's id.
_FOLDER = f"""
SELECT j.task ->> '{ATTEMPT}', j.task -> '{WRITTEN}' FROM exports AS e
JOIN jobs AS j ON j.business_id = $1 AND j.id = e.job_id
WHERE e.business_id = $1 AND e.id = $2
"""


# How many exports of a tenant are not written yet, or have files.
_KEPT = f"""
SELECT count(*) FROM exports
WHERE business_id = $1 AND (has_files OR state <= {jobs.JOB_STATE_RUNNING})
"""
MOST_KEPT = 200


class ExportMethods:
    """The methods of exports that are not standard. `contracts`: oldest first."""

    def __init__(self, kept: Kept, files: Files, contracts: Sequence[str]) -> None:
        self._records: Records[pb.Export] = kept.records
        self._files, self._contracts = files, contracts
        service = pb.DESCRIPTOR.services_by_name["ExportService"]
        self._standard = standard_methods(service, kept)
        self._resources = Resources(self._records.kinds)
        self._selections = Selections(self._resources)
        self.finders = {"CreateExport": self._find}

    async def GetExport(self, request: pb.GetExportRequest, context: Any) -> Any:
        await refuse_others(self._records, current_call().caller, request.id)
        return await self._standard["GetExport"](request, context)

    async def SearchExports(
        self, request: pb.SearchExportsRequest, context: Any
    ) -> Any:
        call = current_call()
        await find_own(self._records, call, request)
        search = self._standard["SearchExports"]
        return await short_page(search, call, request, context)

    async def AggregateExports(
        self, request: pb.AggregateExportsRequest, context: Any
    ) -> Any:
        count_own(current_call())
        return await self._standard["AggregateExports"](request, context)

    async def CreateExport(self, request: pb.CreateExportRequest, _: Any) -> pb.Export:
        call, given = current_call(), request.export
        schema = await self._schema(call.caller, given)
        if faults := self._faults(call.caller, schema, given):
            raise ValidationFailed(faults)
        self._resources.check(call.caller, _names(given))
        job = queue.drafted(call.caller, jobs.JOB_KIND_EXPORT, "")

        def settle(made: pb.Export) -> None:
            made.resources[:] = _names(given)
            made.version = contract_at(self._contracts, given.version)
            made.job_id, made.state = job.id, jobs.JOB_STATE_WAITING
            _own(made, call.caller)
            job.subject_id = made.id

        def around(caller: Caller, _: Any, made: pb.Export) -> Around:
            values = queue.begun(caller.business_id, job, {})
            begin = Command(job_statements.BEGIN, values)
            return Around((), [begin], partial(refuse_too_many, caller))

        return await self._records.with_around(around).create(call, given, settle)

    async def GetExportFile(
        self, request: pb.GetExportFileRequest, _: Any
    ) -> FilePiece:
        caller = current_call().caller
        await refuse_others(self._records, caller, request.id)
        export = await self._records.get(caller, request.id)
        self._resources.check(caller, export.resources)
        if caller.user_id != export.created_by and self._may_be_private(export):
            raise _no_file()
        file = _file(export, request.number)
        attempt = await self._attempt(caller, export)
        length = max(0, min(request.length, MOST_LENGTH))
        data = b""
        if length and 0 <= request.offset < file.bytes:
            name = f"{folder_of(caller.business_id, export.id)}{attempt}/{file.number}"
            data = await self._read(name, request.offset, length)
        return FilePiece(
            data=data,
            name=file.name,
            media_type=media_type_of(export),
            total_bytes=file.bytes,
            sha256=file.sha256,
        )

    def _may_be_private(self, export: pb.Export) -> bool:
        """Whether the files may hold records that their maker alone sees."""
        kinds = map(self._resources.kind_of, export.resources)
        return any(each.private_by for each in kinds)

    async def _attempt(self, caller: Caller, export: pb.Export) -> str:
        """The folder of the files. Refuses who sees less than the files hold."""
        its = caller.business_id, export.id
        row = await self._records.database.row(_FOLDER, *its)
        if row is None or row[0] is None:
            raise FilesGone
        schema = await self._schema(caller, export)
        before = row[1]
        if before is None:  # a worker wrote it that did not note what its maker saw
            of = caller, schema, export
            parts = [self._selections.outline(*of, e) for e in export.resources]
            kinds = needed(reached(parts))
            before = {"reads": kinds, "by_role": [], "whole": [], "masked": {}}
        check_written(caller, schema, before)
        return str(row[0])

    async def _read(self, name: str, offset: int, length: int) -> bytes:
        try:
            return await self._files.piece(name, offset, length)
        except FileMissing:
            raise FilesGone from None

    async def _find(
        self, caller: Caller, request: pb.CreateExportRequest
    ) -> list[Fault]:
        schema = await self._schema(caller, request.export)
        return self._faults(caller, schema, request.export)

    async def _schema(self, caller: Caller, export: pb.Export) -> Schema:
        """The tenant's definitions; the newest, if they lack what is named."""
        custom = self._resources.custom(_names(export))
        if custom:
            await self._records.custom_objects(caller, custom)
        return await self._records.schema_of(caller)

    def _faults(self, caller: Caller, schema: Schema, export: pb.Export) -> list[Fault]:
        """All that is wrong with an export."""
        names, at = _names(export), "resources" if export.resources else "resource"
        found = list(self._of_values(export, names))
        unknown = self._resources.faults(names, at, schema)
        if unknown or len(names) != 1:
            return found + unknown
        return found + self._selections.faults(caller, schema, export, names[0])

    def _of_values(self, export: pb.Export, names: Sequence[str]) -> Iterator[Fault]:
        if not names:
            message = "Give resource, or resources."
            yield Fault(f"{AT}.resource", _REQUIRED, message)
        elif export.resource and export.resources:
            message = "Give resource or resources, not both."
            yield Fault(f"{AT}.resource", _INVALID, message)
        for name in _OF_ONE:
            if getattr(export, name) and len(names) > 1:
                message = "Give one resource, or leave it out."
                yield Fault(f"{AT}.{name}", _INVALID, message)
        if export.byte_order_mark and export.format != pb.EXPORT_FORMAT_CSV:
            message = "Leave it out: only a file of CSV begins with it."
            yield Fault(f"{AT}.byte_order_mark", _INVALID, message)
        if export.names and export.format == pb.EXPORT_FORMAT_NDJSON:
            message = "Leave it out, and give expand: a line is what a GET answers."
            yield Fault(f"{AT}.names", _INVALID, message)
        if export.names and export.expand:
            yield Fault(f"{AT}.names", _INVALID, "Give names or expand, not both.")
        if export.format == pb.EXPORT_FORMAT_PARQUET and not has_parquet():
            message = "This server writes no Parquet. Give csv or ndjson."
            yield Fault(f"{AT}.format", _CHOICE, message)
        if export.version and not contract_at(self._contracts, export.version):
            message = f"The contracts are: {', '.join(self._contracts)}."
            yield Fault(f"{AT}.version", _CHOICE, message)


def _names(export: pb.Export) -> list[str]:
    """The types of records of an export, as it was given or as it is stored."""
    return list(export.resources) or [export.resource] * bool(export.resource)


def _own(export: pb.Export, caller: Caller) -> None:
    """Makes the caller the one whose rights count."""
    export.created_by = caller.user_id
    if caller.client_id:
        export.client_id = caller.client_id
    if caller.token_kind != TOKEN_KIND_SESSION:
        export.token_id = caller.token_id


async def refuse_too_many(caller: Caller, transaction: Transaction) -> None:
    """Refuses an export that was made just now, where there are too many."""
    row = await transaction.row(_KEPT, caller.business_id)
    if row is not None and row[0] > MOST_KEPT:
        message = f"There are at most {MOST_KEPT} exports with files."
        code = FaultCode.FAULT_CODE_TOO_MANY
        raise ValidationFailed([Fault(f"{AT}.resource", code, message)])


def _no_file() -> NotFound:
    return NotFound("The export has no such file.")


def _file(export: pb.Export, number: str) -> pb.ExportFile:
    """A file of an export. Raises `NotFound`, and `FilesGone` once it is deleted."""
    if export.problem.type == "gone":
        raise FilesGone(export.problem.detail)
    is_number = number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS
    files = export.result.files
    if not is_number or number[0] == "0" or int(number) > len(files):
        raise _no_file()
    if from_timestamp(export.expires_at) <= now():
        raise FilesGone
    return files[int(number) - 1]
