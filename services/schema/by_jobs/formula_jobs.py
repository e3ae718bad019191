"""The jobs that compute a formula which is defined, changed or restored.

The formula holds for every write from the answer of the request that began the job.
Until a window has reached it, a record has the value from before, or none. If the job
is to end early, a formula that was changed gets the expression from before, and records
are computed by that; of a new one the values are taken out of records.
"""

from prospectconnect.schema.v1 import fields_pb2 as pb

from services.jobs.work import Json, Work
from services.kinds.own_schemas import packed, unpacked
from services.kinds.record_type import Kinds
from services.postgres.database import Transaction
from services.records.schemas import BEFORE
from services.records.values.typed_statements import forget_definition_sql
from services.schema.by_jobs import computing, taking_back, windows
from services.schema.by_jobs.windows import Settled

_LEAVE = "leave"
# A member of the task that those of other jobs on definitions do not have.
IS_FORMULA = "is_formula"


def task_of(before: pb.Field | None, formula: pb.Field) -> Json:
    """The task of a job that computes a formula."""
    return {
        BEFORE: packed(before),
        "stage": computing.COMPUTE,
        IS_FORMULA: True,
        "formulas": [formula.key],
        "cursor": "",
        "window": windows.FIRST,
        "is_tallied": False,
    }


class FormulaJobs:
    """Runs jobs that compute formulas."""

    def __init__(self, kinds: Kinds) -> None:
        self._definitions = taking_back.Definitions(kinds["field"])
        self._computing = computing.Computing(kinds)

    async def run(self, transaction: Transaction, work: Work) -> None:
        """Does the next step."""
        where = transaction, work.business_id
        formula = await self._definitions.read(*where, work.subject_id)
        if work.has_to_end:
            await self._take_back(transaction, work, formula)
            work.stop(_result(work))
        elif work.task["stage"] == _LEAVE:
            await _leave(transaction, work, formula)
        elif await self._computing.step(transaction, work, formula.object):
            await taking_back.activate(*where, formula.id)
            if not work.has_ended:
                work.succeed(_result(work))
            work.is_open = False

    async def _take_back(
        self, transaction: Transaction, work: Work, formula: pb.Field
    ) -> None:
        """Makes the formula what it was before the job."""
        before, where = unpacked(work.task[BEFORE]), (transaction, work.business_id)
        if before is None:
            await taking_back.hide(*where, formula.id)
            work.task |= {"stage": _LEAVE, "cursor": "", "window": windows.FIRST}
            return
        if before.archived:
            work.is_open = False
        else:
            before.state, before.job_id = pb.FIELD_STATE_CHECKING, work.id
            computing.begin(work, [formula.key])
        await self._definitions.restore(*where, before)


async def _leave(transaction: Transaction, work: Work, formula: pb.Field) -> None:
    """Takes the values of a new formula out of records, then deletes its row."""
    task, where = work.task, (transaction, work, formula)
    window = await windows.values(*where)
    gone = dict.fromkeys(window.read)
    await windows.settle(*where, window, Settled(gone, (), list(gone), [formula.key]))
    if window.last is not None:
        task["cursor"] = window.last
        return
    await transaction.run(forget_definition_sql(), work.business_id, formula.id)
    await taking_back.renew(transaction, work.business_id)
    work.is_open = False


def _result(work: Work) -> Json:
    """What the job did, with the members of other jobs on definitions."""
    computed = work.progress.get("done", 0)
    numbers = {"records": computed, "converted": 0, "cleared": 0}
    return {"field_id": work.subject_id, **numbers}
