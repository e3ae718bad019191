"""Restores deleted records of one kind: alone, or with what was deleted with them.

All of it is one transaction. A unique value that another record has by now refuses the
whole; elsewhere, what is new stays and the old does not come back. What the record
refers to, and what comes back with it, is locked in the order of all locks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic

from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call
from services.clock import DAY, from_timestamp, now
from services.errors import NotFound, Unavailable, ValidationFailed
from services.faults import Fault
from services.kinds.own_fields import NO_FIELDS, OwnFields, Schema
from services.kinds.record_type import RecordType
from services.postgres.database import Transaction
from services.records import commands, own_checks, own_writes
from services.records.behaviour import M
from services.records.commands import Around
from services.records.compiled import CompiledKind
from services.records.contended import MOST_ATTEMPTS
from services.records.engine import Records
from services.records.erasing.tombstones import missing
from services.records.idempotency import FAILED_WRITES, violates
from services.records.many.merged import survivor_of
from services.records.own_writes import Written
from services.records.reading.deleted_too import row_of
from services.records.restoring.revival import (
    Revival,
    led_among,
    outgoing,
    revive,
)
from services.records.restoring.undoing import Undoing
from services.records.versions import check_etag

# For how long a deleted record can be found and restored.
KEPT = 30 * DAY

# What holds that associations are no more than their types allow.
LIMITS = ("associations_same", "associations_one_from", "associations_one_to")

# Returns statements around the restoration of a record.
Further = Callable[[Schema, Any], Around | None]


def _itself(record: M) -> M:
    return record


def _nothing(_: Schema, record: Any) -> Around | None:
    return None


def _refuse_without(kind: RecordType, lost: frozenset[str]) -> None:
    """Refuses an association if one of its records does not live."""
    code, message = FaultCode.FAULT_CODE_NOT_FOUND, "It is deleted; restore it first."
    faults = [Fault(e.name, code, message) for e in kind.ends if e.name in lost]
    if faults:
        raise ValidationFailed(faults)


def _refuse_circle(kind: RecordType, record: Any) -> None:
    """Refuses an association of two records that have become one."""
    ends = [getattr(record, each.name) for each in kind.ends]
    if len(ends) > len(set(ends)):
        message = "Both records are the same by now: they were merged."
        code = FaultCode.FAULT_CODE_INVALID
        raise ValidationFailed([Fault(kind.ends[-1].name, code, message)])


@dataclass(frozen=True, slots=True)
class _Attempt(Generic[M]):
    """One attempt to restore a record, by what was read of it."""

    call: Call
    schema: Schema
    own: OwnFields
    revival: Revival
    answer: Any
    written: Written
    further: Around | None


class Restoring(Generic[M]):
    """Restores records of one kind. `every` are all kinds, by resource."""

    def __init__(
        self,
        records: Records[M],
        every: Mapping[str, CompiledKind[Any]],
        reply: Callable[[M], M] = _itself,
    ) -> None:
        """`reply` makes the answer for the caller of a record."""
        self._records = records
        self._every = every
        self._reply = reply

    async def restore(
        self, call: Call, record_id: str, etag: str = "", further: Further = _nothing
    ) -> M:
        """Restores a record, and returns it. One that lives is returned as it is.

        Raises `NotFound` if the caller sees none, or none any more, `ValidationFailed`
        if others have its unique values by now, and the errors of `Records.update`.
        """
        try:
            for _ in range(MOST_ATTEMPTS):
                found = await self._restore(call, record_id, etag, further)
                if found is not None:
                    return found
                if self._records.compiled.has_custom_fields:
                    await self._records.look_again(call)
        except ValidationFailed as error:
            raise ValidationFailed(self._of_request(error)) from None
        raise Unavailable

    def _of_request(self, error: ValidationFailed) -> list[Fault]:
        """The faults of a record as those of a request that holds none."""
        at = f"{self._records.kind.resource}."
        return [replace(e, field=e.field.removeprefix(at)) for e in error.faults]

    async def found(self, call: Call, record_id: str) -> tuple[M, int | None]:
        """Returns a record that the caller sees, and when it was deleted, if it was.

        The id of a merged record is that of its survivor.
        """
        records, caller = self._records, call.caller
        kind, codec = records.kind, records.codec
        row = await row_of(records.database, records.compiled, call, record_id)
        since: int | None = None if row is None else row[codec.width]
        if row is None or since is not None:
            where = records.database, kind, caller.business_id
            survivor = await survivor_of(*where, record_id)
            if survivor is not None:
                return await self.found(call, survivor)
        if row is None:
            raise await missing(records.database, kind, caller, record_id)
        if since is not None and since <= now() - KEPT:
            raise NotFound
        return codec.read(row, caller.business_id), since

    async def _restore(
        self, call: Call, record_id: str, etag: str, further: Further
    ) -> M | None:
        """Restores the record as it was read. None if something has changed since."""
        records, compiled = self._records, self._records.compiled
        if call.schema is None:
            call.schema = await records.schema_of(call.caller)
        schema: Schema = call.schema
        own = await records.own_of(call) if compiled.has_custom_fields else NO_FIELDS
        before, since = await self.found(call, record_id)
        records.check_writable(before)
        check_etag(before, etag)
        if since is None:
            return await self._as_it_is(call, before, own)
        business = call.caller.business_id
        referred = outgoing(compiled, before, schema)
        lost, led = await led_among(records.database, business, referred)
        _refuse_without(compiled.kind, lost)
        back = revive(compiled, before, since, schema, set_again=led, lost=lost)
        _refuse_circle(compiled.kind, back.after)
        answer = self._reply(own_checks.shown(back.after, own))
        written = back.written(call, compiled, schema, answer)
        around = further(schema, back.after)
        attempt: _Attempt[M] = _Attempt(
            call, schema, own, back, answer, written, around
        )
        return await self._write(attempt)

    async def _as_it_is(self, call: Call, record: M, own: OwnFields) -> M:
        answer = self._reply(own_checks.shown(record, own))
        await commands.keep_answer(self._records.database, call, answer)
        call.changed_nothing = True
        return answer

    async def _write(self, attempt: _Attempt[M]) -> M | None:
        records = self._records

        async def work(transaction: Transaction) -> M | None:
            return await self._run(attempt, transaction)

        try:
            return await records.database.in_transaction(work)
        except FAILED_WRITES as error:
            if any(violates(error, each) for each in LIMITS):
                if records.kind.ends:
                    raise
                return None  # another association was faster; then there is one
            where = records.database, records.compiled, attempt.call.caller
            await own_writes.refuse_taken(*where, attempt.written, error, "")
            return None

    async def _run(self, attempt: _Attempt[M], transaction: Transaction) -> M | None:
        """Runs the statements. None if one found the record or definitions changed."""
        call, back, compiled = attempt.call, attempt.revival, self._records.compiled
        caller, record = call.caller, back.after
        further = attempt.further or Around()
        around = compiled.behaviour.around(caller, None, record) or Around()
        call.affected.clear()  # another attempt may have been undone
        undoing = Undoing(
            transaction=transaction,
            call=call,
            every=self._every,
            kinds=compiled.kinds,
            schema=attempt.schema,
            kind=compiled.kind,
            record_id=record.id,
            its=compiled.kind.object_of(record),
            since=back.since,
        )
        await undoing.look(from_timestamp(back.before.updated_at))
        await commands.run_all(transaction, further.before)
        await undoing.lock(back.references)
        await commands.run_all(transaction, around.before)
        if not await commands.run_in(transaction, attempt.written[1]):
            return None
        await undoing.bring_back(from_timestamp(record.updated_at))
        await commands.run_all(transaction, (*around.after, *further.after))
        if further.then is not None:
            await further.then(transaction)
        return await self._settled(attempt, transaction)

    async def _settled(self, attempt: _Attempt[M], transaction: Transaction) -> M:
        """The answer, once what others set of the record is computed anew."""
        compiled, call, answer = self._records.compiled, attempt.call, attempt.answer
        revived = compiled.behaviour.revived(call.caller, attempt.revival.after)
        if not revived:
            return answer  # type: ignore[no-any-return]  # a message of the kind
        await commands.run_all(transaction, revived)
        business_id = call.caller.business_id
        values = [business_id, answer.id, *([call.object] if call.object else ())]
        row = await transaction.row(compiled.get_sql, *values)
        assert row is not None  # noqa: S101 - this transaction has restored it
        settled = compiled.codec.read(row, business_id)
        if settled.etag == answer.etag:
            return answer  # type: ignore[no-any-return]  # a message of the kind
        answer = self._reply(own_checks.shown(settled, attempt.own))
        await commands.answer_again(transaction, call, answer)
        return answer
