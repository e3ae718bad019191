"""The jobs that make the values of many records fit a definition.

The definition holds for every write from the answer of the request that began the job.
A first pass looks at the values that records have, and keeps their typed values; if one
does not fit, the definition is taken back and no record has changed. A second pass
stores the values whose form changes. With `clear` there is one pass, which clears the
values that do not fit as it finds them. Then searches know the definition too.
"""

from typing import Any

from prospectconnect.jobs.v1 import jobs_pb2 as jobs
from prospectconnect.schema.v1 import fields_pb2 as pb

from services.clock import now
from services.jobs.work import Json, Runner, Work
from services.kinds.own_fields import OwnField, own_field
from services.kinds.own_schemas import packed, unpacked
from services.kinds.record_type import RecordType
from services.postgres.database import Transaction
from services.record_messages import home_of
from services.records.log.actor import acting
from services.records.many.statements import give_values_sql
from services.records.schemas import BEFORE
from services.records.typed_statements import (
    conflicts_sql,
    forget_between_sql,
    forget_definition_sql,
    forget_sql,
    forget_values_sql,
)
from services.schema import existing
from services.schema.by_jobs import taking_back, windows
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
    }


class FieldJobs:
    """Runs jobs that make values fit a definition."""

    def __init__(self, kind: RecordType) -> None:
        """`kind` is that of definitions."""
        self._definitions = taking_back.Definitions(kind)

    def runners(self) -> dict[int, Runner]:
        """The runners of these jobs, by kind."""
        return {
            jobs.JOB_KIND_CREATE_FIELD: self.run,
            jobs.JOB_KIND_UPDATE_FIELD: self.run,
        }

    async def run(self, transaction: Transaction, work: Work) -> None:
        """Does the next step."""
        where = transaction, work.business_id, work.subject_id
        definition = await self._definitions.read(*where)
        if work.has_to_end:
            await self._take_back(transaction, work, definition)
            work.stop(_result(work))
            return
        steps = {
            _COUNT: _count,
            _CHECK: self._check,
            _REFUSE: self._refuse,
            _STORE: _store,
            _LEAVE: _leave,
        }
        await steps[work.task["stage"]](transaction, work, definition)

    async def _check(
        self, transaction: Transaction, work: Work, definition: pb.Field
    ) -> None:
        """Looks at the values of a window, and keeps their typed values."""
        began = windows.began()
        window, judged = await _judged(transaction, work, definition)
        clears = work.task["existing"] == pb.EXISTING_VALUES_CLEAR
        unfit = list(judged.unfit)
        if unfit and not clears:
            # In a step of its own: writers lock the tenant's row before a record.
            work.task |= {"stage": _REFUSE, "unfit": len(unfit)}
            work.task["sample"] = unfit[:SAMPLE]
            work.count(judged.records, len(unfit))
            return
        if clears:
            await _give(transaction, work, definition, judged)
        else:
            work.task["to_store"] += len(judged.changed)
        await _keep(transaction, work, definition, judged)
        work.count(judged.records, len(unfit))
        windows.adapt(work.task, began)
        if window.last is not None:
            work.task["cursor"] = window.last
        elif work.task["to_store"]:
            work.progress["total"] = work.progress["done"] + work.task["to_store"]
            work.task |= {"stage": _STORE, "cursor": "", "window": windows.FIRST}
        else:
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
        before = unpacked(work.task[BEFORE])
        where = transaction, work.business_id
        if before is not None:
            await self._definitions.restore(*where, before)
            work.is_open = False
        else:
            await taking_back.hide(*where, definition.id)
            work.task |= {"stage": _LEAVE, "cursor": ""}


async def _count(transaction: Transaction, work: Work, definition: pb.Field) -> None:
    """Counts the records of a window that have the key."""
    task, key = work.task, definition.key
    where = transaction, work.business_id, definition.object
    last, number = await windows.counted(*where, task, key)
    task["records"] = task.get("records", 0) + number
    if last is not None:
        task["cursor"] = last
        return
    work.progress["total"] = task["records"]
    task |= {"stage": _CHECK, "cursor": ""}


async def _store(transaction: Transaction, work: Work, definition: pb.Field) -> None:
    """Stores the values of a window whose form changes. All of them fit."""
    began = windows.began()
    window, judged = await _judged(transaction, work, definition)
    judged.unfit.clear()
    await _give(transaction, work, definition, judged)
    work.count(len(judged.changed))
    windows.adapt(work.task, began)
    if window.last is not None:
        work.task["cursor"] = window.last
    else:
        await _succeed(transaction, work)


async def _leave(transaction: Transaction, work: Work, definition: pb.Field) -> None:
    """Deletes the typed values of a definition that was taken back, then its row."""
    task, name = work.task, definition.object
    where = transaction, work.business_id
    last = None
    if own_field(definition).is_kept:
        last, _ = await windows.counted(*where, name, task, definition.key)
    if last is None:
        given = work.business_id, definition.id
        await transaction.run(forget_definition_sql(), *given)
        work.is_open = False
        return
    between = work.business_id, definition.key, task["cursor"], last, name
    await transaction.run(forget_between_sql("$5"), *between)
    task["cursor"] = last


async def _judged(
    transaction: Transaction, work: Work, definition: pb.Field
) -> tuple[windows.Window, Judged]:
    """Locks a window's records and judges their values."""
    own, business_id = own_field(definition), work.business_id
    where = transaction, business_id, definition.object
    window = await windows.locked(*where, work.task, own.key)
    ways = existing.ways_of(definition, work.task["existing"])
    rows: Any = window.rows
    judged = await existing.judge_rows(transaction, business_id, definition, rows, ways)
    if own.unique and judged.fitting:
        await _lose_taken(transaction, business_id, definition.object, own, judged)
    return window, judged


async def _lose_taken(
    transaction: Transaction,
    business_id: str,
    name: str,
    own: OwnField,
    judged: Judged,
) -> None:
    """Counts unique values as unfit that other live records have."""
    digests = [own.typed(value).digest for value in judged.fitting.values()]
    given = business_id, own.key, list(judged.fitting), digests, name
    sql = conflicts_sql(home_of(name).table)
    for record_id, holder, lives in await transaction.rows(sql, *given):
        if not lives:
            await transaction.run(forget_sql("$3"), business_id, holder, name)
        elif record_id in judged.fitting:
            judged.lose(record_id, judged.fitting[record_id])


async def _give(
    transaction: Transaction, work: Work, definition: pb.Field, judged: Judged
) -> None:
    """Stores values in another form, and clears those that do not fit."""
    changed = judged.changed | dict.fromkeys(judged.unfit)
    if not changed:
        return
    name, task = definition.object, work.task
    given, unfit = (work.business_id, definition.key), list(judged.unfit)
    sql = give_values_sql(home_of(name).table)
    await transaction.run(sql, *given, now(), changed, acting())
    await transaction.run(forget_values_sql("$4"), *given, unfit, name)
    converted = sum(value is not None for value in judged.changed.values())
    task["converted"] += converted
    task["cleared"] += len(changed) - converted


async def _keep(
    transaction: Transaction, work: Work, definition: pb.Field, judged: Judged
) -> None:
    own = own_field(definition)
    if own.is_kept and judged.fitting:
        where = transaction, work.business_id, definition.object
        await existing.keep(*where, own, judged.fitting)


async def _succeed(transaction: Transaction, work: Work) -> None:
    await taking_back.activate(transaction, work.business_id, work.subject_id)
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
