"""The job that changes the type or the options of a field with many values.

A first pass looks at all values, while the field stays as it was: a value that is
written must have a form in the new definition too. The typed values of these forms are
kept by a key of their own, `beside`. If values have no form, all of them are counted,
the definition is taken back, and no record has changed. Else the new definition holds,
searches find the typed values that were kept, and a second pass stores the values of
records in the new form. From there the job goes on to its end: values of two types must
not remain.
"""

from prospectconnect.schema.v1 import fields_pb2 as pb

from services.jobs.work import Json, Work
from services.kinds.conversions import Changed
from services.kinds.own_schemas import (
    beside,
    own_field,
    packed,
    unpacked,
    unpacked_change,
)
from services.kinds.record_type import Kinds
from services.postgres.database import Transaction
from services.records.schemas import ARE_CHECKED, BEFORE, CHANGES
from services.records.values.typed_statements import forget_between_sql
from services.schema import existing
from services.schema.by_jobs import taking_back, windows
from services.schema.by_jobs.computing import COMPUTE, Computing
from services.schema.by_jobs.windows import Settled, Window
from services.schema.changes import unfit_message
from services.schema.existing import SAMPLE, Judged

_COUNT, _CHECK, _REFUSE, _TURN = "count", "check", "refuse", "turn"
_STORE, _LEAVE = "store", "leave"


def task_of(
    before: pb.Field, request: pb.ChangeFieldRequest, *, shows_records: bool
) -> Json:
    """The task of a job: what is to do, and where it begins.

    `shows_records`: who began it may read all records of the object.
    """
    return {
        BEFORE: packed(before),
        CHANGES: packed(request),
        ARE_CHECKED: False,
        "shows_records": shows_records,
        "stage": _COUNT,
        "cursor": "",
        "window": windows.FIRST,
        "records": 0,
        "converted": 0,
        "cleared": 0,
        "unfit": 0,
        "sample": [],
    }


class ChangeJobs:
    """Runs jobs that change the type or the options of a field."""

    def __init__(self, kinds: Kinds) -> None:
        self._definitions = taking_back.Definitions(kinds["field"])
        self._computing = Computing(kinds)

    async def run(self, transaction: Transaction, work: Work) -> None:
        """Does the next step."""
        where = transaction, work.business_id, work.subject_id
        definition = await self._definitions.read(*where)
        if work.has_to_end and not work.task[ARE_CHECKED]:
            await self._take_back(transaction, work, definition)
            work.stop(_result(work))
            return
        steps = {
            _COUNT: _count,
            _CHECK: _check,
            _REFUSE: self._refuse,
            _TURN: _turn,
            _STORE: self._store,
            COMPUTE: self._compute,
            _LEAVE: _leave,
        }
        await steps[work.task["stage"]](transaction, work, definition)

    async def _refuse(
        self, transaction: Transaction, work: Work, definition: pb.Field
    ) -> None:
        """Ends a job that found values which have no form in the new definition."""
        await self._take_back(transaction, work, definition)
        ids = [each["id"] for each in work.task["sample"]]
        problem = {
            "type": "conflict",
            "detail": unfit_message(definition),
            "count": work.task["unfit"],
            "sample": ids if work.task["shows_records"] else [],
        }
        work.fail(problem, _result(work))

    async def _take_back(
        self, transaction: Transaction, work: Work, definition: pb.Field
    ) -> None:
        before = unpacked(work.task[BEFORE])
        assert before is not None  # noqa: S101 - a change has one
        await self._definitions.restore(transaction, work.business_id, before)
        _begin_leaving(work, definition)

    async def _store(
        self, transaction: Transaction, work: Work, definition: pb.Field
    ) -> None:
        """Stores the values of a window in their new form, and their typed values."""
        task, changed = work.task, _changed(work, definition)
        window, judged = await _judged(transaction, work, definition, changed)
        own, unfit = own_field(definition), dict.fromkeys(judged.unfit)
        dropped = unfit if own.is_kept else dict.fromkeys(judged.stored)
        settled = Settled(
            after=judged.changed | unfit,
            typed=windows.typed_of(definition, judged.fitting),
            dropped=list(dropped),
            keys=[own.key, beside(definition)],
        )
        held = await windows.settle(transaction, work, definition, window, settled)
        stored = [settled.after[each] for each in held.intersection(settled.after)]
        task["cleared"] += stored.count(None)
        task["converted"] += len(stored) - stored.count(None)
        _sample(task, judged)
        work.count(judged.records, len(unfit))
        if window.last is not None:
            task["cursor"] = window.last
        elif not await self._computing.follows(transaction, work, definition):
            task["stage"] = _LEAVE

    async def _compute(
        self, transaction: Transaction, work: Work, definition: pb.Field
    ) -> None:
        """Computes formulas that name the field: its options have changed."""
        if await self._computing.step(transaction, work, definition.object):
            work.task["stage"] = _LEAVE


async def _count(transaction: Transaction, work: Work, definition: pb.Field) -> None:
    """Counts the records of a window that have the key: each is looked at twice."""
    task = work.task
    last, number = await windows.counted(transaction, work, definition)
    task["records"] += number
    if last is not None:
        task["cursor"] = last
        return
    work.progress["total"] = 2 * task["records"]
    task |= {"stage": _CHECK, "cursor": ""}


async def _check(transaction: Transaction, work: Work, definition: pb.Field) -> None:
    """Looks at the values of a window, and keeps the typed values of their forms."""
    task, changed = work.task, _changed(work, definition)
    window, judged = await _judged(transaction, work, definition, changed)
    unfit = 0 if changed.clears else len(judged.unfit)
    if unfit:
        task["unfit"] += unfit
        _sample(task, judged)
    typed = windows.typed_of(definition, judged.fitting, beside(definition))
    await windows.settle(transaction, work, definition, window, Settled(typed=typed))
    work.count(judged.records, unfit)
    if window.last is not None:
        task["cursor"] = window.last
    elif task["unfit"]:
        # In a step of its own: writers lock the tenant's row before a record.
        task["stage"] = _REFUSE
    else:
        task |= {"stage": _TURN, "cursor": "", "window": windows.FIRST}


async def _turn(transaction: Transaction, work: Work, definition: pb.Field) -> None:
    """Lets the new definition hold: all values have a form in it, or are cleared."""
    await taking_back.renew(transaction, work.business_id)
    work.task |= {"stage": _STORE, ARE_CHECKED: True}


async def _leave(transaction: Transaction, work: Work, definition: pb.Field) -> None:
    """Ends a job whose work is done, or deletes the typed values that it kept."""
    task, name = work.task, definition.object
    if task[ARE_CHECKED] and not work.has_ended:
        await taking_back.activate(transaction, work.business_id, definition.id)
        _begin_leaving(work, definition)
        work.succeed(_result(work))
        return
    last, _ = await windows.counted(transaction, work, definition)
    if last is None:
        work.is_open = False
        return
    between = work.business_id, task["beside"], task["cursor"], last, name
    await transaction.run(forget_between_sql("$5"), *between)
    task["cursor"] = last


def _begin_leaving(work: Work, definition: pb.Field) -> None:
    work.task |= {"stage": _LEAVE, "cursor": "", "beside": beside(definition)}


def _changed(work: Work, definition: pb.Field) -> Changed:
    request = unpacked_change(work.task[CHANGES])
    assert request is not None  # noqa: S101 - by `task_of`
    return Changed(request, definition)


async def _judged(
    transaction: Transaction, work: Work, definition: pb.Field, changed: Changed
) -> tuple[Window, Judged]:
    """Reads the values of a window and finds their forms."""
    given = transaction, work.business_id, definition
    window = await windows.values(transaction, work, definition)
    ways, held = changed.ways(), changed.held()
    judged = await existing.judge_rows(*given, window.rows, ways, held)
    await existing.lose_taken(*given, judged, beside(definition))
    return window, judged


def _sample(task: Json, judged: Judged) -> None:
    for record_id, value in judged.unfit.items():
        if len(task["sample"]) < SAMPLE:
            task["sample"].append({"id": record_id, "value": value})


def _result(work: Work) -> Json:
    """What the job did, also where it ended early."""
    task = work.task
    numbers = ("records", "converted", "cleared", "unfit")
    sample = task["sample"] if task["shows_records"] else []
    told = {name: task[name] for name in numbers}
    return {"field_id": work.subject_id, **told, "sample": sample}
