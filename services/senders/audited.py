"""What the audit tells of senders: who made, changed or verified one, and when."""

from prospectconnect.engagement.v1.senders_pb2 import Sender

from services.caller import CURRENT_CALL, Call, Caller
from services.iam import audit
from services.postgres.database import Transaction


async def tell(
    happened: str, sender: Sender, caller: Caller, transaction: Transaction
) -> None:
    """Records what happened to a sender, e.g. `created`."""
    call = CURRENT_CALL.get(None)
    if call is None or call.caller.business_id != caller.business_id:
        call = Call(caller)  # a link was opened, by nobody who has logged in
    told = {"address": sender.address, "server": sender.smtp.host}
    event = audit.by_caller(call, f"sender_{happened}", sender.id, **told)
    await audit.record(transaction, event)


def happened_to(before: Sender | None, after: Sender | None) -> str:
    """What a change of a sender is called."""
    if before is None:
        return "created"
    if after is None:
        return "deleted"
    is_new = after.HasField("verified_at") and not before.HasField("verified_at")
    return "verified" if is_new else "changed"
