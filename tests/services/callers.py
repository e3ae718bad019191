"""Callers for tests of single rooms: who calls, without a token behind it."""

from services import roles
from services.caller import Caller


def caller(
    business_id: str = "biz_1", user_id: str = "usr_1", role: str = "owner"
) -> Caller:
    """A caller with all scopes and one of the default roles."""
    grants = roles.DEFAULT_ROLES[role]
    scopes = tuple(f"{resource}.all" for resource in roles.RESOURCES)
    return Caller(
        business_id=business_id,
        business_name="A tenant",
        currency="USD",
        user_id=user_id,
        role=role,
        token_id="pat_1",
        token_kind=1,
        client_id="",
        scopes=scopes,
        scope_permissions=roles.scope_permissions(scopes),
        role_permissions=roles.role_permissions(role, grants),
        own_only=roles.own_only(role, grants),
        token_limit=(100, 10),
        tenant_limit=(1_000, 10),
        expires_at=None,
    )
