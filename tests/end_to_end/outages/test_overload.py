"""More than can be done: others do not feel it, and what is too much is told so.

`python -m tests.overload` measures how well; here is what must hold on any machine.
"""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest

from tests import stacks
from tests.client import Answer
from tests.end_to_end.http.problem_checks import check_problem
from tests.harness.database.row_lock import Lock, held, until
from tests.harness.programs.faulty_program import program
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

pytestmark = pytest.mark.every_topology

CONNECTIONS = 5
IN_FLIGHT = 12
OF_ONE = IN_FLIGHT // 2
ENV = {
    # What a test holds up is not to end by itself, also on a busy machine.
    "PROSPECTCONNECT_REQUEST_DEADLINE_SECONDS": "120",
    "PROSPECTCONNECT_MAX_CONNECTIONS": str(CONNECTIONS),
    "PROSPECTCONNECT_MAX_IN_FLIGHT": str(IN_FLIGHT),
}
PATIENCE_SECONDS = 180.0
ATTEMPTS = 20
HOLD = "UPDATE contacts SET city = 'x' WHERE business_id = $1"


@pytest.fixture(scope="module", params=stacks.TOPOLOGIES)
def small(request: pytest.FixtureRequest, database_url: str) -> Iterator[Stack]:
    """A product that can do little at once."""
    with stacks.running(request.param, database_url, ENV) as stack:
        yield stack


Patches = Sequence["Future[Answer]"]


@contextmanager
def stuck(tenant: Tenant, number: int) -> Iterator[tuple[Lock, Patches]]:
    """A tenant with so many requests for contacts that somebody else holds."""
    with closing(tenant.client()) as client:
        contacts = [
            client.create("/contacts", {"email": f"c{each}@b.example"})["id"]
            for each in range(number)
        ]
    with (
        ThreadPoolExecutor(number) as threads,
        held(tenant.stack.database_url, HOLD, tenant.business_id) as lock,
    ):
        try:
            yield lock, [threads.submit(patch, tenant, each) for each in contacts]
        finally:
            lock.release()


def patch(tenant: Tenant, contact: str) -> Answer:
    with closing(tenant.client()) as client:
        for _ in range(ATTEMPTS):  # somebody who looks may have come first
            answer = client.patch(f"/contacts/{contact}", {"city": "Rome"})
            if answer.status != 503:
                break
        return answer


def ask(tenant: Tenant) -> Answer:
    with closing(tenant.client()) as client:
        return client.get("/contacts/con_0")


def test_a_tenant_that_asks_for_all_there_is_waits_for_itself(small: Stack) -> None:
    hog, quiet = new_tenant(small), new_tenant(small)
    with stuck(hog, OF_ONE) as (lock, patches), closing(quiet.client()) as client:
        until(lock.waiting, PATIENCE_SECONDS)
        for _ in range(50):
            assert client.get("/contacts/con_0").status == 404
        assert not any(each.done() for each in patches)
    assert [each.result().status for each in patches] == [200] * OF_ONE


@pytest.mark.canary
def test_a_hog_without_turns_would_be_found_out(database_url: str) -> None:
    fault = program("everybodys_turn")
    with stacks.running("together", database_url, ENV, fault) as stack:
        hog, quiet = new_tenant(stack), new_tenant(stack)
        with stuck(hog, OF_ONE) as (lock, _):
            until(lambda: lock.waiting() == CONNECTIONS, PATIENCE_SECONDS)
            assert ask(quiet).status in (503, 504)


def test_too_many_at_once_are_told_to_come_back(small: Stack) -> None:
    one, two = new_tenant(small), new_tenant(small)
    with stuck(one, OF_ONE) as (lock, patches):
        until(lock.waiting, PATIENCE_SECONDS)
        until(lambda: ask(one).status == 503, PATIENCE_SECONDS)
        check_refusal(ask(one))
        assert ask(two).status == 404, "it is not too much of that tenant's"
        with stuck(two, OF_ONE) as (others, more):
            until(others.waiting, PATIENCE_SECONDS)
            three = new_tenant(small)
            until(lambda: ask(three).status == 503, PATIENCE_SECONDS)
            check_refusal(ask(three))
            with closing(three.client()) as client:
                assert client.raw("GET", "/healthz", None, {}).status == 200
                assert client.raw("GET", "/readyz", None, {}).status == 200
    assert [each.result().status for each in (*patches, *more)] == [200] * IN_FLIGHT
    assert ask(one).status == 404


def check_refusal(answer: Answer) -> None:
    check_problem(answer, 503, "server-error", "/v1/contacts/con_0")
    assert answer.headers["retry-after"] == "1"


def test_who_has_gone_leaves_no_turn_taken(small: Stack) -> None:
    """Requests of clients that went away while they waited."""
    tenant = new_tenant(small)
    with stuck(tenant, 1) as (lock, _):
        until(lock.waiting, PATIENCE_SECONDS)
        for _ in range(3):
            asyncio.run(leave(tenant, OF_ONE - 1))
            until(lambda: ask(tenant).status == 404, PATIENCE_SECONDS)
    assert ask(tenant).status == 404


async def leave(tenant: Tenant, number: int) -> None:
    """Asks on so many connections for a contact that is held, and goes."""
    host, _, port = tenant.stack.http.rpartition(":")
    body = b'{"filters": [{"field": "city", "operator": "eq", "value": "x"}]}'
    lines = (
        "POST /v1/contacts/search HTTP/1.1",
        "Host: a.example",
        f"Authorization: Bearer {tenant.tokens['owner']}",
        "Version: 2026-11-01",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    request = "\r\n".join((*lines, "", "")).encode() + body
    for _ in range(number):
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(request)
        await writer.drain()
        writer.transport.abort()
