"""Replaces an option of a field by another one in all records that have it."""

from collections.abc import Awaitable, Callable

from prospectconnect.jobs.v1 import jobs_pb2 as jobs
from prospectconnect.schema.v1 import fields_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call
from services.clock import now
from services.errors import NotFound, Unavailable, ValidationFailed
from services.faults import Fault
from services.iam import audit
from services.jobs import queue
from services.kinds.own_schemas import own_field
from services.postgres.database import Row, Transaction
from services.record_messages import home_of
from services.records.commands import keep_answer
from services.records.contended import MOST_ATTEMPTS
from services.records.engine import Records
from services.records.idempotency import FAILED_WRITES, violates
from services.records.log.actor import acting
from services.records.many.statements import give_values_sql
from services.records.own_writes import UNIQUE
from services.records.versions import check_etag
from services.schema import existing
from services.schema.by_jobs import option_jobs
from services.schema.by_jobs.beginning import begin, busy
from services.schema.by_jobs.option_jobs import moved_to
from services.schema.by_jobs.taking_back import mark
from services.schema.formulas import Formulas, users_of
from services.schema.generation import LOCK

# Each record is written again, which takes longer than a look at it: with more of them
# than this, a job moves them.
MOST_MOVED = 2_000

# A change of the definition waits for this lock, and this for such a change.
_LOCK = "SELECT 1 FROM tenants WHERE business_id = $1 FOR KEY SHARE"
_UNCHANGED = "SELECT 1 FROM fields WHERE business_id = $1 AND id = $2 AND version = $3"

# Replaces an option in a transaction: (transaction, formulas, call, request,
# definition).
Replace = Callable[
    [Transaction, Formulas, Call, pb.ReplaceFieldOptionRequest, pb.Field],
    Awaitable[pb.ReplaceFieldOptionResponse | None],
]

REPLACED = "field_option_replaced"

_WITH = "with"  # the field's name is a word of Python's own


async def replace_option(
    records: Records[pb.Field],
    call: Call,
    request: pb.ReplaceFieldOptionRequest,
    formulas: Formulas,
) -> pb.ReplaceFieldOptionResponse:
    """Moves records from one option to another, and returns how many they are.

    A job does it if more records have it than a request can change. Raises `NotFound`
    for an option that the field does not have.
    """
    replace = _replace
    for _ in range(MOST_ATTEMPTS):
        definition = await records.get(call.caller, request.id)
        check_etag(definition, request.etag)
        _check(definition, request)
        if definition.state == pb.FIELD_STATE_CHECKING:
            raise busy(definition)

        async def run(
            transaction: Transaction,
            replace: Replace = replace,
            definition: pb.Field = definition,
        ) -> pb.ReplaceFieldOptionResponse | None:
            given = call, request, definition
            answer = await replace(transaction, formulas, *given)
            if answer is not None:
                about = {"object": definition.object, "key": definition.key}
                told = audit.by_caller(call, REPLACED, definition.id, **about)
                await audit.record(transaction, told)
            return answer

        try:
            answer = await records.database.in_transaction(run)
        except existing.TooManyValues:
            replace = _begin
            continue
        except FAILED_WRITES as error:
            if not violates(error, UNIQUE):
                raise
            message = "Another record has this value, which is unique."
            raise _refusal(FaultCode.FAULT_CODE_NOT_UNIQUE, message) from None
        if answer is not None:
            if answer.HasField("job"):
                await records.look_again(call)
            return answer
    raise Unavailable


def _check(definition: pb.Field, request: pb.ReplaceFieldOptionRequest) -> None:
    live = {each.value: not each.archived for each in definition.options}
    if request.value not in live:
        raise NotFound
    other = getattr(request, _WITH)
    if other == request.value:
        message = "Give another option than the one that is replaced."
        raise _refusal(FaultCode.FAULT_CODE_INVALID, message)
    if not live.get(other):
        message = "Give an option of the field that is not archived."
        raise _refusal(FaultCode.FAULT_CODE_INVALID_CHOICE, message)


def _refusal(code: FaultCode.ValueType, message: str) -> ValidationFailed:
    return ValidationFailed([Fault(_WITH, code, message)])


async def _replace(
    transaction: Transaction,
    formulas: Formulas,
    call: Call,
    request: pb.ReplaceFieldOptionRequest,
    definition: pb.Field,
) -> pb.ReplaceFieldOptionResponse | None:
    """Replaces the option; None if the definition has changed since it was read."""
    business_id, own = call.caller.business_id, own_field(definition)
    version = int(definition.etag)
    await transaction.run(_LOCK, business_id)
    if await transaction.row(_UNCHANGED, business_id, definition.id, version) is None:
        return None
    name, key = definition.object, definition.key
    where = transaction, business_id, name
    rows: list[Row] = await existing.values_of(*where, key, MOST_MOVED, request.value)
    other = getattr(request, _WITH)
    moved = {row[0]: moved_to(row[1], request.value, other) for row in rows}
    if moved:
        sql = give_values_sql(home_of(name).table)
        await transaction.run(sql, business_id, key, now(), moved, acting())
        if own.is_kept:
            await existing.keep(*where, own, moved)
        fields = await formulas.fields_of(*where)
        if users := users_of(fields, key):
            await formulas.recompute(*where, fields, users)
    answer = pb.ReplaceFieldOptionResponse(records=len(moved))
    await keep_answer(transaction, call, answer)
    return answer


async def _begin(
    transaction: Transaction,
    formulas: Formulas,
    call: Call,
    request: pb.ReplaceFieldOptionRequest,
    definition: pb.Field,
) -> pb.ReplaceFieldOptionResponse | None:
    """Begins a job that replaces the option; None if the definition has changed."""
    business_id, version = call.caller.business_id, int(definition.etag)
    await transaction.run(LOCK, business_id)
    unchanged = business_id, definition.id, version
    if await transaction.row(_UNCHANGED, *unchanged) is None:
        return None
    kind = jobs.JOB_KIND_REPLACE_FIELD_OPTION
    job = queue.drafted(call.caller, kind, definition.id)
    await mark(transaction, business_id, definition.id, job.id)
    task = option_jobs.task_of(definition, request.value, getattr(request, _WITH))
    await begin(transaction, business_id, job, task, definition)
    answer = pb.ReplaceFieldOptionResponse(job=job)
    await keep_answer(transaction, call, answer)
    return answer
