"""The parts of answers that only the edge knows: what is left of rate limits."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from prospectconnect.iam.v1.limits_pb2 import (
    LIMIT_HOLDER_TENANT,
    LIMIT_HOLDER_TOKEN,
    LIMIT_NAME_REQUESTS,
)

from edge.limits.rate_limit import Budget
from edge.operations import Finish

_IAM = "/prospectconnect.iam.v1"


def _fill_me(me: Any, budget: Budget) -> None:
    """Writes the budget that is left after this request into the `Me` message."""
    me.rate_limit.remaining = budget.remaining
    me.rate_limit.reset = budget.reset


def _fill_limits(limits: Any, budget: Budget) -> None:
    """Writes what is used of the rate limits into the `Limits` message."""
    left = {
        LIMIT_HOLDER_TOKEN: budget.left_of_token,
        LIMIT_HOLDER_TENANT: budget.left_of_tenant,
    }
    for each in limits.data:
        if each.name == LIMIT_NAME_REQUESTS:
            # The limit may have been changed since this request was counted.
            each.used = max(0, each.limit - left[each.per])


# By the methods whose answers they complete.
FINISHES: Mapping[str, Finish] = MappingProxyType(
    {
        f"{_IAM}.AccessService/GetMe": _fill_me,
        f"{_IAM}.LimitService/GetLimits": _fill_limits,
    }
)
