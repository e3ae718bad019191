"""A client of server-sent events, as small as can be."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlencode

STREAM = "/v1/changes/stream"
PATIENCE_SECONDS = 60


class Events:
    """What a stream sends; `last_id` is the last cursor in it."""

    def __init__(self, answer: HTTPResponse) -> None:
        self.answer = answer
        self.last_id = ""

    def block(self) -> dict[str, str]:
        """The next block; a comment is the field with an empty name."""
        found: dict[str, str] = {}
        while line := self.answer.readline().decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            found[name.rstrip(":")] = value
        self.last_id = found.get("id", self.last_id)
        return found

    def event(self) -> tuple[str, Any]:
        """The next event: its name and its data."""
        while "data" not in (block := self.block()):
            assert block, "the stream has ended"
        return block["event"], json.loads(block["data"])

    def rest(self) -> bytes:
        """What comes until the end."""
        return self.answer.read()


@contextmanager
def streaming(
    address: str, token: str, last_id: str = "", **query: str
) -> Iterator[Events]:
    """Opens a stream of changes at `host:port`."""
    connection = HTTPConnection(address, timeout=PATIENCE_SECONDS)
    headers = {"Authorization": f"Bearer {token}", "Version": "2026-11-01"}
    if last_id:
        headers["Last-Event-ID"] = last_id
    connection.request("GET", f"{STREAM}?{urlencode(query)}", headers=headers)
    answer = connection.getresponse()
    try:
        assert answer.status == 200, answer.read()
        assert answer.headers["Content-Type"] == "text/event-stream"
        yield Events(answer)
    finally:
        answer.close()  # the connection ends with it
        connection.close()
