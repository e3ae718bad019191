"""Uploads: bodies that are files, sent on piece by piece while they arrive.

Each piece is a call of its own, so that every gate of the services holds until the last
one. The first call has no bytes: it asks whether the file is wanted before any of it is
read. The file is there once its last piece is, and until then nothing of it can be
seen. No more than a piece is held, and the client waits while a piece is sent on.
"""

import asyncio
import re
import secrets
import time
from base64 import b64decode
from hashlib import sha256
from typing import Any

from sanic import HTTPResponse, Request

from edge.calls.answers import good_answer
from edge.calls.exchange import Exchange
from edge.calls.perform import decoded
from edge.http.http_input import has_body, listen_again, media_type
from edge.problems import ProblemError
from edge.state import Edge, connected
from edge.upstream.call import Reply, call

PIECE_BYTES = 1024 * 1024
MOST_BYTES = 2 * 1024**3
# How long the call of a piece may take.
PIECE_SECONDS = 30.0
# An upload ends after so long. A client that is slower sends parts.
MOST_SECONDS = 6 * 3_600.0

_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")
_ENCODINGS = ("", "identity", "gzip", "x-gzip")


async def receive_file(
    edge: Edge, exchange: Exchange, request: Request
) -> HTTPResponse:
    """Receives a body, and answers when all of it is there.

    Raises ProblemError. What had arrived is then never seen.
    """
    _check_head(exchange)
    upload = Upload(edge, exchange)
    with edge.uploads.entered(exchange.caller.shares_of):
        await upload.send(b"", last=False)
        try:
            async with asyncio.timeout(MOST_SECONDS):
                rest = await _receive(upload, request)
        except TimeoutError:
            detail = "The body did not arrive in time."
            raise ProblemError("REQUEST_TIMEOUT", detail) from None
        reply = await upload.send(rest, last=True)
    return good_answer(exchange, reply.message, replayed=False)


def _check_head(exchange: Exchange) -> None:
    """Refuses what is no file: a form, or another encoding than gzip."""
    if media_type(exchange.headers).lower().startswith("multipart/"):
        detail = "Send the file itself as the body, not a form."
        raise ProblemError("UNSUPPORTED_MEDIA_TYPE", detail)
    encodings = exchange.header("content-encoding")
    if any(each.strip().lower() not in _ENCODINGS for each in encodings):
        detail = "Send the file as it is, or with the Content-Encoding gzip."
        raise ProblemError("UNSUPPORTED_MEDIA_TYPE", detail)


class Upload:
    """One file on its way."""

    def __init__(self, edge: Edge, exchange: Exchange) -> None:
        self._exchange = exchange
        self._method = connected(edge).methods[exchange.operation.route.request_class]
        named = {name: decoded(text) for name, text in exchange.path_values.items()}
        request: Any = exchange.operation.decode(None, named)
        request.sending = secrets.token_hex(12)
        self._request, self._sent = request, 0
        self._hash = sha256()
        self._wanted = _digests(exchange)

    async def send(self, data: bytes, *, last: bool) -> Reply:
        """Sends a piece on. Raises ProblemError."""
        self._hash.update(data)
        # Each piece has a message of its own: one that were given another piece would
        # keep the memory of those before.
        request = type(self._request)()
        request.CopyFrom(self._request)
        request.piece, request.data, request.last = self._sent, data, last
        if last:
            request.sha256 = self._hash.hexdigest()
        deadline = time.monotonic() + PIECE_SECONDS
        reply = await call(self._method, request, self._exchange.metadata(), deadline)
        if data:
            self._sent += 1
        return reply

    def check_digest(self, rest: bytes) -> None:
        """Refuses a content that is not what the client says that it sends."""
        whole = self._hash.copy()
        whole.update(rest)
        if any(each != whole.digest() for each in self._wanted):
            detail = "The body is not the one whose Content-Digest was sent."
            raise ProblemError("BAD_REQUEST", detail)


def _digests(exchange: Exchange) -> list[bytes]:
    """The SHA-256 of the body, as the client says it; other algorithms are let go."""
    said = ",".join(
        [*exchange.header("content-digest"), *exchange.header("repr-digest")]
    )
    return [b64decode(each) for each in _DIGEST.findall(said)]


async def _receive(upload: Upload, request: Request) -> bytes:
    """Sends on all of a body but its last piece, which it returns."""
    stream: Any = request.stream
    stream.uploaded = 0
    buffer = bytearray()
    if stream.request_bytes > MOST_BYTES:
        raise _too_large(stream)
    while has_body(request) and (part := await stream.read()) is not None:
        stream.uploaded += len(part)
        if stream.uploaded > MOST_BYTES:
            raise _too_large(stream)
        buffer += part
        while len(buffer) > PIECE_BYTES:
            await upload.send(bytes(buffer[:PIECE_BYTES]), last=False)
            del buffer[:PIECE_BYTES]
    listen_again(request.transport)
    rest = bytes(buffer)
    upload.check_digest(rest)
    return rest


def _too_large(stream: Any) -> ProblemError:
    stream.keep_alive = False
    detail = f"The body must not have more than {MOST_BYTES:,} bytes."
    return ProblemError("PAYLOAD_TOO_LARGE", detail)
