"""An open load: requests come when it is their time, whether or not those before them
were answered.

Each takes a connection that is free, or opens another one while there may be more. One
that finds none is not sent, as with a client whose pool is used up.
"""

import asyncio
import time
from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import uvloop

from tests.bench.load import content_length

PATIENCE_SECONDS = 1.0  # an answer that comes later helps nobody
_TICK_SECONDS = 0.001
_ENDLESSLY = 20_000.0  # more a second than anybody answers
# For the last answers: a refusal is held back for five seconds at most.
_LAST_SECONDS = 10.0
_HEAD_END = b"\r\n\r\n"


@dataclass(slots=True)
class Outcome:
    """What became of the requests of a load; `latencies` are of good answers, from
    the time at which a request was to be sent, in seconds."""

    seconds: float
    due: int = 0
    unsent: int = 0
    late: int = 0
    refused: int = 0  # 503 or 429, with Retry-After
    failed: Counter[str] = field(default_factory=Counter)  # any other answer, or none
    latencies: "array[float]" = field(default_factory=lambda: array("d"))

    @property
    def good_per_second(self) -> float:
        return len(self.latencies) / self.seconds


def arrive(
    address: str,
    next_request: Callable[[], bytes],
    per_second: float,
    seconds: float,
    most: int,
) -> Outcome:
    """Sends so many requests a second to `host:port` over at most so many connections.

    The first fifth of the time warms up and is not counted.
    """
    host, _, port = address.rpartition(":")
    run = _Run(host, int(port), next_request, most)
    return uvloop.run(_arrive(run, per_second, seconds))


def ask_endlessly(
    address: str, request: bytes, connections: int, seconds: float
) -> None:
    """Asks for the same over and over: each connection as soon as it has its answer."""
    arrive(address, lambda: request, _ENDLESSLY, seconds, connections)


async def _arrive(run: "_Run", per_second: float, seconds: float) -> Outcome:
    began = now = time.perf_counter()
    sent, warm = 0, seconds / 5
    while now - began < seconds:
        run.counts = now - began >= warm
        while sent < (now - began) * per_second:
            sent += 1
            run.send(min(now, began + sent / per_second))
        await asyncio.sleep(_TICK_SECONDS)
        now = time.perf_counter()
    run.counts = False
    run.outcome.seconds = now - began - warm
    await run.last_answers()
    run.close()
    return run.outcome


@dataclass(slots=True)
class _Run:
    """The connections of a load, and what became of it so far."""

    host: str
    port: int
    next_request: Callable[[], bytes]
    most: int
    counts: bool = False
    outcome: Outcome = field(default_factory=lambda: Outcome(0.0))
    open: int = 0
    idle: list["_Client"] = field(default_factory=list)
    busy: set["_Client"] = field(default_factory=set)
    opening: set["asyncio.Task[None]"] = field(default_factory=set)

    def send(self, due: float) -> None:
        """Sends a request that is due now."""
        self.outcome.due += self.counts
        if self.idle:
            self.idle.pop().ask(self.next_request(), due, self.counts)
        elif self.open < self.most:
            self.open += 1
            task = asyncio.create_task(self._send_over_new(due, self.counts))
            self.opening.add(task)
            task.add_done_callback(self.opening.discard)
        else:
            self.outcome.unsent += self.counts

    async def _send_over_new(self, due: float, counts: bool) -> None:
        loop = asyncio.get_running_loop()
        make = partial(_Client, self)
        try:
            _, client = await loop.create_connection(make, self.host, self.port)
        except OSError as error:
            self.open -= 1
            self.outcome.failed[type(error).__name__] += counts
        else:
            client.ask(self.next_request(), due, counts)

    async def last_answers(self) -> None:
        """Waits for the answers that are under way, for a while."""
        ends = time.perf_counter() + _LAST_SECONDS
        while self.busy and time.perf_counter() < ends:  # noqa: ASYNC110 - of clients
            await asyncio.sleep(_TICK_SECONDS)

    def close(self) -> None:
        """Closes all connections; who has no answer yet gets none."""
        for client in (*self.idle, *self.busy):
            client.transport.abort()


class _Client(asyncio.Protocol):
    """One connection, with one request at a time."""

    __slots__ = ("counts", "due", "received", "run", "transport")

    transport: asyncio.Transport

    def __init__(self, run: _Run) -> None:
        self.run = run
        self.received = b""
        self.counts = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # of a connection

    def connection_lost(self, exc: Exception | None) -> None:
        run = self.run
        run.open -= 1
        if self in run.busy:
            run.busy.remove(self)
            run.outcome.failed["no answer"] += self.counts
        elif self in run.idle:
            run.idle.remove(self)

    def ask(self, request: bytes, due: float, counts: bool) -> None:
        """Sends a request that was due at a time."""
        self.run.busy.add(self)
        self.due, self.counts = due, counts
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.received += data
        head = self.received.find(_HEAD_END)
        length = (content_length(self.received, head) or 0) if head > 0 else 0
        if head < 0 or len(self.received) < head + 4 + length:
            return
        answer, self.received = self.received[: head + 4], b""
        if self.counts:
            _count(self.run.outcome, answer, time.perf_counter() - self.due)
        self.run.busy.discard(self)
        self.run.idle.append(self)


def _count(outcome: Outcome, head: bytes, took: float) -> None:
    if head[9:10] == b"2":
        if took <= PATIENCE_SECONDS:
            outcome.latencies.append(took)
        else:
            outcome.late += 1
    elif head[9:12] in (b"503", b"429") and b"\r\nretry-after:" in head.lower():
        outcome.refused += 1
    else:
        outcome.failed[head.partition(b"\r\n")[0].decode()] += 1
