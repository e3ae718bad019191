"""An S3-compatible store for tests. It checks signatures and keeps files in a folder.

It can be stopped, frozen, restarted and left without room for further files.
"""

import os
import resource
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.harness.database.row_lock import until
from tests.harness.wire.ports import kept_port

BUCKET = "files"
_START_SECONDS = 60.0  # on a busy machine as well


@dataclass(slots=True)
class S3Server:
    """A server on a port, with its buckets in a folder that a restart finds again."""

    folder: Path
    port: int
    secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def env(self) -> dict[str, str]:
        """By which the product finds it."""
        return {
            "AWS_ACCESS_KEY_ID": "tests",
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
        }

    def start(self) -> None:
        """Starts it; returns when it accepts connections."""
        (self.folder / BUCKET).mkdir(exist_ok=True)
        keys = {"NANIO_ACCESS_KEY": "tests", "NANIO_SECRET_KEY": self.secret}
        place = ("--host", "127.0.0.1", "--port", str(self.port))
        kept = ("--data-dir", str(self.folder), "--no-access-log")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "nanio", "serve", *place, *kept],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **keys},
        )
        until(self._answers, _START_SECONDS)

    def hold_up(self) -> None:
        """Freezes it: it accepts connections, but does not answer."""
        self._running().send_signal(signal.SIGSTOP)

    def let_go(self) -> None:
        """Lets it go on."""
        self._running().send_signal(signal.SIGCONT)

    def fill(self) -> None:
        """Takes the room for files: none can be written, but read and deleted."""
        self._limit(0)

    def make_room(self) -> None:
        """Gives the room back."""
        self._limit(resource.RLIM_INFINITY)

    def end(self) -> None:
        """Ends it; the files stay."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=60)
            self._process = None

    def files(self, prefix: str = "") -> list[str]:
        """The files below a prefix, without those of the server itself."""
        top, found = self.folder / BUCKET, list[str]()
        for folder, _, names in os.walk(top / prefix):  # while files are deleted
            at = Path(folder).relative_to(top)
            found += (str(at / each) for each in names)
        return sorted(each for each in found if not each.startswith(".nanio"))

    def keep(self, names: Iterable[str]) -> None:
        """Puts small files into the bucket, faster than by requests."""
        for each in names:
            kept = self.folder / BUCKET / each
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(b"x")

    def halves(self) -> list[str]:
        """What is kept of uploads in parts that have not ended."""
        kept = self.folder / ".nanio" / "multipart"
        found = (each for each in kept.rglob("*") if each.is_file())
        return [str(each) for each in found if each.stat().st_size]

    def _limit(self, size: int) -> None:
        pid = self._running().pid
        _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, most))

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as link:
                link.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                return link.recv(8) == b"HTTP/1.1"
        except OSError:
            return False


@contextmanager
def running() -> Iterator[S3Server]:
    """Runs a server on a free port; a restart uses the same port."""
    with TemporaryDirectory(prefix="pc-") as folder:
        server = S3Server(Path(folder), kept_port())
        try:
            server.start()
            yield server
        finally:
            server.end()
