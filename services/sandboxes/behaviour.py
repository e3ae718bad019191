"""What sandboxes add to the engine of records: their end, and their reset."""

from functools import partial

from prospectconnect.iam.v1.sandboxes_pb2 import SANDBOX_STATE_RESETTING, Sandbox

from services.caller import CURRENT_CALL, Call, Caller, current_call
from services.errors import RateLimited
from services.iam import audit
from services.postgres.database import Transaction
from services.records.behaviour import Behaviour
from services.records.commands import Around, Command
from services.records.copying import sandbox_rows
from services.sandboxes.bounds import RESETS_AN_HOUR

_RETRY_SECONDS = 360
_RESETS = """
SELECT count(*) FROM audit WHERE business_id = $1 AND at > now() - interval '1 hour'
  AND event = 'sandbox_reset' AND deleted_at IS NULL
"""


def around(
    caller: Caller, before: Sandbox | None, after: Sandbox | None
) -> Around | None:
    """Ends a deleted sandbox at once, and lets one that is reset be cleared."""
    if before is None:
        return None
    its = [caller.business_id, before.id]
    if after is None:
        told = partial(tell, "deleted", before, caller)
        return Around(after=[Command(sandbox_rows.END, its)], then=told)
    if before.state != after.state == SANDBOX_STATE_RESETTING:
        told = partial(_tell_reset, before, caller)
        return Around(after=[Command(sandbox_rows.OPEN, its)], then=told)
    return None


class ResetsLimited(RateLimited):
    """There were too many resets within an hour."""

    def __init__(self) -> None:
        super().__init__("tenant", _RETRY_SECONDS)
        self.message = f"At most {RESETS_AN_HOUR} resets are done within an hour."


async def _tell_reset(
    sandbox: Sandbox, caller: Caller, transaction: Transaction
) -> None:
    """Records a reset, and refuses it where there were too many.

    Who records holds the audit's head, so that resets at the same time are counted.
    """
    await tell("reset", sandbox, caller, transaction)
    row = await transaction.row(_RESETS, caller.business_id)
    if row is not None and row[0] > RESETS_AN_HOUR:
        raise ResetsLimited


async def tell(
    happened: str, sandbox: Sandbox, caller: Caller, transaction: Transaction
) -> None:
    """Records in the live tenant's audit what happened to a sandbox."""
    call = CURRENT_CALL.get(None) or Call(caller)
    told = {"sandbox": sandbox.name}
    event = audit.by_caller(call, f"sandbox_{happened}", sandbox.id, **told)
    await audit.record(transaction, event)


async def tell_faults(
    happened: str, sandbox_id: str, transaction: Transaction, **told: str
) -> None:
    """Records in the live tenant's audit what happened to a sandbox's faults."""
    event = f"sandbox_faults_{happened}"
    given = audit.by_caller(current_call(), event, sandbox_id, **told)
    await audit.record(transaction, given)


async def tell_clock(sandbox_id: str, transaction: Transaction, **told: str) -> None:
    """Records in the live tenant's audit that a sandbox's clock is moved."""
    event = audit.by_caller(current_call(), "sandbox_clock_moved", sandbox_id, **told)
    await audit.record(transaction, event)


BEHAVIOUR: Behaviour[Sandbox] = Behaviour(around=around)
