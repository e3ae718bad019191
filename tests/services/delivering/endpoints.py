"""Endpoints of tests: servers that answer well, and in each way that is bad."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Answering = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class Received:
    """One request: its head's lines by name, and its body."""

    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Endpoint:
    """A server and what it received. `answer` is called for each request."""

    answer: Answering
    port: int = 0
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    at_once: int = 0
    most_at_once: int = 0

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answers the requests of one connection."""
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                lines = (line.partition(": ") for line in head[1:] if line)
                headers = {name.lower(): value for name, _, value in lines}
                body = await reader.readexactly(int(headers["content-length"]))
                self.received.append(Received(headers, body))
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
                try:
                    await self.answer(writer)
                finally:
                    self.at_once -= 1
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def answers(text: bytes) -> Answering:
    """Answers each request with the same bytes."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()

    return answer


def status(code: int, *lines: str) -> Answering:
    """Answers each request with a status and lines of the head."""
    head = "".join(f"{line}\r\n" for line in lines)
    text = f"HTTP/1.1 {code} So\r\n{head}Content-Length: 0\r\n\r\n"
    return answers(text.encode())


async def never(_: asyncio.StreamWriter) -> None:
    """Does not answer."""
    await asyncio.Event().wait()


async def resets(writer: asyncio.StreamWriter) -> None:
    """Ends the connection instead of an answer."""
    writer.transport.abort()


async def endless_body(writer: asyncio.StreamWriter) -> None:
    """Answers with a body that never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 4_096)
        await writer.drain()


async def dripping_body(writer: asyncio.StreamWriter) -> None:
    """Promises a body and sends its first byte."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")
    await asyncio.Event().wait()


async def endless_head(writer: asyncio.StreamWriter) -> None:
    """Answers with a head that never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-More: " + b"x" * 1_000 + b"\r\n")
        await writer.drain()


@asynccontextmanager
async def serving(
    answer: Answering, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Endpoint]:
    """Serves on a loopback port."""
    endpoint = Endpoint(answer)
    running: set[asyncio.Task[None]] = set()

    async def accept(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            await endpoint.serve(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            running.discard(task)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    endpoint.port = server.sockets[0].getsockname()[1]
    try:
        yield endpoint
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


# Takes all that comes.
TAKES = answers(OK)
