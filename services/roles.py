"""The permissions that scopes and roles grant.

A scope is `resource.action`; the action `all` means read, write and delete. Another
action is erasure, which only administrators may, and roles that name it. The
resources are those that the protos of the records name, and changes. The grants of a
role are stored for each tenant as `{resource: {actions, visibility}}`; the resource `*`
means all resources that are not listed.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from services.record_messages import policy_of, record_messages

# What happens to records, and who did what in the account: these are only read.
CHANGE = "change"
AUDIT = "audit"
ONLY_READ = frozenset((CHANGE, AUDIT))

RESOURCES = (
    *dict.fromkeys(
        policy.permission_resource or policy.resource
        for policy in map(policy_of, record_messages())
        if not policy.any_token
    ),
    CHANGE,
)
ACTIONS = ("read", "write", "delete")

# What people are can also be erased, which no `all` grants: it cannot be undone.
ERASE = "erase"
ERASABLE = frozenset(
    policy.resource for policy in map(policy_of, record_messages()) if policy.erasable
)

# Personal access tokens are a resource of scopes only: all roles grant them, to every
# user for their own tokens.
TOKEN = "token"  # noqa: S105 - a resource's name

_ALL = {"actions": list(ACTIONS), "visibility": "all"}
_KEEP = {"actions": ["read", "write"], "visibility": "all"}

_READ = {"actions": ["read"], "visibility": "all"}

ADMINISTRATORS = ("owner", "admin")
# What everybody reads, and what these roles alone write. Another role may do more than
# read if it names the resource; `*` does not count.
ADMINISTERED = frozenset(("schema", "topic", "sender"))
# What these roles alone may even read. Here too a role that names it may. Apps get it
# only if they ask for it.
SANDBOX = "sandbox"
RESERVED = frozenset(("webhook", SANDBOX, AUDIT))

# Where a role does not name a resource of these, it grants what it grants of the other.
_LIKE: Mapping[str, str] = {
    "record": "deal",
    "report": "deal",
    "schedule": "deal",
    "meeting_type": "deal",
    "booking": "deal",
    "template": "deal",
    "email": "deal",
}

# Records with an owner, by the resource whose permissions they are read by.
_OWNED = {
    policy.resource: policy.permission_resource
    for policy in map(policy_of, record_messages())
    if policy.owner_field and policy.permission_resource
}

# What people keep for themselves, such as their hours. Who may write nothing else of it
# may also delete their own, unless the role says what it grants of the resource.
KEPT_BY_OWNERS = frozenset(
    policy.permission_resource or policy.resource
    for policy in map(policy_of, record_messages())
    if policy.owners_write
)

# Of these, which have no scopes, everybody sees what they began, and these roles all.
BEGUN = frozenset(("job", "import", "export"))

# The roles of a new tenant.
DEFAULT_ROLES: Mapping[str, Mapping[str, Any]] = {
    "owner": {"*": _ALL},
    "admin": {"*": _ALL},
    "manager": {"*": _ALL, "company": _KEEP, "deal": _KEEP},
    "member": {"*": {"actions": ["read", "write"], "visibility": "own"}},
    "viewer": {"*": _READ},
}


def actions_of(resource: str) -> tuple[str, ...]:
    """Returns the actions for which a resource has scopes."""
    if resource in ONLY_READ:
        return ACTIONS[:1]
    return (*ACTIONS, ERASE) if resource in ERASABLE else ACTIONS


SCOPES = frozenset(
    f"{resource}.{action}"
    for resource in (*RESOURCES, TOKEN)
    for action in (*actions_of(resource), "all")
)


# What nobody may do in a sandbox: it has no sandboxes of its own.
OF_LIVE_TENANTS = frozenset(f"{SANDBOX}.{action}" for action in ACTIONS)


def scopes_within(scopes: Iterable[str], *, sandbox: bool) -> list[str]:
    """The scopes of a token that mean something: in a sandbox, none of sandboxes."""
    if not sandbox:
        return list(scopes)
    return [each for each in scopes if each.partition(".")[0] != SANDBOX]


# Few scopes that together grant every permission.
EVERY_SCOPE = (
    *(f"{resource}.all" for resource in (*RESOURCES, TOKEN)),
    *(f"{resource}.{ERASE}" for resource in sorted(ERASABLE)),
)


def scope_permissions(scopes: Iterable[str]) -> frozenset[str]:
    """Returns the permissions that scopes grant; `all` is expanded."""
    granted: set[str] = set()
    for scope in scopes:
        resource, _, action = scope.partition(".")
        every = (each for each in actions_of(resource) if each != ERASE)
        actions = every if action == "all" else (action,)
        granted.update(f"{resource}.{each}" for each in actions)
    return frozenset(granted)


def role_permissions(role: str, grants: Mapping[str, Any]) -> frozenset[str]:
    """Returns the permissions that a role with a name grants."""
    granted = {f"{TOKEN}.{action}" for action in ACTIONS}
    for resource in RESOURCES:
        grant = _grant(role, grants, resource)
        actions = set(grant.get("actions", ()))
        is_own = resource in KEPT_BY_OWNERS and grant.get("visibility") == "own"
        if is_own and "write" in actions and resource not in grants:
            actions.add("delete")
        if resource in ONLY_READ:
            actions &= {"read"}
        if role in ADMINISTRATORS and "delete" in actions and resource in ERASABLE:
            actions.add(ERASE)
        granted.update(f"{resource}.{action}" for action in actions)
    return frozenset(granted)


def own_only(role: str, grants: Mapping[str, Any]) -> frozenset[str]:
    """Returns the resources whose records the role sees only if the user owns them."""
    own = frozenset(
        resource
        for resource in RESOURCES
        if resource not in ONLY_READ
        and _grant(role, grants, resource).get("visibility") == "own"
    )
    own |= {resource for resource, like in _OWNED.items() if like in own}
    return own | (frozenset() if role in ADMINISTRATORS else BEGUN)


def _grant(role: str, grants: Mapping[str, Any], resource: str) -> Mapping[str, Any]:
    every = grants.get("*") or {}
    if resource in ADMINISTERED and role not in ADMINISTRATORS:
        every = _READ
    if resource in RESERVED and role not in ADMINISTRATORS:
        every = {}
    like = grants.get(_LIKE.get(resource, ""))
    found: Mapping[str, Any] = grants.get(resource) or like or every
    return found
