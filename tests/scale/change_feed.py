"""What the feed of changes costs, and how long a change takes to its readers.

`python -m tests.scale.change_feed [CHANGES]` fills a tenant with so many changes, and
prints how long a page of a hundred takes at the beginning, the end and between. Then
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
from services.postgres.database import Database, Transaction
from services.postgres.schema import migrate
from services.records.engine import Records
from services.records.schemas import Schemas
from services.sealed.cursors import Cursors
from services.sealed.secret_keys import SecretKey, SecretKeys
from services.tenant_setup import create_tenant
from tests.services.callers import caller

KINDS = compile_kinds()
CURSORS = Cursors(SecretKeys(SecretKey(b"one key of 32 bytes for the tests", 0)))
PAGES, PAGE = 100, 100
# Where in the log pages are read.
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
# Each record of the tenant has so many changes, each transaction another number.
EACH, OF_TRANSACTION = 50, 100
AT_ONCE = 1_000_000
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
# Values: business, how many in all, how many of a record, the first transaction, from
# and to.
_FILL = f"""
INSERT INTO changes (business_id, record_id, at, version, object, operation, user_id,
  client_id, token_id, trace_id, xid, was, now, image)
SELECT $1, 'con_' || lpad(to_hex(n % ($2::bigint / $3::bigint)), 24, '0'),
  now() - interval '1 day' + n * interval '1 ms',
  1 + n / ($2::bigint / $3::bigint), 'contacts', 2, 'usr_1', '', 'pat_1',
  repeat('a', 32),
  ($4::bigint + n / {OF_TRANSACTION})::text::xid8,
  jsonb_build_object('lead_score', n % 100, 'city', 'Rome'),
  jsonb_build_object('lead_score', (n + 1) % 100, 'city', 'Oslo'),
  CASE WHEN (1 + n / ($2::bigint / $3::bigint)) % 32 = 0 THEN
    jsonb_build_object('email', 'ada@engine.example', 'lead_score', n % 100) END
FROM generate_series($5::bigint, $6::bigint - 1) AS n
"""
_PRIMARY = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = 'changes'::regclass AND contype = 'p'
"""
_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'changes'
  AND indexname NOT IN (
    SELECT conname FROM pg_constraint WHERE conrelid = 'changes'::regclass)
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
    await database.run(_BURN.format(changes // OF_TRANSACTION + 1_000))
    primary: Any = await database.row(_PRIMARY)
    indexes = await database.rows(_INDEXES)
    await database.run(f"ALTER TABLE changes DROP CONSTRAINT {primary[0]}")
    for name, _ in indexes:
        await database.run(f"DROP INDEX {name}")
    for begin in range(0, changes, AT_ONCE):
        part = begin, min(begin + AT_ONCE, changes)
        await database.run(_FILL, business_id, changes, EACH, first, *part)
        print(f"{part[1]:,} changes are there", flush=True)

    async def index(transaction: Transaction) -> None:
        await transaction.run("SET LOCAL maintenance_work_mem = '1GB'")
        name, definition = primary
        await transaction.run(f"ALTER TABLE changes ADD CONSTRAINT {name} {definition}")
        for _, definition in indexes:
            await transaction.run(definition)

    await database.in_transaction(index)
    await database.run("VACUUM (ANALYZE) changes")
    return first


async def _pages(
    database: Database, business_id: str, first: int, changes: int
) -> None:
    """Times pages in some places of the log: for a client, and in the database."""
    chance, last = random.Random(1), (changes - PAGE) // OF_TRANSACTION
    for share in SHARES:
        took, within = [], []
        for _ in range(PAGES):
            near = int(share * last) + chance.randint(-50, 50)
            position = Position(first + min(max(near, 0), last))
            began = time.perf_counter()
            page = await order.read_page(
                database, business_id, position, ["contacts"], PAGE
            )
            took.append((time.perf_counter() - began) * 1e3)
            assert len(page.rows) == PAGE
            within.append(await _executed(database, business_id, position))
        print(f"a page of {PAGE} at {share:.0%}, ms: {_told(took)}")
        print(f"  of that in the database: {_told(within)}", flush=True)


async def _executed(database: Database, business_id: str, position: Position) -> float:
    """How long the database executes the statement of a page, in milliseconds."""
    where = str(position.place), position.at, position.record_id
    rows = await database.rows(
        f"EXPLAIN (ANALYZE, TIMING OFF) {order.PAGE_SQL}",
        *(business_id, *where, ["contacts"], PAGE + 1),
    )
    told = next(row[0] for row in rows if row[0].startswith("Execution Time"))
    return float(told.split()[2])


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
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    return f"p50 {cuts[49]:.1f}, p99 {cuts[98]:.1f}, most {max(took):.1f}"


if __name__ == "__main__":
    main()
