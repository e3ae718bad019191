"""Radicale, a CalDAV server that others wrote, which keeps what a calendar has."""

import http.client
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.harness.promptly import within

_PERSON = "/person/"
_COLLECTION = f"{_PERSON}meetings/"
_PATIENCE_SECONDS = 20.0


@contextmanager
def served(folder: Path, port: int) -> Iterator["Radicale"]:
    """The server, with nothing in it, as long as it is needed."""
    given = {
        "server-hosts": f"127.0.0.1:{port}",
        "auth-type": "none",
        "storage-filesystem-folder": str(folder),
        "logging-level": "warning",
    }
    options = [f"--{name}={value}" for name, value in given.items()]
    command = [sys.executable, "-m", "radicale", "--config", "", *options]
    with subprocess.Popen(command) as process:
        try:
            server = Radicale(port)
            assert within(_PATIENCE_SECONDS, server.answers)
            server.begin()
            yield server
        finally:
            process.terminate()


class Radicale:
    """One calendar on the server."""

    def __init__(self, port: int) -> None:
        self._port = port

    def answers(self) -> bool:
        """Whether the server is up."""
        try:
            return self._ask("GET", "/.web/")[0] < 500
        except OSError:
            return False

    def begin(self) -> None:
        """Makes the place in which a person has calendars."""
        status, said = self._ask("MKCOL", _PERSON)
        assert status == 201, said

    def keep(self, calendar: bytes) -> None:
        """Puts a whole calendar in the place of the one before."""
        status, said = self._ask("PUT", _COLLECTION, calendar)
        assert status == 201, said

    def kept(self) -> bytes:
        """The calendar, written by the server."""
        status, said = self._ask("GET", _COLLECTION)
        assert status == 200, said
        return said

    def _ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            headers = {"Content-Type": "text/calendar; charset=utf-8"} if body else {}
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
