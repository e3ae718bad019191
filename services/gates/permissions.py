"""Whether a caller has a permission: both its scopes and its role must grant it."""

from services.caller import Caller
from services.errors import RoleDenied, ScopeDenied
from services.roles import OF_LIVE_TENANTS

_NESTED = "A sandbox has no sandboxes of its own: use a live token."


def check_permission(caller: Caller, permission: str) -> None:
    """Refuses a caller if its scopes, or else its role, do not grant a permission."""
    if not permission:
        return
    is_nested = caller.sandbox and permission in OF_LIVE_TENANTS
    if permission not in caller.scope_permissions:
        message = f"The token's scopes do not grant {permission}."
        raise ScopeDenied(_NESTED if is_nested else message, permission)
    if permission not in caller.role_permissions:
        message = f"The user's role does not grant {permission}."
        raise RoleDenied(_NESTED if is_nested else message, permission)
