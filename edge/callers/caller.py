"""The caller of a request: whom a token stands for, and its permissions and limits."""

from dataclasses import dataclass, field
from typing import Protocol

from edge.limits.limit import Limit
from edge.usage.tallies import Tally


class Tenant(Protocol):
    """A tenant: `sandbox_of` is the live tenant of a sandbox, else ""."""

    @property
    def business_id(self) -> str:
        """Its id."""

    @property
    def sandbox_of(self) -> str:
        """The id of its live tenant, "" for a live tenant itself."""


def budget_of(tenant: Tenant) -> str:
    """The key of the budget of a tenant: one for all sandboxes of a live tenant."""
    live = tenant.sandbox_of
    return f"{live}:sandboxes" if live else tenant.business_id


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
    # The live tenant of a sandbox, "" for a live tenant itself.
    sandbox_of: str = ""
    tally: Tally = field(default_factory=Tally, compare=False)
    # Whose share of the load a request takes: a sandbox takes its live tenant's.
    shares_of: str = field(init=False)
    # Whose budget it takes from: all sandboxes of a live tenant have one together.
    budget_of: str = field(init=False)

    def __post_init__(self) -> None:
        """Once for each look-up, so that no request has to choose."""
        object.__setattr__(self, "shares_of", self.sandbox_of or self.business_id)
        object.__setattr__(self, "budget_of", budget_of(self))
