"""Callers for tests of the gates."""

from edge.callers.caller import Caller
from edge.limits.limit import Limit

SMALL, LARGE = Limit(5, 10), Limit(1000, 10)


def a_caller(
    token: str = "pat_1",  # noqa: S107  # an id, no secret
    business: str = "biz_1",
    token_limit: Limit = SMALL,
    tenant_limit: Limit = LARGE,
) -> Caller:
    """A caller whose scopes grant reading and whose role grants writing too."""
    return Caller(
        business_id=business,
        user_id="usr_1",
        token_id=token,
        client_id="",
        scope_permissions=frozenset({"contact.read", "deal.write"}),
        role_permissions=frozenset({"contact.read", "contact.write"}),
        token_limit=token_limit,
        tenant_limit=tenant_limit,
        expires_at=None,
    )
