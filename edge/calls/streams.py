"""Streams of changes: server-sent events, made of one page of the feed after another.

Each page is a call of its own, so that every gate of the services holds for as long as
the stream lasts: the token, the rights, what is kept. Between pages nothing is held but
the connection.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from prospectconnect.crm.v1.changes_pb2 import ReadChangesRequest
from sanic import Request

from edge.calls.answers import Answer, as_problem, head
from edge.calls.exchange import Exchange
from edge.calls.perform import bad_query
from edge.operations import Operation
from edge.problems import ProblemError, render
from edge.state import Edge, connected
from edge.transcoder.formats import Unreadable
from edge.transcoder.json_body import parse_body
from edge.upstream.call import call

MEDIA_TYPE = "text/event-stream"
# A page waits so long, and up to half as long again: many streams begin at once.
STAY_SECONDS = 240
# How long the call of a page may take besides.
PAGE_SECONDS = 15.0
# A page without changes that was told sooner did not wait: there was no room.
PAUSE_SECONDS = 1.0
# When a client that lost its connection comes back.
RETRY = b"retry: 1000\n\n"
SIGN = b": still here\n"


@dataclass(slots=True)
class Stream:
    """A stream that has begun: who reads, and what it has read last."""

    edge: Edge
    exchange: Exchange
    reads: Operation
    request: ReadChangesRequest
    page: Any = None

    async def read(self) -> None:
        """Reads the next page. Raises ProblemError."""
        self.page = None  # nothing is held while it waits
        method = connected(self.edge).methods[ReadChangesRequest]
        deadline = time.monotonic() + self.request.stay_seconds + PAGE_SECONDS
        metadata = self.exchange.metadata()
        self.page = (await call(method, self.request, metadata, deadline)).message
        cursor = self.page.meta.cursor
        self.request.cursor = cursor.next
        self.request.stay_seconds = 0 if cursor.has_more else _stay()

    def events(self) -> bytes:
        """The changes of the page in the client's contract, or a sign of life."""
        contract, page = self.exchange.contract, self.reads.as_dict(self.page)
        if contract.downgrades:
            page = contract.downgrade(self.reads.route, page)
        return b"".join(_events(page["data"], self.page.cursors)) or (
            SIGN + b"id: " + self.request.cursor.encode() + b"\n\n"
        )


class StreamAnswer(Answer):
    """The head of a stream's answer. `follow` sends the rest."""

    # Its connection may stay as it is for as long as it likes.
    is_stream = True

    def __init__(self, stream: Stream, headers: dict[str, str]) -> None:
        super().__init__(b"", 200, headers)
        self.follows = stream


async def begin_stream(edge: Edge, exchange: Exchange) -> StreamAnswer:
    """Reads the first page. What is wrong with the request is a problem still."""
    edge.readers.check(exchange.caller.business_id)
    reads = next(e for e in edge.operations if e.route.is_feed and not e.route.streams)
    stream = Stream(edge, exchange, reads, _request(reads, exchange))
    try:
        await stream.read()
    except ProblemError as error:
        raise (
            bad_query(error) if error.reason == "VALIDATION_FAILED" else error
        ) from None
    headers = head(exchange)
    headers |= {"content-type": MEDIA_TYPE, "Cache-Control": "no-store"}
    headers["X-Accel-Buffering"] = "no"  # a proxy must not collect events
    return StreamAnswer(stream, headers)


async def follow(request: Request, answer: StreamAnswer) -> None:
    """Sends a stream until its client leaves, the edge ends, or it breaks off.

    What it breaks off with is its last event, a `problem`.
    """
    stream = answer.follows
    readers, tenant = stream.edge.readers, stream.exchange.caller.business_id
    response = await request.respond(answer)
    with readers.entered(tenant, streams=True), readers.alive(_sign(request)):
        try:
            await response.send(RETRY + stream.events())
            while not readers.has_ended:
                began = time.monotonic()
                async with readers.until_end():
                    await stream.read()
                    is_early = time.monotonic() - began < PAUSE_SECONDS
                    if is_early and not (
                        stream.page.data or stream.page.meta.cursor.has_more
                    ):
                        await asyncio.sleep(PAUSE_SECONDS)
                if not readers.has_ended:
                    await response.send(stream.events())
        except Exception as error:
            await response.send(_problem(stream, as_problem(error)))


def _stay() -> int:
    return STAY_SECONDS + secrets.randbelow(STAY_SECONDS // 2)


def _sign(request: Request) -> Callable[[], Awaitable[None]]:
    """Sends a sign of life, unless the client has not taken what was sent before."""
    protocol: Any = request.transport.get_protocol()

    async def send() -> None:
        closed = protocol.transport is None or protocol.transport.is_closing()
        stream: Any = request.stream
        if not closed and protocol.takes_more and stream is not None:
            await stream.send(SIGN + b"\n", False)

    return send


def _request(reads: Operation, exchange: Exchange) -> ReadChangesRequest:
    """The call of the first page: what the query says, and where to go on."""
    query = dict(exchange.query or {})
    filters = _filters(reads, query.pop("filters", ""))
    asked = exchange.operation.decode(None, query)
    given = {field.name: value for field, value in asked.ListFields()} | filters
    last = exchange.header("last-event-id")
    if len(last) > 1 or not all(each.isascii() for each in last):
        raise ProblemError("BAD_REQUEST", "Last-Event-ID is no cursor of this stream.")
    if last and last[0]:
        given["cursor"] = last[0]
    return ReadChangesRequest(**given, each_cursor=True)


def _filters(reads: Operation, text: str) -> dict[str, Any]:
    """The filters of the query: JSON, as the body of a page has it."""
    if not text:
        return {}
    try:
        decoded: Any = reads.decode({"filters": parse_body(text.encode())}, {})
    except Unreadable as refusal:
        raise ProblemError("BAD_REQUEST", f"filters: {refusal.message}") from None
    return {"filters": decoded.filters}


def _events(changes: Sequence[Any], cursors: Sequence[str]) -> Iterator[bytes]:
    for change, cursor in zip(changes, cursors, strict=True):
        name = change["type"].encode()
        yield b"id: %b\nevent: %b\ndata: %b\n\n" % (
            cursor.encode(),
            name,
            orjson.dumps(change),
        )


def _problem(stream: Stream, problem: ProblemError) -> bytes:
    """The event that says why a stream breaks off."""
    exchange, base = stream.exchange, stream.edge.settings.problem_base
    path, trace = exchange.operation.route.path, exchange.trace.trace_id
    return b"event: problem\ndata: %b\n\n" % render(problem, base, path, trace)
