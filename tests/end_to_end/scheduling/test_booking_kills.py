"""A program that is killed while it books and moves: a booking, the times of its hosts,
its activity and its contact are there together, or none of them is.

Each request is repeated with its key until it is answered.
"""

import asyncio
import http.client
import random
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg

from tests import stacks
from tests.client import Client
from tests.end_to_end.scheduling.booked import INVITEE, asked, overlaps
from tests.end_to_end.scheduling.kept import MONDAY, hours, me, meeting, moment
from tests.harness.promptly import within
from tests.rounds import rounds
from tests.world import Tenant, new_tenant

CLIENTS, EACH = 4, 10
ENV = {"PROSPECTCONNECT_LOG_REQUESTS": "false", **stacks.UNLIMITED}
STEP = timedelta(minutes=10)

RUNNING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND backend_type = 'client backend' AND xact_start IS NOT NULL
"""
# Each of these counts what is there without the rest, in the tenant of value 1.
HALVES = {
    "bookings without the times of their hosts": """
      SELECT count(*) FROM bookings AS b LEFT JOIN host_times AS t
        ON t.business_id = b.business_id AND t.booking_id = b.id
        AND t.host_id = b.host_ids[1]
      WHERE b.business_id = $1
        AND t.span IS DISTINCT FROM tstzrange(b.starts_at, b.ends_at)
    """,
    "bookings without their activity": """
      SELECT count(*) FROM bookings AS b LEFT JOIN activities AS a
        ON a.business_id = b.business_id AND a.id = b.activity_id
        AND a.deleted_at IS NULL AND a.contact_id = b.contact_id
      WHERE b.business_id = $1 AND a.occurred_at IS DISTINCT FROM b.starts_at
    """,
    "activities without a booking": """
      SELECT count(*) FROM activities AS a
      WHERE a.business_id = $1 AND a.subject IS NOT NULL
        AND NOT EXISTS (SELECT FROM bookings AS b
          WHERE b.business_id = $1 AND b.activity_id = a.id)
    """,
    "contacts without a booking": """
      SELECT count(*) FROM contacts AS c
      WHERE c.business_id = $1 AND NOT EXISTS (SELECT FROM bookings AS b
        WHERE b.business_id = $1 AND b.contact_id = c.id)
    """,
    "times without a booking": """
      SELECT count(*) FROM host_times AS t
      WHERE t.business_id = $1 AND NOT EXISTS (SELECT FROM bookings AS b
          WHERE b.business_id = $1 AND b.id = t.booking_id)
        AND NOT EXISTS (SELECT FROM holds AS h
          WHERE h.business_id = $1 AND h.id = t.booking_id)
    """,
    "holds without the times of their hosts": """
      SELECT count(*) FROM holds AS h LEFT JOIN host_times AS t
        ON t.business_id = h.business_id AND t.booking_id = h.id
        AND t.expires_at = h.expires_at
      WHERE h.business_id = $1
        AND t.span IS DISTINCT FROM tstzrange(h.starts_at, h.ends_at)
    """,
    "locks": "SELECT count(*) FROM upsert_locks WHERE business_id = $1",
}


@dataclass(slots=True)
class Booker:
    """One client, the requests that are left to it, and the answers that it has."""

    kind: Any
    places: list[int]
    made: list[Any] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)

    def work(self, client: Client, acks: threading.Semaphore) -> None:
        """Holds a place, books it and moves the booking to the next one, until all is
        done."""
        with closing(client), suppress(OSError, http.client.HTTPException):
            while self.places:
                place = self.places[-1]
                invitee = INVITEE | {"email": f"guest{place}@example.com"}
                at = MONDAY + 2 * place * STEP
                kept = {"starts_at": moment(at), "visitor": invitee["email"]}
                path = f"/meeting_types/{self.kind['id']}/holds"
                held = self.ask(client, f"hold-{place}", path, kept)
                acks.release()
                given = asked(self.kind, at, invitee=invitee, hold_id=held["id"])
                made = self.ask(client, f"book-{place}", "/bookings", given)
                acks.release()
                path = f"/bookings/{made['id']}/reschedule"
                later = {"starts_at": moment(at + STEP)}
                self.made.append(self.ask(client, f"move-{place}", path, later))
                self.places.pop()
                acks.release()

    def ask(self, client: Client, key: str, path: str, given: Any) -> Any:
        self.sent[key] = self.sent.get(key, 0) + 1
        answer = client.post(path, given, idempotency_key=key)
        assert answer.status in (200, 201), answer.body
        return answer.json


def killed_amid(
    url: str, tenant: Tenant, bookers: list[Booker], acknowledged: int
) -> None:
    """Serves the bookers, and kills the program once so many are acknowledged."""
    arguments = ("serve", "--no-demo", "--database-url", url)
    ports = ("--http-port", "0", "--grpc-port", "0")
    process = stacks.start(*arguments, *ports, env=ENV)
    acks = threading.Semaphore(0)
    clients = [Client(process.http, tenant.tokens["owner"]) for _ in bookers]
    with ThreadPoolExecutor(len(bookers)) as threads:
        pairs = zip(bookers, clients, strict=True)
        working = [threads.submit(one.work, client, acks) for one, client in pairs]
        answered = sum(acks.acquire(timeout=20) for _ in range(acknowledged))
        with process.handle:
            process.handle.send_signal(signal.SIGKILL)
            process.handle.wait(60)
    for each in working:
        each.result()
    assert answered == acknowledged


def counts(url: str, sql: dict[str, str], *values: str) -> dict[str, int]:
    """What some statements count that is not 0, by name."""

    async def count() -> dict[str, int]:
        link = await asyncpg.connect(url)
        try:
            return {
                name: await link.fetchval(each, *values) for name, each in sql.items()
            }
        finally:
            await link.close()

    return {name: each for name, each in asyncio.run(count()).items() if each}


def halves(url: str, tenant: Tenant) -> dict[str, int]:
    """What is there without the rest, once no statement runs any more."""
    assert within(60, lambda: not counts(url, {"running": RUNNING}))
    return counts(url, HALVES, tenant.business_id)


def always(owner: Client) -> Any:
    """A meeting type at any time of any day."""
    days = [{"weekday": n, "from": "00:00", "to": "24:00"} for n in range(7)]
    owner.create("/schedules", hours(me(owner), intervals=days))
    given = {"durations": [10], "window_days": 365}
    return owner.create("/meeting_types", meeting(me(owner), **given))


def test_a_booking_is_whole_or_not_there(
    migrated_database: Callable[[str], str],
) -> None:
    url, draws = migrated_database("booked"), random.Random(7)
    with stacks.running("together", url) as stack:
        tenant = new_tenant(stack)
        with closing(tenant.client()) as owner:
            kind = always(owner)
    kills = rounds("BOOKING_KILLS")
    many = EACH * kills
    bookers = [
        Booker(kind, list(range(n * many, n * many + many))) for n in range(CLIENTS)
    ]
    for _ in range(kills):
        killed_amid(url, tenant, bookers, draws.randint(CLIENTS, 4 * CLIENTS))
        assert halves(url, tenant) == {}
    with stacks.running("together", url) as stack:
        for each in bookers:
            each.work(Client(stack.http, tenant.tokens["owner"]), threading.Semaphore())
        with closing(Client(stack.http, tenant.tokens["owner"])) as client:
            found = client.pages("/bookings", limit=100)
    assert halves(url, tenant) == {}
    assert not overlaps(found)
    answered = {made["id"]: made for each in bookers for made in each.made}
    assert {each["id"]: each for each in found} == answered
    assert len(answered) == CLIENTS * many
    sent = [count for each in bookers for count in each.sent.values()]
    assert any(count > 1 for count in sent), "no kill hit a booking"
