"""What the audit tells of webhooks: who made, changed or deleted one, and when."""

from prospectconnect.events.v1.webhooks_pb2 import (
    DISABLED_REASON_BY_USER,
    DisabledReason,
    Webhook,
)

from services.caller import CURRENT_CALL, Call, Caller
from services.iam import audit
from services.postgres.database import Transaction

_DISABLED = "disabled"


async def tell(
    happened: str, webhook: Webhook, caller: Caller, transaction: Transaction
) -> None:
    """Records what happened to a webhook, e.g. `created`."""
    call = CURRENT_CALL.get(None) or Call(caller)
    told = {"url": webhook.url}
    if happened == _DISABLED:
        name = DisabledReason.Name(webhook.disabled_reason)
        told["reason"] = name.removeprefix("DISABLED_REASON_").lower()
    event = audit.by_caller(call, f"webhook_{happened}", webhook.id, **told)
    await audit.record(transaction, event)


def happened_to(before: Webhook, after: Webhook | None) -> str:
    """What a change of a webhook is called. Without `after` it is deleted."""
    if after is None:
        return "deleted"
    reason = after.disabled_reason
    is_other = reason != before.disabled_reason
    is_ended = is_other and reason not in (0, DISABLED_REASON_BY_USER)
    return _DISABLED if is_ended else "changed"
