"""How a request begins a job on a definition, and what it may not do meanwhile."""

from collections.abc import Awaitable, Callable

from prospectconnect.jobs.v1 import jobs_pb2 as jobs
from prospectconnect.schema.v1 import fields_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller
from services.errors import JobRunning, ValidationFailed
from services.faults import Fault
from services.jobs import queue
from services.jobs.work import Json
from services.postgres.database import Database, Transaction
from services.records.engine import Change
from services.records.schemas import KEY, LABEL, OBJECT
from services.schema import existing
from services.schema.by_jobs import change_jobs, formula_jobs
from services.schema.by_jobs.field_jobs import task_of

# Makes the records that use a key fit its definition: (transaction, caller, the
# definition before and after a change).
Settle = Callable[[Transaction, Caller, pb.Field | None, pb.Field], Awaitable[None]]

_HOLDER = """
SELECT deleted_at IS NOT NULL AS is_leaving, id, archived, label FROM fields
WHERE business_id = $1 AND object = $2 AND key = $3
"""


def beginning(
    choice: pb.ExistingValues.ValueType, sees: Callable[[Caller, str], bool]
) -> Settle:
    """Begins the job that a definition holds (`put_job`), in its transaction.

    `choice` says what happens to values that do not fit, and `sees` whether a caller
    may read all records of an object.
    """

    async def settle(
        transaction: Transaction,
        caller: Caller,
        before: pb.Field | None,
        after: pb.Field,
    ) -> None:
        given = transaction, caller.business_id
        if after.type == pb.FIELD_TYPE_FORMULA:
            await existing.refuse_uncomputed(*given, before, after, choice)
            task = formula_jobs.task_of(before, after)
        else:
            shows = sees(caller, after.object)
            task = task_of(before, choice, shows_records=shows)
        await begin(transaction, caller.business_id, after.job, task, after)

    return settle


async def begin(
    transaction: Transaction,
    business_id: str,
    job: jobs.Job,
    task: Json,
    definition: pb.Field,
) -> None:
    """Puts a job on a definition into the queue, with what people know that by."""
    about = {
        OBJECT: definition.object,
        KEY: definition.key,
        LABEL: definition.label,
    }
    await queue.begin(transaction, business_id, job, task | about)


def beginning_change(
    request: pb.ChangeFieldRequest, sees: Callable[[Caller, str], bool]
) -> Settle:
    """Begins the job that changes a definition, which holds it (`put_job`)."""

    async def settle(
        transaction: Transaction,
        caller: Caller,
        before: pb.Field | None,
        after: pb.Field,
    ) -> None:
        assert before is not None  # noqa: S101 - the request changes it
        shows = sees(caller, after.object)
        task = change_jobs.task_of(before, request, shows_records=shows)
        await begin(transaction, caller.business_id, after.job, task, after)

    return settle


def put_job(caller: Caller, kind: jobs.JobKind.ValueType, definition: pb.Field) -> None:
    """Puts a new job into a definition, on which it is to work."""
    job = queue.drafted(caller, kind, definition.id)
    definition.state, definition.job_id = pb.FIELD_STATE_CHECKING, job.id
    definition.job.CopyFrom(job)


def unless_busy(change: Change[pb.Field]) -> Change[pb.Field]:
    """A change that is refused while a job works on the definition."""

    def checked(definition: pb.Field) -> None:
        if definition.state == pb.FIELD_STATE_CHECKING:
            raise busy(definition)
        change(definition)

    return checked


def busy(definition: pb.Field) -> JobRunning:
    """The refusal of a change of a definition that a job works on."""
    job_id = definition.job_id
    return JobRunning(f"The job {job_id} works on the definition. Wait for its end.")


async def refuse_taken(
    database: Database, caller: Caller, definition: pb.Field
) -> None:
    """Refuses a definition of a key that has one.

    Returns if the key has none any more: a job has just deleted what was left of it.
    """
    where = caller.business_id, definition.object, definition.key
    row = await database.row(_HOLDER, *where)
    if row is None:
        return
    if row["is_leaving"]:
        raise JobRunning("A job deletes what an earlier definition of the key left.")
    code = FaultCode.FAULT_CODE_NOT_UNIQUE
    label, field_id = row["label"], row["id"]
    message = f"The field {label!r} has this key. Give another key."
    if row["archived"]:
        message = f"The archived field {label!r} has this key. Restore it: {field_id}."
    fault = Fault("field.key", code, message, field_id, "field")
    raise ValidationFailed([fault])
