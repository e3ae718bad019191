"""The program with several workers: its start, and the ids of its workers."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from tests.client import Client
from tests.stacks import Process, start

# States of a socket in /proc/net/tcp.
_CONNECTED, _LISTENING = "01", "0A"


def serve_by_workers(database_url: str, data_dir: Path, workers: str) -> Process:
    """Starts the program with `workers` workers on a migrated database."""
    ports = ("--http-port", "0", "--grpc-port", "0")
    place = ("--database-url", database_url, "--data-dir", str(data_dir))
    more = ("--no-demo", "--workers", workers)
    env = {"PROSPECTCONNECT_LOG_REQUESTS": "false"}
    return start("serve", *ports, *place, *more, env=env)


def workers_of(process: Process) -> list[int]:
    """The pids of a program's workers, oldest first."""
    parent = process.handle.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in children if _is_worker(pid)]


def connections_of(pid: int, address: str) -> int:
    """The number of a process's connections at an address (`host:port`)."""
    port = int(address.rpartition(":")[2])
    return len(_sockets(port, _CONNECTED) & set(_descriptors(pid)))


def listens(pid: int, port: int) -> bool:
    """Whether a process listens on a port."""
    return not _sockets(port, _LISTENING).isdisjoint(_descriptors(pid))


def takes_connections(worker: int, program: Process) -> bool:
    """Whether a worker gets one of some new connections, and all are answered."""
    with ExitStack() as opened, suppress(OSError):  # a dead worker may still have some
        for _ in range(8):
            client = opened.enter_context(closing(Client(program.http)))
            assert client.raw("GET", "/healthz", None, {}).status == 200
        return connections_of(worker, program.http) > 0
    return False


def _sockets(port: int, state: str) -> set[str]:
    """The sockets with a local port and a state, in the form of descriptors' names."""
    rows = map(str.split, Path("/proc/net/tcp").read_text().splitlines()[1:])
    own = f":{port:04X}"
    return {f"socket:[{r[9]}]" for r in rows if r[1].endswith(own) and r[3] == state}


def _descriptors(pid: int) -> Iterator[str]:
    """The open descriptors of a process; none if it has ended."""
    with suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                yield os.readlink(descriptor)


def _is_worker(pid: str) -> bool:
    with suppress(OSError):
        return "deploy.serving.worker" in Path(f"/proc/{pid}/cmdline").read_text()
    return False
