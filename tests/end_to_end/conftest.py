"""What the tests over a real socket share: clients for whoever a test needs."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.client import VERSION, Client
from tests.end_to_end.search.crowd import Crowd, gather
from tests.harness.people.ledger import Ledger, opened_ledger
from tests.harness.people.oauth_scene import Scene, opened_scene
from tests.harness.people.person import Person
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

# A client for a token, or for none, under a contract.
OpenClient = Callable[..., Client]


@pytest.fixture
def open_client(stack: Stack) -> Iterator[OpenClient]:
    """Makes clients of the stack; they are closed when the test is over."""
    with ExitStack() as opened:

        def client(token: str | None, version: str | None = VERSION) -> Client:
            made = Client(stack.http, token, version)
            opened.callback(made.close)
            return made

        yield client


@pytest.fixture
def other_tenant(stack: Stack) -> Tenant:
    """Another tenant of the same stack."""
    return new_tenant(stack)


@pytest.fixture
def stranger(other_tenant: Tenant, open_client: OpenClient) -> Client:
    """A client that calls as the owner of another tenant."""
    return open_client(other_tenant.tokens["owner"])


@pytest.fixture
def member(tenant: Tenant, open_client: OpenClient) -> Client:
    """A client that calls as a member, who sees their own records alone."""
    return open_client(tenant.tokens["member"])


@pytest.fixture(scope="session")
def crowds(running_stacks: Callable[[str], Stack]) -> Iterator[Callable[[str], Crowd]]:
    """Gathers the people that searches look through, once for each topology."""
    gathered: dict[str, Crowd] = {}

    def crowd(topology: str) -> Crowd:
        if topology not in gathered:
            gathered[topology] = gather(running_stacks(topology))
        return gathered[topology]

    yield crowd
    for each in gathered.values():
        each.client.close()


@pytest.fixture
def crowd(stack: Stack, crowds: Callable[[str], Crowd]) -> Crowd:
    """Contacts of every kind, which nobody changes."""
    return crowds(stack.topology)


@pytest.fixture
def scene(stack: Stack) -> Iterator[Scene]:
    """A tenant of this test's own, with a user who is logged in with a browser."""
    with opened_scene(stack) as scene:
        yield scene


@pytest.fixture(scope="module")
def stage(running_stacks: Callable[[str], Stack]) -> Iterator[Scene]:
    """A scene on one topology for a module whose tests do not meet in it."""
    with opened_scene(running_stacks("together")) as scene:
        yield scene


@pytest.fixture(scope="module")
def ledger(desk: Scene) -> Iterator[Ledger]:
    """What the scene's tenant holds."""
    tenant = desk.tenant
    with opened_ledger(tenant.stack.database_url, tenant.business_id) as opened:
        yield opened


@pytest.fixture(scope="module")
def at_desk(desk: Scene) -> Person:
    """The scene's user, logged in over HTTP. Tests take a `person` of their own."""
    person = Person(desk.tenant.stack.http)
    person.log_in(desk.email)
    return person


@pytest.fixture
def person(at_desk: Person) -> Person:
    """The scene's user at a browser in which they are logged in."""
    return Person(at_desk.address, dict(at_desk.cookies))


@pytest.fixture
def no_deadlock(sql_log: Path) -> Iterator[None]:
    """Nobody had to wait until PostgreSQL ended a deadlock."""
    before = sql_log.stat().st_size
    yield
    with sql_log.open(errors="replace") as log:
        log.seek(before)
        told = log.read()
    found = [told[at : at + 2_000] for at in _places("deadlock detected", told)]
    assert not found, "\n".join(found)


def _places(text: str, told: str) -> list[int]:
    return [each.start() for each in re.finditer(text, told)]
