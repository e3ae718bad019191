"""A database that takes no writes, as a standby does: told as an outage, and over by
itself."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests import stacks
from tests.client import Client
from tests.deploy import program
from tests.end_to_end.http.problem_checks import check_problem
from tests.harness.database.row_lock import until
from tests.harness.wire.scrape import scrape
from tests.stacks import Stack
from tests.world import new_tenant

pytestmark = pytest.mark.every_topology

METRICS = {"PROSPECTCONNECT_METRICS_PORT": "0"}

_PATIENCE_SECONDS = 180.0
_RECOVERY_SECONDS = 30.0
_CUT_OFF = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"


@pytest.fixture(scope="module")
def own_url(migrated_database: Callable[[str], str]) -> str:
    """A migrated database of these tests' own."""
    return migrated_database("read_only")


@pytest.fixture(scope="module", params=stacks.TOPOLOGIES)
def own_stack(request: pytest.FixtureRequest, own_url: str) -> Iterator[Stack]:
    """The product on that database."""
    with stacks.running(request.param, own_url, METRICS) as stack:
        yield stack


@pytest.fixture
def client(own_stack: Stack) -> Iterator[Client]:
    """A tenant's owner, once nothing is left of the outage before."""
    with closing(new_tenant(own_stack).client()) as client:
        until(lambda: is_up(own_stack), _RECOVERY_SECONDS)
        until(lambda: writes(client, "first@b.example"), _RECOVERY_SECONDS)
        yield client


@pytest.fixture
def take_writes(own_url: str, postgres_url: str) -> Iterator[Callable[[bool], None]]:
    """Lets new sessions write or not. The old are cut off, as by a failover."""

    name = urlsplit(own_url).path[1:]

    async def change(allowed: bool) -> None:
        link = await asyncpg.connect(postgres_url)
        sql = f"ALTER DATABASE {name} SET default_transaction_read_only = "
        await link.execute(sql + ("off" if allowed else "on"))
        if not allowed:
            await link.fetch(_CUT_OFF, name)
        await link.close()

    yield lambda allowed: asyncio.run(change(allowed))
    asyncio.run(change(allowed=True))


def test_a_database_that_takes_no_writes_is_an_outage_of_writes_that_passes(
    own_stack: Stack, client: Client, take_writes: Callable[[bool], None]
) -> None:
    contact = client.create("/contacts", {"email": "ada@b.example"})["id"]
    take_writes(False)
    until(lambda: not is_up(own_stack), _PATIENCE_SECONDS)
    assert client.raw("GET", "/readyz", None, {}).status == 200, "for reads"
    read_at_once(client, contact)  # which opens more connections that take no writes
    for number in range(3):
        refused(client, f"a{number}@b.example")
        assert client.get(f"/contacts/{contact}").status == 200
        assert len(client.search("/contacts")["data"]) == 2
    take_writes(True)
    until(lambda: is_up(own_stack), _RECOVERY_SECONDS)
    until(lambda: writes(client, "grace@b.example"), _RECOVERY_SECONDS)


def test_whoever_repeats_a_write_gets_through_once_writes_are_taken_again(
    own_stack: Stack, client: Client, take_writes: Callable[[bool], None]
) -> None:
    take_writes(False)
    until(lambda: not is_up(own_stack), _PATIENCE_SECONDS)
    refused(client, "ada@b.example")
    take_writes(True)
    until(lambda: writes(client, "ada@b.example"), _RECOVERY_SECONDS)


def test_a_keyed_write_that_was_done_is_answered_again(
    own_stack: Stack, client: Client, take_writes: Callable[[bool], None]
) -> None:
    body = {"email": "ada@b.example"}
    first = client.post("/contacts", body, idempotency_key="once-0001")
    take_writes(False)
    until(lambda: not is_up(own_stack), _PATIENCE_SECONDS)
    again = client.post("/contacts", body, idempotency_key="once-0001")
    assert (again.status, again.json) == (201, first.json)
    assert again.headers["idempotent-replayed"] == "true"


def test_the_doctor_says_what_to_do_about_it(
    own_url: str, take_writes: Callable[[bool], None]
) -> None:
    take_writes(False)
    found = program.run("doctor", "--database-url", own_url, "--http-port", "0")
    assert found.returncode == 1
    assert "no  writes" in found.stdout
    assert "default_transaction_read_only" in found.stdout


def is_up(stack: Stack) -> bool:
    """Whether the figures say that the database does all that it should."""
    return scrape(stack.metrics).value("prospectconnect_database_up") == 1


def writes(client: Client, email: str) -> bool:
    """Whether a write is done; if not, it is refused as an outage."""
    answer = client.post("/contacts", {"email": email})
    assert answer.status in (201, 503), answer.body
    return answer.status == 201


def refused(client: Client, email: str) -> None:
    """A write is, as one that may be sent again a little later."""
    answer = client.post("/contacts", {"email": email})
    check_problem(answer, 503, "server-error", "/v1/contacts")
    assert int(answer.headers["retry-after"]) >= 1


def read_at_once(client: Client, contact: str) -> None:
    """Reads from several clients, over several connections to the database."""

    def read(_: int) -> int:
        with closing(Client(client.address, client.token)) as other:
            return other.get(f"/contacts/{contact}").status

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(read, range(24))) == {200}
