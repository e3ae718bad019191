"""Runs batches: reads the operations, runs them in one transaction, and answers.

A batch's idempotency key is taken before its first operation and committed with the
last one. A crash in the middle leaves neither the key nor any operation.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import asyncpg
import orjson
import structlog
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from prospectconnect.crm.v1 import batches_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.batches.errors import DependencyFailed
from services.batches.locks import lock_named, lockable
from services.batches.operations import Operation, read_operations
from services.batches.plan import Step, steps_of
from services.batches.runnables import GET, Runnables
from services.batches.unknown_refs import name_unknown_refs
from services.caller import CURRENT_CALL, Call, current_call
from services.errors import NotFound, OperationFailed, ServiceError, ValidationFailed
from services.faults import Fault
from services.gates.error_details import status_of
from services.gates.figures import Figures
from services.kinds.record_type import Kinds
from services.pauses import Pauses
from services.postgres.bound import ENDS_ALL, BoundDatabase, Scope
from services.records import commands, idempotency
from services.records.schemas import Schemas, SchemasWithin
from services.records.several.together import Together
from services.records.statements import key_sql
from services.standard import RunsBatches
from services.trace import trace_id_of

# No method that operations call asks its context for anything.
_NO_CONTEXT: Any = None

_TYPE_URL = "type.googleapis.com/"

# So many operations run to their common statement before others have the event loop.
_AT_ONCE = 4

_log = structlog.get_logger("services")


class Batches:
    """Runs the operations of batches on a bound database.

    `schemas` are the definitions of tenants within its transactions, and outside.
    """

    def __init__(
        self,
        database: BoundDatabase,
        schemas: tuple[SchemasWithin, Schemas],
        runnables: Runnables,
        kinds: Kinds,
        figures: Figures | None,
    ) -> None:
        self._database = database
        self._schemas, self._outside = schemas
        self._runnables = runnables
        self._figures = figures
        used = {each.kind.resource for each in runnables.values()}
        self._locked = lockable(kinds, used)

    async def run(self, request: Any, context: Any, service: str) -> Message:
        """Runs the operations of a request, on one service's methods if it is given.

        Raises `OperationFailed` if one of an atomic batch fails.
        """
        call = current_call()

        trace_id = _trace_id(context)

        async def work(scope: Scope) -> tuple[list[Operation], pb.BatchResponse]:
            return await self._work(scope, call, request, service, trace_id)

        (operations, answer), scope = await self._database.within(work)
        if not scope.undone:
            await self._schemas.kept(scope, call.caller.business_id)
        self._count(answer)
        if request.atomic:
            _refuse_failed(operations)
        return answer

    def _count(self, answer: pb.BatchResponse) -> None:
        if self._figures is not None:
            counts = self._figures.batch_operations
            counts["succeeded"] += answer.meta.succeeded
            counts["failed"] += answer.meta.failed

    async def _work(
        self, scope: Scope, call: Call, request: Any, service: str, trace_id: str
    ) -> tuple[list[Operation], pb.BatchResponse]:
        caller, database = call.caller, self._database
        schema = await self._schemas.of(caller)
        operations = read_operations(request, self._runnables, service, schema, caller)
        if call.key is not None:
            values = idempotency.key_values(call, Empty())
            await scope.connection.execute(key_sql(), caller.business_id, *values)
        steps = steps_of(operations)
        # A stored answer must not outlive what it holds: a get locks what it stores.
        if len(steps) > 1 or (call.key is not None and _only_gets(operations)):
            await lock_named(database, caller, operations, self._locked)
        for step in steps:
            await run_step(call, step)
        has_failed = any(each.error is not None for each in operations)
        if has_failed:
            name_unknown_refs(operations, schema, caller)
        scope.undone = call.is_dry or (request.atomic and has_failed)
        answer = _answer(operations, trace_id)
        if call.key is not None and not scope.undone:
            await database.in_transaction(
                lambda transaction: commands.answer_again(transaction, call, answer)
            )
        return operations, answer

    async def again(self, request: Any, stored: Any) -> Message:
        """Returns a stored answer as its caller of today may have it."""
        call = current_call()
        schema = await self._outside.of(call.caller)
        operations = read_operations(request, self._runnables, "", schema, call.caller)
        for operation, result in zip(operations, stored.data, strict=True):
            if result.HasField("answer"):
                again = Call(call.caller, schema=schema)
                await _give_again(again, operation, result)
        failed = sum(each.HasField("error") for each in stored.data)
        stored.meta.failed, stored.meta.succeeded = failed, len(operations) - failed
        return stored  # type: ignore[no-any-return]  # a message


class BatchMethods:
    """The methods of batches on records of any types."""

    def __init__(self, batches: RunsBatches) -> None:
        self._batches = batches

    async def Batch(self, request: pb.BatchRequest, context: Any) -> Message:
        return await self._batches.run(request, context, "")


class NoBatches:
    """What runs batches within a batch: nothing does."""

    async def run(self, request: Any, context: Any, service: str) -> Message:
        """Is never called: no operation is a batch."""
        raise ServiceError


def _only_gets(operations: Sequence[Operation]) -> bool:
    verbs = {each.runnable.verb for each in operations if each.runnable is not None}
    return verbs == {GET}


async def _give_again(call: Call, operation: Operation, result: Any) -> None:
    """Limits one stored answer, or puts the error there that refuses it."""
    runnable = operation.runnable
    assert runnable is not None  # noqa: S101 - it was run
    if slug := runnable.method.object_field:
        call.object = getattr(operation.request, slug)
    before = CURRENT_CALL.set(call)
    answer = runnable.method.response.FromString(result.answer.value)
    try:
        given = await runnable.again(operation.request, answer)  # type: ignore[arg-type]  # no context
    except ServiceError as error:
        result.ClearField("answer")
        result.error.CopyFrom(status_of(error))
    else:
        result.answer.value = given.SerializeToString()
    finally:
        CURRENT_CALL.reset(before)


async def run_step(call: Call, step: Step) -> None:
    """Runs operations that may run together, each by its own gates.

    What the call has read ahead, it has for them.
    """
    for each in step:
        each.resolve()
    ready = [each for each in step if each.error is None]
    if len(ready) == 1:
        await _run_one(call, ready[0], None)
        return
    together, tasks = Together(len(ready)), list[asyncio.Task[None]]()
    pauses = Pauses()
    try:
        for each in ready:
            tasks.append(asyncio.create_task(_run_one(call, each, together)))
            if len(tasks) % _AT_ONCE == 0:
                await pauses.now()
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await together.end()
        raise


async def _run_one(
    batch: Call, operation: Operation, together: Together | None
) -> None:
    """Runs an operation through its own gates, as a call of its own."""
    unread = orjson.dumps(list(operation.unread)) if operation.unread else None
    call = Call(
        batch.caller,
        unread=unread,
        together=together,
        traceparent=batch.traceparent,
        is_stored=batch.key is not None,
        ahead=batch.ahead,
        past=operation.past,
    )
    before = CURRENT_CALL.set(call)
    runnable = operation.runnable
    assert runnable is not None  # noqa: S101 - it is to be run
    try:
        operation.answer = await runnable.proceed(operation.request, _NO_CONTEXT)
    except ServiceError as error:
        operation.error = error
    except ENDS_ALL:
        raise
    except asyncpg.PostgresError:
        _log.exception("an operation failed", method=runnable.method.name)
        operation.error = ServiceError()
    finally:
        CURRENT_CALL.reset(before)
        operation.changed_nothing = call.changed_nothing
        if call.together is not None:
            call.together.leave()


def _trace_id(context: Any) -> str:
    return trace_id_of(dict(context.invocation_metadata() or ()).get("traceparent"))


def _answer(operations: Sequence[Operation], trace_id: str) -> pb.BatchResponse:
    answer = pb.BatchResponse(trace_id=trace_id)
    for each in operations:
        result = answer.data.add()
        if each.ref:
            result.ref = each.ref
        if each.error is not None:
            result.error.CopyFrom(status_of(each.error))
            answer.meta.failed += 1
        elif each.answer is not None:
            result.answer.type_url = _TYPE_URL + each.answer.DESCRIPTOR.full_name
            result.answer.value = each.answer.SerializeToString()
            answer.meta.succeeded += 1
    return answer


def _refuse_failed(operations: Sequence[Operation]) -> None:
    """Raises the first error of an atomic batch, with the faults of all."""
    failed = [each for each in operations if each.error is not None]
    if not failed:
        return
    made = {each.record_id: each.index for each in operations if each.has_created}
    faults = [_living(fault, made) for each in failed for fault in _faults(each)]
    first = failed[0]
    assert first.error is not None  # noqa: S101 - by its list
    raise OperationFailed(first.error, first.index, faults)


def _living(fault: Fault, made: Mapping[str, int]) -> Fault:
    """A fault that names the operation, not its record which was undone with all."""
    if fault.holder not in made:
        return fault
    message = f"Operation {made[fault.holder]} gives its record this value."
    return replace(fault, message=message, holder="", resource="")


def _faults(operation: Operation) -> list[Fault]:
    error, at = operation.error, f"operations[{operation.index}]"
    if isinstance(error, DependencyFailed) or error is None:
        return []  # it could not be judged
    if isinstance(error, ValidationFailed):
        return [replace(e, field=f"{at}.{e.field}") for e in error.faults]
    if isinstance(error, NotFound):
        place = _missing_place(operation, error)
        return [Fault(f"{at}{place}", FaultCode.FAULT_CODE_NOT_FOUND, error.message)]
    return [Fault(at, FaultCode.FAULT_CODE_INVALID, error.message)]


def _missing_place(operation: Operation, error: NotFound) -> str:
    """Where in the request of an operation the record stands that is not there."""
    runnable = operation.runnable
    slug = runnable.method.object_field if runnable is not None else ""
    if slug and error.message != NotFound.text:
        return f".{slug}"
    takes_id = "id" in operation.request.DESCRIPTOR.fields_by_name
    return ".id" if takes_id else ""
