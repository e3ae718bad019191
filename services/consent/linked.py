"""The tenant of a link in a mail, and the caller that its reader is."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from services.caller import NOBODY, Caller
from services.clock import AHEAD
from services.errors import Unavailable
from services.postgres.database import FENCE, RESET, Database
from services.sealed.mailed_links import MailedLink

# What a reader may: see itself and the topics, and say what it wants.
_MAY = frozenset(("contact.read", "topic.read", "consent.read", "consent.write"))
_TENANT = """
SELECT name, schema_generation, has_merges, sandbox_of, clock_ahead, resets,
  resetting_since IS NOT NULL AS is_resetting
FROM tenants WHERE business_id = $1
"""


@dataclass(frozen=True, slots=True)
class Linked:
    """A link, and the caller that its reader is. It is no user."""

    link: MailedLink
    caller: Caller

    @contextmanager
    def written(self) -> Iterator[None]:
        """What holds while it writes: a sandbox's clock, and no reset between."""
        if not self.caller.sandbox:
            yield
            return
        if self.caller.is_resetting:
            raise Unavailable(RESET)
        clock = AHEAD.set(self.caller.clock_ahead)
        fence = FENCE.set((self.caller.business_id, self.caller.resets))
        try:
            yield
        finally:
            AHEAD.reset(clock)
            FENCE.reset(fence)


async def open_linked(database: Database, link: MailedLink) -> Linked | None:
    """Returns the link with its caller. None if the tenant is no more."""
    row = await database.row(_TENANT, link.business_id)
    if row is None:
        return None
    caller = replace(
        NOBODY,
        business_id=link.business_id,
        business_name=row["name"],
        scope_permissions=_MAY,
        role_permissions=_MAY,
        schema_generation=row["schema_generation"],
        has_merges=row["has_merges"],
        sandbox=row["sandbox_of"] is not None,
        sandbox_of=row["sandbox_of"] or "",
        clock_ahead=row["clock_ahead"],
        resets=row["resets"],
        is_resetting=row["is_resetting"],
    )
    return Linked(link, caller)
