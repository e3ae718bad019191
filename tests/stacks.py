"""The program as its users run it: real processes on free ports.

`together` is one process, `split` an edge and its services apart.
"""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

TOPOLOGIES = ("together", "split")

PROGRAM = ("deploy.commands.command_line",)  # a module, and arguments before all others

# All tests come from one address, and none of them at a person's pace. A test of a
# limit sets its own.
UNLIMITED = {
    f"PROSPECTCONNECT_ADDRESS_{kind}": "1000000/1s"
    for kind in (
        "REGISTRATIONS",
        "FAILED_LOGINS",
        "ENDPOINT_REQUESTS",
        "PAGES",
        "AUTHORIZATIONS",
    )
}

# By which a test may call as an edge does; see `tests.harness.wire.grpc_calls.as_edge`.
EDGE_SECRET = "the-edge-of-these-tests-and-nobody-else"
SHARED = {"PROSPECTCONNECT_EDGE_SECRET": EDGE_SECRET}

_READY = re.compile(
    r"ready(?: http=https?://(\S+))?(?: grpc=(\S+))?(?: metrics=(\S+))?"
)
_START_SECONDS = 180.0  # on a busy machine as well

# Those that run, by the address of their HTTP.
_RUNNING: dict[str, "Stack"] = {}


@dataclass(frozen=True, slots=True)
class Process:
    """A started program: where it answers, and its handle.

    `metrics` is a whole address, empty where there are none.
    """

    http: str
    grpc: str
    handle: subprocess.Popen[str]
    metrics: str = ""

    def stop(self) -> int:
        """Asks it to end and returns its exit status."""
        self.handle.send_signal(signal.SIGTERM)
        with self.handle:
            return self.handle.wait(timeout=120)


@dataclass(frozen=True, slots=True)
class Stack:
    """A running product: `host:port` of HTTP and gRPC, and its database.

    `metrics` is the address of its services' figures, empty where there are none.
    """

    topology: str
    http: str
    grpc: str
    database_url: str
    metrics: str = ""


def start(
    *arguments: str,
    env: Mapping[str, str] | None = None,
    program: Sequence[str] = PROGRAM,
    log: IO[Any] | None = None,
    folder: Path | None = None,
    shared: Mapping[str, str] = SHARED,
) -> Process:
    """Starts `prospectconnect` with arguments and waits for its ready line.

    Its log goes to a file, or where that of the tests goes. From a `folder`, it is the
    program that lies there. `shared` are settings of all programs of the tests.
    """
    handle = subprocess.Popen(
        [sys.executable, "-m", *program, *arguments],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        cwd=folder,
        env={**os.environ, **shared, **(env or {})},
    )
    assert handle.stdout is not None
    watchdog = threading.Timer(_START_SECONDS, handle.kill)
    watchdog.start()
    try:
        for line in handle.stdout:
            if found := _READY.match(line):
                http, grpc, metrics = (each or "" for each in found.groups())
                return Process(http, grpc, handle, metrics)
    finally:
        watchdog.cancel()
    with handle:
        ended = f"{arguments} ended with {handle.wait()} and never was ready"
    raise AssertionError(ended)


@contextmanager
def running(
    topology: str,
    database_url: str,
    env: Mapping[str, str] | None = None,
    program: Sequence[str] = PROGRAM,
) -> Iterator[Stack]:
    """Runs the product on a migrated database in one of the topologies."""
    with _processes(topology, database_url, env or {}, program) as (edge, services):
        where = (edge.http, services.grpc, database_url, services.metrics)
        with _known(Stack(topology, *where)) as stack:
            yield stack


@contextmanager
def measured(
    topology: str, database_url: str, env: Mapping[str, str] | None = None
) -> Iterator[tuple[Stack, int]]:
    """Like `running`; also tells the process of the services."""
    with _processes(topology, database_url, env or {}, PROGRAM) as (edge, services):
        stack = Stack(
            topology, edge.http, services.grpc, database_url, services.metrics
        )
        with _known(stack):
            yield stack, services.handle.pid


def at(address: str) -> Stack:
    """The running product that answers HTTP at an address."""
    return _RUNNING[address]


@contextmanager
def _known(stack: Stack) -> Iterator[Stack]:
    """Lets `at` find a product while it runs."""
    _RUNNING[stack.http] = stack
    try:
        yield stack
    finally:
        del _RUNNING[stack.http]


@contextmanager
def _processes(
    topology: str, database_url: str, env: Mapping[str, str], program: Sequence[str]
) -> Iterator[tuple[Process, Process]]:
    database = ("--database-url", database_url)
    env = {"PROSPECTCONNECT_LOG_REQUESTS": "false", **UNLIMITED, **env}
    if topology == "together":
        ports = ("--http-port", "0", "--grpc-port", "0")
        process = start(
            "serve", "--no-demo", *ports, *database, env=env, program=program
        )
        try:
            yield process, process
        finally:
            assert process.stop() == 0
        return
    services = start(
        "services", "--grpc-port", "0", *database, env=env, program=program
    )
    edge = start("edge", "--http-port", "0", "--services", services.grpc, env=env)
    try:
        yield edge, services
    finally:
        assert edge.stop() == 0
        assert services.stop() == 0
