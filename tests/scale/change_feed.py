"""What the feed of changes costs, and how long a change takes to its readers.

`python -m tests.scale.change_feed [CHANGES]` fills a tenant with so many changes, and
prints how long the database needs for a page of a hundred anywhere among them. Then
writers make 200 changes a second, and it prints how long after its commit a waiting
reader is told of each.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from prospectconnect.crm.v1 import changes_pb2 as pb
from prospectconnect.crm.v1.contacts_pb2 import Contact

from deploy.embedded import postgres
from services.caller import CURRENT_CALL, Call
from services.changes import order
from services.changes.methods import ChangeMethods, Shared
from services.changes.order import Position
from services.changes.reading import Feed
from services.changes.waiting import Waiting
from services.clock import now
from services.every_kind import compile_kinds
from services.gates.turns import Turns, bounds_of
from services.iam.tenants import create_user
from services.postgres.database import Database
from services.postgres.schema import migrate
from services.records.engine import Records
from services.records.schemas import Schemas
from services.sealed.cursors import Cursors
from services.sealed.secret_keys import SecretKey, SecretKeys
from services.tenant_setup import create_tenant
from tests.services.callers import caller

KINDS = compile_kinds()
CURSORS = Cursors(SecretKeys(SecretKey(b"one key of 32 bytes for the tests", 0)))
PAGES, PAGE = 300, 100
# Each record of the tenant has so many changes.
EACH = 50
WRITES, WRITERS, EACH_SECOND = 4_000, 8, 200

# Uses up numbers of transactions, which the changes get.
_BURN = """
DO $$ BEGIN
  CREATE TEMP TABLE burnt (n int) ON COMMIT DROP;
  FOR i IN 1 .. {0} LOOP
    BEGIN
      INSERT INTO burnt VALUES (1);
    EXCEPTION WHEN unique_violation THEN NULL;
    END;
  END LOOP;
END $$
"""
_FILL = """
INSERT INTO changes (business_id, record_id, at, version, object, operation, user_id,
  client_id, token_id, trace_id, xid, was, now, image)
SELECT $1, 'con_' || lpad(to_hex(n % ($2::bigint / $3::bigint)), 24, '0'),
  now() - interval '1 day' + n * interval '1 ms',
  1 + n / ($2::bigint / $3::bigint), 'contacts', 2, 'usr_1', '', 'pat_1',
  repeat('a', 32),
  ($4::bigint + n)::text::xid8,
  jsonb_build_object('lead_score', n % 100, 'city', 'Rome'),
  jsonb_build_object('lead_score', (n + 1) % 100, 'city', 'Oslo'),
  CASE WHEN (1 + n / ($2::bigint / $3::bigint)) % 32 = 0 THEN
    jsonb_build_object('email', 'ada@engine.example', 'lead_score', n % 100) END
FROM generate_series(0, $2::bigint - 1) AS n
"""


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("changes", nargs="?", type=int, default=1_000_000)
    changes = parser.parse_args().changes
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.running(Path(folder), lambda _: None) as url,
    ):
        asyncio.run(migrate(url, lambda _: None))
        asyncio.run(_measure(url, changes))


async def _measure(url: str, changes: int) -> None:
    database = await Database.open(url, max_connections=12)
    business_id = await create_tenant(database, "feed")
    user = await create_user(database, "feed", "one@x.example", "owner")
    call = Call(caller(business_id, user))
    first = await _fill(database, business_id, changes)
    await _pages(database, business_id, first, changes)
    await _readers(database, call)
    await database.close()


async def _fill(database: Database, business_id: str, changes: int) -> int:
    """Fills the tenant; returns the number of the first transaction."""
    row: Any = await database.row("SELECT pg_current_xact_id()::text")
    first = int(row[0]) + 1
    for _ in range(changes // 500_000 + 1):
        await database.run(_BURN.format(min(changes, 500_000) + 1_000))
    await database.run(_FILL, business_id, changes, EACH, first)
    await database.run("ANALYZE changes")
    return first


async def _pages(
    database: Database, business_id: str, first: int, changes: int
) -> None:
    """Times pages that begin anywhere."""
    took, chance = [], random.Random(1)
    for _ in range(PAGES):
        position = Position(first + chance.randrange(changes - PAGE))
        began = time.perf_counter()
        page = await order.read_page(
            database, business_id, position, ["contacts"], PAGE
        )
        took.append((time.perf_counter() - began) * 1e3)
        assert len(page.rows) == PAGE
    print(f"{changes:,} changes: a page of {PAGE}, ms: {_told(took)}", flush=True)


async def _readers(database: Database, call: Call) -> None:
    """Times changes from their commits to a reader that waits."""
    every = {name: Records(database, each) for name, each in KINDS.items()}
    schemas = Schemas(database, KINDS["field"].kind)
    shared = Shared(30, Turns(bounds_of(12, 256)), Waiting(database))
    feed = ChangeMethods(Feed(database, every, schemas, CURSORS, 30), shared)
    committed: dict[str, float] = {}
    told: dict[str, float] = {}

    async def read() -> None:
        CURRENT_CALL.set(call)
        request = pb.ReadChangesRequest(start="now", resources=["contacts"])
        while len(told) < WRITES:
            page = await feed.ReadChanges(request, _NoDeadline())
            for each in page.data:
                told[each.record.id] = time.perf_counter()
            request = pb.ReadChangesRequest(
                cursor=page.meta.cursor.next, resources=["contacts"], wait_seconds=20
            )

    async def write(number: int) -> None:
        for index in range(number, WRITES, WRITERS):
            await asyncio.sleep(max(0, began + index / EACH_SECOND - loop.time()))
            given = Contact(phone=f"12{index}")
            made = await every["contact"].create(call, given)
            committed[made.id] = time.perf_counter()

    loop = asyncio.get_running_loop()
    reader = asyncio.create_task(read())
    await asyncio.sleep(1)
    began, since = loop.time(), now()
    await asyncio.gather(*(write(number) for number in range(WRITERS)))
    seconds = (now() - since) / 1e6
    await reader
    took = [(told[each] - at) * 1e3 for each, at in committed.items()]
    rate = WRITES / seconds
    print(f"{rate:.0f} writes a second: commit to reader, ms: {_told(took)}")


class _NoDeadline:
    """The context of a call that may take as long as it likes."""

    def time_remaining(self) -> None:
        return None


def _told(took: list[float]) -> str:
    cuts = statistics.quantiles(took, n=100)
    return f"p50 {cuts[49]:.1f}, p99 {cuts[98]:.1f}, most {max(took):.1f}"


if __name__ == "__main__":
    main()
