"""The jobs that make the values of many records fit a definition.

The definition holds for every write from the answer of the request that began the job.
A first pass looks at all values that records have, and keeps their typed values. If
some do not fit, they are counted, the definition is taken back, and no record has
changed. A second pass stores the values whose form changes. With `clear` there is one
pass, which clears the values that do not fit as it finds them. Then searches know the
definition too.
"""

from prospectconnect.schema.v1 import fields_pb2 as pb

from services.jobs.work import Json, Work
from services.kinds.own_schemas import own_field, packed, unpacked
from services.kinds.record_type import Kinds
from services.postgres.database import Transaction
from services.records.schemas import BEFORE
from services.records.values.typed_statements import (
    forget_between_sql,
    forget_definition_sql,
)
from services.schema import existing
from services.schema.by_jobs import taking_back, windows
from services.schema.by_jobs.computing import COMPUTE, Computing
from services.schema.by_jobs.windows import Settled, Window
from services.schema.existing import SAMPLE, Judged

_COUNT, _CHECK, _REFUSE = "count", "check", "refuse"
_STORE, _LEAVE = "store", "leave"


def task_of(
    before: pb.Field | None,
    choice: pb.ExistingValues.ValueType,
    *,
    shows_records: bool,
) -> Json:
    """The task of a job: what is to do, and where it begins.

    `shows_records`: who began it may read all records of the object.
    """
    return {
        BEFORE: packed(before),
        "existing": int(choice),
        "shows_records": shows_records,
        "stage": _COUNT,
        "cursor": "",
        "window": windows.FIRST,
        "converted": 0,
        "cleared": 0,
        "to_store": 0,
        "unfit": 0,
        "sample": [],
    }


class FieldJobs:
    """Runs jobs that make values fit a definition."""

    def __init__(self, kinds: Kinds) -> None:
        self._definitions = taking_back.Definitions(kinds["field"])
        self._computing = Computing(kinds)

    async def run(self, transaction: Transaction, work: Work) -> None:
        """Does the next step."""
        where = transaction, work.business_id, work.subject_id
        definition = await self._definitions.read(*where)
        if work.has_to_end and work.task["stage"] != COMPUTE:
            await self._take_back(transaction, work, definition)
            work.stop(_result(work))
            return
        steps = {
            _COUNT: _count,
            _CHECK: self._check,
            _REFUSE: self._refuse,
            _STORE: self._store,
            COMPUTE: self._compute,
            _LEAVE: _leave,
        }
        await steps[work.task["stage"]](transaction, work, definition)

    async def _check(
        self, transaction: Transaction, work: Work, definition: pb.Field
    ) -> None:
        """Looks at the values of a window, and keeps their typed values."""
        window, judged = await _judged(transaction, work, definition)
        clears = work.task["existing"] == pb.EXISTING_VALUES_CLEAR
        unfit = list(judged.unfit)
        after = judged.changed | dict.fromkeys(unfit) if clears else {}
        typed = windows.typed_of(definition, judged.fitting)
        # Else the definition from before may come back, which keeps their typed values.
        dropped = unfit if clears else []
        settled = Settled(after, typed, dropped, [definition.key])
        held = await self._settle(transaction, work, definition, window, settled)
        if not clears:
            work.task["to_store"] += len(held.intersection(judged.changed))
            _note_unfit(work.task, unfit)
        work.count(judged.records, len(unfit))
        if window.last is not None:
            work.task["cursor"] = window.last
        elif work.task["unfit"]:
            # In a step of its own: writers lock the tenant's row before a record.
            work.task["stage"] = _REFUSE
        elif work.task["to_store"]:
            work.progress["total"] = work.progress["done"] + work.task["to_store"]
            work.task |= {"stage": _STORE, "cursor": "", "window": windows.FIRST}
        else:
            await self._end(transaction, work, definition)

    async def _store(
        self, transaction: Transaction, work: Work, definition: pb.Field
    ) -> None:
        """Stores the values of a window whose form changes. All of them fit."""
        window, judged = await _judged(transaction, work, definition)
        settled = Settled(judged.changed)
        held = await self._settle(transaction, work, definition, window, settled)
        work.count(len(held.intersection(judged.changed)))
        if window.last is not None:
            work.task["cursor"] = window.last
        else:
            await self._end(transaction, work, definition)

    async def _settle(
        self,
        transaction: Transaction,
        work: Work,
        definition: pb.Field,
        window: Window,
        settled: Settled,
    ) -> frozenset[str]:
        """Stores what follows for a window, and counts what changed in records."""
        task = work.task
        held = await windows.settle(transaction, work, definition, window, settled)
        stored = [settled.after[each] for each in held.intersection(settled.after)]
        task["cleared"] += stored.count(None)
        task["converted"] += len(stored) - stored.count(None)
        return held

    async def _end(
        self, transaction: Transaction, work: Work, definition: pb.Field
    ) -> None:
        """Ends a job whose values fit, once formulas that name them are computed."""
        if not await self._computing.follows(transaction, work, definition):
            await _succeed(transaction, work)

    async def _compute(
        self, transaction: Transaction, work: Work, definition: pb.Field
    ) -> None:
        if await self._computing.step(transaction, work, definition.object):
            await _succeed(transaction, work)

    async def _refuse(
        self, transaction: Transaction, work: Work, definition: pb.Field
    ) -> None:
        """Ends a job that found values which do not fit."""
        await self._take_back(transaction, work, definition)
        work.fail(_problem(work, definition), _result(work))

    async def _take_back(
        self, transaction: Transaction, work: Work, definition: pb.Field
    ) -> None:
        """Makes the definition what it was before the job."""
        before, task = unpacked(work.task[BEFORE]), work.task
        where = transaction, work.business_id
        if before is None:
            await taking_back.hide(*where, definition.id)
            task |= {"stage": _LEAVE, "cursor": ""}
            return
        has_changed = task["converted"] or task["cleared"]
        if has_changed and await self._computing.follows(transaction, work, definition):
            before.state, before.job_id = pb.FIELD_STATE_CHECKING, work.id
        else:
            work.is_open = False
        await self._definitions.restore(*where, before)


async def _count(transaction: Transaction, work: Work, definition: pb.Field) -> None:
    """Counts the records of a window that have the key."""
    task = work.task
    last, number = await windows.counted(transaction, work, definition)
    task["records"] = task.get("records", 0) + number
    if last is not None:
        task["cursor"] = last
        return
    work.progress["total"] = task["records"]
    task |= {"stage": _CHECK, "cursor": ""}


async def _leave(transaction: Transaction, work: Work, definition: pb.Field) -> None:
    """Deletes the typed values of a definition that was taken back, then its row."""
    task, name = work.task, definition.object
    last = None
    if own_field(definition).is_kept:
        last, _ = await windows.counted(transaction, work, definition)
    if last is None:
        given = work.business_id, definition.id
        await transaction.run(forget_definition_sql(), *given)
        work.is_open = False
        return
    between = work.business_id, definition.key, task["cursor"], last, name
    await transaction.run(forget_between_sql("$5"), *between)
    task["cursor"] = last


def _note_unfit(task: Json, unfit: list[str]) -> None:
    """Counts values that do not fit, and notes some of their records."""
    task["unfit"] += len(unfit)
    task["sample"] = [*task["sample"], *unfit][:SAMPLE]


async def _judged(
    transaction: Transaction, work: Work, definition: pb.Field
) -> tuple[Window, Judged]:
    """Reads the values of a window and judges them."""
    window = await windows.values(transaction, work, definition)
    given = transaction, work.business_id, definition
    ways = existing.ways_of(definition, work.task["existing"])
    judged = await existing.judge_rows(*given, window.rows, ways)
    await existing.lose_taken(*given, judged, definition.key)
    return window, judged


async def _succeed(transaction: Transaction, work: Work) -> None:
    await taking_back.activate(transaction, work.business_id, work.subject_id)
    if not work.has_ended:
        work.succeed(_result(work))
    work.is_open = False


def _problem(work: Work, definition: pb.Field) -> Json:
    return {
        "type": "conflict",
        "detail": existing.unfit_message(definition),
        "count": work.task["unfit"],
        "sample": work.task["sample"] if work.task["shows_records"] else [],
    }


def _result(work: Work) -> Json:
    """What the job did, also where it ended early."""
    task = work.task
    return {
        "field_id": work.subject_id,
        "records": task.get("records", 0),
        "converted": task["converted"],
        "cleared": task["cleared"],
    }
