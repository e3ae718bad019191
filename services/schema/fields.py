"""Field definitions: the records that say what the custom fields of others hold.

Every change of a definition locks the tenant's row and counts the generation of the
tenant's schema up, in its transaction. Archived definitions keep their key.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import asyncpg
from google.protobuf.empty_pb2 import Empty
from prospectconnect.jobs.v1 import jobs_pb2 as jobs
from prospectconnect.schema.v1 import fields_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call, Caller, current_call
from services.errors import JobRunning, ValidationFailed, ValuesUnfit
from services.faults import Fault, Faults
from services.kinds import masks
from services.kinds.record_type import FieldType, Kinds, RecordType
from services.postgres.database import Database, Transaction
from services.record_messages import policy_of, record_messages
from services.records.behaviour import Behaviour
from services.records.bulk import copy_in, rows_of
from services.records.commands import Around, Command, answer_again
from services.records.engine import Change, Records
from services.records.typed_statements import drop_digests_sql, drop_words_sql
from services.schema import changes, definitions, existing
from services.schema.beginning import (
    Settle,
    beginning,
    is_leaving,
    put_job,
    unless_busy,
)
from services.schema.bounds import refuse_too_many
from services.schema.generation import COUNT_UP, LOCK
from services.schema.replacing import replace_option

_ANY_NUMBER = 10**9

_RESOURCES = {
    policy.plural: policy.resource for policy in map(policy_of, record_messages())
}


def around(
    settle: Settle, caller: Caller, before: pb.Field | None, after: pb.Field | None
) -> Around | None:
    """Locks the tenant's row, and counts its schema's generation up.

    Then the records that use the key are made to fit the definition.
    """
    assert after is not None  # noqa: S101 - definitions are archived, not deleted
    tenant = [caller.business_id]

    async def then(transaction: Transaction) -> None:
        await refuse_too_many(transaction, caller.business_id, before, after)
        try:
            await settle(transaction, caller, before, after)
        except ValuesUnfit as error:
            if not _sees(caller, after.object):
                error.sample = ()
            raise

    return Around([Command(LOCK, tenant)], [Command(COUNT_UP, tenant)], then)


def _fitting(choice: pb.ExistingValues.ValueType) -> Settle:
    """Fits values to a definition that is new or stricter, as a request chose."""

    async def settle(
        transaction: Transaction,
        caller: Caller,
        before: pb.Field | None,
        after: pb.Field,
    ) -> None:
        business_id = caller.business_id
        if (
            before is None
            or definitions.is_stricter(after, before)
            or (after.searchable and not before.searchable)
        ):
            await existing.fit(transaction, business_id, after, choice)
            return
        if before.unique and not after.unique:
            sql = drop_digests_sql(after.object)
            await transaction.run(sql, business_id, after.key)
        if before.searchable and not after.searchable:
            sql = drop_words_sql(after.object)
            await transaction.run(sql, business_id, after.key)

    return settle


def _sees(caller: Caller, table: str) -> bool:
    """Whether the caller may read all records of a table."""
    resource = _RESOURCES[table]
    return caller.may(f"{resource}.read") and resource not in caller.own_only


def with_fields(kinds: Kinds) -> list[RecordType]:
    """The kinds of records that can have fields."""
    return [
        each
        for each in kinds.values()
        if any(item.type is FieldType.CUSTOM for item in each.fields)
    ]


async def define(
    database: Database, business_id: str, fields: Sequence[pb.Field]
) -> None:
    """Defines fields of records that were loaded. No method of a service calls it."""
    for each in fields:
        each.state = pb.FIELD_STATE_ACTIVE
    rows = rows_of(business_id, fields)
    async with database.transaction() as transaction:
        await transaction.run(LOCK, business_id)
        await copy_in(transaction, rows)
        for each in fields:
            await existing.fit(transaction, business_id, each, most=_ANY_NUMBER)
        await transaction.run(COUNT_UP, business_id)


class FieldMethods:
    """The methods of field definitions, as the proto describes them."""

    def __init__(self, records: Records[pb.Field]) -> None:
        self._records = records
        self._fitting = {
            choice: records.with_around(partial(around, _fitting(choice)))
            for choice in pb.ExistingValues.values()
        }
        self._begun_by_jobs = {
            choice: records.with_around(partial(around, beginning(choice, _sees)))
            for choice in pb.ExistingValues.values()
        }
        having = with_fields(records.kinds)
        self._objects = [each.table for each in having]
        # Of these the owner alone decides who sees them, as a reference checks it.
        self._targets = [e.table for e in having if not e.policy.shared_by_links]
        self.finders = {"CreateField": self._find}

    async def CreateField(self, request: pb.CreateFieldRequest, _: Any) -> pb.Field:
        self._check(request.field)
        call = current_call()
        try:
            made = await self._create(call, request)
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != "fields_key":
                raise
            code = FaultCode.FAULT_CODE_NOT_UNIQUE
            if await is_leaving(self._records.database, call.caller, request.field):
                message = "A job deletes what an earlier definition of the key left."
                raise JobRunning(message) from None
            message = "There is a definition of this key, which may be archived."
            raise ValidationFailed([Fault("field.key", code, message)]) from None
        await self._records.look_again(call)
        return made

    async def _create(self, call: Call, request: pb.CreateFieldRequest) -> pb.Field:
        """Defines a field, by a job if many records have values already."""
        choice = request.existing
        try:
            return await self._fitting[choice].create(call, request.field)
        except existing.TooManyValues:
            records = self._begun_by_jobs[choice]

            def begin(definition: pb.Field) -> None:
                put_job(call.caller, jobs.JOB_KIND_CREATE_FIELD, definition)

            return await records.create(call, request.field, begin)

    async def UpdateField(self, request: pb.UpdateFieldRequest, _: Any) -> pb.Field:
        kind = self._records.kind
        write, names = masks.writer(kind, request), masks.written_names(kind, request)

        def change(definition: pb.Field) -> None:
            before = pb.Field()
            before.CopyFrom(definition)
            write(definition)
            if "options" in names:
                definitions.with_all_options(definition, before)
            self._check(definition)

        return await self._change(request, change, request.existing)

    async def DeleteField(self, request: pb.DeleteFieldRequest, _: Any) -> Empty:
        await self._archive(request, archived=True)
        return Empty()

    async def RestoreField(self, request: pb.RestoreFieldRequest, _: Any) -> pb.Field:
        return await self._archive(request, archived=False)

    async def ChangeField(
        self, request: pb.ChangeFieldRequest, _: Any
    ) -> pb.ChangeFieldResponse:
        call, told = current_call(), pb.ChangeFieldResponse()

        def change(definition: pb.Field) -> None:
            faults = Faults()
            changes.apply(request, definition, faults)
            if not faults.found:
                definitions.check(definition, self._objects, self._targets, faults)
            if faults.found:
                raise ValidationFailed([_of_change(each) for each in faults.found])

        def reply(definition: pb.Field) -> pb.ChangeFieldResponse:
            told.Clear()
            told.field.CopyFrom(definition)
            return told

        async def settle(
            transaction: Transaction, caller: Caller, _: Any, after: pb.Field
        ) -> None:
            where = transaction, caller.business_id
            await changes.change_values(*where, request, after, told)
            if not _sees(call.caller, after.object):
                del told.sample[:]
            await answer_again(transaction, call, told)

        records = self._records.with_around(partial(around, settle))
        where = call, request.id, unless_busy(change), reply, request.etag
        answer = await records.update_and_reply(*where)
        if not call.changed_nothing:
            await records.look_again(call)
        return answer

    async def ReplaceFieldOption(
        self, request: pb.ReplaceFieldOptionRequest, _: Any
    ) -> pb.ReplaceFieldOptionResponse:
        call = current_call()
        try:
            return await replace_option(self._records, call, request)
        except ValuesUnfit as error:
            error.sample = ()  # only their number is of use
            raise

    async def _archive(self, request: Any, *, archived: bool) -> pb.Field:
        def change(definition: pb.Field) -> None:
            definition.archived = archived

        return await self._change(request, change)

    async def _change(
        self,
        request: Any,
        change: Change[pb.Field],
        choice: pb.ExistingValues.ValueType = pb.EXISTING_VALUES_UNSPECIFIED,
    ) -> pb.Field:
        """Changes a definition. This process sees it at once, others in a second."""
        call, where = current_call(), (request.id, unless_busy(change), request.etag)
        try:
            changed = await self._fitting[choice].update(call, *where)
        except existing.TooManyValues:

            def begin(definition: pb.Field) -> None:
                unless_busy(change)(definition)
                put_job(call.caller, jobs.JOB_KIND_UPDATE_FIELD, definition)

            where = request.id, begin, request.etag
            changed = await self._begun_by_jobs[choice].update(call, *where)
        if not call.changed_nothing:
            await self._records.look_again(call)
        return changed

    def _check(self, definition: pb.Field) -> None:
        faults = Faults()
        definitions.check(definition, self._objects, self._targets, faults)
        if faults.found:
            raise ValidationFailed(faults.found)

    async def _find(self, _: Caller, request: pb.CreateFieldRequest) -> list[Fault]:
        """Finds the faults of a definition that is refused for another one."""
        faults = Faults()
        definitions.check(request.field, self._objects, self._targets, faults)
        return faults.found


def _of_change(fault: Fault) -> Fault:
    """A fault of a definition by its path in the request that changes it."""
    name = fault.field.removeprefix("field.")
    if not name.startswith(("options", "map", "type")):
        message = f"{name} does not go with the change: {fault.message}"
        return replace(fault, field="type", message=message)
    return replace(fault, field=name)


def _begin(definition: pb.Field) -> None:
    definition.state = pb.FIELD_STATE_ACTIVE


BEHAVIOUR: Behaviour[pb.Field] = Behaviour(begin=_begin, methods=FieldMethods)
