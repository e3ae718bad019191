"""What holds for a call in a sandbox: its clock, and that no reset comes between.

Live tenants never come here.
"""

from contextvars import Token

from services.caller import Caller
from services.clock import AHEAD
from services.errors import Unavailable
from services.kinds.methods import Method
from services.postgres.database import FENCE, RESET

Inside = tuple[Token[int], Token[tuple[str, int] | None]]


def enter(caller: Caller, method: Method) -> Inside:
    """Sets what holds until `leave`. Raises `Unavailable` while it is reset."""
    fence = None
    if not method.only_reads:
        if caller.is_resetting:
            raise Unavailable(RESET)
        fence = caller.business_id, caller.resets
    return AHEAD.set(caller.clock_ahead), FENCE.set(fence)


def leave(inside: Inside) -> None:
    AHEAD.reset(inside[0])
    FENCE.reset(inside[1])
