"""The caller of a request: whom a token stands for, and its permissions and limits."""

from dataclasses import dataclass, field

from edge.limits.limit import Limit
from edge.usage.tallies import Tally


@dataclass(frozen=True, slots=True)
class Caller:
    """The user and tenant of a token, and what it may do."""

    business_id: str
    user_id: str
    token_id: str
    client_id: str
    scope_permissions: frozenset[str]
    role_permissions: frozenset[str]
    token_limit: Limit
    tenant_limit: Limit
    # When the token expires, in Unix seconds; None for never.
    expires_at: float | None
    # Whether the tenant is a sandbox: its requests may have planted faults.
    sandbox: bool = False
    tally: Tally = field(default_factory=Tally, compare=False)
