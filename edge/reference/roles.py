"""The roles of a new tenant whose users may call an operation, by its scope.

The services decide; a test holds this table against theirs.
"""

_ADMINISTRATORS = ("owner", "admin")
_MANAGERS = (*_ADMINISTRATORS, "manager")
_WRITERS = (*_MANAGERS, "member")
EVERYBODY = (*_WRITERS, "viewer")

_BY_ACTION = {"read": EVERYBODY, "write": _WRITERS, "delete": _ADMINISTRATORS}
# What administrators alone may even read, and what they alone change.
_RESERVED = frozenset(("audit", "sandbox", "webhook"))
_ADMINISTERED = frozenset(("schema", "topic", "sender"))
# What managers delete, too.
_DAILY = frozenset(("activity", "consent", "contact", "note", "task"))
# Each user has personal tokens.
_OWN = frozenset(("token",))
# Members delete their own.
_KEPT_BY_OWNERS = frozenset(("schedule",))


def roles_of(scope: str) -> tuple[str, ...]:
    """The roles that grant a scope; those of a tenant's own are not among them."""
    resource, _, action = scope.partition(".")
    if not scope or resource in _OWN:
        return EVERYBODY
    if resource in _RESERVED or (resource in _ADMINISTERED and action != "read"):
        return _ADMINISTRATORS
    if action == "delete" and resource in _KEPT_BY_OWNERS:
        return (*_ADMINISTRATORS, "member")
    if action == "delete" and resource in _DAILY:
        return _MANAGERS
    return _BY_ACTION.get(action, _ADMINISTRATORS)
