"""How a stream begins: a request reads its first page, and its line goes on."""

from typing import Any

from sanic import Request

from edge.calls.answers import Answer, head
from edge.calls.exchange import Exchange
from edge.state import Edge
from edge.streams.hub import SIGN, Hub
from edge.streams.line import Line
from edge.streams.reading import Pages, Reader, Told

MEDIA_TYPE = "text/event-stream"
# When a client that lost its connection comes back.
RETRY = b"retry: 1000\n\n"


class StreamAnswer(Answer):
    """The head of a stream's answer, and its first page. `follow` sends both."""

    def __init__(self, reader: Reader, told: Told, headers: dict[str, str]) -> None:
        super().__init__(b"", 200, headers)
        self.reader, self.told = reader, told


class Streams:
    """Begins streams, and keeps them."""

    def __init__(self, edge: Edge) -> None:
        self._pages = Pages(edge)
        self._hub = Hub(edge, self._pages)

    async def begin(self, edge: Edge, exchange: Exchange) -> StreamAnswer:
        """Reads the first page. What is wrong with the request is a problem still."""
        edge.readers.check(exchange.caller.shares_of, streams=True)
        reader, told = await self._pages.begin(exchange)
        headers = head(exchange)
        headers |= {"content-type": MEDIA_TYPE, "Cache-Control": "no-store"}
        headers["X-Accel-Buffering"] = "no"  # a proxy must not collect events
        return StreamAnswer(reader, told, headers)

    async def follow(self, request: Request, answer: StreamAnswer) -> None:
        """Sends head and first page. From then on the stream has its own line."""
        told, transport = answer.told, request.transport
        assert transport is not None  # noqa: S101 - it has sent the request
        connection: Any = transport.get_protocol()
        connection.http.keep_alive = False  # the connection ends with the stream
        response = await request.respond(answer)
        sign = SIGN + b"id: %b\n\n" % told.cursor.encode()
        await response.send(RETRY + (told.events or sign))
        if connection.transport is None or connection.conn_info.lost:
            return  # the client has left
        line = Line(answer.reader, told.cursor, connection, self._hub)
        self._hub.add(line, told.place, has_more=told.has_more)

    def end(self) -> None:
        """Ends all streams: the edge ends."""
        self._hub.end()
