"""Writes the rows of an undo: each becomes the request that takes back what a row did.

A row of the import that is undone names its record; all that the import did to that
record is taken back at once. What is as it was before needs nothing, so an undo may
run again at any time.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from prospectconnect.jobs.v1 import imports_pb2 as pb

from services.batches.operations import Operation
from services.batches.runner import run_step
from services.caller import Call, Caller
from services.errors import NotFound, RecordMerged, ServiceError, WrongState
from services.gates.error_details import status_of
from services.importing.drafts import Result
from services.importing.linking import Tools
from services.importing.plans import Plan
from services.importing.reading.rows import Row
from services.importing.undoing.companies import MOST_AT_ONCE, Companies
from services.importing.undoing.judging import Now, Step, judged
from services.importing.undoing.logged import Done, done_by
from services.kinds.matching import ID
from services.pauses import Pauses
from services.records.log.changes import is_logged
from services.records.many.merged import can_merge, survivors_of
from services.records.reading.states import States
from services.records.visibility import USER, visible

_STATUSES: Mapping[str, int] = {
    "": pb.IMPORT_ROW_STATUS_UNCHANGED,
    "Delete": pb.IMPORT_ROW_STATUS_DELETED,
    "Update": pb.IMPORT_ROW_STATUS_UPDATED,
    "Restore": pb.IMPORT_ROW_STATUS_CREATED,
}


class Undoing:
    """Undoes rows of one import for its caller, within a bound transaction.

    `its` is the import that is undone.
    """

    def __init__(
        self, tools: Tools, caller: Caller, plan: Plan, its: pb.Import
    ) -> None:
        self._tools, self._caller, self._plan, self._its = tools, caller, plan, its
        self._records = tools.records[plan.kind.resource]
        self._states = States(self._records.compiled)
        self._seen = visible(plan.kind, caller, self._records.kinds)
        self._companies = Companies(tools, caller, its)
        self._pauses = Pauses()
        self.companies = 0

    async def write(self, rows: Sequence[Row]) -> list[Result]:
        """Undoes rows, and returns what became of them."""
        ids = list(dict.fromkeys(row.value[ID] for row in rows))
        now = await self._now(ids)
        database, business_id = self._records.database, self._caller.business_id
        done = dict[str, Done]()
        if is_logged(self._plan.kind):
            done = await done_by(database, business_id, self._its, ids)
        results, seen = list[Result](), set[str]()
        for row in rows:
            record_id = row.value[ID]
            result = Result(row, pb.IMPORT_ROW_STATUS_UNCHANGED, record_id)
            result.values = {ID: record_id}
            results.append(result)
            if record_id not in seen:
                seen.add(record_id)
                given = now.get(record_id), done.get(record_id)
                await self._undo(result, row.value["status"], *given)
            await self._pauses.between()
        if self._its.create_missing:
            xids = {xid for each in done.values() for xid in each.xids}
            self.companies = await self._companies.delete(xids)
        return results

    async def end(self) -> bool:
        """Deletes companies that were created for rows which were rejected then.

        Returns whether these were all. `companies` says how many.
        """
        self.companies = 0
        if self._its.create_missing:
            self.companies = await self._companies.delete_left()
        return self.companies < MOST_AT_ONCE

    async def _now(self, ids: Sequence[str]) -> dict[str, Now]:
        """The records that the caller sees, by their ids: deleted ones too.

        A deleted one is seen as restoring sees it.
        """
        records, business_id = self._records, self._caller.business_id
        codec, kind = records.codec, records.kind
        sql = (
            f"SELECT {codec.columns}, r.deleted_at FROM {kind.table} AS r"
            " WHERE r.business_id = $1 AND r.id = ANY($2::text[])"
        )
        if self._seen:
            sql += f" AND {self._seen.format(tenant='$1', user='$3')}"
        values = [self._caller.user_id] if USER in self._seen else []
        rows = await records.database.rows(sql, business_id, list(ids), *values)
        merged = dict[str, str]()
        if can_merge(kind):
            merged = await survivors_of(records.database, business_id, ids)
        found = dict[str, Now]()
        for row in rows:
            record = codec.read(row, business_id)
            is_deleted = row[codec.width] is not None
            state = self._states.of(record)
            found[record.id] = Now(record, state, is_deleted, record.id in merged)
        return found

    async def _undo(
        self, result: Result, status: int, now: Now | None, done: Done | None
    ) -> None:
        plan = self._plan
        if now is None and self._seen:  # one that is gone is told as one not seen
            self._refuse(result, NotFound())
            return
        step = judged(plan, self._states, status, now, done)
        if step.refusal:
            self._refuse(result, WrongState(step.refusal))
            return
        result.status = _STATUSES[step.verb]
        if not step.verb or now is None:
            return
        bound = dict(plan.bound) | {ID: now.record.id}
        body = None if step.verb == "Delete" else dict[str, Any]()
        made = self._tools.transcoder.request(plan.method(step.verb), bound, body)
        request = made.request
        if step.verb != "Restore":
            request.etag = now.record.etag
        if step.verb == "Update":
            self._put_back(request, now, step)
        runnable = self._tools.runnables[request.DESCRIPTOR.full_name]
        operation = Operation(0, "", runnable, request)
        await run_step(Call(self._caller), [operation])
        if operation.error is not None:
            self._refuse(result, operation.error, made)
        elif operation.changed_nothing:
            result.status = pb.IMPORT_ROW_STATUS_UNCHANGED

    def _put_back(self, request: Any, now: Now, step: Step) -> None:
        """Fills an update with the values from before the import."""
        kind, state = self._plan.kind, dict(now.state)
        self._states.undo(state, step.was or {})
        its = self._caller.business_id, 0, int(now.record.etag)
        before = self._states.record(state, *its)
        getattr(request, kind.resource).CopyFrom(before)
        request.update_mask.paths.extend(step.was or {})

    def _refuse(self, result: Result, error: ServiceError, made: Any = None) -> None:
        if isinstance(error, RecordMerged):
            made = None
        status, transcoder = status_of(error), self._tools.transcoder
        result.status = pb.IMPORT_ROW_STATUS_FAILED
        result.problem = transcoder.problem(made, status)


def undone_row(row: Any) -> Row:
    """A row of the import that is undone, as a row that undoes it.

    The rows before it are those with lower numbers: these are undone next.
    """
    number, record_id = row["row"], row["record_id"]
    value = {ID: record_id, "status": row["status"]}
    sent = b'{"id":"%b"}' % record_id.encode()
    return Row(number, sent, number, value=value)
