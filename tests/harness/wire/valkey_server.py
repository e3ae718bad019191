"""A Valkey for a single test, which can be stopped, frozen and restarted."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.harness.database.row_lock import until
from tests.harness.programs.system import program_path
from tests.harness.wire.ports import kept_port

PROGRAM = "valkey-server"


@dataclass(slots=True)
class ValkeyServer:
    """A server on a socket in a folder. Its data are lost when it ends."""

    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"valkey://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it; returns when it accepts connections."""
        program = program_path(PROGRAM)
        assert program is not None
        place = ("--port", str(self.port), "--bind", "127.0.0.1")
        quiet = ("--save", "", "--dir", str(self.folder), "--loglevel", "warning")
        self._process = subprocess.Popen(
            [program, *place, *quiet], stdout=subprocess.DEVNULL
        )
        until(self._answers)

    def hold_up(self) -> None:
        """Freezes it: it accepts connections, but does not answer."""
        self._signal(signal.SIGSTOP)

    def let_go(self) -> None:
        self._signal(signal.SIGCONT)

    def end(self) -> None:
        """Stops it; its data are lost."""
        if self._process is not None:
            self._signal(signal.SIGKILL)
            self._process.wait(timeout=60)
            self._process = None

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as link:
                link.sendall(b"PING\r\n")
                return link.recv(16) == b"+PONG\r\n"
        except OSError:
            return False


@contextmanager
def running() -> Iterator[ValkeyServer]:
    """Runs a server on a free port; a restart uses the same port."""
    with TemporaryDirectory(prefix="pc-") as folder:
        server = ValkeyServer(Path(folder), kept_port())
        try:
            server.start()
            yield server
        finally:
            server.end()
