"""Round trips to PostgreSQL, counted on the wire between the product and its server.

A relay forwards every byte and reads the product's messages: every message that makes
the server answer is a round trip, including `BEGIN` and `COMMIT`.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, quote, urlsplit

_SOCKET = ".s.PGSQL.5432"
_PARSE, _BIND, _QUERY = b"P", b"B", b"Q"
# Sync, Flush and a simple query: after each of them the server sends its answers.
_ASKS = (b"S", b"H", _QUERY)


@dataclass(slots=True)
class RoundTrips:
    """`url` is the database's URL through the relay; `seen` are the round trips."""

    url: str
    seen: list[str] = field(default_factory=list)

    def take(self) -> list[str]:
        """The round trips since the last call, each as its SQL."""
        taken, self.seen = self.seen, []
        return taken


@dataclass(slots=True)
class _Frontend:
    """The client's messages on one connection (PostgreSQL's manual, 54.7)."""

    trips: RoundTrips
    data: bytes = b""
    begun: bool = False  # the first message has no type
    statements: dict[bytes, str] = field(default_factory=dict)  # by name
    carried: list[str] = field(default_factory=list)  # since the last round trip

    def feed(self, data: bytes) -> None:
        """Reads every complete message."""
        self.data += data
        start = int(self.begun)
        while len(self.data) >= start + 4:
            end = start + int.from_bytes(self.data[start : start + 4], "big")
            if len(self.data) < end:
                return
            message, self.data = self.data[:end], self.data[end:]
            if self.begun:
                self._read(message[:1], message[5:])
            self.begun, start = True, 1

    def _read(self, kind: bytes, body: bytes) -> None:
        if kind == _PARSE:
            name, sql, _ = body.split(b"\0", 2)
            self.statements[name] = sql.decode()
        elif kind == _BIND:
            _, name, _ = body.split(b"\0", 2)
            self.carried.append(self.statements[name])
        elif kind == _QUERY:
            self.carried.append(body.rstrip(b"\0").decode())
        if kind in _ASKS:
            self.trips.seen.append("; ".join(self.carried) or "(prepares a statement)")
            self.carried.clear()


@contextmanager
def counted(database_url: str) -> Iterator[RoundTrips]:
    """A relay in front of a database's server, which listens on a local socket."""
    place = urlsplit(database_url)
    (server,) = parse_qs(place.query)["host"]
    with TemporaryDirectory(prefix="pc-") as folder:
        query = f"host={quote(folder)}"
        trips = RoundTrips(place._replace(query=query).geturl())

        async def relay(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            frontend = _Frontend(trips)
            path = str(Path(server) / _SOCKET)
            answers, asks = await asyncio.open_unix_connection(path)
            await asyncio.gather(
                _pass_on(reader, asks, frontend.feed),
                _pass_on(answers, writer, lambda _: None),
            )

        with _listening(relay, Path(folder) / _SOCKET):
            yield trips


async def _pass_on(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    look: Callable[[bytes], None],
) -> None:
    while data := await reader.read(65_536):
        look(data)
        writer.write(data)
        await writer.drain()
    writer.close()


@contextmanager
def _listening(
    relay: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    path: Path,
) -> Iterator[None]:
    """Runs a server on a local socket in a separate thread."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    stop = asyncio.Event()

    async def serve() -> None:
        async with await asyncio.start_unix_server(relay, path):
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(60)
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
