"""Runs the jobs of imports, a step at a time.

Each step is one transaction: some rows, what became of them, and where the next step
goes on.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from prospectconnect.jobs.v1 import imports_pb2 as pb

from services.building.services import Built
from services.caller import Caller
from services.clock import now
from services.errors import PermissionDenied
from services.every_kind import CompiledKinds
from services.files.stores import Files, StoreUnavailable
from services.iam.makers import Maker, find_maker
from services.importing.ahead import OpenContents
from services.importing.drafts import Result, storable
from services.importing.figures import ImportFigures
from services.importing.linking import Tools
from services.importing.lookups import Lookups
from services.importing.plans import Planning
from services.importing.reading.content import ContentError
from services.importing.reading.rows import Row
from services.importing.telling import (
    COUNTS,
    MOST_TRIED,
    STATES,
    count,
    count_besides,
    end,
    no_rows,
    recoded,
    shown,
    told,
)
from services.importing.transcoding import Transcoder
from services.importing.trying import Writes, end_undo, try_rows, write_rows
from services.importing.undoing.logged import ROWS
from services.importing.undoing.traces import traced
from services.importing.undoing.writing import Undoing, undone_row
from services.importing.writing import Writing
from services.imports import statements as sql
from services.imports.checks import check_rows_rights, kind_of
from services.imports.contents import folder_of
from services.imports.taking import FOLDER, is_kept
from services.jobs.work import Json, NotNowError, Work
from services.postgres.bound import Scope
from services.postgres.database import Transaction
from services.records.engine import Records
from services.records.rows import RowCodec
from services.records.schemas import Schemas

FIRST, LEAST, MOST = 50, 25, 500
# A step is made longer or shorter so that it takes about so many seconds.
AIM_SECONDS = 0.08
# A store that hangs holds up a step for so long: jobs of other tenants wait meanwhile.
STORE_SECONDS = 8.0
_FAILED = pb.IMPORT_ROW_STATUS_FAILED
# More than the number of any row.
LAST_ROW = 2**31 - 1
_NO_ROWS = "What the import did is kept no longer."
_MAY_NOT = "The user or the token that started the import may not go on with it."

T = TypeVar("T")


class ImportJobs:
    """Runs imports. `figures` counts what becomes of rows."""

    def __init__(
        self, built: Built, every: CompiledKinds, files: Files, transcoder: Transcoder
    ) -> None:
        kinds, files = every["import"].kinds, files.within(STORE_SECONDS)
        self._bound, self._schemas = built.bound, built.schemas
        lookups = Lookups(built.known, built.methods, built.within)
        records = {
            name: Records(built.bound, each, built.schemas)
            for name, each in every.items()
        }
        self._tools = Tools(built.runnables, lookups, transcoder, records)
        self._planning = Planning(kinds, built.schemas, files, transcoder)
        self._files, self._kinds = files, kinds
        record = kinds["import"]
        self._codec = RowCodec(record)
        self._get = (
            f"SELECT {self._codec.columns} FROM {record.table} AS r"
            " WHERE r.business_id = $1 AND r.id = $2"
        )
        self._contents = OpenContents(self._planning)
        self.figures = ImportFigures()

    async def in_transaction(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Runs a step in a transaction that single requests can be a part of."""

        async def run(scope: Scope) -> T:
            return await work(self._bound.over(scope.connection))

        done, scope = await self._bound.within(run)
        for business_id in [key[1] for key in scope.seen if key[0] is Schemas]:
            await self._schemas.kept(scope, business_id)
        return done

    async def run(self, transaction: Transaction, work: Work) -> None:
        """Does the next step."""
        its = work.business_id, work.subject_id
        try:
            if work.has_ended:
                await self._clear(transaction, work)
                return
            given = await self._import(transaction, work, its[1])
            if given is None:
                work.stop({})
                work.is_open = False
                return
            try:
                with traced(its[1]):
                    await self._step(transaction, work, given)
            except ContentError as error:
                work.fail({"type": "validation", "detail": str(error)}, told(work))
        except StoreUnavailable as error:
            raise NotNowError from error
        if work.has_ended:
            self._contents.close(work.id)
        await self._advance(transaction, work)

    async def _import(
        self, transaction: Transaction, work: Work, import_id: str
    ) -> Any:
        """An import of the job's tenant; None if there is none any more."""
        row = await transaction.row(self._get, work.business_id, import_id)
        return None if row is None else self._codec.read(row, work.business_id)

    async def _clear(self, transaction: Transaction, work: Work) -> None:
        """Deletes the content of an import that has ended.

        That of a dry run stays for a day if it can be imported.
        """
        work.is_open = False
        its = work.business_id, work.subject_id
        row = await transaction.row(sql.READ, *its)
        if row is not None and is_kept(work.state, row):
            return
        # First, so that who writes a file meanwhile sees that it is out of date.
        await transaction.run(sql.NO_FILES, *its)
        await self._files.delete(folder_of(*its))
        if other := work.task.get(FOLDER):
            await self._files.delete(other)

    async def _step(self, transaction: Transaction, work: Work, given: Any) -> None:
        if work.has_to_end:
            work.stop(told(work))
            return
        its = work.business_id, work.subject_id
        row = await transaction.row(sql.READ, *its)
        assert row is not None  # noqa: S101 - it was read before
        caller = await self._caller(work, given, row)
        if caller is None:
            return
        if given.undoes:
            await self._undo(transaction, work, given, caller)
            return
        task, sendings = work.task, row["sendings"]
        if not sendings:  # an erasure destroyed them, and said so
            gone = {"type": "gone", "detail": given.problem.detail}
            work.fail(gone, told(work))
            return
        if "position" not in task:
            task["row"], task["counts"] = 0, no_rows()
            task["size"] = FIRST
            begun = await self._planning.begin(transaction, caller, given, sendings)
            task.update(begun)
        plan = await self._planning.plan(caller, given, task)
        position = task["position"]
        rows = await self._contents.read(work, plan, sendings)
        if task["position"] != position:  # only empty lines: others have their turn
            return
        if _is_over(task, given, rows):
            end(work)
            return
        writing = Writing(self._tools, caller, plan)
        await self._run(transaction, work, given, writing, rows)

    async def _undo(
        self, transaction: Transaction, work: Work, given: Any, caller: Caller
    ) -> None:
        """Undoes the next rows of another import, from the last one on."""
        task, its = work.task, await self._import(transaction, work, given.undoes)
        if its is None:
            work.fail({"type": "gone", "detail": _NO_ROWS}, told(work))
            return
        if "position" not in task:
            task.update(position=LAST_ROW, row=0, counts=no_rows(), size=FIRST)
            work.progress["total"] = its.created + its.updated + its.deleted
        where = work.business_id, its.id, task["position"], task["size"]
        rows = [undone_row(each) for each in await transaction.rows(ROWS, *where)]
        plan = await self._planning.plan(caller, given, task)
        undoing = Undoing(self._tools, caller, plan, its)
        if _is_over(task, given, rows):
            if await end_undo(undoing, given, task):
                end(work)
            return
        await self._run(transaction, work, given, undoing, rows)

    async def _run(
        self,
        transaction: Transaction,
        work: Work,
        given: Any,
        writing: Writes,
        rows: Sequence[Row],
    ) -> None:
        """Writes rows, and what became of them. The next step takes about as long."""
        began, task = time.monotonic(), work.task
        if given.dry_run:
            results = await try_rows(writing, given, rows, task)
        else:
            results = await write_rows(writing, given, rows)
        count_besides(task, given, results, writing.companies)
        await self._keep(transaction, work, given, results)
        took = max(time.monotonic() - began, 0.001)
        fitting = int(len(rows) * AIM_SECONDS / took)
        task["size"] = max(LEAST, min(MOST, 2 * task["size"], fitting))

    async def _caller(self, work: Work, given: Any, row: Any) -> Caller | None:
        """The user who started the import. None if they may not go on."""
        its = row["created_by"] or "", row["client_id"] or "", row["token_id"] or ""
        caller = await find_maker(self._bound, work.business_id, Maker(*its))
        detail = _MAY_NOT
        if caller is not None:
            kind = kind_of(self._kinds, given.resource)
            try:
                check_rows_rights(caller, kind, given)
            except PermissionDenied as error:
                detail = error.message
            else:
                return caller
        work.fail({"type": "forbidden", "detail": detail}, told(work))
        return None

    async def _keep(
        self, transaction: Transaction, work: Work, given: Any, results: list[Result]
    ) -> None:
        """Stores what became of rows, and where the next one begins."""
        task = work.task
        recode = recoded(given)
        columns: list[list[Any]] = [
            [each.row.number for each in results],
            [each.status for each in results],
            [each.record_id for each in results],
            [storable(each.problem) for each in results],
            [recode(e.row.sent) if e.status == _FAILED else None for e in results],
        ]
        its = work.business_id, work.subject_id
        await transaction.run(sql.KEEP_ROWS, *its, *columns)
        count(task, results)
        failed = sum(each.status == _FAILED for each in results)
        work.count(len(results), failed)
        last = results[-1].row
        task["position"], task["row"] = last.end, last.number
        if not given.dry_run:
            self.figures.note(results, undoes=bool(given.undoes))
        if failed and given.on_error == pb.IMPORT_ON_ERROR_STOP:
            detail = f"Row {last.number} was rejected: see its problem."
            work.fail({"type": "validation", "detail": detail}, told(work))

    async def _advance(self, transaction: Transaction, work: Work) -> None:
        """Shows in the import how far its job is."""
        counts = work.task.get("counts") or no_rows()
        its = work.business_id, work.subject_id, STATES[work.state]
        numbers = [counts[name] for name in COUNTS.values()]
        rows = sum(numbers)
        given = rows, *numbers, work.problem, shown(work), now()
        await transaction.run(sql.ADVANCE, *its, *given)


def _is_over(task: Json, given: Any, rows: Sequence[Row]) -> bool:
    """Whether all rows were looked at, or as many as a dry run judges."""
    if given.dry_run:
        task["is_whole"] = not rows
    is_full = given.dry_run and sum(task["counts"].values()) >= MOST_TRIED
    return not rows or is_full
