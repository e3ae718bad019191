"""The jobs of exports, one step after the other.

The first step opens the snapshot, and each further one lets the export work for a
while. A job whose export is not open in this process begins anew: the process that
had it has ended. So it does once a person has been erased that its files may hold.
"""

import asyncio
import secrets
from contextlib import suppress
from dataclasses import dataclass

from prospectconnect.crm.v1.changes_pb2 import ReadChangesRequest
from prospectconnect.jobs.v1 import exports_pb2 as pb
from prospectconnect.jobs.v1 import jobs_pb2 as jobs

from services.caller import Caller
from services.changes.order import HORIZON, Position
from services.clock import DAY, now
from services.errors import PermissionDenied, Unavailable, ValidationFailed
from services.exports import statements
from services.exports.parquet import has_parquet
from services.exports.records import Readings
from services.exports.resources import Resources
from services.exports.rights import WRITTEN, written
from services.exports.running import Plan, Running
from services.exports.selection import Selections
from services.files.stores import Files
from services.iam.makers import Maker, find_maker
from services.jobs.work import Json, NotNowError, Work
from services.postgres.database import Database, Transaction
from services.postgres.snapshots import Snapshot
from services.records.engine import Records
from services.records.schemas import Schemas
from services.sealed.cursors import Cursors

STEP_SECONDS = 0.2
# For how long files are kept.
KEEP = 7 * DAY
# So many exports are written in a process at once: each holds a connection.
MOST_RUNNING = 4
# A step holds a connection, and what it reads meanwhile needs another one. If exports
# held these two, no step could go on.
OF_STEPS = 2
# An export that no step has let work for so long belongs to another worker.
LOST_SECONDS = 20.0
# So often the rights of who made an export are read again while it is written.
CHECK_SECONDS = 1.0
# The members of a job's task: which attempt it is, whether it must begin anew, and
# attempts that may have left files.
ATTEMPT, IS_STALE, LEFT = "attempt", "is_stale", "left"
_MOST_LEFT = 100

# Where the feed goes on after the snapshot, and the schema that the snapshot has.
_BEGINS = (
    f"SELECT {HORIZON}::text, schema_generation FROM tenants WHERE business_id = $1"
)

_FORBIDDEN = "The user or the token that made the export has gone."
_GONE = "What the export names has gone."
_NO_PARQUET = "This server writes no Parquet."


@dataclass(frozen=True, slots=True)
class Means:
    """What the jobs of exports work with."""

    database: Database
    records: Records[pb.Export]
    schemas: Schemas
    cursors: Cursors
    readings: Readings
    files: Files
    most_bytes: int


def folder_of(business_id: str, export_id: str) -> str:
    """Where the files of an export are."""
    return f"{business_id}/exports/{export_id}/"


class ExportJobs:
    """Runs the jobs of exports of one process."""

    def __init__(self, means: Means) -> None:
        self._means = means
        left = means.database.pool.most - OF_STEPS
        self._most = max(1, min(MOST_RUNNING, left))
        self._resources = Resources(means.records.kinds)
        self._selections = Selections(self._resources)
        self._running: dict[str, Running] = {}
        self._lost: dict[str, asyncio.TimerHandle] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def run(self, transaction: Transaction, work: Work) -> None:
        """Does the next step."""
        if work.has_ended:
            work.is_open = False
            return
        if work.has_to_end:
            work.stop({})
        else:
            await self._work(transaction, work)
        if work.has_ended:
            await self._end(work.id)
            work.is_open = False
            await self._note(transaction, work)
            if work.state != jobs.JOB_STATE_SUCCEEDED:
                await self._delete(work)

    async def close(self) -> None:
        """Ends all exports of this process."""
        for job_id in list(self._running):
            await self._end(job_id)
        if self._closing:
            await asyncio.wait(self._closing)

    async def _work(self, transaction: Transaction, work: Work) -> None:
        running = self._running.get(work.id)
        attempt = work.task.get(ATTEMPT)
        try:
            if running is None or work.task.get(IS_STALE) or running.attempt != attempt:
                await self._begin(transaction, work)
                return
            self._watch(work.id)
            is_done = await running.advance(STEP_SECONDS)
            if not await self._may_go_on(work, running, at_once=is_done):
                await self._begin(transaction, work)
                return
        except PermissionDenied as refused:
            work.fail({"type": "forbidden", "detail": refused.message}, {})
            return
        except _Refused as refused:
            work.fail({"type": refused.type, "detail": refused.detail}, {})
            return
        except ValidationFailed as refused:
            detail = f"{_GONE} {refused.faults[0].message}"
            work.fail({"type": "conflict", "detail": detail}, {})
            return
        except BaseException:
            await self._end(work.id)
            raise
        work.progress = {"done": running.rows, "failed": 0}
        if running.total is not None:
            work.progress["total"] = running.total
        if is_done:
            work.succeed(_result(work.subject_id, running))
            await self._delete_left(work)

    async def _may_go_on(self, work: Work, running: Running, *, at_once: bool) -> bool:
        """Whether its maker has the rights with which an export is written.

        Reads them once a second. Raises `PermissionDenied` and `_Refused`.
        """
        moment = asyncio.get_running_loop().time()
        if not at_once and moment < running.checked_at + CHECK_SECONDS:
            return True
        running.checked_at, export = moment, running.plan.export
        caller = await self._caller(work.business_id, export)
        self._resources.check(caller, export.resources)
        return _rights(caller) == _rights(running.caller)

    async def _begin(self, transaction: Transaction, work: Work) -> None:
        """Opens a snapshot, and what is to be written from it."""
        await self._end(work.id)
        if len(self._running) >= self._most:
            await asyncio.sleep(STEP_SECONDS)  # until another one has ended
            return
        if before := work.task.get(ATTEMPT):
            left = [*work.task.get(LEFT, ()), before]
            work.task[LEFT] = left[-_MOST_LEFT:]
        work.task[ATTEMPT] = secrets.token_hex(8)
        work.task.pop(IS_STALE, None)
        work.progress = {"done": 0, "failed": 0}
        its = work.business_id, work.subject_id
        sql = self._means.records.compiled.get_sql
        row = await transaction.row(sql, *its)
        if row is None:
            raise _Refused("conflict", _GONE)
        export: pb.Export = self._means.records.codec.read(row, work.business_id)
        if export.format == pb.EXPORT_FORMAT_PARQUET and not has_parquet():
            raise _Refused("conflict", _NO_PARQUET)
        caller = await self._caller(work.business_id, export)
        folder = folder_of(*its) + work.task[ATTEMPT] + "/"
        snapshot = await Snapshot.open(self._means.database)
        try:
            running = await self._planned(snapshot, caller, export, folder, work)
        except BaseException:
            await snapshot.close()
            raise
        running.begin(self._means.readings)
        self._running[work.id] = running
        self._watch(work.id)
        await self._note(transaction, work)

    async def _planned(
        self,
        snapshot: Snapshot,
        caller: Caller,
        export: pb.Export,
        folder: str,
        work: Work,
    ) -> Running:
        means, names = self._means, list(export.resources)
        row = await snapshot.row(_BEGINS, caller.business_id)
        place, asked = Position(int(row[0])), ReadChangesRequest()
        asked.resources.extend(names)
        cursor = means.cursors.seal(caller, asked, (place.text, str(now())))
        schema = await means.schemas.read(caller.business_id)
        if schema.generation != row[1]:  # it has changed just now
            raise NotNowError
        self._resources.check_known(names, schema)
        self._resources.check(caller, names)
        database, select = means.database, self._selections.read
        selections = [
            await select(database, caller, schema, export, name) for name in names
        ]
        kinds = self._resources.kinds
        work.task[WRITTEN] = written(caller, kinds, schema, selections)
        plan = Plan(export, selections, means.files, folder, means.most_bytes)
        moment = asyncio.get_running_loop().time()
        return Running(plan, snapshot, cursor, caller, moment)

    async def _caller(self, business_id: str, export: pb.Export) -> Caller:
        """Who made it, with the rights of now. Raises `_Refused`."""
        maker = Maker(export.created_by, export.client_id, export.token_id)
        found = await find_maker(self._means.database, business_id, maker)
        if found is None:
            raise _Refused("forbidden", _FORBIDDEN)
        return found

    async def _note(self, transaction: Transaction, work: Work) -> None:
        """Lets the export say how far it is."""
        expires = now() + KEEP if work.state == jobs.JOB_STATE_SUCCEEDED else None
        result = _public(work.result) if expires else None
        its = work.business_id, work.subject_id, work.state, work.problem, result
        await transaction.run(statements.ADVANCE, *its, expires, now())

    async def _delete(self, work: Work) -> None:
        """Deletes what has been written. What is left is swept."""
        with suppress(Unavailable):
            await self._means.files.delete(folder_of(work.business_id, work.subject_id))

    async def _delete_left(self, work: Work) -> None:
        """Deletes what earlier attempts have left. All else is swept some day."""
        folder = folder_of(work.business_id, work.subject_id)
        with suppress(Unavailable):
            for attempt in work.task.pop(LEFT, ()):
                await self._means.files.delete(f"{folder}{attempt}/")

    def _watch(self, job_id: str) -> None:
        """Ends an export that has no step for long."""
        loop = asyncio.get_running_loop()
        if (handle := self._lost.pop(job_id, None)) is not None:
            handle.cancel()
        self._lost[job_id] = loop.call_later(LOST_SECONDS, self._lose, job_id)

    def _lose(self, job_id: str) -> None:
        task = asyncio.create_task(self._end(job_id))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _end(self, job_id: str) -> None:
        if (handle := self._lost.pop(job_id, None)) is not None:
            handle.cancel()
        running = self._running.pop(job_id, None)
        if running is not None:
            await running.close()


class _Refused(Exception):
    """The export cannot be written: the type of the problem, and a sentence."""

    def __init__(self, type_: str, detail: str) -> None:
        super().__init__(detail)
        self.type, self.detail = type_, detail


def _rights(caller: Caller) -> tuple[frozenset[str], ...]:
    """What decides which records and fields a caller sees."""
    return caller.scope_permissions, caller.role_permissions, caller.own_only


def _result(export_id: str, running: Running) -> Json:
    return {
        "export_id": export_id,
        "files": running.files,
        "changes_cursor": running.cursor,
    }


def _public(result: Json | None) -> Json | None:
    """The result as the export has it."""
    if result is None:
        return None
    return {name: result[name] for name in ("files", "changes_cursor")}
