"""How dry runs are tried: what they answer, and what stands before and after them."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import asyncpg

from tests.client import Answer, Client
from tests.harness.database.row_lock import until
from tests.world import Tenant

# What changes from request to request: ids, times, and what is made at random.
_FLEETING = re.compile(
    r'"(?:[a-z]+_)?[0-9a-f]{24}"|"\d{4}-\d\d-\d\dT[^"]*"|"(?:pcp|pct|whsec)_[^"]*"'
    r'|/calendars/pcf_[^"]*'
    r'|"[0-9a-f]{32}"|"(?:/v1)?/[^"]*[0-9a-f]{24}[^"]*"|(?:[a-z]+_)[0-9a-f]{24}'
    r'|(?<="duration_ms":)\d+'
)
# What the product writes by itself.
_BY_ITSELF = ("recent_requests", "tokens", "usage")

_TABLES = """
SELECT table_name FROM information_schema.columns
WHERE column_name = 'business_id' AND table_schema = 'public' ORDER BY table_name
"""
# Columns that the product writes by itself: a worker that serves a webhook has a lease,
# and moves the position on as it reads. The rest of the row is what requests write.
_SERVED = ["lease", "leased_until", "position", "due_at"]
# So does one that sends mail: of a mail and of a queue it moves the state.
_SENT = ["state", "due_at", "lease", "begun_at", "attempts", "code", "reason"]
_OF_REQUESTS = {
    name: f"to_jsonb(t) - '{{{','.join(columns)}}}'::text[]"
    for name, columns in (
        ("webhook_queues", _SERVED),
        ("mails", [*_SENT, "ended_at"]),
        ("sender_queues", ["rests_until", "day", "sent"]),
    )
}
# A job that clients see as ended may yet have its files to delete, and a sandbox that
# they see no more its rows.
_AT_WORK = """
SELECT FROM jobs WHERE business_id = $1 AND is_open
UNION ALL SELECT FROM sandboxes WHERE business_id = $1 AND is_open
"""
_DIGEST = (
    "SELECT '{0}', md5(coalesce(string_agg({1}, '' ORDER BY {1}), ''))"
    " FROM {0} AS t WHERE t.business_id = $1"
)


class Ledger:
    """Reads digests of a tenant's rows, for each table of the database."""

    def __init__(self, tenant: Tenant) -> None:
        self._business_id, self._loop = tenant.business_id, asyncio.Runner()
        url = tenant.stack.database_url
        self._link: Any = self._loop.run(asyncpg.connect(url))
        tables = [name for (name,) in self._loop.run(self._link.fetch(_TABLES))]
        kept = [name for name in tables if not name.startswith(_BY_ITSELF)]
        self._sql = " UNION ALL ".join(
            _DIGEST.format(name, f"({_OF_REQUESTS.get(name, 't')})::text")
            for name in kept
        )

    def contents(self) -> Mapping[str, str]:
        rows = self._loop.run(self._link.fetch(self._sql, self._business_id))
        return dict(rows)

    def settle(self) -> None:
        """Waits until nothing is left to do for jobs and sandboxes, which writes."""

        def rests() -> bool:
            work = self._link.fetch(_AT_WORK, self._business_id)
            return not self._loop.run(work)

        until(rests)

    def close(self) -> None:
        self._loop.run(self._link.close())
        self._loop.close()


@contextmanager
def ledger_of(tenant: Tenant) -> Iterator[Ledger]:
    opened = Ledger(tenant)
    try:
        yield opened
    finally:
        opened.close()


def lasting(answer: Answer) -> tuple[int, str]:
    """What two answers to the same request have in common."""
    return answer.status, _FLEETING.sub("~", answer.body.decode())


def tried(client: Client, ledger: Ledger, *request: Any, **headers: str) -> Answer:
    """The answer of a dry run, after which everything is as before."""
    before = ledger.contents()
    answer = client.send(*request, dry_run="true", **headers)
    assert ledger.contents() == before, request
    assert answer.headers["dry-run"] == "true"
    return answer
