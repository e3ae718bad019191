"""Posts to the API that get through, as whoever loads much data needs them.

A request is sent again when it was turned away for a while, and when the connection
was lost and nobody knows whether it was done. The idempotency key, the same each
time, is what makes that safe: a record is never made twice.
"""

import http.client
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from queue import LifoQueue
from typing import Any
from urllib.parse import SplitResult, urlsplit

VERSION = "2026-11-01"

ATTEMPTS = 10
# The same request is still running; too many requests; overloaded.
TRY_AGAIN = (409, 429, 503)
PAGE = 100


class LoadError(Exception):
    """The API refused a request; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Created:
    """A record, and whether it was there already."""

    record: Any
    replayed: bool


@dataclass(slots=True)
class Tally:
    """What a load did so far: records made, records that were there already."""

    created: int = 0
    replayed: int = 0

    @property
    def done(self) -> int:
        return self.created + self.replayed

    def add(self, answer: Created) -> None:
        """Counts one record more."""
        if answer.replayed:
            self.replayed += 1
        else:
            self.created += 1


class Poster:
    """Posts as whoever holds the token, on as many kept connections as are asked for.

    `url` is the server's, without a path. As many threads may post at once as there
    are connections; one more waits for its turn.
    """

    def __init__(self, url: str, token: str, connections: int = 1) -> None:
        self.connections = connections
        self._free: LifoQueue[http.client.HTTPConnection] = LifoQueue()
        for _ in range(connections):
            self._free.put(_connection(urlsplit(url)))
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Version": VERSION,
            "Content-Type": "application/json",
        }

    def create(self, path: str, body: Mapping[str, Any], key: str) -> Created:
        """Creates a record, once for each key. Raises LoadError."""
        headers, answer = self._send(path, body, key, {"Idempotency-Key": key})
        return Created(answer, headers.get("Idempotent-Replayed") == "true")

    def find(self, path: str, **query: object) -> Iterator[Any]:
        """All records that a search finds, page by page. Raises LoadError."""
        query = {"limit": PAGE, **query}
        while True:
            _, page = self._send(f"{path}/search", query, f"{path}/search", {})
            yield from page["data"]
            if not page["meta"]["cursor"]["has_more"]:
                return
            query["cursor"] = page["meta"]["cursor"]["next"]

    def close(self) -> None:
        """Closes the connections; nobody may be posting."""
        while not self._free.empty():
            self._free.get().close()

    def _send(
        self,
        path: str,
        body: Mapping[str, Any],
        what: str,
        more_headers: Mapping[str, str],
    ) -> tuple[Message, Any]:
        """Sends until there is an answer; `what` names the request in an error."""
        data, headers = json.dumps(body).encode(), self._headers | dict(more_headers)
        connection = self._free.get()
        try:
            for attempt in range(ATTEMPTS):
                answer = _post(connection, f"/v1{path}", data, headers)
                if answer is None:
                    time.sleep(min(2**attempt / 10, 10))
                elif answer.status in (200, 201):
                    return answer.headers, json.loads(answer.body)
                elif answer.status in TRY_AGAIN:
                    time.sleep(float(answer.headers.get("Retry-After", "1")))
                else:
                    text = answer.body.decode(errors="replace")
                    raise LoadError(f"{what}: {answer.status} {text}")
        finally:
            self._free.put(connection)
        raise LoadError(f"{what}: no answer after {ATTEMPTS} attempts")


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Message
    body: bytes


def _connection(url: SplitResult) -> http.client.HTTPConnection:
    """A connection that opens when it is first used, and again after it was closed."""
    if url.scheme == "https":
        return http.client.HTTPSConnection(url.netloc, timeout=60)
    return http.client.HTTPConnection(url.netloc, timeout=60)


def _post(
    connection: http.client.HTTPConnection,
    path: str,
    data: bytes,
    headers: Mapping[str, str],
) -> _Answer | None:
    """Posts once. None: the connection was lost, and the request may be done or not."""
    try:
        connection.request("POST", path, data, dict(headers))
        response = connection.getresponse()
        return _Answer(response.status, response.headers, response.read())
    except (OSError, http.client.HTTPException):
        connection.close()
        return None
