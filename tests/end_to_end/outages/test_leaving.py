"""A client that goes away: its reads end with it, its writes are done or not at all.

`LEAVING_ROUNDS=2000` in the environment makes the proof of writes longer,
`LEAVING_SEED` draws other moments.
"""

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial

import grpc
import pytest
from prospectconnect.crm.v1 import contacts_pb2 as pb
from prospectconnect.crm.v1.contacts_pb2_grpc import ContactServiceStub

from services.gates.turns import SEARCH, bounds_of
from tests import stacks
from tests.client import Client
from tests.harness.database.backends import states
from tests.harness.database.row_lock import Lock, held, until
from tests.harness.errands import CALL, CONTACT, DELETION, Ask, Errand
from tests.harness.programs.faulty_program import program
from tests.harness.wire import leavers
from tests.harness.wire.grpc_calls import bearer
from tests.harness.wire.leavers import leave, sent
from tests.harness.wire.scrape import scrape
from tests.rounds import rounds
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

ROUNDS = rounds("LEAVING_ROUNDS")
SEED = int(os.environ.get("LEAVING_SEED", "1"))
FAULTY_ROUNDS = 60
CONNECTIONS = 5  # fewer than clients
BOUNDS = bounds_of(CONNECTIONS, 1)
# Searches of one tenant that is alone.
AT_ONCE = -(-(BOUNDS.running - BOUNDS.left) // SEARCH)
SETTINGS = {
    # What a test holds up is not to end by itself, also on a busy machine.
    "PROSPECTCONNECT_REQUEST_DEADLINE_SECONDS": "120",
    "PROSPECTCONNECT_MAX_CONNECTIONS": str(CONNECTIONS),
    "PROSPECTCONNECT_METRICS_PORT": "0",
}

# From the end of a connection to that of its statement: far less than each request has.
_SOON_SECONDS = 20.0
_PATIENCE_SECONDS = 180.0

NO_READS = "LOCK TABLE contacts IN ACCESS EXCLUSIVE MODE"
NO_KEYS = "LOCK TABLE idempotency_keys IN ACCESS EXCLUSIVE MODE"


@pytest.fixture(scope="module")
def database(migrated_database: Callable[[str], str]) -> str:
    """A database whose tables these tests may lock."""
    return migrated_database("leaving")


@pytest.fixture(scope="module", params=stacks.TOPOLOGIES)
def narrow(request: pytest.FixtureRequest, database: str) -> Iterator[Stack]:
    """A stack with few connections to its database."""
    with stacks.running(request.param, database, SETTINGS) as stack:
        yield stack


@pytest.fixture
def tenant(narrow: Stack) -> Tenant:
    return new_tenant(narrow)


@pytest.fixture
def owner(tenant: Tenant) -> Iterator[Client]:
    with closing(tenant.client()) as client:
        yield client


# By what is asked for, requests that read contacts.
READS = {
    "get": Ask("GET", "/contacts/con_000000000000000000000000"),
    "search": Ask("POST", "/contacts/search", {}),
    # More than the server takes in at once.
    "large": Ask(
        "POST",
        "/contacts/search",
        {"filters": [{"field": "city", "operator": "in", "values": ["x" * 100] * 900}]},
    ),
}


def waits(stack: Stack, token: str, ask: Ask, lock: Lock) -> socket.socket:
    """Begins a request and returns when its statement waits."""
    before = lock.waiting()
    link = sent(stack.http, token, ask)
    until(lambda: lock.waiting() == before + 1, _PATIENCE_SECONDS)
    return link


@pytest.mark.parametrize("abruptly", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("read", READS)
def test_a_read_ends_when_its_client_is_gone(
    read: str, abruptly: bool, narrow: Stack, tenant: Tenant
) -> None:
    with held(narrow.database_url, NO_READS) as lock:
        for _ in range(2 * CONNECTIONS):
            # A token that nobody has seen: all of a body is there by the time that it
            # is known, and so the server has stopped to take in more.
            link = waits(narrow, tenant.token(), READS[read], lock)
            leave(link, abruptly=abruptly)
            until(lambda: lock.waiting() == 0, _SOON_SECONDS)
        check_connections(narrow, tenant.tokens["owner"], lock)
    check_rest(narrow, tenant)


def check_connections(stack: Stack, token: str, lock: Lock) -> None:
    """As many calls run as ever may, each on a connection."""
    with ExitStack() as opened:
        for _ in range(AT_ONCE):
            link = waits(stack, token, READS["search"], lock)
            opened.enter_context(closing(link))
    until(lambda: lock.waiting() == 0, _SOON_SECONDS)


def check_rest(stack: Stack, tenant: Tenant) -> None:
    """The next request is answered, and nothing is under way but that."""
    with closing(tenant.client()) as client:
        assert client.search("/contacts")["data"] is not None
    until(lambda: is_at_rest(stack), _PATIENCE_SECONDS)


def is_at_rest(stack: Stack) -> bool:
    """Whether all connections are idle, by the pool's word and by the database's."""
    pool = scrape(stack.metrics).value
    opened = pool("prospectconnect_pool_open")
    if opened != pool("prospectconnect_pool_idle") or opened > CONNECTIONS:
        return False
    return not in_line(stack) and asyncio.run(states(stack.database_url)) == [
        "idle"
    ] * int(opened)


def in_line(stack: Stack) -> float:
    """How many wait for their turn, or for a connection to the database."""
    found = scrape(stack.metrics)
    waiting = found.value("prospectconnect_turns_waiting")
    return waiting + found.value("prospectconnect_pool_waiting")


@pytest.mark.every_topology
def test_a_read_ends_when_its_call_is_cancelled(narrow: Stack, tenant: Tenant) -> None:
    token = tenant.tokens["owner"]
    with (
        grpc.insecure_channel(narrow.grpc) as channel,
        held(narrow.database_url, NO_READS) as lock,
    ):
        search = ContactServiceStub(channel).SearchContacts
        for _ in range(2 * CONNECTIONS):
            request = pb.SearchContactsRequest()
            call = search.future(request, metadata=bearer(token), timeout=60)
            until(lambda: lock.waiting() == 1, _PATIENCE_SECONDS)
            call.cancel()
            until(lambda: lock.waiting() == 0, _SOON_SECONDS)
        check_connections(narrow, token, lock)
    check_rest(narrow, tenant)


@pytest.mark.every_topology
def test_who_waited_for_a_turn_takes_none_along(narrow: Stack, tenant: Tenant) -> None:
    token, ask = tenant.tokens["owner"], READS["search"]
    with held(narrow.database_url, NO_READS) as lock:
        links = [waits(narrow, token, ask, lock) for _ in range(AT_ONCE)]
        more = [sent(narrow.http, token, ask) for _ in range(CONNECTIONS)]
        until(lambda: in_line(narrow) == CONNECTIONS, _PATIENCE_SECONDS)
        for link in (*more, *links):
            leave(link, abruptly=False)
        until(lambda: lock.waiting() == 0, _SOON_SECONDS)
        check_connections(narrow, token, lock)
    check_rest(narrow, tenant)


@pytest.mark.canary
def test_a_read_that_goes_on_is_found_out(database: str) -> None:
    fault = program("departures_unnoticed")
    with stacks.running("together", database, SETTINGS, fault) as stack:
        tenant = new_tenant(stack)
        with held(database, NO_READS) as lock:
            link = waits(stack, tenant.tokens["owner"], READS["get"], lock)
            leave(link, abruptly=False)
            with pytest.raises(AssertionError, match="never came true"):
                until(lambda: lock.waiting() == 0, 2.0)


def test_a_write_that_waits_is_undone_when_its_client_is_gone(
    narrow: Stack, tenant: Tenant, owner: Client
) -> None:
    ask = Ask("POST", "/contacts", {"email": "waits@leave.example"}, "waits")
    with held(narrow.database_url, NO_KEYS) as lock:
        leave(waits(narrow, tenant.tokens["owner"], ask, lock), abruptly=False)
        until(lambda: lock.waiting() == 0, _SOON_SECONDS)
    assert leavers.counted(tenant, CONTACT, ["waits"]) == {"waits": [0, 0, 0]}
    answer = owner.post("/contacts", ask.body, idempotency_key="waits")
    assert answer.status == 201
    assert leavers.counted(tenant, CONTACT, ["waits"]) == {"waits": [1, 1, 1]}
    check_rest(narrow, tenant)


@pytest.mark.parametrize(
    "errand", [CONTACT, CALL, DELETION], ids=lambda errand: errand.name
)
def test_a_write_is_done_or_not_at_all_whenever_its_client_goes(
    errand: Errand, narrow: Stack, tenant: Tenant
) -> None:
    rest = partial(check_rest, narrow, tenant)
    found = leavers.run(tenant, errand, ROUNDS, SEED, rest)
    done, undone = len(found.done), len(found.undone)
    print(f"{narrow.topology}, {errand.name}: {done} done, {undone} not,", end=" ")
    print(f"{found.answered} answered of {ROUNDS} (seed {SEED})")
    assert found.half_done == []
    assert found.wrong_again == []
    assert found.wrong_after == []
    # The proof is worth something only if clients leave at every moment.
    assert min(done, undone, ROUNDS - found.answered) >= ROUNDS // 20
    check_rest(narrow, tenant)


def _no_rest() -> None:
    """For a program whose fault keeps it from coming to rest."""


@pytest.mark.canary
@pytest.mark.parametrize(
    ("fault", "errand"),
    [
        ("key_apart", CONTACT),
        ("transactions_in_pieces", DELETION),
    ],
    ids=lambda each: getattr(each, "name", each),
)
def test_a_write_that_is_left_half_done_is_found_out(
    fault: str, errand: Errand, database: str
) -> None:
    with stacks.running("together", database, SETTINGS, program(fault)) as stack:
        found = leavers.run(new_tenant(stack), errand, FAULTY_ROUNDS, SEED, _no_rest)
    assert found.half_done != []
