"""The existing secrets: a tenant's codes, tokens, sessions and authorizations, and all
apps. It reads the database directly; new entries show what was issued.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import asyncpg

_HELD = """
SELECT hash FROM authorization_codes WHERE business_id = $1
UNION ALL SELECT hash FROM refresh_tokens WHERE business_id = $1
UNION ALL SELECT hash FROM tokens WHERE business_id = $1
UNION ALL SELECT id::bytea FROM authorizations WHERE business_id = $1
UNION ALL SELECT id::bytea FROM apps
"""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger of one tenant, with its own connection."""

    business_id: str
    runner: asyncio.Runner
    link: "asyncpg.Connection[asyncpg.Record]"

    def held(self) -> frozenset[bytes]:
        """The hashes of all secrets that exist now."""
        rows = self.runner.run(self.link.fetch(_HELD, self.business_id))
        return frozenset(row[0] for row in rows)

    @contextmanager
    def nothing_issued(self) -> Iterator[None]:
        """At the end there may be no new secrets; existing ones may have ended."""
        before = self.held()
        yield
        assert self.held() <= before, "something was issued"


@contextmanager
def opened_ledger(database_url: str, business_id: str) -> Iterator[Ledger]:
    """The ledger of a tenant."""
    with asyncio.Runner() as runner:
        link = runner.run(asyncpg.connect(database_url))
        yield Ledger(business_id, runner, link)
        runner.run(link.close())
