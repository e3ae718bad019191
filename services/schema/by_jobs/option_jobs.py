"""The job that replaces an option of a field in many records.

The definition stays as it is, so records that are moved already stay moved if the job
is cancelled. A record that gets the option behind the job keeps it, as one does that
gets it right after a request.
"""

from typing import Any

from prospectconnect.schema.v1 import fields_pb2 as pb

from services.jobs.work import Json, Work
from services.kinds.own_schemas import packed
from services.kinds.record_type import Kinds
from services.postgres.database import Transaction
from services.records.schemas import BEFORE
from services.schema.by_jobs import taking_back, windows
from services.schema.by_jobs.computing import COMPUTE, Computing
from services.schema.by_jobs.windows import Settled


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

    def __init__(self, kinds: Kinds) -> None:
        self._definitions = taking_back.Definitions(kinds["field"])
        self._computing = Computing(kinds)

    async def run(self, transaction: Transaction, work: Work) -> None:
        """Does the next step."""
        where = transaction, work.business_id, work.subject_id
        definition = await self._definitions.read(*where)
        if work.task.get("stage") == COMPUTE:
            if await self._computing.step(transaction, work, definition.object):
                await self._end(transaction, work)
            return
        if work.has_to_end:
            work.stop(_result(work))
            await self._follow(transaction, work, definition)
            return
        if not work.task["is_counted"]:
            await _count(transaction, work, definition)
            return
        last = await _move(transaction, work, definition)
        if last is not None:
            work.task["cursor"] = last
            return
        await self._follow(transaction, work, definition)

    async def _follow(
        self, transaction: Transaction, work: Work, definition: pb.Field
    ) -> None:
        """Ends the job, once the formulas that name the field are computed."""
        follows = self._computing.follows
        if not (work.task["moved"] and await follows(transaction, work, definition)):
            await self._end(transaction, work)

    async def _end(self, transaction: Transaction, work: Work) -> None:
        where = transaction, work.business_id, work.subject_id
        await taking_back.activate(*where)
        if not work.has_ended:
            work.succeed(_result(work))
        work.is_open = False


async def _count(transaction: Transaction, work: Work, definition: pb.Field) -> None:
    task = work.task
    where = transaction, work, definition
    last, number = await windows.counted(*where, task["value"])
    task["records"] += number
    task["cursor"] = last or ""
    if last is None:
        task["is_counted"], work.progress["total"] = True, task["records"]


async def _move(
    transaction: Transaction, work: Work, definition: pb.Field
) -> str | None:
    """Moves the records of a window, and returns where it ends."""
    task, where = work.task, (transaction, work, definition)
    window = await windows.values(*where, task["value"])
    moved = {
        record_id: moved_to(stored, task["value"], task["with"])
        for record_id, stored in window.rows
    }
    settled = Settled(moved, windows.typed_of(definition, moved))
    held = await windows.settle(*where, window, settled)
    task["moved"] += len(held)
    work.count(len(moved))
    return window.last


def moved_to(stored: Any, value: str, other: str) -> Any:
    """A value with the other option in the place of the one that is replaced."""
    if not isinstance(stored, list):
        return other
    return list(dict.fromkeys(other if each == value else each for each in stored))


def _result(work: Work) -> Json:
    return {"field_id": work.subject_id, "records": work.task["moved"]}
