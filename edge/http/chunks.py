"""Sanic's HTTP/1.1 with a strict parser of chunks, as RFC 9112 defines them.

A client that still sends when its request is refused gets the answer, too.

Sanic accepts as a chunk's size all that Python reads as a number, and does not check
the end of its data. A proxy that reads chunks differently would disagree on where the
request ends. So any violation of the grammar ends the connection (section 7.1).
"""

import asyncio
import re
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from sanic.exceptions import BadRequest
from sanic.http import Http, Stage
from sanic.http.http1 import HTTP_CONTINUE

# The most bytes of a size line with its extensions, and of all trailers. Both are
# discarded.
_LINE_BYTES = 256
_TRAILER_BYTES = 4096

_TEXT = rb"[\t\x20-\x7e\x80-\xff]*+"
# How long the rest of a refused request is read and discarded, in seconds.
_LINGER_SECONDS = 2.0

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:[ \t]*+;" + _TEXT + rb")?\r\n")
_TRAILER = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]++:" + _TEXT + rb"\r\n")
_END = b"\r\n"


class StrictHttp(Http):
    """Reads the requests of a connection, with strict parsing of chunks.

    Refused bytes stay in the buffer: reading on is refused again.
    """

    __slots__ = ("uploaded",)

    # The bytes of the body that have been taken so far, if it is an upload.
    uploaded: int
    # The types in Sanic's use; its annotations differ.
    request_body: Any
    request_bytes: Any
    response_func: Any

    async def http1(self) -> None:
        """Answers the requests of a connection, which is closed when this returns."""
        serve: Any = super().http1
        await serve()
        if self.recv_buffer or self.request_body:
            await self._linger()

    async def _linger(self) -> None:
        """Ends what is sent, and discards what still arrives, for a short time.

        The kernel resets a connection that is closed with bytes unread, and a client
        that is reset loses the answer that it has not read (RFC 9112, section 9.6).
        """
        transport = self.protocol.transport
        if transport is None or transport.is_closing():
            return
        if transport.can_write_eof():  # not with TLS
            transport.write_eof()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LINGER_SECONDS):
                while True:
                    self.recv_buffer.clear()
                    await self._receive_more()

    def read(self) -> Coroutine[Any, Any, bytes | None]:
        """Reads a part of a body; None at its end.

        It is no coroutine itself, because that would make every body slower.
        """
        return self._read_chunk() if self.request_body == "chunked" else super().read()

    async def _read_chunk(self) -> bytes | None:
        if self.expecting_continue:
            self.expecting_continue = False
            await self._send(HTTP_CONTINUE)
        if not self.request_bytes_left:
            size = await self._take_size()
            if not size:
                self.request_body = None
                return None
            self.request_bytes_left = size
            self.request_bytes += size
        return await super().read()  # within a chunk, Sanic counts correctly

    async def _take_size(self) -> int:
        """Takes the lines before a chunk's data; also those of the end, if it is 0."""
        # The end of the head, or of the previous data.
        if await self._line_at(0, len(_END)) != _END:
            raise self._refusal()
        line = await self._line_at(len(_END), _LINE_BYTES)
        if (found := _SIZE.fullmatch(line)) is None:
            raise self._refusal()
        size, taken = int(found[1], 16), len(_END) + len(line)
        if not size:
            taken += await self._trailers_at(taken)
        del self.recv_buffer[:taken]
        return size

    async def _trailers_at(self, start: int) -> int:
        """The length of all trailers, with the empty line that ends them."""
        length = 0
        while True:
            line = await self._line_at(start + length, _TRAILER_BYTES - length)
            length += len(line)
            if line == _END:
                return length
            if _TRAILER.fullmatch(line) is None:
                raise self._refusal()

    async def _line_at(self, start: int, most: int) -> bytes:
        """The line that begins at `start` in the buffer; waits until it is complete."""
        buffer = self.recv_buffer
        while (end := buffer.find(b"\n", start, start + most)) < 0:
            if len(buffer) >= start + most:
                raise self._refusal()
            await self._receive_more()
        return bytes(buffer[start : end + 1])

    def leave(self) -> None:
        """Ends the connection's task: another protocol has taken the transport."""
        self.request_body = self.response_func = None
        self.stage, self.keep_alive = Stage.IDLE, False

    def _refusal(self) -> BadRequest:
        self.keep_alive = False
        return BadRequest("The chunks of the body are malformed.")
