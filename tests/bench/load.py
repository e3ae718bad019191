"""The load generator: persistent connections, each of which sends its next request as
soon as it has an answer. Every answer is checked, and a wrong one ends the measurement.

It is a protocol on uvloop that sends prepared requests, and parses only status, head
and `Content-Length`: it must cost far less than the measured program.
"""

import asyncio
import re
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, NamedTuple, TypeVar

import uvloop

CONNECTIONS = 16
PATIENCE_SECONDS = 30.0  # for the last answers

Reading = TypeVar("Reading")

_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class WrongAnswer(Exception):
    """The answer is not the expected one, or there is none."""


class Exchange(NamedTuple):
    """A request, byte for byte, and the answer to it.

    `body` is the whole body, or without `whole` a text that must be in it.
    """

    request: bytes
    status: bytes
    body: bytes
    whole: bool


NextExchange = Callable[[], Exchange]


@dataclass(frozen=True, slots=True)
class Loaded(Generic[Reading]):
    """The result of a load: the seconds of each answer and of all, the processor
    seconds of the generator itself, and the meter's readings before and after."""

    latencies: Sequence[float]
    seconds: float
    own_cpu: float
    before: Reading
    after: Reading

    @property
    def requests(self) -> int:
        return len(self.latencies)


def load(
    address: str,
    next_exchange: NextExchange,
    meter: Callable[[], Reading],
    seconds: float,
    most: float = float("inf"),
) -> Loaded[Reading]:
    """Keeps `address` (`host:port`) busy for a time, or with a number of requests.

    Meter and clock are read after all connections are open, and again after all have
    their last answers. Raises WrongAnswer.
    """
    return uvloop.run(_load(address, next_exchange, meter, seconds, most))


async def _load(
    address: str,
    next_exchange: NextExchange,
    meter: Callable[[], Reading],
    seconds: float,
    most: float,
) -> Loaded[Reading]:
    run = _Run(next_exchange, most, asyncio.get_running_loop().create_future())
    await _connect(run, address)
    before = meter()
    cpu, began = time.process_time(), time.perf_counter()
    run.start(began, seconds)
    try:
        async with asyncio.timeout(seconds + PATIENCE_SECONDS):
            await run.done
    except TimeoutError:
        raise WrongAnswer("an answer never came") from None
    finally:
        run.abort()
    took, used = time.perf_counter() - began, time.process_time() - cpu
    return Loaded(run.latencies, took, used, before, meter())


async def _connect(run: "_Run", address: str) -> None:
    host, _, port = address.rpartition(":")
    loop = asyncio.get_running_loop()
    for _ in range(CONNECTIONS):
        _, client = await loop.create_connection(partial(_Client, run), host, int(port))
        run.open.append(client)


@dataclass(slots=True)
class _Run:
    """The shared state of the connections of a load."""

    next_exchange: NextExchange
    left: float
    done: asyncio.Future[None]
    ends: float = 0.0
    latencies: "array[float]" = field(default_factory=lambda: array("d"))
    open: list["_Client"] = field(default_factory=list)

    def start(self, now: float, seconds: float) -> None:
        """Makes every connection send its first request."""
        self.ends = now + seconds
        for client in tuple(self.open):
            client.ask(now)

    def finish(self, client: "_Client") -> None:
        """Records that a connection has finished."""
        self.open.remove(client)
        client.transport.close()
        if not self.open and not self.done.done():
            self.done.set_result(None)

    def fail(self, why: str) -> None:
        """Ends the load with an error."""
        if not self.done.done():
            self.done.set_exception(WrongAnswer(why))

    def abort(self) -> None:
        """Closes the open connections."""
        for client in self.open:
            client.transport.abort()


class _Client(asyncio.Protocol):
    """One connection: sends a request, reads and checks the answer, sends the next."""

    __slots__ = ("exchange", "received", "run", "sent", "transport")

    exchange: Exchange
    sent: float
    transport: asyncio.Transport

    def __init__(self, run: _Run) -> None:
        self.run = run
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # of a connection

    def connection_lost(self, exc: Exception | None) -> None:
        if self in self.run.open:
            self.run.fail(f"the connection was closed: {exc}")

    def ask(self, now: float) -> None:
        """Sends the next request, if it is time for one."""
        run = self.run
        if now >= run.ends or run.left < 1:
            run.finish(self)
            return
        run.left -= 1
        self.exchange = run.next_exchange()
        self.sent = now
        self.transport.write(self.exchange.request)

    def data_received(self, data: bytes) -> None:
        if self.received:
            data = self.received + data
        head = data.find(_HEAD_END)
        length = content_length(data, head) if head > 0 else None
        if length is None or len(data) < head + 4 + length:
            if head > 0 and length is None:
                self.run.fail(f"an answer without Content-Length: {data[:500]!r}")
            self.received = data
            return
        now = time.perf_counter()
        self.received = b""
        if not _is_right(self.exchange, data, head + 4):
            self.run.fail(f"{self.exchange.request!r} was answered {data[:1000]!r}")
            return
        self.run.latencies.append(now - self.sent)
        self.ask(now)


def content_length(answer: bytes, head: int) -> int | None:
    """The `Content-Length` of an answer whose head ends at `head`, if it has one."""
    found = _LENGTH.search(answer, 0, head + 2)
    return int(found[1]) if found else None


def _is_right(exchange: Exchange, answer: bytes, start: int) -> bool:
    """Whether an answer, whose body begins at `start`, is the expected one."""
    if answer[9:12] != exchange.status:
        return False
    if exchange.whole:
        return answer[start:] == exchange.body
    return answer.find(exchange.body, start) >= 0
