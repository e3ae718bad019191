"""A NATS server with JetStream for a single test, which can be ended and restarted."""

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

PROGRAM = "nats-server"


@dataclass(slots=True)
class NatsServer:
    """A server on a port, with its streams in a folder that a restart finds again."""

    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it; returns when it accepts connections."""
        program = program_path(PROGRAM)
        assert program is not None
        place = ("-a", "127.0.0.1", "-p", str(self.port))
        kept = ("-js", "-sd", str(self.folder))
        self._process = subprocess.Popen(
            [program, *place, *kept],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(self._answers)

    def end(self) -> None:
        """Ends it; what it has stored stays."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=60)
            self._process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as link:
                return link.recv(4) == b"INFO"
        except OSError:
            return False


@contextmanager
def running() -> Iterator[NatsServer]:
    """Runs a server on a free port; a restart uses the same port."""
    with TemporaryDirectory(prefix="pc-") as folder:
        server = NatsServer(Path(folder), kept_port())
        try:
            server.start()
            yield server
        finally:
            server.end()
