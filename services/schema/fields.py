"""Field definitions: the records that say what the custom fields of others hold.

Archived definitions keep their key. What a change does to records is in `settling.py`.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import asyncpg
from google.protobuf.empty_pb2 import Empty
from prospectconnect.jobs.v1 import jobs_pb2 as jobs
from prospectconnect.options.v1.options_pb2 import Format
from prospectconnect.schema.v1 import fields_pb2 as pb

from services.caller import Call, Caller, current_call
from services.errors import Unavailable, ValidationFailed
from services.faults import Fault, Faults
from services.kinds import masks
from services.kinds.formats import FORMATS
from services.kinds.own_fields import NO_FIELDS
from services.records.behaviour import Behaviour
from services.records.contended import MOST_ATTEMPTS
from services.records.engine import Change, Records
from services.schema import definitions, existing
from services.schema.by_jobs.beginning import (
    beginning,
    put_job,
    refuse_taken,
    unless_busy,
)
from services.schema.changing import Changing
from services.schema.formulas import Formulas
from services.schema.readers import role_names, unknown_readers
from services.schema.replacing import replace_option
from services.schema.settling import around, fitting, sees
from services.schema.types import Types


class FieldMethods:
    """The methods of field definitions, as the proto describes them."""

    def __init__(self, records: Records[pb.Field]) -> None:
        self._records, self.kind = records, records.kind
        self._formulas = Formulas(records.kinds)
        self._around = partial(around, self._formulas.settle)
        self._around_job = partial(around, self._formulas.refuse)
        self._fitting = {
            choice: records.with_around(partial(self._around, fitting(choice)))
            for choice in pb.ExistingValues.values()
        }
        begun = {each: beginning(each, sees) for each in pb.ExistingValues.values()}
        self._begun_by_jobs = {
            choice: records.with_around(partial(self._around_job, settle))
            for choice, settle in begun.items()
        }
        self._types = Types(records)
        surrounds = partial(partial, self._around), partial(partial, self._around_job)
        self.changing = Changing(records, self._types, *surrounds)
        self.finders = {"CreateField": self.find}

    async def CreateField(self, request: pb.CreateFieldRequest, _: Any) -> pb.Field:
        call = current_call()
        faults = await self.find(call.caller, request)
        if request.field.readable_by and not faults:
            where = self._records.database, call.caller.business_id
            faults = unknown_readers(request.field, await role_names(*where))
        if faults:
            raise ValidationFailed(faults)

        for _attempt in range(MOST_ATTEMPTS):
            try:
                made = await self._create(call, request)
            except asyncpg.UniqueViolationError as error:
                if error.constraint_name != "fields_key":
                    raise
                database = self._records.database
                await refuse_taken(database, call.caller, request.field)
            else:
                await self._records.look_again(call)
                return made
        raise Unavailable

    async def _create(self, call: Call, request: pb.CreateFieldRequest) -> pb.Field:
        """Defines a field, by a job if many records have values already."""
        given, choice = request.field, request.existing

        def with_result(definition: pb.Field) -> None:
            if definition.type == pb.FIELD_TYPE_FORMULA:
                definition.result = given.result

        try:
            return await self._fitting[choice].create(call, given, with_result)
        except existing.TooManyValues:
            records = self._begun_by_jobs[choice]

            def begin(definition: pb.Field) -> None:
                with_result(definition)
                put_job(call.caller, jobs.JOB_KIND_CREATE_FIELD, definition)

            return await records.create(call, given, begin)

    async def UpdateField(self, request: pb.UpdateFieldRequest, _: Any) -> pb.Field:
        kind, records = self._records.kind, self._records
        write, names = masks.writer(kind, request), masks.written_names(kind, request)
        where = records.database, current_call().caller.business_id
        named = request.field.readable_by
        roles = await role_names(*where) if named else ()
        own = NO_FIELDS
        if "expression" in names:
            table = (await records.get(current_call().caller, request.id)).object
            own = await self._formulas.fields_of(*where, table)

        def change(definition: pb.Field) -> None:
            before = pb.Field()
            before.CopyFrom(definition)
            write(definition)
            if "options" in names:
                definitions.with_all_options(definition, before)
            self._check(definition)
            faults = unknown_readers(request.field, roles)
            if "expression" in names:
                faults += self._formulas.prepare(definition, own)
            if faults:
                raise ValidationFailed(faults)

        return await self._change(request, change, request.existing)

    async def DeleteField(self, request: pb.DeleteFieldRequest, _: Any) -> Empty:
        await self._archive(request, archived=True)
        return Empty()

    async def RestoreField(self, request: pb.RestoreFieldRequest, _: Any) -> pb.Field:
        try:
            return await self._archive(request, archived=False)
        except ValidationFailed as error:  # the request holds no definition
            raise ValidationFailed(
                [
                    replace(each, field=each.field.removeprefix("field."))
                    for each in error.faults
                ]
            ) from None

    async def ChangeField(
        self, request: pb.ChangeFieldRequest, _: Any
    ) -> pb.ChangeFieldResponse:
        return await self.changing.change(request)

    async def ReplaceFieldOption(
        self, request: pb.ReplaceFieldOptionRequest, _: Any
    ) -> pb.ReplaceFieldOptionResponse:
        call = current_call()
        return await replace_option(self._records, call, request, self._formulas)

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
        definitions.check(definition, *self._types.of(definition), faults)
        if faults.found:
            raise ValidationFailed(faults.found)

    async def find(self, caller: Caller, request: pb.CreateFieldRequest) -> list[Fault]:
        """Finds the faults of a new definition that its proto does not say."""
        faults, given = Faults(), request.field
        definitions.check(given, *await self._types.known(caller, given), faults)
        where = self._records.database, caller.business_id
        found = list(faults.found)
        is_slug = FORMATS[Format.FORMAT_SLUG].matches(given.object)
        if given.type == pb.FIELD_TYPE_FORMULA and is_slug:
            own = await self._formulas.fields_of(*where, given.object)
            found += self._formulas.prepare(given, own)
        return found

    async def targets(self, caller: Caller) -> Sequence[str]:
        """The types that a field of type `record` can refer to."""
        return (await self._types.known(caller, pb.Field()))[1]


def _begin(definition: pb.Field) -> None:
    definition.state = pb.FIELD_STATE_ACTIVE


BEHAVIOUR: Behaviour[pb.Field] = Behaviour(begin=_begin, methods=FieldMethods)
