"""Several workers: to a client they are one, and the loss of one is no loss."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.client import Client
from tests.harness.at_once import at_once
from tests.harness.database.row_lock import until
from tests.harness.programs.worker_program import (
    connections_of,
    serve_by_workers,
    takes_connections,
    workers_of,
)
from tests.stacks import Process, Stack
from tests.world import Tenant, new_tenant

CONNECTIONS = 40
LIMIT = (20, 10)


@pytest.fixture
def program(database_url: str, tmp_path: Path) -> Iterator[Process]:
    process = serve_by_workers(database_url, tmp_path, "2")
    try:
        yield process
    finally:
        assert process.stop() == 0


@pytest.fixture
def tenant(program: Process, database_url: str) -> Tenant:
    return new_tenant(Stack("together", program.http, program.grpc, database_url))


@contextmanager
def connected(program: Process, token: str) -> Iterator[list[Client]]:
    """Many clients whose connections are open; both workers have got some."""
    with ExitStack() as opened:
        clients = [
            opened.enter_context(closing(Client(program.http, token)))
            for _ in range(CONNECTIONS)
        ]
        for client in clients:  # spends nothing
            assert client.raw("GET", "/healthz", None, {}).status == 200
        workers = workers_of(program)
        assert len(workers) == 2
        assert all(connections_of(worker, program.http) for worker in workers)
        yield clients


@dataclass(slots=True)
class Spender:
    """Spends a token's budget from many connections at once."""

    program: Process
    token: str
    passed: int = 0
    started: float = field(default_factory=time.monotonic)

    def spend(self) -> None:
        """Sends more requests than the budget holds."""
        with connected(self.program, self.token) as clients:
            answers = at_once(lambda client: client.get("/me"), clients)
        statuses = [answer.status for answer in answers]
        assert set(statuses) <= {200, 429}
        self.passed += statuses.count(200)

    def is_exact(self) -> bool:
        """Whether the whole budget was spent, and no more than the contract lets."""
        requests, seconds = LIMIT
        earned = (time.monotonic() - self.started) * requests / seconds
        return requests <= self.passed <= requests + earned + 1


def test_the_rate_limit_is_exact_across_workers(
    program: Process, tenant: Tenant
) -> None:
    spender = Spender(program, tenant.token(rate_limit=LIMIT))
    spender.spend()
    assert spender.is_exact()


def test_a_killed_worker_is_replaced_and_the_budget_stays(
    program: Process, tenant: Tenant
) -> None:
    spender = Spender(program, tenant.token(rate_limit=LIMIT))
    spender.spend()
    victim, other = workers_of(program)
    os.kill(victim, signal.SIGKILL)
    until(lambda: len(set(workers_of(program)) - {victim}) == 2)
    (fresh,) = set(workers_of(program)) - {victim, other}
    until(lambda: takes_connections(fresh, program))
    spender.spend()
    assert spender.is_exact()
