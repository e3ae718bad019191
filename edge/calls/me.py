"""The part of `GET /me` that only the edge knows: the rest of the budget."""

from typing import Any

from edge.limits.rate_limit import Budget

GET_ME = "/prospectconnect.iam.v1.AccessService/GetMe"


def fill_budget(me: Any, budget: Budget) -> None:
    """Writes the budget that is left after this request into the `Me` message."""
    me.rate_limit.remaining = budget.remaining
    me.rate_limit.reset = budget.reset
