"""Standard streams that are closed, full or unread: a server serves and ends well."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.deploy import program
from tests.harness.wire.ports import kept_port

PATIENCE_SECONDS = 180.0  # for a start, on a busy machine as well


@contextmanager
def shell(redirection: str, *arguments: str, **streams: Any) -> Iterator[int]:
    """Starts the program by a shell that redirects; it must end well when told to."""
    command = (sys.executable, "-m", "deploy.commands.command_line", *arguments)
    line = f'exec "$0" "$@" {redirection}'
    process = subprocess.Popen(["/bin/bash", "-c", line, *command], **streams)
    try:
        yield process.pid
    finally:
        process.terminate()
        status = process.wait(PATIENCE_SECONDS)
    assert status == 0


def wait_until_open(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.02)


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> tuple[str, ...]:
    return ("--database-url", database_url, "--data-dir", str(tmp_path))


NIGHTLY = pytest.mark.nightly


@pytest.mark.parametrize(
    "redirection",
    [
        "> /dev/full",
        *(
            pytest.param(f"> {each}", marks=NIGHTLY)
            for each in (">(true)", "/dev/full 2>&1")
        ),
        *(pytest.param(each, marks=NIGHTLY) for each in ("<&-", ">&-", "2>&-")),
        "<&- >&- 2>&-",
    ],
)
def test_everything_is_served(redirection: str, place: tuple[str, ...]) -> None:
    port = kept_port()
    ports = ("--http-port", str(port), "--grpc-port", "0")
    with shell(redirection, "serve", "--no-demo", *ports, *place):
        wait_until_open(port)
        assert program.get(f"127.0.0.1:{port}", "/readyz")[0] == 200


@pytest.mark.parametrize(
    "redirection", [pytest.param("> /dev/full", marks=NIGHTLY), "<&- >&- 2>&-"]
)
def test_workers_serve(redirection: str, place: tuple[str, ...]) -> None:
    port = kept_port()
    ports = ("--http-port", str(port), "--grpc-port", str(kept_port()))
    with shell(redirection, "serve", "--no-demo", "--workers", "2", *ports, *place):
        wait_until_open(port)
        assert program.get(f"127.0.0.1:{port}", "/readyz")[0] == 200


@pytest.mark.parametrize(
    "redirection", ["> /dev/full", pytest.param("<&- >&- 2>&-", marks=NIGHTLY)]
)
def test_services_and_edge_serve(redirection: str, place: tuple[str, ...]) -> None:
    inner, outer = kept_port(), kept_port()
    services = ("services", "--grpc-port", str(inner), *place)
    edge = ("edge", "--http-port", str(outer), "--services", f"127.0.0.1:{inner}")
    with shell(redirection, *services):
        wait_until_open(inner)
        with shell(redirection, *edge, *place[2:]):
            wait_until_open(outer)
            assert program.get(f"127.0.0.1:{outer}", "/readyz")[0] == 200


def test_a_command_fails_by_its_status_though_it_cannot_say_why() -> None:
    wrong = ("serve", "--workers", "2", "--metrics-port", "0")  # not a port for two
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "deploy.commands.command_line", *wrong],
            stderr=full,
            check=False,
        )
    assert ended.returncode == 1


def test_a_thread_that_fails_after_the_log_is_full_ends_nothing_else() -> None:
    code = """
import sys, threading
from deploy.observing.logs import configure_logs
configure_logs("json")
threading.excepthook = lambda _: print("x", file=sys.stderr) or print("carried on")
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
"""
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            stderr=full,
            check=True,
        )
    assert ended.stdout == b"carried on\n"


def test_programs_started_later_have_the_streams_too() -> None:
    code = """
import os, subprocess, sys
from deploy.standard_streams import open_missing
open_missing()
assert all(os.fstat(number) for number in range(3))
for stream in (sys.stdout, sys.stderr):
    print("lost", file=stream, flush=True)
assert sys.stdin.read() == ""
later = "import os; os.fstat(0), os.fstat(2)"
subprocess.run([sys.executable, "-c", later], check=True)
"""
    command = [
        "/bin/bash",
        "-c",
        'exec "$0" "$@" <&- >&- 2>&-',
        sys.executable,
        "-c",
        code,
    ]
    assert subprocess.run(command, check=False).returncode == 0
