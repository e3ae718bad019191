"""A small HTTP client for tests: one kept connection, every header under control."""

import http.client
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

VERSION = "2026-11-01"


def moment(text: str) -> datetime:
    """A timestamp of an answer, to be compared: as texts they do not sort."""
    return datetime.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: Sequence[str] = ()  # each Set-Cookie header, as it is

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def codes(self) -> dict[str, str]:
        """The faults of a validation problem: code by field."""
        return {fault["field"]: fault["code"] for fault in self.json["errors"]}


@dataclass(slots=True)
class Client:
    """Calls the API at `address` (`host:port`) as whoever holds `token`."""

    address: str
    token: str | None = None
    version: str | None = VERSION
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: object = None, **headers: str) -> Answer:
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: object, **headers: str) -> Answer:
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self.send("DELETE", path, **headers)

    def create(self, path: str, body: object, **headers: str) -> Any:
        """Posts, expects 201 and returns the record."""
        answer = self.post(path, body, **headers)
        assert answer.status == 201, (answer.status, answer.body)
        return answer.json

    def search(self, path: str, **body: object) -> Any:
        """Searches, expects 200 and returns the answer."""
        answer = self.post(f"{path}/search", body)
        assert answer.status == 200, (answer.status, answer.body)
        return answer.json

    def pages(self, path: str, **body: object) -> list[Any]:
        """Reads all pages of a search and returns their records."""
        records: list[Any] = []
        page = self.search(path, **body)
        while True:
            records += page["data"]
            cursor = page["meta"]["cursor"]
            assert cursor["has_more"] == (cursor["next"] is not None)
            if not cursor["has_more"]:
                return records
            page = self.search(path, **body, cursor=cursor["next"])

    def send(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> Answer:
        """Sends a request below `/v1`. Bytes go as they are, all else as JSON.

        Header names are keywords with `_` for `-`; they win over the usual ones.
        """
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        given = {name.replace("_", "-").lower(): text for name, text in headers.items()}
        return self.raw(method, f"/v1{path}", data, self._usual(data) | given)

    def raw(
        self, method: str, target: str, data: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        """Sends just this; tries once more when a kept connection was closed."""
        for attempt in (1, 2):
            if self._connection is None:
                self._connection = http.client.HTTPConnection(self.address, timeout=120)
            try:
                self._connection.request(method, target, data, dict(headers))
                response = self._connection.getresponse()
                answer = Answer(
                    response.status,
                    {name.lower(): text for name, text in response.getheaders()},
                    response.read(),
                    tuple(response.headers.get_all("set-cookie", ())),
                )
            except (http.client.RemoteDisconnected, BrokenPipeError):
                self.close()
                if attempt == 2:
                    raise
                continue
            if response.will_close:
                self.close()
            return answer
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Closes the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _usual(self, data: bytes | None) -> dict[str, str]:
        headers = {}
        if self.token is not None:
            headers["authorization"] = f"Bearer {self.token}"
        if self.version is not None:
            headers["version"] = self.version
        if data is not None:
            headers["content-type"] = "application/json"
        return headers
