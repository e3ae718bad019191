"""What the audit tells of a change of definitions: who made it, and when."""

from typing import Any

from services.caller import CURRENT_CALL, Call, Caller
from services.iam import audit
from services.postgres.database import Transaction


async def tell(
    transaction: Transaction, caller: Caller, what: str, before: Any, after: Any
) -> None:
    """Records that a definition was made, changed, archived or restored.

    `what` is the word for it, such as `field`.
    """
    call = CURRENT_CALL.get(None) or Call(caller)
    if before is None:
        happened = "created"
    elif before.archived == after.archived:
        happened = "changed"
    else:
        happened = "archived" if after.archived else "restored"
    name = getattr(after, "slug", "") or after.key
    its = {"object": after.object} if what == "field" else {}
    event = audit.by_caller(call, f"{what}_{happened}", after.id, key=name, **its)
    await audit.record(transaction, event)
