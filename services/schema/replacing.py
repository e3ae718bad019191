"""Replaces an option of a field by another one in all records that have it."""

from typing import Any

from prospectconnect.schema.v1 import fields_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call
from services.clock import now
from services.errors import NotFound, Unavailable, ValidationFailed
from services.faults import Fault
from services.kinds.custom_fields import Json
from services.kinds.own_fields import own_field
from services.postgres.database import Row, Transaction
from services.record_messages import home_of
from services.records.commands import keep_answer
from services.records.engine import MOST_ATTEMPTS, Records
from services.records.idempotency import FAILED_WRITES, violates
from services.records.own_writes import UNIQUE
from services.records.statements import give_values_sql
from services.records.versions import check_etag
from services.schema import existing
from services.schema.formulas import Formulas, users_of

# A change of the definition waits for this lock, and this for such a change.
_LOCK = "SELECT 1 FROM tenants WHERE business_id = $1 FOR KEY SHARE"
_UNCHANGED = "SELECT 1 FROM fields WHERE business_id = $1 AND id = $2 AND version = $3"

_WITH = "with"  # the field's name is a word of Python's own


async def replace_option(
    records: Records[pb.Field],
    call: Call,
    request: pb.ReplaceFieldOptionRequest,
    formulas: Formulas,
) -> pb.ReplaceFieldOptionResponse:
    """Moves records from one option to another, and returns how many they are.

    Raises `NotFound` for an option that the field does not have, and `ValuesUnfit` if
    more records have it than a request can change.
    """
    for _ in range(MOST_ATTEMPTS):
        definition = await records.get(call.caller, request.id)
        check_etag(definition, request.etag)
        _check(definition, request)

        async def run(
            transaction: Transaction, definition: pb.Field = definition
        ) -> pb.ReplaceFieldOptionResponse | None:
            given = call, request, definition
            return await _replace(transaction, formulas, *given)

        try:
            answer = await records.database.in_transaction(run)
        except FAILED_WRITES as error:
            if not violates(error, UNIQUE):
                raise
            message = "Another record has this value, which is unique."
            raise _refusal(FaultCode.FAULT_CODE_NOT_UNIQUE, message) from None
        if answer is not None:
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
    rows: list[Row] = await existing.values_of(*where, key, value=request.value)
    moved = {row[0]: _moved(row[1], request) for row in rows}
    if moved:
        sql = give_values_sql(home_of(name).table)
        await transaction.run(sql, business_id, key, now(), moved)
        if own.is_kept:
            await existing.keep(*where, own, moved)
        fields = await formulas.fields_of(*where)
        if users := users_of(fields, key):
            await formulas.recompute(*where, fields, users)
    answer = pb.ReplaceFieldOptionResponse(records=len(moved))
    await keep_answer(transaction, call, answer)
    return answer


def _moved(stored: Any, request: pb.ReplaceFieldOptionRequest) -> Json:
    """A value with the other option in the place of the one that is replaced."""
    other = getattr(request, _WITH)
    if not isinstance(stored, list):
        return str(other)
    return list(dict.fromkeys(other if e == request.value else e for e in stored))
