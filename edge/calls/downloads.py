"""Downloads: answers that are the bytes of a file, sent piece by piece.

Each piece is a call of its own, so that every gate of the services holds until the last
one: the token, the rights, whether the file is still there. The next piece is read when
the client has taken the one before. Between pieces nothing is held but the connection.
"""

import asyncio
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sanic import HTTPResponse, Request

from edge.calls.answers import Answer, head
from edge.calls.exchange import Exchange
from edge.calls.perform import decoded
from edge.http.preconditions import mismatch, precondition_failed, tag_had
from edge.http.ranges import is_same, read_range
from edge.problems import ProblemError
from edge.state import Edge, connected
from edge.upstream.call import call

PIECE_BYTES = 256 * 1024
# How long the call of a piece may take.
PIECE_SECONDS = 15.0
# A download ends after so long. Its client goes on with a range.
MOST_SECONDS = 3_600.0


@dataclass(slots=True)
class Download:
    """A download that has begun: `piece` is read, and `end` is where it ends.

    `metadata` makes that of each call, for the user whose download it is.
    """

    edge: Edge
    request: Any
    metadata: Callable[[], list[tuple[str, str]]]
    tenant: str
    is_head: bool = False
    piece: Any = None
    end: int = 0

    async def read(self, offset: int, length: int) -> None:
        """Reads a piece. Raises ProblemError."""
        method = connected(self.edge).methods[type(self.request)]
        self.request.offset, self.request.length = offset, length
        deadline = time.monotonic() + PIECE_SECONDS
        reply = await call(method, self.request, self.metadata(), deadline)
        self.piece = reply.message

    async def read_next(self) -> bool:
        """Reads the piece after this one. False at the end."""
        offset = self.request.offset + len(self.piece.data)
        self.piece = None  # nothing is held while it waits
        if offset >= self.end:
            return False
        await self.read(offset, min(PIECE_BYTES, self.end - offset))
        return True


class FileAnswer(Answer):
    """The head of a download's answer. `send_file` sends the rest."""

    # The time of a download is limited here, and that of each part of it where its
    # client is slow.
    is_stream = True

    def __init__(
        self, download: Download, status: int, headers: dict[str, str]
    ) -> None:
        super().__init__(b"", status, headers)
        self.follows = download


async def begin_download(edge: Edge, exchange: Exchange) -> HTTPResponse:
    """Reads the first piece. What is wrong with the request is a problem still."""
    edge.downloads.check(exchange.caller.shares_of)
    named = {name: decoded(text) for name, text in exchange.path_values.items()}
    download = Download(
        edge,
        exchange.operation.decode(None, named),
        exchange.metadata,
        exchange.caller.shares_of,
        exchange.is_head,
    )
    wanted = None if exchange.is_head else read_range(exchange.header("range"))
    first = 0 if wanted is None else wanted.first
    length = 0 if exchange.is_head or first is None else PIECE_BYTES
    await download.read(first or 0, length)
    piece = download.piece
    headers = head(exchange) | headers_of(piece)
    if _is_had(exchange, piece.sha256):
        return Answer(b"", 304, headers)
    found = None
    if wanted is not None and is_same(exchange.header("if-range"), piece.sha256):
        found = wanted.within(piece.total_bytes)
        if found is None:
            raise _unsatisfiable(piece.total_bytes)
    begins, download.end = found or (0, piece.total_bytes)
    size = download.end - begins
    if not exchange.is_head and (begins != first or size < len(piece.data)):
        await download.read(begins, min(PIECE_BYTES, size))
    headers["content-type"] = piece.media_type
    headers["content-length"] = str(size)
    if found is None:
        headers["Content-Digest"] = headers["Repr-Digest"]
        return FileAnswer(download, 200, headers)
    headers["Content-Range"] = f"bytes {begins}-{download.end - 1}/{piece.total_bytes}"
    return FileAnswer(download, 206, headers)


async def send_file(request: Request, answer: HTTPResponse) -> None:
    """Sends the answer of a download, and its file piece by piece.

    A download that breaks off ends its connection: its client sees that bytes are
    missing, and can go on from there.
    """
    response = await request.respond(answer)
    # Sanic itself sends what is a head alone.
    if not isinstance(answer, FileAnswer) or answer.follows.is_head:
        return
    download = answer.follows
    with download.edge.downloads.entered(download.tenant):
        try:
            async with asyncio.timeout(MOST_SECONDS):
                await response.send(download.piece.data, False)
                while await download.read_next():
                    await response.send(download.piece.data)
        except (ProblemError, TimeoutError):
            _break_off(request)


def _break_off(request: Request) -> None:
    """Ends the connection without the rest of the answer."""
    stream: Any = request.stream
    transport: Any = request.transport
    stream.keep_alive, stream.response_func = False, None
    if transport is not None:
        transport.abort()


def headers_of(piece: Any) -> dict[str, str]:
    """The headers that say what a file is."""
    digest = b64encode(bytes.fromhex(piece.sha256)).decode()
    return {
        "ETag": f'"{piece.sha256}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-transform",
        "Content-Disposition": f'attachment; filename="{piece.name}"',
        "Repr-Digest": f"sha-256=:{digest}:",
    }


def _is_had(exchange: Exchange, etag: str) -> bool:
    """Whether the client has the file already. Raises ProblemError if its `If-Match`
    names another one."""
    wanted, had = exchange.header("if-match"), exchange.header("if-none-match")
    if wanted and precondition_failed(wanted, etag):
        raise mismatch(wanted)
    return bool(had) and tag_had(had, etag) == etag


def _unsatisfiable(size: int) -> ProblemError:
    return ProblemError(
        "RANGE_NOT_SATISFIABLE",
        f"The file has {size:,} bytes, and none of the range.",
        {"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"},
    )
