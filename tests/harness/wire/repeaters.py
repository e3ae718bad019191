"""Clients that never pause, and repeat failed requests with the same key, a few times.

They keep their connections open. They record accepted requests without an answer, and
problems, for the checks of the test.
"""

import http.client
import json
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import asyncpg

from tests.client import VERSION, Answer

CLIENTS = 8

_PATIENCE_SECONDS = 240.0
_LOOK_SECONDS = 0.02


@dataclass(slots=True)
class Repeater:
    """One client. A request's key identifies it; the e-mail address is made from it."""

    number: int
    address: str
    token: str
    attempts: int = 2
    acknowledged: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)  # failed in all attempts
    problems: list[Answer] = field(default_factory=list)
    slowest: float = 0.0  # seconds until an answer, or until the connection was lost
    cut: list[str] = field(default_factory=list)  # in flight, and never answered
    cut_new: list[str] = field(default_factory=list)  # the first on a connection
    _connection: http.client.HTTPConnection | None = None
    _is_new: bool = True

    def work(self, stop: threading.Event) -> None:
        """Creates one contact after the other until it is stopped."""
        while not stop.is_set():
            sent = len(self.acknowledged) + len(self.failed)
            key = f"{self.number}-{sent}"
            if any(self._succeeds(key) for _ in range(self.attempts)):
                self.acknowledged.append(key)
            else:
                self.failed.append(key)
        self._drop()

    def settle(self) -> None:
        """Repeats the failed requests with their keys: they must succeed now."""
        for key in self.failed:
            assert self._succeeds(key), self.problems[-1:]
        self._drop()

    def _succeeds(self, key: str) -> bool:
        connection = self._connected()
        began = time.monotonic()
        try:
            answer = self._ask(connection, key)
        except (OSError, http.client.HTTPException) as error:
            what = f"{key}: {error!r} after {time.monotonic() - began:.3f} s"
            (self.cut_new if self._is_new else self.cut).append(what)
            self._drop()
            return False
        finally:
            self.slowest = max(self.slowest, time.monotonic() - began)
        if answer.status == 201:
            return True
        self.problems.append(answer)
        time.sleep(min(1, int(answer.headers.get("retry-after", 0))))  # as required
        return False

    def _ask(self, connection: http.client.HTTPConnection, key: str) -> Answer:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Version": VERSION,
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        body = json.dumps({"email": f"c{key}@repeat.example"})
        connection.request("POST", "/v1/contacts", body, headers)
        response = connection.getresponse()
        named = {name.lower(): text for name, text in response.getheaders()}
        answer = Answer(response.status, named, response.read())
        self._is_new = False
        if response.will_close:
            self._drop()
        return answer

    def _connected(self) -> http.client.HTTPConnection:
        """The connection; a new one as soon as the server accepts connections."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while self._connection is None:
            connection = http.client.HTTPConnection(self.address, timeout=60)
            try:
                connection.connect()
            except OSError:
                assert time.monotonic() < deadline, "nobody is let in"
                time.sleep(_LOOK_SECONDS)
            else:
                self._connection, self._is_new = connection, True
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@contextmanager
def repeating(
    address: str, token: str, attempts: int = 2, count: int = CLIENTS
) -> Iterator[list[Repeater]]:
    """Runs clients that load an address during the block."""
    made = [Repeater(number, address, token, attempts) for number in range(count)]
    stop = threading.Event()
    with ThreadPoolExecutor(count) as threads:
        at_work: list[Future[None]] = [threads.submit(r.work, stop) for r in made]
        try:
            yield made
        finally:
            stop.set()
    for each in at_work:
        each.result()


async def doubled_or_lost(
    database_url: str, business_id: str, repeaters: Sequence[Repeater]
) -> list[str]:
    """The acknowledged requests that do not exist exactly once, and the others that
    exist more than once."""
    link = await asyncpg.connect(database_url)
    try:
        rows = await link.fetch(
            "SELECT email, count(*) FROM contacts WHERE business_id = $1 GROUP BY 1",
            business_id,
        )
    finally:
        await link.close()
    there = {str(email): int(count) for email, count in rows}
    owed = [f"c{k}@repeat.example" for r in repeaters for k in r.acknowledged]
    twice = [email for email, count in there.items() if count > 1]
    return [email for email in owed if email not in there] + twice
