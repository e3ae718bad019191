"""Behind pgbouncer in transaction mode all is as without it, also without its memory.

Each transaction may have another of the few connections that it keeps to the server,
and with `max_prepared_statements = 0` it forgets what was prepared on them.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import asyncpg
import pytest

from services.postgres.database import Database
from tests import stacks
from tests.client import Answer, Client
from tests.end_to_end.documents.every_operation import one_pass
from tests.end_to_end.documents.scenes import Sample, set_scene
from tests.harness.at_once import at_once, crowd
from tests.harness.database import bouncer
from tests.harness.database.bouncer import Bouncer
from tests.harness.database.row_lock import held, until
from tests.promises.record_values import Maker
from tests.stacks import Stack
from tests.world import ALL_SCOPES, Tenant, new_tenant

pytestmark = pytest.mark.needs_program(bouncer.PROGRAM)

FORGETS, REMEMBERS = 0, 200
CALLERS = 6
FEW = 3  # connections to the server that callers must share
# A machine without a network may look for the host of a webhook for seconds.
SECONDS = 6.0
HASTY = {"PROSPECTCONNECT_REQUEST_DEADLINE_SECONDS": str(SECONDS)}
HOLD = "UPDATE contacts SET city = 'held' WHERE business_id = $1 AND id = $2"


@pytest.fixture(
    scope="module", params=[pytest.param(FORGETS, marks=pytest.mark.nightly), REMEMBERS]
)
def pooled(request: pytest.FixtureRequest, database_url: str) -> Iterator[Bouncer]:
    """A pgbouncer before the database of the tests."""
    with bouncer.before(database_url, request.param) as running:
        yield running


@pytest.fixture(scope="module")
def pooled_stack(pooled: Bouncer) -> Iterator[Stack]:
    """The product behind it, with more connections than it has to the server."""
    with stacks.running("together", pooled.url, HASTY) as stack:
        yield stack


def ask(client: Client, sample: Sample) -> Answer:
    headers = {"Idempotency-Key": sample.key} if sample.key else {}
    return client.send(sample.method, sample.path, sample.body, **headers)


@pytest.mark.parametrize(
    "callers", [2, pytest.param(CALLERS, marks=pytest.mark.nightly)]
)
def test_every_operation_works_for_many_at_once(
    pooled_stack: Stack, callers: int
) -> None:
    """Twice each: anew and with a key, the second time of which is a replay."""

    def work(tenant: Tenant) -> None:
        token = tenant.token((*ALL_SCOPES, "token.all"))
        with closing(Client(pooled_stack.http, token)) as client:
            scene = set_scene(Maker(client, tenant.users))
            for number in range(2):
                for sample in one_pass(scene, number):
                    answer = ask(client, sample)
                    assert answer.status == sample.status, (sample, answer.body)
                    is_replay = sample.name.endswith("replayed")
                    assert ("idempotent-replayed" in answer.headers) == is_replay

    at_once(work, [new_tenant(pooled_stack) for _ in range(callers)])


def test_the_same_upsert_at_once_makes_one_contact(pooled_stack: Stack) -> None:
    tenant = new_tenant(pooled_stack)
    with crowd(tenant, CALLERS) as clients:
        body = {"email": "ada@example.com", "city": "London"}
        answers = at_once(lambda c: c.post("/contacts/upsert", body), clients)
        assert sorted(each.json["status"] for each in answers) == [
            "created",
            *["updated"] * (CALLERS - 1),
        ]
        assert len(clients[0].pages("/contacts")) == 1


def test_a_deleted_contact_leaves_no_link(pooled_stack: Stack) -> None:
    with closing(new_tenant(pooled_stack).client()) as client:
        contact = client.create("/contacts", {"email": "ada@example.com"})["id"]
        deal = client.create("/deals", {"name": "Engine", "contact_id": contact})
        note = client.create("/notes", {"body": "Call", "contact_id": contact})
        assert client.delete(f"/contacts/{contact}").status == 204
        assert client.get(f"/deals/{deal['id']}").json["contact_id"] is None
        assert client.get(f"/notes/{note['id']}").status == 404


def test_a_statement_is_cancelled_when_its_time_is_over(
    pooled_stack: Stack, database_url: str
) -> None:
    """The one that waits and no other, of all that share the server's connections."""
    tenant = new_tenant(pooled_stack)
    with crowd(tenant, CALLERS) as (late, *others), ThreadPoolExecutor(1) as thread:
        contact = late.create("/contacts", {"email": "ada@example.com"})
        path, change = f"/contacts/{contact['id']}", {"city": "London"}
        whose = (tenant.business_id, contact["id"])
        with held(database_url, HOLD, *whose) as lock:
            waiting = thread.submit(late.patch, path, change)
            until(lock.waiting)
            while not waiting.done():
                answers = at_once(lambda c: c.post("/contacts/search", {}), others)
                assert {each.status for each in answers} == {200}
            assert waiting.result().status == 504
            until(lambda: not lock.waiting())
        assert late.get(path).json == contact
        assert late.patch(path, change).status == 200


def test_no_statement_is_taken_for_another(pooled: Bouncer) -> None:
    """Two processes call what they prepare by the same names, counting from one."""

    async def ask(database: Database, number: int) -> tuple[int, int]:
        run = database.rows if number % 2 else database.rows_planned
        sql = f"SELECT pg_backend_pid(), {number % 7} + $1::int"
        if number % 3 == 0:  # longer than what asyncpg prepares by a name, unless told
            sql += f" -- {'long ' * 4_000}"
        ((pid, found),) = await run(sql, number)
        return int(pid), int(found) - number % 7

    async def work() -> None:
        databases = [await Database.open(pooled.url) for _ in range(2)]
        for database in databases:
            pids = set[int]()
            for first in range(0, 500, 25):  # more than pgbouncer has connections
                numbers = range(first, first + 25)
                asked = await asyncio.gather(*(ask(database, n) for n in numbers))
                assert [found for _, found in asked] == list(numbers)
                pids |= {pid for pid, _ in asked}
            assert 1 < len(pids) <= bouncer.POOL
        for database in databases:
            await database.close()

    asyncio.run(work())


def test_statements_are_prepared_where_they_are_kept(
    pooled: Bouncer, database_url: str
) -> None:
    async def prepared(url: str) -> bool:
        database = await Database.open(url, max_connections=1)
        rows = await database.rows("SELECT FROM pg_prepared_statements")
        await database.close()
        return len(rows) > 0

    assert asyncio.run(prepared(database_url))
    assert asyncio.run(prepared(pooled.url)) == (pooled.prepared > 0)


def test_a_database_that_believes_in_what_it_prepared_is_noticed(
    database_url: str,
) -> None:
    """Planted: connections that do not look what is before them."""

    async def work(url: str, times: int) -> None:
        links = [await asyncpg.connect(url) for _ in range(CALLERS)]
        try:
            for _ in range(times):
                await asyncio.gather(*(each.fetchval("SELECT 1") for each in links))
        finally:
            for link in links:
                link.terminate()

    with (
        bouncer.before(database_url, FORGETS, FEW) as pooled,
        pytest.raises(asyncpg.InvalidSQLStatementNameError),
    ):
        asyncio.run(work(pooled.url, 2_000))  # until they have changed places
    with bouncer.before(database_url, REMEMBERS, FEW) as pooled:
        asyncio.run(work(pooled.url, 20))
