"""Whatever commits late, each reader is told each change once, in one order for all.

Writers change the same records in transactions that stay open for a while, so that some
commit long after later ones, and change records that later ones have changed already.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from prospectconnect.crm.v1 import changes_pb2 as pb
from prospectconnect.crm.v1 import companies_pb2, contacts_pb2

from services.caller import CURRENT_CALL, Call
from services.changes.methods import ChangeMethods, Shared
from services.changes.reading import Feed
from services.changes.waiting import Waiting
from services.errors import ServiceError
from services.every_kind import compile_kinds
from services.gates.turns import Turns, bounds_of
from services.iam.tenants import create_user
from services.ids import new_id
from services.kinds import masks
from services.postgres.bound import BoundDatabase, Scope
from services.postgres.database import Database
from services.records.engine import Records
from services.records.schemas import Schemas
from services.sealed.cursors import Cursors
from services.sealed.secret_keys import SecretKey, SecretKeys
from services.tenant_setup import create_tenant
from tests.rounds import rounds
from tests.services.callers import caller
from tests.services.changes.telling import place_after

KINDS = compile_kinds()
CURSORS = Cursors(SecretKeys(SecretKey(b"one key of 32 bytes for the tests", 0)))
WRITERS, READERS = 16, 3
# The longest pause of a writer between two statements.
PAUSE_SECONDS = 0.02

# Every change, with its place among those of its record.
_COMMITTED = """
SELECT record_id, version FROM changes WHERE business_id = $1 AND object <> 'activities'
"""


@dataclass(slots=True)
class Round:
    """A tenant, and what its readers have read so far."""

    database: Database
    call: Call
    contacts: list[str] = field(default_factory=list)
    companies: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bound = BoundDatabase(self.database)
        every = {name: Records(self.database, each) for name, each in KINDS.items()}
        schemas = Schemas(self.database, KINDS["field"].kind)
        waiting = Waiting(self.database)
        shared = Shared(30, Turns(bounds_of(20, 256)), waiting)
        feed = Feed(self.database, every, schemas, CURSORS, 30)
        self.feed = ChangeMethods(feed, shared)

    bound: BoundDatabase = field(init=False)
    feed: ChangeMethods = field(init=False)

    async def make(self) -> None:
        """Creates the records that the writers change."""
        companies = Records(self.database, KINDS["company"])
        contacts = Records(self.database, KINDS["contact"])
        for number in range(2):
            made: Any = companies_pb2.Company(name=f"C{number}")
            self.companies.append((await companies.create(self.call, made)).id)
        for number in range(4):
            made = contacts_pb2.Contact(phone=f"12{number}")
            made.company_id = self.companies[number % 2]
            self.contacts.append((await contacts.create(self.call, made)).id)

    async def write(self, chance: random.Random) -> None:
        """Some statements in one transaction, with pauses between."""
        chosen = (chance.choice(self.contacts) for _ in range(chance.randint(1, 3)))
        sequence = sorted(chosen)  # so that few meet in a deadlock
        makes, deletes = chance.random() < 0.3, chance.random() < 0.1
        pauses = [chance.random() * PAUSE_SECONDS for _ in range(5)]

        async def work(_: Scope) -> None:
            contacts = Records[Any](self.bound, KINDS["contact"])
            if makes:
                given = contacts_pb2.Contact(phone="999")
                await contacts.create(self.call, given)
                await asyncio.sleep(pauses[3])
            if deletes:
                companies = Records[Any](self.bound, KINDS["company"])
                await companies.delete(self.call, chance.choice(self.companies))
                await asyncio.sleep(pauses[4])
            for record_id, pause in zip(sequence, pauses, strict=False):

                def change(state: Any) -> None:
                    given = contacts_pb2.Contact(lead_score=chance.randint(0, 100))
                    masks.write(state, given, ["lead_score"])

                await contacts.update(self.call, record_id, change)
                await asyncio.sleep(pause)

        # A deadlock, or the company is gone: nothing was committed.
        with suppress(ServiceError, asyncpg.PostgresError):
            await self.bound.within(work)

    async def read(self, start: str, done: asyncio.Event) -> list[pb.Change]:
        """Reads until the writers are done and nothing is left."""
        CURRENT_CALL.set(self.call)
        request = pb.ReadChangesRequest(start=start, limit=7)
        found: list[pb.Change] = []
        while True:
            is_last = done.is_set()
            page = await self.feed.ReadChanges(request, None)
            found += page.data
            request = pb.ReadChangesRequest(cursor=page.meta.cursor.next, limit=7)
            if not page.meta.cursor.has_more:
                if is_last:
                    return found
                await asyncio.sleep(0.002)

    async def play(self, chance: random.Random) -> None:
        """Writers and readers at once, and what must hold of it."""
        done = asyncio.Event()
        readers = [
            asyncio.create_task(self.read("earliest", done)) for _ in range(READERS)
        ]
        for _ in range(2):
            await asyncio.gather(*(self.write(chance) for _ in range(WRITERS)))
        await place_after(self.database)
        done.set()
        first, *others = await asyncio.gather(*readers)
        late = await self.read("earliest", done)
        told = [each.id for each in first]
        for other in (*others, late):
            assert [each.id for each in other] == told
        self._check(first, await self._committed())

    async def _committed(self) -> Counter[tuple[str, int]]:
        business_id = self.call.caller.business_id
        rows = await self.database.rows(_COMMITTED, business_id)
        return Counter((row["record_id"], row["version"]) for row in rows)

    def _check(
        self, told: list[pb.Change], committed: Counter[tuple[str, int]]
    ) -> None:
        found = [(each.record.id, int(each.record.version)) for each in told]
        assert Counter(found) == committed
        versions: dict[str, int] = {}
        for record_id, version in found:
            assert version == versions.get(record_id, 0) + 1
            versions[record_id] = version


@pytest.fixture
def play(database_url: str) -> Callable[[Callable[[Database], Awaitable[None]]], None]:
    """Runs something on a database."""

    async def run(work: Callable[[Database], Awaitable[None]]) -> None:
        database = await Database.open(database_url, max_connections=24)
        try:
            await work(database)
        finally:
            await database.close()

    return lambda work: asyncio.run(run(work))


def test_every_commit_is_told_once_in_one_order(
    play: Callable[[Callable[[Database], Awaitable[None]]], None],
) -> None:
    async def work(database: Database) -> None:
        for number in range(rounds("FEED_RACES")):
            name = new_id("feed-")
            business_id = await create_tenant(database, name)
            user = await create_user(database, name, "one@x.example", "owner")
            scene = Round(database, Call(caller(business_id, user)))
            await scene.make()
            await scene.play(random.Random(number))

    play(work)
