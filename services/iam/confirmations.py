"""Confirmations of destructive calls: each allows one call, once.

Only a spent one is stored, as an idempotency key of its caller without an answer: the
key's uniqueness makes one of many concurrent calls win, in any process. Such a key
begins with a space, which no client's key may contain, and is swept with the others.
"""

from typing import Any

from google.protobuf.empty_pb2 import Empty
from prospectconnect.iam.v1 import confirmations_pb2 as pb
from prospectconnect.iam.v1 import confirmations_pb2_grpc
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import current_call
from services.clock import SECOND, now, to_timestamp
from services.errors import ValidationFailed
from services.faults import Fault
from services.postgres.database import Database
from services.sealed.confirmations import STATE_BYTES, Confirmations, holder_of

GOOD_FOR = 600 * SECOND

_SPEND = """
INSERT INTO idempotency_keys
  (business_id, user_id, client_id, key, fingerprint, outcome, created_at)
VALUES ($1, $2, $3, $4, '', '', $5) ON CONFLICT DO NOTHING RETURNING 1
"""

_INVALID = FaultCode.FAULT_CODE_INVALID
_AGAIN = "Call again without `confirmation` to see what the call would do, and get one."
_FOREIGN = (
    FaultCode.FAULT_CODE_NOT_FOUND,
    "This is no confirmation of this call: another caller, tool or arguments.",
)
_EXPIRED = _INVALID, "The confirmation has expired: it was good for ten minutes."
_USED = _INVALID, "The confirmation was used: it is good for one call."
_CHANGED = _INVALID, "The records have changed since the confirmation was given."


class ConfirmationService(confirmations_pb2_grpc.ConfirmationServiceServicer):
    """The methods of `ConfirmationService`, as the proto describes them."""

    def __init__(self, database: Database, confirmations: Confirmations) -> None:
        self._database, self._confirmations = database, confirmations

    async def CreateConfirmation(
        self, request: pb.CreateConfirmationRequest, _: Any
    ) -> pb.Confirmation:
        caller, ends = current_call().caller, now() + GOOD_FOR
        if len(request.state) != STATE_BYTES:
            told = f"Give a hash of {STATE_BYTES} bytes."
            raise ValidationFailed([Fault("state", _INVALID, told)])
        made = self._confirmations.seal(caller, request.call, request.state, ends)
        return pb.Confirmation(confirmation=made, expires_at=to_timestamp(ends))

    async def SpendConfirmation(
        self, request: pb.SpendConfirmationRequest, _: Any
    ) -> Empty:
        caller = current_call().caller
        found = self._confirmations.open(caller, request.call, request.confirmation)
        if found is None:
            raise _refused(_FOREIGN)
        # Later than any that is given now: the sandbox's clock was put back since.
        if not now() < found.ends <= now() + GOOD_FOR:
            raise _refused(_EXPIRED)
        whose = caller.business_id, caller.user_id, holder_of(caller)
        # Also one that is refused below is spent: nothing is tried out with it.
        if not await self._database.row(_SPEND, *whose, f" {found.id}", now()):
            raise _refused(_USED)
        if found.state != request.state:
            raise _refused(_CHANGED)
        return Empty()


def _refused(why: tuple[FaultCode.ValueType, str]) -> ValidationFailed:
    code, message = why
    return ValidationFailed([Fault("confirmation", code, f"{message} {_AGAIN}")])
