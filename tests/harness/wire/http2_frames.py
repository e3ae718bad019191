"""A relay between a client and a server of HTTP/2. It sees frames that callers cannot
see: pings, and the reason for the end of a connection (RFC 9113, 6.7 and 6.8).
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

CALM_DOWN = 0xB  # ENHANCE_YOUR_CALM

_PREFACE_BYTES = 24
_HEAD_BYTES = 9
_PING, _GOAWAY, _ACK = 0x6, 0x7, 0x1


@dataclass(slots=True)
class Wire:
    """The relayed frames: the client's pings, and the errors of GOAWAY frames."""

    port: int = 0
    pings: int = 0
    goodbyes: list[int] = field(default_factory=list)
    _noted: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, pings: int) -> None:
        """Waits for `pings` pings, or for a GOAWAY."""
        while self.pings < pings and not self.goodbyes:
            self._noted.clear()
            await self._noted.wait()

    def from_client(self, kind: int, flags: int, payload: bytes) -> None:
        """Records a frame of the client."""
        if kind == _PING and not flags & _ACK:
            self.pings += 1
            self._noted.set()

    def from_server(self, kind: int, flags: int, payload: bytes) -> None:
        """Records a frame of the server."""
        if kind == _GOAWAY:
            self.goodbyes.append(int.from_bytes(payload[4:8], "big"))
            self._noted.set()


@asynccontextmanager
async def wire_to(port: int) -> AsyncIterator[Wire]:
    """A relay to a server; the client connects to the relay's own port."""
    wire = Wire()
    ends: set[asyncio.StreamWriter] = set()

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        ends.update((writer, far_writer))
        async with asyncio.TaskGroup() as both:
            both.create_task(
                _pass(reader, far_writer, _PREFACE_BYTES, wire.from_client)
            )
            both.create_task(_pass(far_reader, writer, 0, wire.from_server))

    server = await asyncio.start_server(join, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        for end in ends:
            end.close()
        await server.wait_closed()


async def _pass(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    skipped: int,
    note: Callable[[int, int, bytes], None],
) -> None:
    """Forwards all bytes, and reports each complete frame."""
    unread = b""
    while data := await _read(reader):
        writer.write(data)
        unread += data
        taken, skipped = min(skipped, len(unread)), max(0, skipped - len(unread))
        unread = unread[taken:]
        while not skipped and len(unread) >= _HEAD_BYTES:
            end = _HEAD_BYTES + int.from_bytes(unread[:3], "big")
            if len(unread) < end:
                break
            note(unread[3], unread[4], unread[_HEAD_BYTES:end])
            unread = unread[end:]
    writer.close()


async def _read(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(65_536)
    except ConnectionError:
        return b""
