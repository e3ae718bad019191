"""Plants faults in sandboxes, and ends them, as the proto describes it."""

import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any

from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Value
from prospectconnect.iam.v1 import sandboxes_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller, current_call
from services.clock import SECOND, now, to_timestamp
from services.errors import NotFound, ValidationFailed
from services.faults import Fault
from services.iam.sandbox_faults import ALIVE, take
from services.ids import is_id, new_id
from services.postgres.database import Database, Row, Transaction
from services.sandboxes.behaviour import tell_faults

NUMBERS = (429, 500, 503)
WORDS = ("timeout", "reset", "slow")
MOST = 20
_MOST_TOLD = 2**31 - 1
# What a gRPC client may send as a share: `Decimal` alone would also take NaN.
_SHARE = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,9})?([Ee][+-]?[0-9]{1,2})?", re.ASCII)

_CHOICE, _INVALID = FaultCode.FAULT_CODE_INVALID_CHOICE, FaultCode.FAULT_CODE_INVALID
_REQUIRED = FaultCode.FAULT_CODE_REQUIRED

# The tenant that a sandbox is, kept until the transaction ends. Values: business, id.
_TENANT = """
SELECT tenant_id FROM sandboxes
WHERE business_id = $1 AND id = $2 AND deleted_at IS NULL AND tenant_id IS NOT NULL
FOR UPDATE
"""
# Keeps the latest that have ended, so that one can see how often they happened.
_FORGET = f"""
DELETE FROM sandbox_faults WHERE business_id = $1 AND id IN (
  SELECT id FROM sandbox_faults WHERE business_id = $1 AND NOT ({ALIVE})
  ORDER BY planted_at DESC, id DESC OFFSET {MOST})
"""
_USED = f"SELECT count(*) FROM sandbox_faults WHERE business_id = $1 AND {ALIVE}"
_PLANT = """
INSERT INTO sandbox_faults (business_id, id, of_deliveries, operation, share, answer,
  done_first, remaining, ends_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
# How many were asked for is what is left and what has happened. Values: its tenant.
_READ = f"""
SELECT id, of_deliveries, operation, share, answer, done_first, remaining,
  least(floor(seen * share), {_MOST_TOLD})::int AS used, ends_at,
  round(extract(epoch FROM ends_at - planted_at))::int AS seconds,
  NOT ({ALIVE}) AS ended
FROM (
  (SELECT * FROM sandbox_faults WHERE business_id = $1 AND {ALIVE} LIMIT {MOST})
  UNION ALL
  (SELECT * FROM sandbox_faults WHERE business_id = $1 AND NOT ({ALIVE})
   ORDER BY planted_at DESC, id DESC LIMIT {MOST})
) AS f ORDER BY planted_at, id
"""
_END = "DELETE FROM sandbox_faults WHERE business_id = $1"


class FaultMethods:
    """The methods of faults. `operations` are the names that a fault may have."""

    def __init__(self, database: Database, operations: Collection[str]) -> None:
        self._database, self._operations = database, frozenset(operations)

    async def plant(self, request: pb.PlantSandboxFaultRequest) -> pb.SandboxFault:
        caller = current_call().caller
        if faults := self.faults(request):
            raise ValidationFailed(faults)
        made = _planted(request)
        ends = None
        if made.HasField("for_seconds"):
            ends = now() + made.for_seconds * SECOND
            made.ends_at.CopyFrom(to_timestamp(ends))
        share = made.match.share.value

        async def work(transaction: Transaction) -> None:
            tenant = await _tenant(transaction, caller, request.id)
            await transaction.run(_FORGET, tenant)
            row = await transaction.row(_USED, tenant)
            if row is not None and row[0] >= MOST:
                message = f"A sandbox has at most {MOST} faults at a time."
                code = FaultCode.FAULT_CODE_TOO_MANY
                raise ValidationFailed([Fault("answer", code, message)])
            await transaction.run(
                _PLANT,
                tenant,
                made.id,
                made.HasField("deliveries"),
                made.match.operation if made.match.HasField("operation") else None,
                Decimal(share) if share else Decimal(1),
                _stored(made),
                made.after,
                made.for_requests if made.HasField("for_requests") else None,
                ends,
            )
            await tell_faults("planted", request.id, transaction, fault=made.id)

        await self._database.in_transaction(work)
        return made

    async def read(self, request: pb.ReadSandboxFaultsRequest) -> pb.SandboxFaults:
        caller = current_call().caller

        async def work(transaction: Transaction) -> list[Row]:
            tenant = await _tenant(transaction, caller, request.id)
            return await transaction.rows(_READ, tenant)

        rows = await self._database.in_transaction(work)
        return pb.SandboxFaults(data=map(told, rows))

    async def end(self, request: pb.EndSandboxFaultsRequest) -> Empty:
        caller = current_call().caller

        async def work(transaction: Transaction) -> None:
            tenant = await _tenant(transaction, caller, request.id)
            await transaction.run(_END, tenant)
            await tell_faults("ended", request.id, transaction)

        await self._database.in_transaction(work)
        return Empty()

    async def take(self, request: pb.TakeSandboxFaultRequest) -> pb.TakenSandboxFault:
        caller = current_call().caller
        if not caller.sandbox:
            return pb.TakenSandboxFault()
        found = await take(self._database, caller.business_id, request.operation)
        if found is None:
            return pb.TakenSandboxFault()
        return pb.TakenSandboxFault(answer=found.answer, after=found.done_first)

    def faults(self, request: pb.PlantSandboxFaultRequest) -> list[Fault]:
        """All that is wrong with a fault to plant."""
        found = [*self._of_kind(request), *self._of_match(request)]
        found += _of_extent(request)
        if current_call().unread:  # what seems to lack may be what nobody could read
            found = [each for each in found if each.code != _REQUIRED]
        return found

    def _of_kind(self, request: pb.PlantSandboxFaultRequest) -> Iterator[Fault]:
        if request.HasField("answer") == request.HasField("deliveries"):
            code = _INVALID if request.HasField("answer") else _REQUIRED
            yield Fault("answer", code, "Give either answer or deliveries.")
        elif request.HasField("answer") and not _answer(request.answer):
            listed = ", ".join(map(str, (*NUMBERS, *WORDS)))
            yield Fault("answer", _CHOICE, f"Give one of {listed}.")
        elif request.HasField("deliveries") and not request.deliveries:
            yield Fault("deliveries", _CHOICE, "Give what becomes of deliveries.")
        if request.after and request.HasField("deliveries"):
            yield Fault("after", _INVALID, "Only a fault of requests has it.")

    def _of_match(self, request: pb.PlantSandboxFaultRequest) -> Iterator[Fault]:
        match = request.match
        if match.HasField("operation"):
            if request.HasField("deliveries"):
                message = "A fault of deliveries has no operation."
                yield Fault("match.operation", _INVALID, message)
            elif match.operation not in self._operations:
                message = "Give the name of an operation, e.g. createContact."
                yield Fault("match.operation", _CHOICE, message)
        if match.HasField("share"):
            yield from _of_share(match.share.value)


def _of_extent(request: pb.PlantSandboxFaultRequest) -> Iterator[Fault]:
    if request.HasField("for_requests") == request.HasField("for_seconds"):
        code = _INVALID if request.HasField("for_requests") else _REQUIRED
        yield Fault("for_requests", code, "Give either for_requests or for_seconds.")


def _of_share(text: str) -> Iterator[Fault]:
    if text and not _SHARE.fullmatch(text):
        yield Fault("match.share", _INVALID, "Give a number such as 0.25.")
        return
    share = Decimal(text or 0)
    if share <= 0:
        code = FaultCode.FAULT_CODE_TOO_SMALL
        yield Fault("match.share", code, "Give more than 0.")
    elif share > 1:
        code = FaultCode.FAULT_CODE_TOO_LARGE
        yield Fault("match.share", code, "Give at most 1.")
    elif share != round(share, 4):
        yield Fault("match.share", _INVALID, "Give at most 4 decimals.")


def _answer(given: Value) -> str:
    """The answer as it is stored, "" if it is none."""
    kind = given.WhichOneof("kind")
    if kind == "number_value" and given.number_value in NUMBERS:
        return str(int(given.number_value))
    if kind == "string_value" and given.string_value in WORDS:
        return given.string_value
    return ""


def _stored(made: pb.SandboxFault) -> str:
    if made.HasField("deliveries"):
        name = pb.DeliveryFault.Name(made.deliveries)
        return name.removeprefix("DELIVERY_FAULT_").lower()
    return _answer(made.answer)


def _planted(request: pb.PlantSandboxFaultRequest) -> pb.SandboxFault:
    made = pb.SandboxFault(id=new_id("flt_"), match=request.match, after=request.after)
    if not made.match.HasField("share"):
        made.match.share.value = "1"
    if request.HasField("answer"):
        made.answer.CopyFrom(request.answer)
    if request.HasField("deliveries"):
        made.deliveries = request.deliveries
    if request.HasField("for_requests"):
        made.for_requests = made.left = request.for_requests
    if request.HasField("for_seconds"):
        made.for_seconds = request.for_seconds
    return made


def told(row: Row) -> pb.SandboxFault:
    """A fault as it is now, from its row."""
    share = format(row["share"].normalize(), "f")
    made = pb.SandboxFault(
        id=row["id"], after=row["done_first"], used=row["used"], ended=row["ended"]
    )
    made.match.share.value = share
    if row["operation"] is not None:
        made.match.operation = row["operation"]
    answer = row["answer"]
    if row["of_deliveries"]:
        made.deliveries = pb.DeliveryFault.Value(f"DELIVERY_FAULT_{answer.upper()}")
    elif answer in WORDS:
        made.answer.string_value = answer
    else:
        made.answer.number_value = int(answer)
    if row["ends_at"] is None:
        left = row["remaining"]
        made.for_requests, made.left = left + row["used"], left
    else:
        made.for_seconds = row["seconds"]
        made.ends_at.CopyFrom(to_timestamp(row["ends_at"]))
    return made


async def _tenant(transaction: Transaction, caller: Caller, sandbox_id: str) -> str:
    row: Any = None
    if is_id("sbx_", sandbox_id):
        row = await transaction.row(_TENANT, caller.business_id, sandbox_id)
    if row is None:
        raise NotFound
    return str(row[0])
