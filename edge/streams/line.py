"""The connection of a stream, from its first event to its end.

It takes the place of Sanic's connection when the head is sent. So a stream that waits
is one small object: no task, no request, no timer. It is written to by `Hub`.
"""

import asyncio
from typing import Any, Protocol

from edge.http.connection import bytes_left
from edge.streams.reading import Reader

_END = b"0\r\n\r\n"


class Keeper(Protocol):
    """What keeps lines."""

    def resumed(self, line: "Line") -> None:
        """A line may be told more."""

    def lost(self, line: "Line") -> None:
        """A line has closed."""


class Line(asyncio.Protocol):
    """A client that is told changes.

    `slot` is its place in the hub's round, `again_at` when it gets a new cursor at the
    latest, in seconds of the event loop.
    """

    # What the drain of the server asks of each connection.
    http = None

    __slots__ = (
        "_connections",
        "_keeper",
        "again_at",
        "cursor",
        "is_busy",
        "is_open",
        "is_paused",
        "is_woken",
        "reader",
        "slot",
        "transport",
    )

    def __init__(
        self, reader: Reader, cursor: str, connection: Any, keeper: Keeper
    ) -> None:
        """Takes the place of Sanic's connection, whose task ends with that."""
        self.reader, self.cursor, self._keeper = reader, cursor, keeper
        self._connections: set[Any] = connection.connections
        self.transport, connection.transport = connection.transport, None
        self.slot, self.again_at = 0, 0.0
        # A page is read for it; it is to read another one; it may be told more.
        self.is_busy = self.is_woken = False
        self.is_paused, self.is_open = not connection.takes_more, True
        self._connections.discard(connection)
        self._connections.add(self)
        self.transport.set_protocol(self)
        connection.http.leave()

    def write(self, data: bytes) -> None:
        """Sends a part of the answer."""
        if self.is_open and not self.transport.is_closing():
            self.transport.write(b"%x\r\n%b\r\n" % (len(data), data))

    def end(self, data: bytes = b"") -> None:
        """Sends the last part, and closes."""
        if data:
            self.write(data)
        if self.is_open and not self.transport.is_closing():
            self.transport.write(_END)
        self.is_open = False
        self.transport.close()

    def bytes_left(self) -> int:
        """How much the client has not taken yet."""
        return bytes_left(self.transport)

    def abort(self) -> None:
        """Closes at once."""
        self.is_open = False
        self.transport.abort()

    def close_if_idle(self) -> bool:
        """Whether it was closed: a stream is never idle."""
        return False

    def pause_writing(self) -> None:
        """The client is slow: nothing is read for it until it has taken more."""
        self.is_paused = True

    def resume_writing(self) -> None:
        """It is told what has happened meanwhile."""
        self.is_paused = False
        self._keeper.resumed(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has left, or everything is sent."""
        self.is_open = False
        self._connections.discard(self)
        self._keeper.lost(self)
