"""The methods of imports, as the proto describes them."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from prospectconnect.jobs.v1 import imports_pb2 as pb
from prospectconnect.jobs.v1.jobs_pb2 import JOB_KIND_IMPORT

from services.caller import Call, Caller, current_call
from services.clock import now
from services.errors import NotFound, WrongState
from services.files.stores import Files
from services.imports import statements as sql
from services.imports.checks import Checks
from services.imports.contents import (
    WHOLE,
    Contents,
    Piece,
    check_parts,
    check_sender,
    read_piece,
    refuse_started,
)
from services.imports.rejected import Rejected
from services.imports.rows import Rows
from services.imports.sight import hide
from services.imports.taking import FOLDER, check_source, take
from services.imports.undoing import Undos, maker_of
from services.jobs import queue
from services.jobs.apps import count_own, find_own, refuse_others
from services.postgres.database import Transaction
from services.records.commands import Around, Command, keep_answer
from services.records.engine import Records
from services.records.reading.short_pages import short_page
from services.sealed.cursors import Cursors
from services.standard import Kept, standard_methods

# So many imports of a tenant may wait for their contents.
MOST_OPEN = 100
# The task of an import with a content of its own.
_NEW: Mapping[str, str] = MappingProxyType({})


class ImportMethods:
    """The methods of imports that are not standard."""

    def __init__(self, kept: Kept, cursors: Cursors, files: Files) -> None:
        self._records: Records[pb.Import] = kept.records
        service = pb.DESCRIPTOR.services_by_name["ImportService"]
        self._standard = standard_methods(service, kept)
        self._checks = Checks(self._records)
        database = self._records.database
        self._contents = Contents(database, files)
        self._rows = Rows(database, cursors)
        self._rejected = Rejected(database, files)
        self._undos = Undos(self._records)

    async def GetImport(self, request: pb.GetImportRequest, context: Any) -> Any:
        await refuse_others(self._records, current_call().caller, request.id)
        found = await self._standard["GetImport"](request, context)
        await hide(self._checks, self._records, current_call().caller, found)
        return found

    async def SearchImports(
        self, request: pb.SearchImportsRequest, context: Any
    ) -> Any:
        call = current_call()
        await find_own(self._records, call, request)
        search = self._standard["SearchImports"]
        page = await short_page(search, call, request, context)
        its = self._checks, self._records, call.caller
        for each in page.data:
            await hide(*its, each)
        return page

    async def AggregateImports(
        self, request: pb.AggregateImportsRequest, context: Any
    ) -> Any:
        count_own(current_call())
        return await self._standard["AggregateImports"](request, context)

    async def CreateImport(self, request: pb.CreateImportRequest, _: Any) -> pb.Import:
        call, given = current_call(), getattr(request, "import")
        await self._checks.check(call.caller, given)
        row = await self._records.database.row(sql.OPEN, call.caller.business_id)
        if row is not None and row[0] >= MOST_OPEN:
            raise WrongState(f"{MOST_OPEN} imports wait for their contents already.")

        if source := request.content_of:
            tried = await self._records.get(call.caller, source)
            await check_source(self._checks, call.caller, tried, given)

        def around(caller: Caller, before: Any, after: Any) -> Around | None:
            its = caller.business_id, after.id, *maker_of(caller)
            then = partial(self._take, call, source, after) if source else None
            return Around(after=[Command(sql.MAKER, its)], then=then)

        records = self._records.with_around(around)
        return await records.create(call, given, _begin)

    async def _take(
        self, call: Call, source: str, made: pb.Import, transaction: Transaction
    ) -> None:
        """Starts an import with the content of another one."""
        folder = await take(transaction, call.caller.business_id, source, made.id)
        await self._start(transaction, call, made, {FOLDER: folder})

    async def WriteImportContent(
        self, request: pb.WriteImportContentRequest, _: Any
    ) -> pb.Import:
        piece = read_piece(request)
        return await self._write(request.id, piece, starts=True)

    async def WriteImportPart(
        self, request: pb.WriteImportPartRequest, _: Any
    ) -> pb.Import:
        piece = read_piece(request, request.number)
        return await self._write(request.id, piece, starts=False)

    async def _write(self, import_id: str, piece: Piece, *, starts: bool) -> pb.Import:
        call = current_call()
        found = await self._sent_by(call.caller, import_id)
        await self._contents.keep(call, import_id, piece)
        if not piece.is_last:
            return found
        await self._contents.check_whole(call, import_id, piece)
        replaced = ""

        async def run(transaction: Transaction) -> None:
            nonlocal replaced
            its = transaction, call
            replaced = await self._contents.arrive(*its, import_id, piece)
            if starts:
                await self._start(*its, found, only=WHOLE)

        database = self._records.database
        await database.in_transaction(run)
        if replaced and not call.is_dry:
            await self._contents.forget(call, import_id, piece, replaced)
        return await self._records.get(call.caller, import_id)

    async def StartImport(self, request: pb.StartImportRequest, _: Any) -> pb.Import:
        call, records = current_call(), self._records
        found = await self._sent_by(call.caller, request.id)

        async def run(transaction: Transaction) -> pb.Import:
            await self._start(transaction, call, found)
            its = call.caller.business_id, request.id
            row = await transaction.row(records.compiled.get_sql, *its)
            if row is None:
                raise NotFound
            started: pb.Import = records.codec.read(row, its[0])
            await keep_answer(transaction, call, started)
            return started

        return await records.database.in_transaction(run)

    async def CancelImport(self, request: pb.CancelImportRequest, _: Any) -> pb.Import:
        call, records = current_call(), self._records
        found = await self._seen(call.caller, request.id)
        await self._checks.check_rights(call.caller, found)
        if found.state == pb.IMPORT_STATE_WAITING_FOR_CONTENT:
            await self._cancel(call, found)
            found = await records.get(call.caller, request.id)
        elif not found.job_id:  # it ended before it began
            await keep_answer(records.database, call, found)
        if found.job_id:
            await self._cancel(call, found)
            found = await records.get(call.caller, request.id)
        elif not call.is_dry:
            await self._contents.delete(call.caller.business_id, found.id)
        await hide(self._checks, records, call.caller, found)
        return found

    async def _cancel(self, call: Call, found: pb.Import) -> None:
        """Cancels the job of an import; without one, the import that waits.

        One that starts meanwhile stays as it is.
        """
        its = call.caller.business_id, found.id

        async def run(transaction: Transaction) -> None:
            if found.job_id:
                await queue.cancel(transaction, its[0], found.job_id)
            else:
                await transaction.run(sql.CANCELLED, *its, now())
            row = await transaction.row(self._records.compiled.get_sql, *its)
            if row is None:
                raise NotFound
            left: pb.Import = self._records.codec.read(row, its[0])
            if found.job_id or not left.job_id:
                await keep_answer(transaction, call, left)

        await self._records.database.in_transaction(run)

    async def UndoImport(self, request: pb.UndoImportRequest, _: Any) -> pb.Import:
        call = current_call()
        its = await self._seen(call.caller, request.id)
        return await self._undos.begin(call, its, dry_run=request.dry_run)

    async def _seen(self, caller: Caller, import_id: str) -> pb.Import:
        """An import that the caller sees: an app its own alone."""
        await refuse_others(self._records, caller, import_id)
        return await self._records.get(caller, import_id)

    async def _sent_by(self, caller: Caller, import_id: str) -> pb.Import:
        """An import that waits for a content of the caller."""
        found = await self._seen(caller, import_id)
        check_sender(caller, found)
        await self._checks.check_rights(caller, found)
        return found

    async def _start(
        self,
        transaction: Transaction,
        call: Call,
        found: pb.Import,
        task: Mapping[str, str] = _NEW,
        only: int = 0,
    ) -> None:
        """Begins the job of an import. `only`: its content is this part alone."""
        caller, its = call.caller, (call.caller.business_id, found.id)
        row = await transaction.row(sql.LOCK, *its)
        if row is None:
            raise NotFound
        refuse_started(row["state"])
        sendings = row["sendings"]
        if only and len(sendings) > 1:
            raise WrongState("Parts of the content are there: start the import.")
        check_parts(sendings)
        job = queue.drafted(caller, JOB_KIND_IMPORT, found.id)
        await transaction.run(sql.STARTED, *its, job.id, now(), *maker_of(caller))
        await queue.begin(transaction, its[0], job, dict(task))

    async def SearchImportRows(
        self, request: pb.SearchImportRowsRequest, _: Any
    ) -> pb.SearchImportRowsResponse:
        caller = current_call().caller
        found = await self._seen(caller, request.id)
        await self._checks.check_sight(caller, found)
        return await self._rows.search(caller, request)

    async def GetImportErrors(self, request: pb.GetImportErrorsRequest, _: Any) -> Any:
        caller = current_call().caller
        found = await self._seen(caller, request.id)
        await self._checks.check_sight(caller, found)
        return await self._rejected.read(caller, found, request)


def _begin(record: pb.Import) -> None:
    record.state = pb.IMPORT_STATE_WAITING_FOR_CONTENT
