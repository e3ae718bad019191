"""Merges records: finds them, joins them, and writes it all in one transaction.

The records are read without a lock and joined in memory. The transaction locks them in
the order of their ids and begins again if one has changed since. What the survivor
refers to is locked before it, as the order of all locks says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.message import Message
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call
from services.clock import from_timestamp
from services.errors import Unavailable, ValidationFailed
from services.faults import Fault
from services.iam import audit
from services.ids import new_id
from services.kinds.own_fields import OwnFields, Schema
from services.merging.beside import Beside
from services.merging.joining import (
    Joining,
    check_tags,
    without_computed,
    without_self,
)
from services.merging.moving import (
    Move,
    acyclic_types,
    lock_types,
    move_all,
    unlock_types,
)
from services.merging.survivors import (
    ChangedMeanwhileError,
    Rewritten,
    lock_references,
    may_delete,
    refuse_lost,
    write_survivor,
)
from services.merging.unmerging import Unmerging
from services.postgres.database import Transaction
from services.records import commands, own_checks, own_writes
from services.records.contended import MOST_ATTEMPTS
from services.records.engine import Records
from services.records.erasing.tombstones import missing
from services.records.idempotency import FAILED_WRITES, violates
from services.records.log.actor import acting
from services.records.many.given_up import given_up
from services.records.many.merged_statements import (
    FIRST_SQL,
    LEAD_ON_SQL,
    LEAD_SQL,
    MERGE_SQL,
    locked_sql,
)
from services.records.schemas import Schemas
from services.records.several.many import load_many
from services.records.timeline import Event
from services.records.versions import advance, check_etag, next_moment


@dataclass(frozen=True, slots=True)
class Planned:
    """A merge that was judged: the survivor before and after, and the others."""

    merge_id: str
    before: Any
    after: Any
    others: Sequence[Any]
    own: OwnFields
    schema: Schema

    @property
    def rewritten(self) -> Rewritten:
        """What the merge writes of the survivor."""
        return Rewritten(self.before, self.after, self.own)

    @property
    def ids(self) -> list[str]:
        """The ids of the records that are merged."""
        return [each.id for each in self.others]


class Merging:
    """Merges records of one kind."""

    def __init__(
        self, records: Records[Any], schemas: Schemas, beside: Sequence[Beside] = ()
    ) -> None:
        self._records, self._kind = records, records.kind
        self._schemas, self._beside = schemas, beside
        self._joining = Joining(records.kind)
        self.unmerge = Unmerging(records, beside).unmerge

    async def merge(self, call: Call, request: Any, response: type[Message]) -> Any:
        """Merges what a request says, and answers with a `response` message.

        Raises `NotFound` for the survivor, and `ValidationFailed` with all faults.
        """
        may_delete(call, self._records)
        for _ in range(MOST_ATTEMPTS):
            planned = await self._plan(call, request)
            where = call, self._records, planned.rewritten
            await refuse_lost(*where, whole=False)
            try:
                return await self._write(call, planned, response)
            except ChangedMeanwhileError:
                await refuse_lost(*where)
                await self._records.look_again(call)
            except FAILED_WRITES as error:
                if not violates(error, own_writes.UNIQUE):
                    raise
                raise _refused_reference() from None
        raise Unavailable

    async def _plan(self, call: Call, request: Any) -> Planned:
        records, its = self._records, call.object
        given = list(dict.fromkeys(request.ids))
        found = await load_many(records, call.caller, [request.id, *given], its)
        survivor = found.get(request.id)
        if survivor is None:
            where = records.database, self._kind, call.caller
            raise await missing(*where, request.id)
        check_etag(survivor, request.etag)
        others = self._others(survivor, given, found)
        schema, own = await records.schema_of(call.caller), await records.own_of(call)
        named = {request.id: survivor, survivor.id: survivor}
        named |= dict(zip(given, others, strict=True)) | {e.id: e for e in others}
        sources = self._joining.sources(request.values, named, own)
        after = self._joining.join(survivor, others, sources)
        try:
            self._settle(survivor, after, others, own)
        except ValidationFailed as error:
            raise _of_values(error, self._kind.resource) from None
        return Planned(new_id("mrg_"), survivor, after, others, own, schema)

    def _others(
        self, survivor: Any, given: Sequence[str], found: Mapping[str, Any]
    ) -> list[Any]:
        """The records to merge, in the order of the request."""
        faults, others = [], dict[str, Any]()
        for index, each in enumerate(given):
            at, record = f"ids[{index}]", found.get(each)
            if record is None:
                noun = self._kind.resource.replace("_", " ")
                message = f"There is no {noun} {each[:64]}."
                faults.append(Fault(at, FaultCode.FAULT_CODE_NOT_FOUND, message))
            elif record.id == survivor.id:
                message = "This is the record itself, or a part of it already."
                faults.append(Fault(at, FaultCode.FAULT_CODE_INVALID, message))
            elif record.id in others:
                message = "This is a part of another one of these records."
                faults.append(Fault(at, FaultCode.FAULT_CODE_INVALID, message))
            else:
                others[record.id] = record
        if faults:
            raise ValidationFailed(faults)
        return list(others.values())

    def _settle(
        self, before: Any, after: Any, others: Sequence[Any], own: OwnFields
    ) -> None:
        """Makes the joined record whole, and refuses it if it breaks a rule."""
        compiled = self._records.compiled
        without_self(before, after, own, [each.id for each in others])
        without_computed(before, after, own)
        compiled.complete(after)
        if own.checks:
            free = replace(own, masked=frozenset()) if own.masked else own
            own_checks.check_changed(before, after, free, self._kind.resource)
        if faults := check_tags(after, self._kind.fields):
            raise ValidationFailed(faults)
        compiled.check_whole(after, before, own)
        advance(before, after)

    async def _write(
        self, call: Call, planned: Planned, response: type[Message]
    ) -> Any:
        schema, records = planned.schema, self._records

        async def work(transaction: Transaction) -> Any:
            business_id = call.caller.business_id
            acyclic = acyclic_types(schema, self._its(planned))
            if schema.has_associations:
                await lock_types(transaction, business_id, acyclic)
            if not self._schemas.has_merges(call.caller):
                await transaction.run(FIRST_SQL, business_id)
            await self._lock(transaction, call, planned)
            answer = await self._join(transaction, call, planned, response)
            if schema.has_associations:
                await unlock_types(transaction, business_id, acyclic)
            return answer

        answer = await records.database.in_transaction(work)
        self._schemas.merging.add(call.caller.business_id)
        return answer

    async def _lock(
        self, transaction: Transaction, call: Call, planned: Planned
    ) -> None:
        """Locks what the survivor will refer to, and then the records."""
        business_id, compiled = call.caller.business_id, self._records.compiled
        found = planned.rewritten.references(call, compiled)
        outside = [each for each in found if each.record_id not in planned.ids]
        await lock_references(transaction, call, outside)
        both = {e.id: e.etag for e in (planned.before, *planned.others)}
        sql = locked_sql(self._kind.table)
        rows = await transaction.rows(sql, business_id, sorted(both))
        if {record_id: str(version) for record_id, version in rows} != both:
            raise ChangedMeanwhileError

    async def _join(
        self,
        transaction: Transaction,
        call: Call,
        planned: Planned,
        response: type[Message],
    ) -> Any:
        business_id, survivor = call.caller.business_id, planned.after
        await self._delete(transaction, call, planned)
        moment = from_timestamp(survivor.updated_at)
        move = Move(
            business_id,
            self._kind,
            self._its(planned),
            survivor.id,
            planned.ids,
            planned.merge_id,
            moment,
            acting(call.caller),
        )
        for each in self._beside:
            await each.join(transaction, call, move)
        moved = await move_all(transaction, move, planned.schema, self._records.kinds)
        told = own_checks.shown(survivor, planned.own)
        make: Any = response
        answer = make(data=told, merge_id=planned.merge_id, moved=moved)
        event = Event("merged", None, planned.ids, ("merge_id", planned.merge_id))
        told_as = event, answer
        where = transaction, call, self._records
        await write_survivor(*where, planned.rewritten, told_as)
        led = business_id, survivor.id, planned.ids
        await transaction.run(LEAD_ON_SQL, *led)
        states = planned.before, survivor
        lost = given_up(self._kind, planned.own, planned.others, states)
        merged = *led, planned.merge_id, moment, move.its, *lost
        await transaction.run(LEAD_SQL, *merged)
        told_of = move.its, survivor.id, planned.ids, call.caller.user_id, moment
        await transaction.run(MERGE_SQL, business_id, planned.merge_id, *told_of)
        known = {"merge_id": planned.merge_id, "merged_ids": planned.ids}
        entry = audit.by_caller(call, "records_merged", survivor.id, **known)
        await audit.record(transaction, entry)
        return answer

    async def _delete(
        self, transaction: Transaction, call: Call, planned: Planned
    ) -> None:
        """Deletes the merged records, which frees their unique values."""
        records, compiled = self._records, self._records.compiled
        for each in sorted(planned.others, key=lambda record: str(record.id)):
            unique = compiled.unique.changes(each, None)
            owed = own_writes.owed_by_deletion(compiled, planned.schema, each)
            moment = next_moment(each)
            command = commands.delete(call, records.kind, each, moment, unique, owed)
            if not await commands.run_in(transaction, command):
                raise ChangedMeanwhileError

    def _its(self, planned: Planned) -> str:
        """The name of the records' type."""
        return self._kind.object_of(planned.before)


def _of_values(error: ValidationFailed, resource: str) -> ValidationFailed:
    """The faults of a joined record as faults of the request's choice of values."""
    at = f"{resource}."
    return ValidationFailed(
        [
            replace(each, field=f"values.{each.field.removeprefix(at)}")
            if each.field.startswith(at)
            else each
            for each in error.faults
        ]
    )


def _refused_reference() -> ValidationFailed:
    code = FaultCode.FAULT_CODE_NOT_UNIQUE
    message = "Two records lead there by a field in which no two may have the same."
    return ValidationFailed([Fault("ids", code, message)])
