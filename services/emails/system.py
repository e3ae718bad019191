"""The caller that writes what became of an e-mail: the server, for its tenant."""

from dataclasses import replace

from services.caller import NOBODY, Call

# It writes an activity at the contact, and suppresses addresses that bounce.
_MAY = frozenset(("contact.read", "email.read", "activity.read", "consent.read"))


def call_of(business_id: str) -> Call:
    """A call by nobody, who sees all of a tenant's e-mails."""
    caller = replace(
        NOBODY,
        business_id=business_id,
        scope_permissions=_MAY,
        role_permissions=_MAY,
    )
    return Call(caller)
