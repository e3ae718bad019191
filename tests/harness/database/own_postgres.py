"""A PostgreSQL that a test may stop, kill, freeze and slow down as it likes.

The product is given its URL, and so neither starts nor stops it.
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
        """Starts it, as it was left."""
        running = postgres.running(self.folder, lambda _: None)
        self.url = self._running.enter_context(running)

    def stop(self) -> None:
        """Stops it in good order; whoever is connected is cut off."""
        self._running.close()

    def kill(self) -> None:
        """Kills all of its processes."""
        kill(self.folder)
        self._running.close()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stands still for as long as the block: takes connections, says nothing."""
        signal_all(self.folder, signal.SIGSTOP)
        try:
            yield
        finally:
            signal_all(self.folder, signal.SIGCONT)

    @contextmanager
    def slowed(self) -> Iterator[None]:
        """Stands still for most of the time that the block takes."""
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
    """Runs one in a folder until the block ends."""
    server = OwnPostgres(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def migrated_postgres() -> Iterator[OwnPostgres]:
    """Runs a server in a folder of its own, with the newest schema."""
    with TemporaryDirectory(prefix="pc-") as folder:
        ready_made(Path(folder))
        with own_postgres(Path(folder)) as made:
            yield made


def processes(folder: Path) -> Iterator[int]:
    """Finds the processes that work in PostgreSQL's folder, which all of its do."""
    home = str((folder / "postgres").resolve())
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if os.readlink(entry / "cwd") == home:
                    yield int(entry.name)


def signal_all(folder: Path, number: signal.Signals) -> None:
    """Sends a signal to all of a server's processes, those it makes meanwhile too."""
    reached: set[int] = set()
    while fresh := set(processes(folder)) - reached:
        for pid in sorted(fresh):  # the oldest makes the others
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
    """Whether a process is there and no zombie that its parent has yet to collect."""
    with suppress(OSError):
        stat = Path(f"/proc/{pid}/stat").read_text()
        return not stat.rpartition(")")[2].startswith(" Z")
    return False
