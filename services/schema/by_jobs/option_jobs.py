"""The job that replaces an option of a field in many records.

The definition stays as it is, so records that are moved already stay moved if the job
is cancelled. A record that gets the option behind the job keeps it, as one does that
gets it right after a request.
"""

from typing import Any

from prospectconnect.jobs.v1 import jobs_pb2 as jobs
from prospectconnect.schema.v1 import fields_pb2 as pb

from services.clock import now
from services.jobs.work import Json, Runner, Work
from services.kinds.own_fields import own_field
from services.kinds.own_schemas import packed
from services.kinds.record_type import RecordType
from services.postgres.database import Transaction
from services.record_messages import home_of
from services.records.log.actor import acting
from services.records.many.statements import give_values_sql
from services.records.schemas import BEFORE
from services.schema import existing
from services.schema.by_jobs import taking_back, windows


def task_of(definition: pb.Field, value: str, other: str) -> Json:
    """The task of a job that replaces an option by another one."""
    return {
        BEFORE: packed(definition),
        "value": value,
        "with": other,
        "cursor": "",
        "window": windows.FIRST,
        "is_counted": False,
        "records": 0,
        "moved": 0,
    }


class OptionJobs:
    """Runs jobs that replace options."""

    def __init__(self, kind: RecordType) -> None:
        """`kind` is that of definitions."""
        self._definitions = taking_back.Definitions(kind)

    def runners(self) -> dict[int, Runner]:
        """The runners of these jobs, by kind."""
        return {jobs.JOB_KIND_REPLACE_FIELD_OPTION: self.run}

    async def run(self, transaction: Transaction, work: Work) -> None:
        """Does the next step."""
        where = transaction, work.business_id, work.subject_id
        if work.has_to_end:
            await taking_back.activate(*where)
            work.stop(_result(work))
            work.is_open = False
            return
        definition = await self._definitions.read(*where)
        if not work.task["is_counted"]:
            await _count(transaction, work, definition)
            return
        began = windows.began()
        last = await _move(transaction, work, definition)
        windows.adapt(work.task, began)
        if last is not None:
            work.task["cursor"] = last
            return
        await taking_back.activate(*where)
        work.succeed(_result(work))
        work.is_open = False


async def _count(transaction: Transaction, work: Work, definition: pb.Field) -> None:
    task = work.task
    where = transaction, work.business_id, definition.object, task
    last, number = await windows.counted(*where, definition.key, task["value"])
    task["records"] += number
    task["cursor"] = last or ""
    if last is None:
        task["is_counted"], work.progress["total"] = True, task["records"]


async def _move(
    transaction: Transaction, work: Work, definition: pb.Field
) -> str | None:
    """Moves the records of a window, and returns where it ends."""
    task, own, name = work.task, own_field(definition), definition.object
    where = transaction, work.business_id, name
    window = await windows.locked(*where, task, own.key, task["value"])
    moved = {
        record_id: moved_to(stored, task["value"], task["with"])
        for record_id, stored in window.rows
    }
    if moved:
        given = work.business_id, own.key, now(), moved, acting()
        await transaction.run(give_values_sql(home_of(name).table), *given)
        if own.is_kept:
            await existing.keep(*where, own, moved)
    task["moved"] += len(moved)
    work.count(len(moved))
    return window.last


def moved_to(stored: Any, value: str, other: str) -> Any:
    """A value with the other option in the place of the one that is replaced."""
    if not isinstance(stored, list):
        return other
    return list(dict.fromkeys(other if each == value else each for each in stored))


def _result(work: Work) -> Json:
    return {"field_id": work.subject_id, "records": work.task["moved"]}
