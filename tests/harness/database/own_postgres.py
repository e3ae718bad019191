"""A PostgreSQL that a test may stop, kill, freeze and slow down.

The product gets its URL, and so neither starts nor stops it.
"""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.embedded import postgres
from tests.harness.database.ready_made import ready_made

_HELD_SECONDS, _FREE_SECONDS = 0.15, 0.02


@dataclass(slots=True)
class OwnPostgres:
    """The server of a folder. Its URL is the same after each start."""

    folder: Path
    url: str = ""
    _running: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        """Starts it with its existing data."""
        running = postgres.running(self.folder, lambda _: None)
        self.url = self._running.enter_context(running)

    def stop(self) -> None:
        """Stops it regularly; all clients are disconnected."""
        self._running.close()

    def kill(self) -> None:
        """Kills all of its processes."""
        kill(self.folder)
        self._running.close()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Freezes it during the block: it accepts connections, but does not answer."""
        signal_all(self.folder, signal.SIGSTOP)
        try:
            yield
        finally:
            signal_all(self.folder, signal.SIGCONT)

    @contextmanager
    def slowed(self) -> Iterator[None]:
        """Freezes it for most of the time during the block."""
        over = threading.Event()

        def stutter() -> None:
            while not over.wait(_FREE_SECONDS):
                with self.frozen():
                    time.sleep(_HELD_SECONDS)

        thread = threading.Thread(target=stutter)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


@contextmanager
def own_postgres(folder: Path) -> Iterator[OwnPostgres]:
    """Runs a server in a folder until the block ends."""
    server = OwnPostgres(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def migrated_postgres() -> Iterator[OwnPostgres]:
    """Runs a server in a new folder, with the newest schema."""
    with TemporaryDirectory(prefix="pc-") as folder:
        ready_made(Path(folder))
        with own_postgres(Path(folder)) as made:
            yield made


def processes(folder: Path) -> Iterator[int]:
    """Finds PostgreSQL's processes: their working directory is its folder."""
    home = str((folder / "postgres").resolve())
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if os.readlink(entry / "cwd") == home:
                    yield int(entry.name)


def signal_all(folder: Path, number: signal.Signals) -> None:
    """Sends a signal to all processes of a server, including new ones."""
    reached: set[int] = set()
    while fresh := set(processes(folder)) - reached:
        for pid in sorted(fresh):  # the oldest is the parent of the others
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        reached |= fresh


def kill(folder: Path, *also: int) -> None:
    """Kills a server's processes, and some others with them, in any order."""
    while victims := [*processes(folder), *filter(_lives, also)]:
        random.shuffle(victims)
        for pid in victims:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _lives(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    with suppress(OSError):
        stat = Path(f"/proc/{pid}/stat").read_text()
        return not stat.rpartition(")")[2].startswith(" Z")
    return False
