"""Radicale, a CalDAV server that others wrote, which keeps what a calendar has."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.client import Answer, Client
from tests.harness.promptly import within

_PERSON = "/person/"
_COLLECTION = f"{_PERSON}meetings/"
_MEDIA_TYPE = "text/calendar; charset=utf-8"
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
            with closing(Client(f"127.0.0.1:{port}")) as client:
                server = Radicale(client)
                assert within(_PATIENCE_SECONDS, server.answers)
                server.begin()
                yield server
        finally:
            process.terminate()


class Radicale:
    """One calendar on the server."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def answers(self) -> bool:
        """Whether the server is up."""
        try:
            return self._client.raw("GET", "/.web/", None, {}).status < 500
        except ConnectionRefusedError:
            self._client.close()
            return False

    def begin(self) -> None:
        """Makes the place in which a person has calendars."""
        self._done("MKCOL", _PERSON, None, 201)

    def keep(self, calendar: bytes) -> None:
        """Puts a whole calendar in the place of the one before."""
        self._done("PUT", _COLLECTION, calendar, 201)

    def kept(self) -> bytes:
        """The calendar, written by the server."""
        return self._done("GET", _COLLECTION, None, 200).body

    def _done(self, method: str, path: str, body: bytes | None, status: int) -> Answer:
        headers = {} if body is None else {"Content-Type": _MEDIA_TYPE}
        answer = self._client.raw(method, path, body, headers)
        assert answer.status == status, answer.body
        return answer
