"""Upserts: update the record that matches, or create one.

At most one record has an external id or a value of a unique custom field, so of two
upserts of the same new one an index refuses the second, which then updates. Other
values may be there several times: a creation locks the value and then looks for a match
once more. So two upserts of the same new value at the same time create one record.

Before it creates, an upsert of a tenant that merges records looks for a merged one that
had the value: this means the survivor, which keeps its own.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from google.protobuf.message import Message
from prospectconnect.crm.v1.upserts_pb2 import (
    UPSERT_STATUS_CREATED,
    UPSERT_STATUS_UPDATED,
)
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call, Caller
from services.errors import EtagMismatch, NotFound, Unavailable, ValidationFailed
from services.faults import Fault, Faults
from services.kinds import masks
from services.kinds.formulas import compute
from services.kinds.matching import ID, Match, match_of, own_match
from services.kinds.own_fields import NO_FIELDS, NO_SCHEMA
from services.kinds.record_type import FieldType
from services.postgres.database import Database, Transaction
from services.records import commands
from services.records.contended import MOST_ATTEMPTS
from services.records.engine import Records
from services.records.many.given_up import survivor_with
from services.records.many.merged import can_merge
from services.records.own_writes import record_with
from services.records.single_writes import insertion_of
from services.records.visibility import USER, refuse_others, visible

Change = Callable[[Any], None]
# Reads what a new record depends on, and returns what sets it.
Settle = Callable[[Any], Awaitable[Change]]

_UNLOCK = "DELETE FROM upsert_locks WHERE business_id = $1 AND key = $2"


class _FoundMeanwhileError(Exception):
    """Another call has created the record."""


def _nothing(_: Any) -> None:
    pass


async def _nothing_more(_: Any) -> Change:
    return _nothing


class Upserts:
    """Upserts records of one kind, and answers with `response` messages."""

    def __init__(self, records: Records[Any], response: type[Message]) -> None:
        writable = [item for item in records.kind.fields if not item.read_only]
        self._records = records
        self._response = response
        self._required = tuple(item.name for item in writable if item.required)
        # What a new record takes and an update does not, with what changes it instead.
        self._kept = {f.name: f.policy.changed_by for f in writable}
        self._kept = {name: way for name, way in self._kept.items() if way}

    async def upsert(
        self,
        call: Call,
        request: Any,
        settle: Settle = _nothing_more,
        amend: Change = _nothing,
    ) -> Message:
        """Writes the fields that the request's mask names.

        `settle` is asked of a new record only; `amend` is applied after an update.
        Raises `NotFound` if an id is given and the caller sees no such record, and
        `ValidationFailed` if a record that the caller does not see has a unique value.
        With an etag it only updates: `EtagMismatch` if no record matches.
        """
        kind, database = self._records.kind, self._records.database
        given = getattr(request, kind.resource)
        paths = masks.written_paths(kind, request, creates=True)
        match = match_of(kind, request)
        if match.field.type is FieldType.CUSTOM:
            match = await self._by_own_field(call, request, match)
        change = self._change(given, paths, amend, match.field.name)
        if match.field.name == ID:
            return await self._update(call, match.value, change, request.etag)
        self._refuse_others(call.caller, given)
        for _ in range(MOST_ATTEMPTS):
            found, changes = await self._find(database, call, match), change
            if found is None and (found := await self._merged(call, match)):
                its = [path for path in paths if path != match.path]
                changes = self._change(_without(given, match), its, amend)
            try:
                if found is not None:
                    return await self._update(call, found, changes, request.etag)
                if request.etag:
                    raise EtagMismatch("No record matches, so none has the ETag.")
                record = kind.message()
                masks.write(record, given, paths)
                created = await self._create(call, match, record, await settle(record))
            except (NotFound, _FoundMeanwhileError):
                # The record was deleted, or created, after the search. Where its object
                # was archived, this raises `NotFound` for good.
                await self._records.own_of(call)
                continue
            if created is not None:
                return created
            if match.digest is not None:  # the definitions may have changed
                match = await self._by_own_field(call, request, match)
        raise Unavailable

    def _refuse_others(self, caller: Caller, given: Any) -> None:
        """Refuses another user's record before it is looked for.

        Otherwise callers would learn which unique values records of others have.
        """
        kind = self._records.kind
        if kind.policy.owners_write:
            record = kind.message()
            record.CopyFrom(given)
            self._records.compiled.defaults.begin(record, caller.user_id)
            refuse_others(kind, caller, record)

    async def _by_own_field(self, call: Call, request: Any, match: Match) -> Match:
        own, faults = await self._records.own_of(call), Faults()
        match = own_match(match, self._records.kind, request, own, faults)
        if faults.found:
            raise ValidationFailed(faults.found)
        return match

    def _change(
        self, given: Any, paths: Sequence[str], amend: Change, matched: str = ""
    ) -> Change:
        """Returns the function that updates a record, matched by a field."""
        kept = [path for path in paths if path in self._kept and path != matched]
        written = [path for path in paths if path not in self._kept]

        def change(record: Any) -> None:
            faults = [
                Fault(
                    f"{self._records.kind.resource}.{name}",
                    FaultCode.FAULT_CODE_READ_ONLY,
                    f"The field is changed by {self._kept[name]}.",
                )
                for name in kept
                if (value := getattr(given, name)) and value != getattr(record, name)
            ]
            if faults:
                raise ValidationFailed(faults)
            masks.write(record, given, written)
            amend(record)

        return change

    async def _update(
        self, call: Call, record_id: str, change: Change, etag: str
    ) -> Message:
        reply = partial(self._reply, UPSERT_STATUS_UPDATED)
        records = self._records
        return await records.update_and_reply(call, record_id, change, reply, etag)

    def _reply(self, status: int, record: Any) -> Message:
        response: Any = self._response
        return response(status=status, data=record)  # type: ignore[no-any-return]  # a message

    async def _create(
        self, call: Call, match: Match, given: Any, settle: Change
    ) -> Message | None:
        """Creates the record. None if another one has the value by then."""
        records, caller = self._records, call.caller
        own = NO_FIELDS if call.schema is NO_SCHEMA else await records.own_of(call)
        record = records.compiled.draft(caller, given, own)
        settle(record)
        if call.past:
            records.compiled.recall(record, call.past)
        if call.survivors:
            records.lead_on(call, record, own)
        records.compiled.check_whole(record, own=own, required=self._required)
        if own.formulas:
            compute(record, own)
        answer = self._reply(UPSERT_STATUS_CREATED, record)
        if call.together is not None:
            is_made = await call.together.create(records, call, record, own)
            return answer if is_made else None
        run: Any = commands.run
        if not match.is_unique:
            run = partial(self._run_locked, caller, match)
        written = insertion_of(records.compiled, call, record, answer, own)
        around = records.compiled.around_creation(caller, record)
        is_written = await records.run(call, written, around, run, match.path)
        return answer if is_written else None

    async def _find(self, database: Database, call: Call, match: Match) -> str | None:
        """Returns the id of the record that matches; the oldest one if several do."""
        caller = call.caller
        if not match.is_unique:
            return await self._oldest(database, caller, match)
        compiled = self._records.compiled
        its = call.object or compiled.kind.table
        if match.digest is not None:
            sought = match.found_by, match.digest
            return await record_with(database, compiled, caller, sought, its)
        unique, pair = compiled.unique, (match.path, match.value)
        ahead = call.ahead
        if ahead is not None and pair in ahead.sought:
            held: str | None = ahead.holders.get(pair)
            if held != "":
                return held
        holders = await unique.holders(database, caller, "", [pair], its)
        if any(not each.record_id for each in holders):
            raise ValidationFailed(unique.faults(holders))
        return holders[0].record_id if holders else None

    async def _merged(self, call: Call, match: Match) -> str | None:
        """The survivor of a merged record that had the value, which it did not take."""
        records, kind = self._records, self._records.kind
        if not records.has_merges(call.caller) or not can_merge(kind):
            return None
        where = records.database, kind, records.kinds, call.caller
        return await survivor_with(*where, (call.object or kind.table, match))

    async def _oldest(
        self, database: Database | Transaction, caller: Caller, match: Match
    ) -> str | None:
        kind = self._records.kind
        values = [caller.business_id, match.value]
        seen = visible(kind, caller, self._records.kinds)
        if USER in seen:
            values.append(caller.user_id)
        seen = seen.format(tenant="$1", user="$3")
        row = await database.row(
            f"SELECT r.id FROM {kind.table} AS r WHERE r.business_id = $1"
            f" AND {match.field.search.compared} = {_folded(match, '$2::text')}"
            f" AND r.deleted_at IS NULL{' AND ' + seen if seen else ''}"
            " ORDER BY r.created_at, r.id LIMIT 1",
            *values,
        )
        return None if row is None else str(row[0])

    async def _run_locked(
        self,
        caller: Caller,
        match: Match,
        database: Database,
        command: commands.Command,
        around: commands.Around | None,
    ) -> bool:
        """Runs a command unless a record matches after the value is locked."""

        async def run(transaction: Transaction) -> bool | None:
            key = await self._lock(transaction, caller, match)
            written = None
            if await self._oldest(transaction, caller, match) is None:
                written = await commands.run_amid(command, around, transaction)
            await transaction.run(_UNLOCK, caller.business_id, key)
            return written

        written = await database.in_transaction(run)
        if written is None:
            raise _FoundMeanwhileError
        return written

    async def _lock(
        self, transaction: Transaction, caller: Caller, match: Match
    ) -> str:
        """Blocks other upserts of the value until the transaction ends."""
        row = await transaction.row(
            "INSERT INTO upsert_locks (business_id, key)"
            f" VALUES ($1, $2::text || {_folded(match, '$3::text')})"
            " ON CONFLICT (business_id, key) DO UPDATE SET key = excluded.key"
            " RETURNING key",
            caller.business_id,
            f"{self._records.kind.table} {match.field.name} ",
            match.value,
        )
        assert row is not None  # noqa: S101 - the statement always returns its row
        return str(row[0])


def _without(given: Any, match: Match) -> Any:
    """What a survivor is given: not the value that it did not take when it merged."""
    left = type(given)()
    left.CopyFrom(given)
    if match.key:
        getattr(left, match.field.name).fields.pop(match.key, None)
    return left


def _folded(match: Match, place: str) -> str:
    """The SQL of a value as the field's filter compares it."""
    return f"digits({place})" if match.field.is_phone else f"lower({place})"
