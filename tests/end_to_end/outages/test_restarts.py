"""Restarts under load: who was let in is answered, and repeating once is enough.

`RESTART_ROUNDS=20` in the environment makes the proof longer.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests import stacks
from tests.harness.database.row_lock import until
from tests.harness.programs.faulty_program import program
from tests.harness.programs.worker_program import (
    serve_by_workers,
    takes_connections,
    workers_of,
)
from tests.harness.wire.ports import kept_port
from tests.harness.wire.repeaters import Repeater, doubled_or_lost, repeating
from tests.rounds import rounds
from tests.stacks import PROGRAM, Process, Stack
from tests.world import Tenant, new_tenant

ROUNDS = rounds("RESTART_ROUNDS")
FAULTY_ROUNDS = 2
ANSWERS = 40  # between two restarts

_PATIENCE_SECONDS = 180.0
_QUIET = {"PROSPECTCONNECT_LOG_REQUESTS": "false"}


@pytest.fixture
def tenant(database_url: str) -> Tenant:
    return new_tenant(Stack("together", "", "", database_url))


def wait_for_answers(repeaters: Sequence[Repeater]) -> None:
    """Returns once the clients have got some more answers."""

    def count() -> int:
        return sum(len(each.acknowledged) for each in repeaters)

    before = count()
    until(lambda: count() >= before + ANSWERS, _PATIENCE_SECONDS)


def check(tenant: Tenant, repeaters: Sequence[Repeater]) -> None:
    """Nobody lost a request in flight, nor anything by repeating it once."""
    assert [cut for each in repeaters for cut in each.cut] == []
    assert [cut for each in repeaters for cut in each.cut_new] == []
    assert [key for each in repeaters for key in each.failed] == []
    wrong = doubled_or_lost(tenant.stack.database_url, tenant.business_id, repeaters)
    assert asyncio.run(wrong) == []
    counts = [len(each.acknowledged) for each in repeaters]
    problems = sum(len(each.problems) for each in repeaters)
    print(f"{sum(counts)} answered, {problems} of them only when repeated")


def restart_again_and_again(
    tenant: Tenant, folder: Path, rounds: int, what: Sequence[str] = PROGRAM
) -> list[Repeater]:
    """Ends one process under load and starts it again, and lets the clients go on."""
    place = ("--database-url", tenant.stack.database_url, "--data-dir", str(folder))
    ports = ("--http-port", str(kept_port()), "--grpc-port", "0")

    def start() -> Process:
        arguments = ("serve", "--no-demo", *ports, *place)
        return stacks.start(*arguments, env=_QUIET, program=what)

    process = start()
    try:
        with repeating(process.http, tenant.tokens["owner"]) as repeaters:
            for _ in range(rounds):
                wait_for_answers(repeaters)
                assert process.stop() == 0
                process = start()
            wait_for_answers(repeaters)
    finally:
        assert process.stop() == 0
    return repeaters


def test_a_program_that_starts_again_loses_nobody(
    tenant: Tenant, tmp_path: Path
) -> None:
    check(tenant, restart_again_and_again(tenant, tmp_path, ROUNDS))


@pytest.mark.canary
def test_connections_that_are_kept_while_draining_are_found_out(
    tenant: Tenant, tmp_path: Path
) -> None:
    fault = program("kept_alive_to_the_end")
    repeaters = restart_again_and_again(tenant, tmp_path, FAULTY_ROUNDS, fault)
    assert [cut for each in repeaters for cut in each.cut] != []


def test_workers_that_start_again_in_turn_lose_nobody(
    tenant: Tenant, tmp_path: Path
) -> None:
    process = serve_by_workers(tenant.stack.database_url, tmp_path, "2")
    try:
        with repeating(process.http, tenant.tokens["owner"]) as repeaters:
            for _ in range(ROUNDS):
                for worker in workers_of(process):
                    wait_for_answers(repeaters)
                    os.kill(worker, signal.SIGTERM)
                    until(partial(_is_replaced, process, worker), _PATIENCE_SECONDS)
    finally:
        assert process.stop() == 0
    check(tenant, repeaters)


def _is_replaced(process: Process, worker: int) -> bool:
    now = workers_of(process)
    return (
        worker not in now
        and len(now) == 2
        and all(takes_connections(each, process) for each in now)
    )


@pytest.mark.nightly
def test_edge_and_services_that_start_again_in_turn_lose_nobody(
    tenant: Tenant, tmp_path: Path
) -> None:
    """The edge carries on with the services that are left."""
    database = ("--database-url", tenant.stack.database_url)
    ports = str(kept_port()), str(kept_port())
    target = "ipv4:" + ",".join(f"127.0.0.1:{port}" for port in ports)
    edge_arguments = ("--services", target, "--data-dir", str(tmp_path))

    def services(port: str) -> Callable[[], Process]:
        arguments = ("services", "--grpc-port", port, *database)
        return partial(stacks.start, *arguments, env=_QUIET)

    http = ("edge", "--http-port", str(kept_port()), *edge_arguments)
    starts = [services(ports[0]), services(ports[1])]
    starts.append(partial(stacks.start, *http, env=_QUIET))
    with ExitStack() as ends:
        running = [start() for start in starts]
        ends.callback(_stop_all, running)
        with repeating(running[-1].http, tenant.tokens["owner"]) as repeaters:
            for _ in range(ROUNDS):
                for number, start in enumerate(starts):
                    wait_for_answers(repeaters)
                    assert running[number].stop() == 0
                    if number != len(starts) - 1:
                        wait_for_answers(repeaters)  # by those that are left
                    running[number] = start()
            wait_for_answers(repeaters)
    check(tenant, repeaters)
    assert [answer.body for each in repeaters for answer in each.problems] == []


def _stop_all(running: Sequence[Process]) -> None:
    assert [each.stop() for each in running] == [0] * len(running)
