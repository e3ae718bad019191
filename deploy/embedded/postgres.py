"""The embedded PostgreSQL: one server for each data folder, shared by processes.

A process that uses the server holds a shared lock on a file. The kernel releases the
lock when the process ends, even by a crash. The last process stops the server. After a
crash the next process finds the server running, or starts it, and PostgreSQL recovers
by itself. The durability settings are PostgreSQL's defaults.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from deploy.embedded.programs import Programs, find_programs
from deploy.errors import PostgresError
from deploy.private_files import make_folder, open_private

DATABASE = "prospectconnect"

# The settings that differ from PostgreSQL's defaults. Only a local socket is open.
SETTINGS = (
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=200",
    "shared_buffers=128MB",
    "maintenance_work_mem=256MB",
    "max_wal_size=2GB",
    # For a disk without moving parts. With the default of 4, PostgreSQL estimates the
    # generic plan of a page after a cursor too high, and plans each time again.
    "random_page_cost=1.1",
    # The log omits the details of an error, which contain the row.
    "log_error_verbosity=terse",
    "timezone=UTC",
    "log_timezone=UTC",
)

_INITDB_OPTIONS = (
    "--username=postgres",
    "--auth=trust",
    "--data-checksums",
    "--encoding=UTF8",
    "--locale=C",
)
_CREATE_DATABASE = (
    f"CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING 'UTF8' "
    "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'\n"
)
_SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_PATH_BYTES = 100  # macOS takes 103, Linux 107
_START_SECONDS = 300.0  # recovery after a crash may have much to replay
_STOP_SECONDS = 60.0
_POLL_SECONDS = 0.01

# The messages of PostgreSQL while a killed server or its children are still ending, or
# while a server is starting whose starter was killed.
_LEFTOVER = ("pre-existing shared memory block", 'lock file "postmaster.pid" already')
_ANSWER_SECONDS = 5.0

# PostgreSQL's SSLRequest. Every server answers it with one letter.
_ARE_YOU_THERE = (8).to_bytes(4, "big") + (80_877_103).to_bytes(4, "big")


@dataclass(frozen=True, slots=True)
class _Server:
    """The files of a server, and the programs that run it."""

    data: Path
    log: Path
    lock: Path  # locked while the server is set up, started or stopped
    users: Path  # locked (shared) by each process that uses the server
    socket_dir: Path
    programs: Programs

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/{DATABASE}?host={quote(str(self.socket_dir))}"


@contextmanager
def running(data_dir: Path, report: Callable[[str], None]) -> Iterator[str]:
    """Keeps the server of a data folder running and yields its database's URL.

    Creates the server if the folder has none, or uses one that another process has
    started. Stops it at the end unless another process still uses it. Raises
    PostgresError.
    """
    server = _describe(data_dir)
    with open_private(server.users) as users:
        with _locked(server.lock):
            if not _is_set_up(server.data):
                report(f"Setting up PostgreSQL in {server.data}")
                _set_up(server)
            if not _is_listening(server):
                _start(server)
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield server.url
        finally:
            with _locked(server.lock):
                if _is_last(users.fileno()):
                    _stop(server)


def has_ended(data_dir: Path) -> bool:
    """Whether no server runs on a data folder, according to its pid file.

    Raises OSError or ValueError if the file cannot be read.
    """
    data = data_dir / "postgres"
    lines = _pid_file(data)
    if not lines or _reused_pid(data) is not None:
        return True
    try:
        os.kill(int(lines[0]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # it runs under another account
        pass
    return False


def start_again(data_dir: Path) -> None:
    """Restarts the server of `running`, unless another process has done so.

    Raises PostgresError.
    """
    if not _is_set_up(data_dir / "postgres"):
        # Nothing is created instead, so that the folder can return.
        raise PostgresError(f"{data_dir / 'postgres'} is gone. Is its disk mounted?")
    server = _describe(data_dir)
    with _locked(server.lock):
        if not _is_listening(server):
            _start(server)


def _is_set_up(data: Path) -> bool:
    return (data / "PG_VERSION").exists()


def _describe(data_dir: Path) -> _Server:
    data_dir = data_dir.resolve()
    make_folder(data_dir)
    data = data_dir / "postgres"
    return _Server(
        data=data,
        log=data_dir / "postgres.log",
        lock=data_dir / "postgres.lock",
        users=data_dir / "postgres.users",
        socket_dir=_socket_dir(data),
        programs=find_programs(data_dir),
    )


def _socket_dir(data: Path) -> Path:
    """Returns the socket's folder: the data folder, unless its path is too long."""
    if len(os.fsencode(data / _SOCKET_NAME)) <= _SOCKET_PATH_BYTES:
        return data
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    # The same for every process, whatever its TMPDIR; only its owner may enter.
    return Path("/tmp") / f"prospectconnect-{name}"  # noqa: S108 - owned, 0700


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with open_private(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_last(users: int) -> bool:
    """Releases the lock of this process. Returns whether it was the last user."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_listening(server: _Server) -> bool:
    """Whether a server answers. A server just killed may still accept connections."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(_ANSWER_SECONDS)
        try:
            client.connect(str(server.socket_dir / _SOCKET_NAME))
            client.sendall(_ARE_YOU_THERE)
            return client.recv(1) in (b"N", b"S")
        except OSError:
            return False


def _set_up(server: _Server) -> None:
    """Creates the data folder with its database, completely or not at all."""
    unfinished = server.data.with_name("postgres.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    server.programs.own_folder(unfinished)
    place = ["-D", str(unfinished)]
    server.programs.run("initdb", [*place, *_INITDB_OPTIONS])
    server.programs.run("postgres", ["--single", *place, "template1"], _CREATE_DATABASE)
    try:
        unfinished.rename(server.data)
    except OSError:
        raise PostgresError(f"{server.data} is there, and is no database.") from None


def _start(server: _Server) -> None:
    """Starts the server and waits until it accepts connections."""
    server.programs.own_folder(server.socket_dir)
    _forget_copied_lock(server)
    deadline = time.monotonic() + _START_SECONDS
    while True:
        log_start = server.log.stat().st_size if server.log.exists() else 0
        process = _launch(server)
        while process.poll() is None and time.monotonic() < deadline:
            lines = _pid_file(server.data)
            if lines[:1] == [str(process.pid)] and lines[7:] == ["ready"]:
                # Waits for the exit status, so that no zombie process remains.
                threading.Thread(target=process.wait, daemon=True).start()
                return
            time.sleep(_POLL_SECONDS)
        process.terminate()
        process.wait()
        said = server.log.read_bytes()[log_start:].decode(errors="replace").strip()
        if not any(sign in said for sign in _LEFTOVER) or time.monotonic() > deadline:
            raise PostgresError(f"PostgreSQL does not start:\n{said}")
        time.sleep(10 * _POLL_SECONDS)
        if _is_listening(server):
            return


def _forget_copied_lock(server: _Server) -> None:
    """Removes the lock of a socket that was copied from another server's folder.

    A backup omits `postmaster.pid` and contains this file. It may name a server that
    still runs.
    """
    if server.socket_dir == server.data and not _pid_file(server.data):
        (server.data / f"{_SOCKET_NAME}.lock").unlink(missing_ok=True)


def _launch(server: _Server) -> subprocess.Popen[bytes]:
    arguments = ["-D", str(server.data)]
    for setting in (*SETTINGS, f"unix_socket_directories={server.socket_dir}"):
        arguments += ["-c", setting]
    variables = {}
    if (pid := _reused_pid(server.data)) is not None:
        # PostgreSQL does not take this pid in its lock files for a running server.
        variables["PG_GRANDPARENT_PID"] = str(pid)
    return server.programs.launch("postgres", arguments, server.log, variables)


def _pid_file(data: Path) -> list[str]:
    """Returns the lines of `postmaster.pid`: the pid first, its status eighth."""
    try:
        text = (data / "postmaster.pid").read_text()
    except FileNotFoundError:
        return []
    return [line.strip() for line in text.splitlines()]


def _reused_pid(data: Path) -> int | None:
    """Returns the pid in a stale pid file when it is now a zombie or another program.

    PostgreSQL would take such a process for a running server and refuse to start.
    """
    lines = _pid_file(data)
    if not lines:
        return None
    try:
        stat = Path(f"/proc/{lines[0]}/stat").read_text()
    except OSError:  # gone, or a system without /proc: PostgreSQL decides
        return None
    alive = "(postgres)" in stat and not stat.rpartition(")")[2].startswith(" Z")
    return None if alive else int(lines[0])


def _stop(server: _Server) -> None:
    """Stops the server after the transactions in flight have been rolled back."""
    lines = _pid_file(server.data)
    if not lines or not _is_listening(server):
        return
    os.kill(int(lines[0]), signal.SIGINT)
    deadline = time.monotonic() + _STOP_SECONDS
    while _pid_file(server.data):
        if time.monotonic() > deadline:
            raise PostgresError(f"PostgreSQL does not stop; see {server.log}")
        time.sleep(_POLL_SECONDS)
    if server.socket_dir != server.data:
        shutil.rmtree(server.socket_dir, ignore_errors=True)
