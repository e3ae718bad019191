"""What cannot be answered now: busy, too late, or with nothing behind the edge.

These stacks are told to be hasty, so that what waits is answered within a second.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests import stacks
from tests.client import Answer, Client
from tests.end_to_end.http.problem_checks import check_problem
from tests.harness.promptly import in_time
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

pytestmark = pytest.mark.every_topology

PATIENCE_SECONDS = 180.0
SECONDS = 1.0
# A busy machine is late by so much. Unasked, a stack would wait for 30 s.
LATE = 3.0
HASTY = {"PROSPECTCONNECT_REQUEST_DEADLINE_SECONDS": str(SECONDS)}
ADA = {"email": "ada@example.com"}


@pytest.fixture(scope="module", params=stacks.TOPOLOGIES)
def hasty(request: pytest.FixtureRequest, database_url: str) -> Iterator[Stack]:
    """A stack that answers every request within a second."""
    with stacks.running(request.param, database_url, HASTY) as stack:
        yield stack


@pytest.fixture
def hasty_tenant(hasty: Stack) -> Tenant:
    """A tenant of the hasty stack."""
    return new_tenant(hasty)


@pytest.fixture
def hurried(hasty_tenant: Tenant) -> Iterator[Client]:
    """A client that calls as the owner of that tenant."""
    client = hasty_tenant.client()
    yield client
    client.close()


def while_held(
    database_url: str, sql: str, values: tuple[Any, ...], ask: Callable[[], Answer]
) -> tuple[Answer, float]:
    """Asks while a transaction of ours holds what a statement did, then undoes it.

    By then whatever waited for us must have been cancelled.
    """

    async def hold() -> tuple[Answer, float]:
        link = await asyncpg.connect(database_url)
        transaction = link.transaction()
        await transaction.start()
        await link.execute(sql, *values)
        began = time.monotonic()
        try:
            answer = await asyncio.to_thread(ask)
            seconds = time.monotonic() - began
            while await link.fetchval(WAITING):
                assert time.monotonic() < began + seconds + PATIENCE_SECONDS
            return answer, seconds
        finally:
            await transaction.rollback()
            await link.close()

    return asyncio.run(hold())


# Whether anybody waits for this connection.
WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))
"""
HOLD_KEY = """
INSERT INTO idempotency_keys
  (business_id, user_id, client_id, key, fingerprint, outcome, created_at)
VALUES ($1, $2, '', 'k', '', '', now())
"""
HOLD_CONTACT = "UPDATE contacts SET city = 'x' WHERE business_id = $1 AND id = $2"


def test_a_key_that_is_still_running_is_a_conflict(
    hasty_tenant: Tenant, hurried: Client
) -> None:
    url = hasty_tenant.stack.database_url
    whose = (hasty_tenant.business_id, hasty_tenant.users["owner"])
    contact = hurried.create("/contacts", ADA)
    for path, body in (
        ("/contacts", ADA),
        ("/contacts/upsert", {"phone": "123"}),
        (f"/contacts/{contact['id']}/tags", {"tags": ["new"]}),
    ):

        def ask(path: str = path, body: Any = body) -> Answer:
            return hurried.post(path, body, idempotency_key="k")

        answer, seconds = while_held(url, HOLD_KEY, whose, ask)
        check_problem(answer, 409, "conflict", f"/v1{path}")
        assert int(answer.headers["retry-after"]) >= 1
        assert seconds > 0.5
        assert in_time(seconds, SECONDS + LATE)
    assert hurried.pages("/contacts") == [contact]
    assert hurried.post("/contacts", ADA, idempotency_key="k").status == 201


def test_a_stale_etag_comes_before_a_key_that_runs(
    hasty_tenant: Tenant, hurried: Client
) -> None:
    path = f"/contacts/{hurried.create('/contacts', ADA)['id']}/tags"
    whose = (hasty_tenant.business_id, hasty_tenant.users["owner"])

    def ask() -> Answer:
        tags = {"tags": ["new"]}
        return hurried.post(path, tags, idempotency_key="k", if_match='"0"')

    answer, _ = while_held(hasty_tenant.stack.database_url, HOLD_KEY, whose, ask)
    check_problem(answer, 412, "precondition-failed")


def test_what_takes_too_long_is_a_504_and_does_nothing(
    hasty_tenant: Tenant, hurried: Client
) -> None:
    contact = hurried.create("/contacts", ADA)
    path = f"/contacts/{contact['id']}"
    url = hasty_tenant.stack.database_url
    which = (hasty_tenant.business_id, contact["id"])
    for ask in (
        lambda: hurried.patch(path, {"city": "Rome"}),
        lambda: hurried.delete(path),
    ):
        answer, seconds = while_held(url, HOLD_CONTACT, which, ask)
        check_problem(answer, 504, "server-error", f"/v1{path}")
        assert in_time(seconds, SECONDS + LATE)
    assert hurried.get(path).json == contact  # the statements were cancelled


def test_an_edge_without_services_is_unavailable() -> None:
    edge = stacks.start("edge", "--http-port", "0", "--services", "127.0.0.1:9")
    client = Client(edge.http, "pcp_any")
    try:
        answer = client.get("/me")
        check_problem(answer, 503, "server-error", "/v1/me")
        assert int(answer.headers["retry-after"]) >= 1
        assert client.raw("GET", "/healthz", None, {}).status == 200
        assert client.raw("GET", "/readyz", None, {}).status == 503
    finally:
        client.close()
        assert edge.stop() == 0


@pytest.mark.parametrize("topology", stacks.TOPOLOGIES)
def test_a_database_out_of_reach_is_unavailable_until_it_is_back(
    topology: str, postgres_url: str, migrated_database: Callable[[str], str]
) -> None:
    url = migrated_database("unreachable")
    name = urlsplit(url).path[1:]
    with (
        stacks.running(topology, url) as stack,
        closing(new_tenant(stack).client()) as client,
    ):
        assert client.post("/contacts", ADA).status == 201
        asyncio.run(_admit(postgres_url, name, connections=False))
        answer = client.post("/contacts", ADA)
        check_problem(answer, 503, "server-error", "/v1/contacts")
        assert int(answer.headers["retry-after"]) >= 1
        asyncio.run(_admit(postgres_url, name, connections=True))
        began = time.monotonic()
        while client.post("/contacts/search", {}).status != 200:
            assert time.monotonic() < began + PATIENCE_SECONDS
        assert len(client.pages("/contacts")) == 1


async def _admit(postgres_url: str, name: str, *, connections: bool) -> None:
    """Lets connections to a database in, or none, and ends those there are."""
    link = await asyncpg.connect(postgres_url)
    await link.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {connections}")
    await link.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
        name,
    )
    await link.close()
