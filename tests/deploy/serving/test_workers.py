"""Several workers: one address, one budget; a dead one comes back."""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deploy import program
from tests.harness.database.ready_made import ready_made
from tests.stacks import Process


@pytest.fixture
def server() -> Iterator[Process]:
    with tempfile.TemporaryDirectory(prefix="pc-") as folder:
        ready_made(Path(folder))
        arguments = program.serve(Path(folder), "--no-demo", "--workers", "2")
        with program.started(*arguments) as running:
            yield running


def workers(server: Process) -> set[int]:
    """Returns the pids of the workers."""
    parent = server.handle.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return {
        int(pid) for pid in children if "deploy.serving.worker" in command_of(int(pid))
    }


def command_of(pid: int) -> str:
    """Returns a process's command line, nothing for one that has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def wait_for(what: Callable[[], bool], seconds: float = 20) -> None:
    """Waits until a function returns true."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_ready(server: Process) -> bool:
    try:
        return program.get(server.http, "/readyz")[0] == 200
    except OSError:
        return False


def test_dead_worker_is_replaced(server: Process) -> None:
    before = workers(server)
    assert len(before) == 2
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: len(workers(server) - {victim}) == 2)
    wait_for(lambda: all(is_ready(server) for _ in range(20)))


def test_workers_end_with_their_parent(server: Process) -> None:
    pids = workers(server)
    server.handle.kill()
    server.handle.wait()
    wait_for(lambda: not any(map(command_of, pids)))
