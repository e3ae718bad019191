"""The database fails in every way under load: problems in time, and back by itself.

`STALL_SECONDS=40` in the environment makes the stalls longer, `FAULT_ROUNDS` has each
fault come more often.
"""

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from threading import Event

import pytest

from services.gates.turns import bounds_of
from tests import stacks
from tests.client import Client
from tests.end_to_end.http.problem_checks import check_problem
from tests.harness.database.backends import states
from tests.harness.database.own_postgres import OwnPostgres, migrated_postgres
from tests.harness.database.row_lock import held, until
from tests.harness.programs.faulty_program import program
from tests.harness.promptly import in_time
from tests.harness.wire.repeaters import Repeater, doubled_or_lost, repeating
from tests.rounds import rounds
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

STALL_SECONDS = rounds("STALL_SECONDS")
ROUNDS = rounds("FAULT_ROUNDS")
DEADLINE_SECONDS = 2.0
CONNECTIONS = 4  # fewer than clients
BOUNDS = bounds_of(CONNECTIONS, 1)
AT_ONCE = BOUNDS.running - BOUNDS.left  # calls of one tenant that is alone
HASTY = {
    "PROSPECTCONNECT_REQUEST_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
    "PROSPECTCONNECT_MAX_CONNECTIONS": str(CONNECTIONS),
}

# How much later than its deadline a problem may come on a machine that is busy; less
# than a stall of `make nightly`.
_LATE_SECONDS = 15.0
_PATIENCE_SECONDS = 180.0
_RECOVERY_SECONDS = 5.0


@pytest.fixture(scope="module")
def server() -> Iterator[OwnPostgres]:
    """A PostgreSQL of these tests' own, migrated."""
    with migrated_postgres() as server:
        yield server


@pytest.fixture(scope="module", params=stacks.TOPOLOGIES)
def hasty(request: pytest.FixtureRequest, server: OwnPostgres) -> Iterator[Stack]:
    """A stack that answers within its deadline, over few connections."""
    with stacks.running(request.param, server.url, HASTY) as stack:
        yield stack


@contextmanager
def gone(server: OwnPostgres) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()


@contextmanager
def killed(server: OwnPostgres) -> Iterator[None]:
    server.kill()
    try:
        yield
    finally:
        server.start()


@contextmanager
def restarted(server: OwnPostgres) -> Iterator[None]:
    server.stop()
    server.start()
    yield


FAULTS: Sequence[Callable[[OwnPostgres], AbstractContextManager[None]]] = (
    gone,
    killed,
    restarted,
    OwnPostgres.frozen,
    OwnPostgres.slowed,
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_is_told_in_time_and_passes(
    fault: Callable[[OwnPostgres], AbstractContextManager[None]],
    server: OwnPostgres,
    hasty: Stack,
) -> None:
    tenant, seconds = new_tenant(hasty), list[float]()
    with repeating(hasty.http, tenant.tokens["owner"], attempts=1) as repeaters:
        for _ in range(ROUNDS):
            wait_for_answers(repeaters)
            with fault(server):
                look_on(hasty, fault.__name__)
            seconds.append(recovered(tenant))
            assert in_time(seconds[-1], _RECOVERY_SECONDS)
        wait_for_answers(repeaters)
    check(tenant, repeaters)
    median, worst = statistics.median(seconds), max(seconds)
    print(f"{hasty.topology}, {fault.__name__}: back in {median:.2f} s", end="")
    print(f" (median), at most {worst:.2f} s, in {ROUNDS} rounds")


def wait_for_answers(repeaters: Sequence[Repeater]) -> None:
    """Returns once each client has got some answers more."""
    before = [len(each.acknowledged) for each in repeaters]
    until(
        lambda: all(
            len(each.acknowledged) > count + 2
            for each, count in zip(repeaters, before, strict=True)
        ),
        _PATIENCE_SECONDS,
    )


def look_on(stack: Stack, fault: str) -> None:
    """Lets the fault last, and sees that `/readyz` tells what cannot be hidden."""
    began = time.monotonic()
    if fault in ("gone", "killed", "frozen"):
        with closing(Client(stack.http)) as client:
            until(lambda: not is_ready(client), _PATIENCE_SECONDS)
            assert client.raw("GET", "/healthz", None, {}).status == 200
    time.sleep(max(0.0, began + STALL_SECONDS - time.monotonic()))  # it lasts


def is_ready(client: Client) -> bool:
    return client.raw("GET", "/readyz", None, {}).status == 200


def recovered(tenant: Tenant, patience: float = _PATIENCE_SECONDS) -> float:
    """How long it takes until the product answers and says that it is ready."""
    began = time.monotonic()
    with closing(tenant.client()) as client:
        until(lambda: client.get("/contacts/con_0").status == 404, patience)
        until(lambda: is_ready(client), patience)
    return time.monotonic() - began


def check(tenant: Tenant, repeaters: Sequence[Repeater]) -> None:
    """Each answer was right and in time; what failed can be repeated; nothing leaks."""
    for each in repeaters:
        assert each.cut + each.cut_new == []
        assert each.slowest < DEADLINE_SECONDS + _LATE_SECONDS
        for answer in each.problems:
            assert answer.status in (503, 504), answer.body
            check_problem(answer, answer.status, "server-error", "/v1/contacts")
        each.settle()
    url = tenant.stack.database_url
    assert asyncio.run(doubled_or_lost(url, tenant.business_id, repeaters)) == []
    until(lambda: asyncio.run(links(url)) == (True, 0), _PATIENCE_SECONDS)


async def links(url: str) -> tuple[bool, int]:
    """Whether there are no more connections than allowed, and how many do not rest."""
    found = await states(url)
    return len(found) <= CONNECTIONS, len(found) - found.count("idle")


def test_connections_that_are_all_in_use_are_told_in_time(hasty: Stack) -> None:
    """Writers that wait, each for another row, hold all that a tenant may have."""
    tenant = new_tenant(hasty)
    with closing(tenant.client()) as client:
        rows = [
            client.create("/contacts", {"email": f"h{number}@b.example"})["id"]
            for number in range(AT_ONCE)
        ]
    hold, over = "UPDATE contacts SET city = 'x' WHERE business_id = $1", Event()

    def write_to(contact: str) -> None:
        with closing(tenant.client()) as client:
            while not over.is_set():
                client.patch(f"/contacts/{contact}", {"city": "Rome"})

    with (
        ThreadPoolExecutor(AT_ONCE) as threads,
        held(hasty.database_url, hold, tenant.business_id) as lock,
    ):
        try:
            for each in rows:
                threads.submit(write_to, each)
            until(lambda: lock.waiting() == AT_ONCE, _PATIENCE_SECONDS)
            token = tenant.tokens["owner"]
            with repeating(hasty.http, token, attempts=1) as repeaters:
                until(lambda: any(r.problems for r in repeaters), _PATIENCE_SECONDS)
        finally:
            over.set()
            lock.release()
    assert in_time(recovered(tenant), _RECOVERY_SECONDS)
    check(tenant, repeaters)


@pytest.mark.canary
def test_connections_that_are_not_given_back_are_found_out(server: OwnPostgres) -> None:
    fault = program("broken_connections_kept")
    one = {**HASTY, "PROSPECTCONNECT_MAX_CONNECTIONS": "1"}
    with stacks.running("together", server.url, one, fault) as stack:
        tenant = new_tenant(stack)
        with repeating(stack.http, tenant.tokens["owner"], attempts=1) as repeaters:
            wait_for_answers(repeaters)
            with server.frozen():
                until(lambda: any(r.problems for r in repeaters), _PATIENCE_SECONDS)
        with pytest.raises(AssertionError, match="never came true"):
            recovered(tenant, _RECOVERY_SECONDS)


@pytest.mark.parametrize(
    "arguments",
    [("serve", "--no-demo"), pytest.param(("services",), marks=pytest.mark.nightly)],
)
def test_a_program_ends_though_its_database_stands_still(
    arguments: tuple[str, ...], server: OwnPostgres, tmp_path: Path
) -> None:
    http = ("--http-port", "0") if arguments[0] == "serve" else ()
    place = ("--database-url", server.url, "--data-dir", str(tmp_path))
    process = stacks.start(*arguments, *http, "--grpc-port", "0", *place, env=HASTY)
    if http:
        stack = Stack("together", process.http, process.grpc, server.url)
        with closing(new_tenant(stack).client()) as client:
            assert client.get("/me").status == 200  # whose last use is yet to be noted
    with server.frozen():
        assert process.stop() == 0
