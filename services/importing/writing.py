"""Writes rows: each becomes the request of a single call, and passes that call's gates.

Rows that follow one another run together where the engine can. A row that may need an
earlier one waits until that is written.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

from prospectconnect.jobs.v1 import imports_pb2 as pb

from services.batches.operations import Operation
from services.batches.plan import steps_of
from services.batches.runner import run_step
from services.caller import Call, Caller
from services.gates.error_details import status_of
from services.importing.columns import body_of
from services.importing.drafts import (
    Draft,
    Json,
    Result,
    keys_of,
    set_default,
    value_at,
)
from services.importing.linking import Linking, Tools
from services.importing.lookups import folded
from services.importing.past import set_apart
from services.importing.plans import Plan
from services.importing.reading.rows import Row
from services.importing.stages import name_stages
from services.importing.values import is_by_locale
from services.imports.paths import EXTERNAL
from services.kinds.matching import ID
from services.pauses import Pauses
from services.records.several.ahead import Ahead, look_ahead

_VERBS = {
    pb.IMPORT_MODE_CREATE: "Create",
    pb.IMPORT_MODE_UPDATE: "Update",
    pb.IMPORT_MODE_UPSERT: "Upsert",
    pb.IMPORT_MODE_DELETE: "Delete",
}
_FOUND_BY = (pb.IMPORT_MODE_UPDATE, pb.IMPORT_MODE_DELETE)
_ROW = "row"
_LOCALE = " Written as in one country, it needs the `locale` of the import: `de-DE`."
_TWICE = "Two columns of the row give it, and differ."
# So many rows share a statement: the event loop has no pause while it is sent.
MOST_TOGETHER = 50
# No record has it.
_NO_ID = "none"


class Writing:
    """Writes rows of one import for its caller, within a bound transaction."""

    def __init__(self, tools: Tools, caller: Caller, plan: Plan) -> None:
        self._tools, self._caller, self._plan = tools, caller, plan
        self._linking = Linking(tools, caller, plan)
        self._pauses, self.companies = Pauses(), 0
        has_locale = bool(plan.given.locale)
        columns = plan.columns.columns if plan.columns and not has_locale else ()
        self._by_locale = {e.path.text for e in columns if is_by_locale(e.path)}
        self._kept = frozenset(
            each.name
            for each in plan.kind.fields
            if each.policy.changed_by and not each.read_only
        )

    async def write(self, rows: Sequence[Row]) -> list[Result]:
        """Writes rows, and returns what became of them."""
        drafts, pauses = list[Draft](), self._pauses
        self._linking.created = 0
        for row in rows:
            drafts.append(self._draft(row))
            await pauses.between()
        async for part in self._parts([e for e in drafts if not e.result.problem]):
            await self._write(part)
        self.companies = self._linking.created
        return [each.result for each in drafts]

    def _draft(self, row: Row) -> Draft:
        draft, plan = Draft(Result(row)), self._plan
        result, transcoder = draft.result, self._tools.transcoder
        if row.fault:
            result.problem = transcoder.problem(
                None, None, [(_ROW, "invalid", row.fault)]
            )
        elif row.problem is not None:
            result.problem = row.problem
        elif plan.columns is not None and row.cells is not None:
            clears = plan.given.empty == pb.IMPORT_EMPTY_CLEAR
            its = plan.columns.columns, row.cells, plan.defaults
            twice = list[str]()
            draft.body, draft.links = body_of(*its, clears=clears, twice=twice)
            for path in twice:
                draft.said.append((path, "not_unique", _TWICE))
                draft.unread.append(f"{plan.kind.resource}.{path}")
        elif type(row.value) is dict:
            draft.body = dict(row.value)
            for path, value in plan.defaults.items():
                set_default(draft.body, path, value)
        else:
            said = ("body", "invalid_type", "The body must be a JSON object.")
            result.problem = transcoder.problem(None, None, [said])
        result.values = dict(draft.body)
        set_apart(plan, draft)
        if plan.match_on:
            draft.match = value_at(draft.body, plan.match_on)
        return draft

    async def _parts(self, drafts: Sequence[Draft]) -> AsyncIterator[list[Draft]]:
        """Cuts rows where one may mean a record that another one before it makes."""
        part, made = list[Draft](), set[tuple[str, str]]()
        kind, match_on = self._plan.kind, self._plan.match_on
        for draft in drafts:
            gives, needs = keys_of(kind, draft), set[tuple[str, str]]()
            if draft.match and match_on != ID:
                needs.add((match_on, folded(kind, match_on, draft.match)))
            for path, value in draft.links.items():
                needs.add((path.partition(".")[2], value))
            if part and needs & made:
                yield part
                part, made = [], set()
            part.append(draft)
            made |= gives
            await self._pauses.between()
        if part:
            yield part

    async def _write(self, drafts: Sequence[Draft]) -> None:
        await self._linking.link(drafts)
        ids = await self._matched(drafts)
        operations = list[tuple[Draft, Any, Operation]]()
        for index, draft in enumerate(drafts):
            made = self._operation(index, draft, ids)
            if made is not None:
                operations.append((draft, *made))
            await self._pauses.between()
        await self._run([each for _, _, each in operations])
        for draft, request, operation in operations:
            self._tell(draft, request, operation)
            await self._pauses.between()

    async def _run(self, operations: list[Operation]) -> None:
        """Runs operations, those together that the engine can run so.

        Of upserts by a unique value these are those whose value nobody has, and then
        those that change different records.
        """
        call, plan = Call(self._caller), self._plan
        mode, match_on = plan.given.mode, plan.match_on
        if mode == pb.IMPORT_MODE_UPSERT and match_on.startswith(EXTERNAL):
            sought = {id(e): self._pair(e, match_on) for e in operations}
            ahead = call.ahead = await self._look_ahead(sought.values())
            new, held = list[Operation](), list[Operation]()
            holders = dict[int, str | None]()
            for each in operations:
                pair = sought[id(each)]
                holder = holders[id(each)] = ahead.holders.get(pair)
                (new if holder is None and pair[1] else held).append(each)
            await _run_distinct(call, new, sought)
            await _run_distinct(call, held, holders)
        elif mode == pb.IMPORT_MODE_UPDATE and all(
            hasattr(each.request, ID) for each in operations
        ):
            ids = {id(each): each.request.id for each in operations}
            its = self._tools.records[plan.kind.resource], self._caller
            slug = plan.slug if plan.kind.object_field else ""
            call.ahead = await look_ahead(*its, slug, (), ids.values())
            await _run_distinct(call, operations, ids)
        else:
            for step in steps_of(operations):
                for start in range(0, len(step), MOST_TOGETHER):
                    await run_step(call, step[start : start + MOST_TOGETHER])

    def _pair(self, operation: Operation, match_on: str) -> tuple[str, str]:
        record = getattr(operation.request, self._plan.kind.resource)
        key = match_on.partition(".")[2]
        held = record.external_ids.fields
        return match_on, held[key].string_value if key in held else ""

    async def _look_ahead(self, pairs: Iterable[tuple[str, str]]) -> Ahead:
        plan = self._plan
        slug = plan.slug if plan.kind.object_field else ""
        records = self._tools.records[plan.kind.resource]
        given = sorted({each for each in pairs if each[1]})
        return await look_ahead(records, self._caller, slug, given)

    async def _matched(self, drafts: Sequence[Draft]) -> Mapping[str, str] | None:
        """The ids of the records that rows change or delete, by their values.

        None where rows give ids themselves, or upserts find their records.
        """
        plan = self._plan
        if plan.given.mode not in _FOUND_BY or plan.match_on == ID:
            return None
        values = [each.match for each in drafts if each.match]
        where = plan.kind, plan.slug, plan.match_on
        return await self._tools.lookups.find(self._caller, *where, values)

    def _operation(
        self, index: int, draft: Draft, ids: Mapping[str, str] | None
    ) -> tuple[Any, Operation] | None:
        plan, transcoder = self._plan, self._tools.transcoder
        verb, body, bound = _VERBS[plan.given.mode], dict(draft.body), dict(plan.bound)
        if plan.given.mode in _FOUND_BY:
            found = self._found(draft, ids)
            if found is None:
                return None
            body.pop(ID, None)
            if self._is_told_again(body, found):
                verb = "Upsert"
                body |= {"match_on": ID, ID: found}
            else:
                bound[ID] = found
        elif plan.given.mode == pb.IMPORT_MODE_UPSERT and plan.match_on:
            body["match_on"] = plan.match_on
        is_deletion = plan.given.mode == pb.IMPORT_MODE_DELETE
        its = None if is_deletion else body
        request = transcoder.request(plan.method(verb), bound, its)
        if request.request is None:
            problem = transcoder.problem(request, None, draft.said)
            draft.result.problem = self._in_terms_of_row(problem, draft)
            return None
        name = request.request.DESCRIPTOR.full_name
        unread = [*request.unread, *draft.unread]
        operation = Operation(index, "", unread=unread)
        operation.runnable = self._tools.runnables[name]
        operation.request, operation.past = request.request, draft.past
        return request, operation

    def _in_terms_of_row(self, problem: Json, draft: Draft) -> Json:
        """A problem that names columns, and the locale where a cell may need one."""
        for each in problem.get("errors", ()):
            is_text = each.get("code") in ("invalid_type", "invalid_format")
            if is_text and each.get("field") in self._by_locale:
                each["message"] += _LOCALE
        return name_stages(problem, draft)

    def _is_told_again(self, body: Mapping[str, Any], found: str) -> bool:
        """Whether an update gives a field that only another operation changes.

        An upsert takes such a field if it is as it was: an export has it.
        """
        is_update = self._plan.given.mode == pb.IMPORT_MODE_UPDATE
        return is_update and found != _NO_ID and not self._kept.isdisjoint(body)

    def _found(self, draft: Draft, ids: Mapping[str, str] | None) -> str | None:
        """The id of the record of a row; None if it gives no value to match by.

        That there is no record is said by the request, with its other faults.
        """
        plan, transcoder = self._plan, self._tools.transcoder
        match_on = plan.match_on
        if not draft.match:
            said = (match_on, "required", f"Give {match_on}, by which to match.")
            draft.result.problem = transcoder.problem(None, None, [said])
            return None
        if ids is None:
            return draft.match
        return ids.get(folded(plan.kind, match_on, draft.match), _NO_ID)

    def _tell(self, draft: Draft, request: Any, operation: Operation) -> None:
        result, error = draft.result, operation.error
        if error is not None:
            status = status_of(error)
            problem = self._tools.transcoder.problem(request, status, draft.said)
            result.problem = self._in_terms_of_row(problem, draft)
            return
        result.record_id = operation.record_id or None
        result.status = pb.IMPORT_ROW_STATUS_UPDATED
        if self._plan.given.mode == pb.IMPORT_MODE_DELETE:
            result.status = pb.IMPORT_ROW_STATUS_DELETED
            result.record_id = operation.request.id
        elif operation.has_created:
            result.status = pb.IMPORT_ROW_STATUS_CREATED
        elif operation.changed_nothing:
            result.status = pb.IMPORT_ROW_STATUS_UNCHANGED


async def _run_distinct(
    call: Call, operations: Sequence[Operation], named: Mapping[int, Any]
) -> None:
    """Runs operations together as far as they name different records.

    `named` is what each names its record by, by the identity of the operation.
    """
    step, seen = list[Operation](), set[Any]()
    for each in operations:
        if named[id(each)] in seen or len(step) == MOST_TOGETHER:
            await run_step(call, step)
            step, seen = [], set()
        step.append(each)
        seen.add(named[id(each)])
    if step:
        await run_step(call, step)
