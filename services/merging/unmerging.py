"""Undoes a merge: the merged records are back, with what nobody has changed since.

The log of changes tells what the merge did: all its changes have its transaction. The
transaction of the undoing takes its locks in the order of those of a merge.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.message import Message
from prospectconnect.crm.v1.merges_pb2 import MovedCounts
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call
from services.clock import DAY, from_timestamp, now
from services.errors import RecordMerged, Unavailable, ValidationFailed
from services.faults import Fault
from services.iam import audit
from services.kinds.formulas import compute
from services.kinds.own_fields import OwnFields, Schema
from services.merging.beside import Beside
from services.merging.giving_back import Values, given_back, led_on
from services.merging.joining import check_tags
from services.merging.moving import acyclic_types, lock_types, unlock_types
from services.merging.moving_back import Return, move_all_back
from services.merging.reviving import Gone, bring_back, found_again, restored
from services.merging.survivors import (
    ChangedMeanwhileError,
    Rewritten,
    lock_references,
    may_delete,
    refuse_lost,
    write_survivor,
)
from services.merging.taken import of_request, refuse_taken
from services.postgres.database import Row, Transaction
from services.records import commands, own_checks
from services.records.contended import MOST_ATTEMPTS
from services.records.engine import Records
from services.records.erasing.tombstones import missing
from services.records.idempotency import FAILED_WRITES, is_taken
from services.records.log.actor import acting
from services.records.many import merged_statements as sql
from services.records.many.out_of_turn import undone_within, without
from services.records.reading.one import load
from services.records.restoring.revival import fit
from services.records.timeline import Event
from services.records.versions import advance, check_etag

KEPT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Found:
    """A merge that can be undone: its survivor, and the records that it merged."""

    merge_id: str
    xid: str
    its: str
    rewritten: Rewritten
    gone: Sequence[Gone]
    schema: Schema

    @property
    def ids(self) -> list[str]:
        """The ids of the merged records."""
        return [each.record.id for each in self.gone]


class Unmerging:
    """Undoes merges of records of one kind."""

    def __init__(self, records: Records[Any], beside: Sequence[Beside]) -> None:
        self._records, self._kind = records, records.kind
        self._beside = beside

    async def unmerge(self, call: Call, request: Any, response: type[Message]) -> Any:
        """Undoes what a request says, and answers with a `response` message.

        Raises `NotFound` for the survivor, `RecordMerged` if that was merged itself
        since, and `ValidationFailed` for what cannot be undone.
        """
        may_delete(call, self._records)
        for _ in range(MOST_ATTEMPTS):
            found = await self._find(call, request)
            where = call, self._records, found.rewritten
            await refuse_lost(*where, whole=False)
            try:
                return await self._write(call, found, response)
            except ChangedMeanwhileError:
                await refuse_lost(*where)
                await self._records.look_again(call)
            except FAILED_WRITES as error:
                if is_taken(error):
                    raise
                await refuse_taken(
                    call, self._records, found.rewritten, found.gone, error
                )
        raise Unavailable

    async def _find(self, call: Call, request: Any) -> Found:
        records, caller = self._records, call.caller
        database = records.database
        where = database, records.compiled, caller
        survivor = await load(*where, request.id, call.object)
        check_etag(survivor, request.etag)
        its = self._kind.object_of(survivor)
        row = await database.row(
            sql.KNOWN_SQL, caller.business_id, request.merge_id, its
        )
        row = await self._judged(call, survivor, row)
        took = await database.row(
            sql.TOOK_SQL, caller.business_id, survivor.id, row["xid"]
        )
        if took is not None and took["was"] is None:  # an erasure was faster
            raise await missing(database, self._kind, caller, survivor.id)
        gone = await self._merged(call, row["merged_ids"])
        own = await records.own_of(call)
        was, now = await led_on(*where, took, own)
        whose = caller.business_id, survivor.id, row["at"]
        earlier = await undone_within(database, *whose)
        both = {name: without(was[name], name, earlier) for name in was}, now
        others = [each.record for each in gone]
        after = self._without(call, survivor, both, others, own)
        rewritten = Rewritten(survivor, after, own)
        schema = await records.schema_of(caller)
        return Found(request.merge_id, row["xid"], its, rewritten, gone, schema)

    async def _judged(self, call: Call, survivor: Any, row: Row | None) -> Row:
        """A merge, if it can be undone."""
        if row is None:
            raise _refused(FaultCode.FAULT_CODE_NOT_FOUND, "There is no such merge.")
        if row["survivor_id"] != survivor.id:
            later = await self._records.database.row(
                sql.MERGED_BY_SQL, call.caller.business_id, row["survivor_id"]
            )
            if later is None:
                message = "This merge has another survivor."
                raise _refused(FaultCode.FAULT_CODE_NOT_FOUND, message)
            message = f"Its survivor was merged by {later[0]}; undo that before."
            raise RecordMerged(later[0], message)
        if row["undone_at"] is not None:
            message = "The merge was undone already."
            raise _refused(FaultCode.FAULT_CODE_INVALID, message)
        if row["at"] <= now() - KEPT_DAYS * DAY:
            message = f"A merge can be undone for {KEPT_DAYS} days."
            raise _refused(FaultCode.FAULT_CODE_INVALID, message)
        return row

    async def _merged(self, call: Call, ids: Sequence[str]) -> list[Gone]:
        """The merged records, as their rows have them."""
        codec, business_id = self._records.codec, call.caller.business_id
        rows = await self._records.database.rows(
            f"SELECT {codec.columns}, r.deleted_at FROM {self._kind.table} AS r"
            " WHERE r.business_id = $1 AND r.id = ANY($2::text[])"
            " AND r.deleted_at IS NOT NULL ORDER BY r.id",
            business_id,
            list(ids),
        )
        return [Gone(codec.read(row, business_id), row[codec.width]) for row in rows]

    def _without(
        self,
        call: Call,
        survivor: Any,
        took: tuple[Values, Values],
        others: Sequence[Any],
        own: OwnFields,
    ) -> Any:
        """The survivor without what it took."""
        compiled = self._records.compiled
        where = compiled, call.caller.business_id, survivor
        after = given_back(*where, took, others)
        if own.checks:
            fit(after.custom_fields, own)
        compiled.complete(after)
        if own.formulas:
            compute(after, own)
        try:
            compiled.check_whole(after, survivor, own)
        except ValidationFailed as error:
            raise of_request(error, self._kind.resource) from None
        # Tags that the survivor gave up come back beside those that it has got since.
        do = "take some away before"
        if faults := check_tags(after, self._kind.fields, at="", do=do):
            raise ValidationFailed(faults)
        advance(survivor, after)
        return after

    async def _write(self, call: Call, found: Found, response: type[Message]) -> Any:
        schema = found.schema

        async def work(transaction: Transaction) -> Any:
            business_id = call.caller.business_id
            acyclic = acyclic_types(schema, found.its)
            if schema.has_associations:
                await lock_types(transaction, business_id, acyclic)
            back = await self._lock(transaction, call, found)
            answer = await self._part(transaction, call, (found, back), response)
            if schema.has_associations:
                await unlock_types(transaction, business_id, acyclic)
            return answer

        return await self._records.database.in_transaction(work)

    async def _lock(
        self, transaction: Transaction, call: Call, found: Found
    ) -> list[Any]:
        """Locks what the records will refer to, and then these.

        Returns the merged ones as they are to be.
        """
        records, rewritten = self._records, found.rewritten
        references = rewritten.references(call, records.compiled)
        await lock_references(transaction, call, references)
        where = transaction, call, records
        back = await found_again(*where, found.gone, rewritten.own)
        both = (rewritten.before, *(each.record for each in found.gone))
        versions = {each.id: each.etag for each in both}
        rows = await transaction.rows(
            sql.locked_with_deleted_sql(self._kind.table),
            call.caller.business_id,
            sorted(versions),
        )
        if {record_id: str(version) for record_id, version in rows} != versions:
            raise ChangedMeanwhileError
        return back

    async def _part(
        self,
        transaction: Transaction,
        call: Call,
        planned: tuple[Found, Sequence[Any]],
        response: type[Message],
    ) -> Any:
        """Parts the survivor and the records that it had merged."""
        (found, back), business_id = planned, call.caller.business_id
        records, rewritten = self._records, found.rewritten
        survivor = rewritten.after
        moment = from_timestamp(survivor.updated_at)
        undoing = business_id, found.merge_id, moment
        if await transaction.row(sql.UNDO_SQL, *undoing) is None:
            raise ChangedMeanwhileError
        make: Any = response
        answer = make(data=own_checks.shown(survivor, rewritten.own))
        answer.restored_ids.extend(found.ids)
        about = ("merge_id", found.merge_id)
        told = Event("unmerged", found.ids, None, about), answer
        # The survivor frees its unique values before the others take them.
        unkeyed = replace(call, key=None)
        await write_survivor(transaction, unkeyed, records, rewritten, told)
        event = Event("unmerged", about=about)
        for gone, after in zip(found.gone, back, strict=True):
            as_it_is = call, records, gone, after, rewritten.own
            await bring_back(transaction, restored(*as_it_is, (event,)))
        await transaction.run(sql.LEAD_NO_MORE_SQL, business_id, found.ids)
        await transaction.run(sql.LEAD_BACK_SQL, business_id, survivor.id, found.ids)
        moved = await self._move(transaction, call, found, moment)
        answer.moved.CopyFrom(moved)
        known = {"merge_id": found.merge_id, "restored_ids": found.ids}
        entry = audit.by_caller(call, "records_unmerged", survivor.id, **known)
        await audit.record(transaction, entry)
        await commands.keep_answer(transaction, call, answer)
        return answer

    async def _move(
        self, transaction: Transaction, call: Call, found: Found, moment: int
    ) -> MovedCounts:
        returned = Return(
            call.caller.business_id,
            self._kind,
            found.its,
            found.rewritten.after.id,
            found.ids,
            found.merge_id,
            found.xid,
            moment,
            acting(call.caller),
        )
        kinds = self._records.kinds
        for each in self._beside:
            await each.part(transaction, call, returned)
        return await move_all_back(transaction, returned, found.schema, kinds)


def _refused(code: FaultCode.ValueType, message: str) -> ValidationFailed:
    return ValidationFailed([Fault("merge_id", code, message)])
