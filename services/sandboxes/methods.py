"""The methods of sandboxes that are not standard, as the proto describes them."""

import secrets
from functools import partial
from typing import Any

from google.protobuf.empty_pb2 import Empty
from prospectconnect.iam.v1 import sandboxes_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call, Caller, current_call
from services.clock import DAY, from_timestamp, to_timestamp
from services.errors import ValidationFailed
from services.faults import Fault
from services.iam.bearer import TEST, new_secret
from services.ids import new_id
from services.postgres.database import Transaction
from services.record_messages import operations
from services.records.commands import Around, Command
from services.records.copying import meetings
from services.records.engine import Records
from services.sandboxes.behaviour import tell
from services.sandboxes.bounds import (
    DEFAULT_DAYS,
    DEFAULT_SAMPLE,
    FILL_SECONDS,
    MADE_TODAY,
    MOST_A_DAY,
    SANDBOXES,
)
from services.sandboxes.clocks import Clocks, faults_of
from services.sandboxes.copy_rights import check_may_copy, of_meetings, refuse_lacking
from services.sandboxes.faults import FaultMethods
from services.sandboxes.making import Kinds, make_tenant
from services.sandboxes.tending import Tending
from services.schema.generation import LOCK_OUT
from services.standard import Kept

AT = "sandbox"
_MOST_SEED = 2**31 - 1


class SandboxMethods:
    """Makes and resets sandboxes, plants faults in them, and moves their clocks."""

    def __init__(self, kept: Kept) -> None:
        self._records: Records[pb.Sandbox] = kept.records
        self._kinds: Kinds = kept.records.kinds
        self._tending = Tending(kept.records.database, self._kinds, None)
        self._faults = FaultMethods(kept.records.database, operations())
        self._clocks = Clocks(kept.records.database)
        self.finders = {
            "CreateSandbox": _find,
            "MoveSandboxClock": _find_clock,
            "PlantSandboxFault": self._find_faults,
        }

    async def CreateSandbox(
        self, request: pb.CreateSandboxRequest, _: Any
    ) -> pb.Sandbox:
        call, given = current_call(), request.sandbox
        if faults := _faults(given):
            raise ValidationFailed(faults)
        is_empty = given.copy == pb.SANDBOX_COPY_NOTHING
        has_meetings = not is_empty and await self._has_meetings(call.caller)
        check_may_copy(call.caller, given.copy, self._kinds, has_meetings)
        business_id, made_by = new_id("biz_"), dict[str, str]()

        async def then(
            caller: Caller, made: pb.Sandbox, transaction: Transaction
        ) -> None:
            await _refuse_too_many(caller, transaction)
            if call.is_dry:  # its tenant would be much work, and nobody would see it
                return
            given = caller, made, business_id, self._kinds
            made_by["token"] = await make_tenant(transaction, *given)
            await tell("created", made, caller, transaction)

        def around(caller: Caller, _: Any, made: pb.Sandbox) -> Around:
            lock = Command(LOCK_OUT, [caller.business_id])
            return Around(
                [] if call.is_dry else [lock], (), partial(then, caller, made)
            )

        records = self._records.with_around(around)
        made = await records.create(call, given, partial(_settle, call))
        if call.is_dry:
            made.token = new_secret(business_id, TEST)
            return made
        if made.state == pb.SANDBOX_STATE_FILLING:
            its = call.caller.business_id, made.id
            await self._tending.fill(*its, FILL_SECONDS)
            made = await self._records.get(call.caller, made.id)
        made.token = made_by["token"]
        return made

    async def ResetSandbox(self, request: pb.ResetSandboxRequest, _: Any) -> pb.Sandbox:
        call = current_call()
        has_meetings = await self._has_meetings(call.caller)

        def change(found: pb.Sandbox) -> None:
            refuse_lacking(call.caller, of_meetings(found.copy, has_meetings))
            found.state = pb.SANDBOX_STATE_RESETTING

        return await self._records.update(call, request.id, change)

    async def PlantSandboxFault(
        self, request: pb.PlantSandboxFaultRequest, _: Any
    ) -> pb.SandboxFault:
        return await self._faults.plant(request)

    async def EndSandboxFaults(
        self, request: pb.EndSandboxFaultsRequest, _: Any
    ) -> Empty:
        return await self._faults.end(request)

    async def ReadSandboxFaults(
        self, request: pb.ReadSandboxFaultsRequest, _: Any
    ) -> pb.SandboxFaults:
        return await self._faults.read(request)

    async def MoveSandboxClock(
        self, request: pb.MoveSandboxClockRequest, _: Any
    ) -> pb.MoveSandboxClockResponse:
        return await self._clocks.move(request)

    async def ReadSandboxClock(
        self, request: pb.ReadSandboxClockRequest, _: Any
    ) -> pb.SandboxClock:
        return await self._clocks.read(request)

    async def TakeSandboxFault(
        self, request: pb.TakeSandboxFaultRequest, _: Any
    ) -> pb.TakenSandboxFault:
        return await self._faults.take(request)

    async def _has_meetings(self, caller: Caller) -> bool:
        return await meetings.are_there(self._records.database, caller.business_id)

    async def _find_faults(
        self, _: Caller, request: pb.PlantSandboxFaultRequest
    ) -> list[Fault]:
        return self._faults.faults(request)


def _settle(call: Call, made: pb.Sandbox) -> None:
    """Sets what is true by default, and when the sandbox ends."""
    made.id = call.made_id or made.id
    if not made.HasField("seed"):
        made.seed = secrets.randbelow(_MOST_SEED)
    has_sample = made.copy == pb.SANDBOX_COPY_SCHEMA_AND_SAMPLE
    if has_sample and not made.HasField("sample"):
        made.sample = DEFAULT_SAMPLE
    days = made.expires_in_days or DEFAULT_DAYS
    made.expires_in_days = days
    ends = from_timestamp(made.created_at) + days * DAY
    made.expires_at.CopyFrom(to_timestamp(ends))
    is_filled = not (has_sample and made.sample)
    made.state = pb.SANDBOX_STATE_READY if is_filled else pb.SANDBOX_STATE_FILLING
    made.created_by = call.caller.user_id


async def _find(_: Caller, request: pb.CreateSandboxRequest) -> list[Fault]:
    return _faults(request.sandbox)


async def _find_clock(_: Caller, request: pb.MoveSandboxClockRequest) -> list[Fault]:
    return faults_of(request)


def _faults(given: pb.Sandbox) -> list[Fault]:
    if given.sample and given.copy != pb.SANDBOX_COPY_SCHEMA_AND_SAMPLE:
        message = "Only with the copy schema_and_sample."
        return [Fault(f"{AT}.sample", FaultCode.FAULT_CODE_INVALID, message)]
    return []


async def _refuse_too_many(caller: Caller, transaction: Transaction) -> None:
    """Refuses a sandbox that was made just now, where there are too many."""
    row: Any = await transaction.row(SANDBOXES.used, caller.business_id)
    message = ""
    if row[1] > SANDBOXES.most:
        message = f"There are at most {SANDBOXES.most} sandboxes."
    row = await transaction.row(MADE_TODAY, caller.business_id)
    if row[0] > MOST_A_DAY:
        message = f"At most {MOST_A_DAY} sandboxes are made within 24 hours."
    if message:
        code = FaultCode.FAULT_CODE_TOO_MANY
        raise ValidationFailed([Fault(f"{AT}.name", code, message)])
