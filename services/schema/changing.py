"""Changes the type or the options of a field: at once, by a job, or only to try it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from google.protobuf.struct_pb2 import Value
from prospectconnect.jobs.v1 import jobs_pb2 as jobs
from prospectconnect.schema.v1 import fields_pb2 as pb

from services.caller import Caller, current_call
from services.errors import ValidationFailed
from services.faults import Fault, Faults
from services.kinds.conversions import converted
from services.kinds.custom_fields import value_to_json
from services.postgres.database import Transaction
from services.records.commands import Around, answer_again
from services.records.engine import Records
from services.schema import changes, definitions, existing
from services.schema.by_jobs.beginning import (
    Settle,
    beginning_change,
    put_job,
    unless_busy,
)
from services.schema.settling import sees
from services.schema.types import Types

# The statements around a write of a definition.
Surround = Callable[..., Around | None]


class _TriedError(Exception):
    """Ends the transaction of a change that was only tried."""


@dataclass(frozen=True, slots=True)
class Changing:
    """How fields are changed: `around` makes statements around a write of what settles
    it, and `around_job` those of a write that a job settles."""

    records: Records[pb.Field]
    types: Types
    around: Callable[[Settle], Surround]
    around_job: Callable[[Settle], Surround]

    async def change(self, request: pb.ChangeFieldRequest) -> pb.ChangeFieldResponse:
        """Changes a field, by a job if it has more values than a request looks at."""
        told = pb.ChangeFieldResponse()
        try:
            return await self._change(request, told, self._at_once(request, told))
        except existing.TooManyValues:
            surround = self.around_job(beginning_change(request, sees))
            return await self._change(request, told, surround, by_job=True)

    async def look(self, request: pb.ChangeFieldRequest) -> pb.ChangeFieldResponse:
        """What a change would do: it is made, and its transaction is rolled back.

        Raises `TooManyValues` if a job would have to make it.
        """
        told = pb.ChangeFieldResponse()
        try:
            surround = _tried(self._at_once(request, told))
            return await self._change(request, told, surround)
        except _TriedError:
            return told

    async def name_all(self, request: pb.ChangeFieldRequest, others: Value) -> None:
        """Puts a value into `map` for all values without a conversion that it lacks."""
        tried = pb.ChangeFieldRequest()
        tried.CopyFrom(request)
        tried.on_conflict = pb.ON_CONFLICT_CLEAR
        tried.ClearField("map")
        told, most = pb.ChangeFieldResponse(), existing.MOST_RECORDS
        try:
            surround = _tried(self._at_once(tried, told, most))
            await self._change(tried, told, surround)
        except _TriedError:
            pass
        for each in told.sample:
            text = converted(pb.FIELD_TYPE_TEXT, value_to_json(each.value))
            if isinstance(text, str) and text not in request.map.fields:
                request.map.fields[text].CopyFrom(others)

    def _at_once(
        self,
        request: pb.ChangeFieldRequest,
        told: pb.ChangeFieldResponse,
        most: int = existing.SAMPLE,
    ) -> Surround:
        """The statements that change the values of records, and tell it in `told`."""
        call = current_call()

        async def settle(
            transaction: Transaction, caller: Caller, _: Any, after: pb.Field
        ) -> None:
            where = transaction, caller.business_id
            await changes.change_values(*where, request, after, told, most)
            if not sees(caller, after.object):
                del told.sample[:]
            await answer_again(transaction, call, told)

        return self.around(settle)

    async def _change(
        self,
        request: pb.ChangeFieldRequest,
        told: pb.ChangeFieldResponse,
        surround: Surround,
        *,
        by_job: bool = False,
    ) -> pb.ChangeFieldResponse:
        call = current_call()

        def change(definition: pb.Field) -> None:
            self._apply(request, definition)
            if by_job:
                put_job(call.caller, jobs.JOB_KIND_CHANGE_FIELD, definition)

        def reply(definition: pb.Field) -> pb.ChangeFieldResponse:
            told.Clear()
            told.field.CopyFrom(definition)
            if definition.HasField("job"):
                told.job.CopyFrom(definition.job)
                told.field.ClearField("job")
            return told

        records = self.records.with_around(surround)
        where = call, request.id, unless_busy(change), reply, request.etag
        answer = await records.update_and_reply(*where)
        if not call.changed_nothing:
            await records.look_again(call)
        return answer

    def _apply(self, request: pb.ChangeFieldRequest, definition: pb.Field) -> None:
        """Gives a definition another type or other options."""
        faults = Faults()
        changes.apply(request, definition, faults)
        if not faults.found:
            definitions.check(definition, *self.types.of(definition), faults)
        if faults.found:
            raise ValidationFailed([_of_change(each) for each in faults.found])


def _tried(surround: Surround) -> Surround:
    """The statements around a change that is only tried: none of them stays."""

    def surround_and_end(*given: Any) -> Around | None:
        around = surround(*given)
        assert around is not None  # noqa: S101 - every change locks the tenant's row
        then = partial(_do_and_end, around)
        return replace(around, then=then)

    return surround_and_end


async def _do_and_end(around: Around, transaction: Transaction) -> None:
    if around.then is not None:
        await around.then(transaction)
    raise _TriedError


def _of_change(fault: Fault) -> Fault:
    """A fault of a definition by its path in the request that changes it."""
    name = fault.field.removeprefix("field.")
    if name.startswith("default_value"):
        message = f"{fault.message} Give another default_value, or clear what is unfit."
        return replace(fault, field=name, message=message)
    if not name.startswith(("options", "map", "type")):
        message = f"{name} does not go with the change: {fault.message}"
        return replace(fault, field="type", message=message)
    return replace(fault, field=name)
