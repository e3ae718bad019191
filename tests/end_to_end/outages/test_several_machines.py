"""Edges of several machines: one budget in Valkey, and service without it."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from tests import stacks
from tests.client import Client
from tests.harness.at_once import at_once
from tests.harness.programs import patient_program
from tests.harness.wire import valkey_server
from tests.harness.wire.valkey_server import ValkeyServer
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

pytestmark = pytest.mark.needs_program(valkey_server.PROGRAM)

HOUR = 3600
EDGES = 2


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    with valkey_server.running() as server:
        yield server


@pytest.fixture(scope="module")
def edges(
    valkey: ValkeyServer, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Stack]]:
    """Two edges that share no folder, as if each had a machine of its own."""
    env = {"PROSPECTCONNECT_LOG_REQUESTS": "false"}
    with ExitStack() as running:

        def start(*arguments: str) -> stacks.Process:
            process = stacks.start(*arguments, env=env, program=patient_program.PROGRAM)
            running.callback(process.stop)
            return process

        place = ("--grpc-port", "0", "--database-url", database_url)
        services = start("services", *place)
        made = []
        for number in range(EDGES):
            folder = str(tmp_path_factory.mktemp(f"edge{number}"))
            where = ("--services", services.grpc, "--data-dir", folder)
            url = ("--rate-limit-url", valkey.url)
            edge = start("edge", "--http-port", "0", *where, *url)
            made.append(Stack("split", edge.http, services.grpc, database_url))
        yield made


@pytest.fixture
def tenant(edges: list[Stack]) -> Tenant:
    return new_tenant(edges[0])


def passes(edges: list[Stack], token: str, each: int) -> int:
    """How many of so many requests to each edge at once pass."""
    with ExitStack() as opened:
        clients = [
            opened.enter_context(closing(Client(edge.http, token)))
            for edge in edges * each
        ]
        answers = at_once(lambda client: client.get("/me"), clients)
    statuses = [answer.status for answer in answers]
    assert set(statuses) <= {200, 429}
    return statuses.count(200)


def test_two_edges_spend_one_budget(edges: list[Stack], tenant: Tenant) -> None:
    assert passes(edges, tenant.token(rate_limit=(20, HOUR)), each=15) == 20


def test_an_edge_counts_alone_while_valkey_is_away(
    edges: list[Stack], tenant: Tenant, valkey: ValkeyServer
) -> None:
    token = tenant.token(rate_limit=(8, HOUR))
    with closing(Client(edges[0].http, token)) as client:
        assert client.get("/me").headers["x-ratelimit-remaining"] == "7"
        valkey.end()
        try:
            assert passes(edges, token, each=15) == 8 * EDGES, "a limit for each"
        finally:
            valkey.start()
        began = time.monotonic()
        while client.get("/me").status != 200:  # this one is counted by Valkey again
            assert time.monotonic() < began + 60
    fresh = tenant.token(rate_limit=(5, HOUR))
    until_together(edges, tenant)
    assert passes(edges, fresh, each=10) == 5


def until_together(edges: list[Stack], tenant: Tenant) -> None:
    """Asks both edges until they count together."""
    began = time.monotonic()
    while passes(edges, tenant.token(rate_limit=(1, HOUR)), each=1) != 1:
        assert time.monotonic() < began + 60
