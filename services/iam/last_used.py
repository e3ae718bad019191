"""Records when tokens were last used.

The time is noted when a token is looked up (at most every 0.4 s) and written every few
seconds. A token's row is written at most once a minute, so the time is exact to a
minute.
"""

from collections import defaultdict

from services.clock import SECOND, real_now
from services.postgres.database import Database

WRITE_SECONDS = 5.0
MOST_NOTED = 10_000

_MINUTE = 60 * SECOND

_WRITE = """
UPDATE tokens SET last_used_at = $3
WHERE business_id = $1 AND id = ANY($2::text[])
  AND (last_used_at IS NULL OR last_used_at < $3)
"""


class Uses:
    """The tokens that were used since the last write."""

    def __init__(self) -> None:
        self._noted: set[tuple[str, str]] = set()

    def note(self, business_id: str, token_id: str) -> None:
        """Notes that a tenant's token is used. Ignored if too many are noted."""
        if len(self._noted) < MOST_NOTED:
            self._noted.add((business_id, token_id))

    async def write(self, database: Database) -> None:
        """Writes the noted times, with one statement for each tenant."""
        noted, self._noted = self._noted, set()
        tokens = defaultdict[str, list[str]](list)
        for business_id, token_id in sorted(noted):
            tokens[business_id].append(token_id)
        minute = real_now() // _MINUTE * _MINUTE
        for business_id, ids in tokens.items():
            await database.run(_WRITE, business_id, ids, minute)
