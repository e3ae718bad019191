"""What streams tell: pages of the feed, read by calls and written as events.

Each page is a call of its own, so that every gate of the services holds for as long as
the stream lasts: the token, the rights, what is kept.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson
from prospectconnect.crm.v1.changes_pb2 import ReadChangesRequest

from edge.calls.exchange import Exchange
from edge.calls.perform import bad_query
from edge.operations import Operation
from edge.problems import ProblemError, render
from edge.state import Edge, connected
from edge.transcoder.formats import Unreadable
from edge.transcoder.json_body import parse_body
from edge.upstream.call import call
from edge.versions.contracts import Contract

# How long the call of a page may take.
PAGE_SECONDS = 15.0


class Reader(NamedTuple):
    """Who reads a stream, and what: the request of its pages, but for their cursor."""

    tenant: str
    # Whose share of the readers it takes.
    shares_of: str
    token: str
    contract: Contract
    traceparent: str
    asked: bytes


class Told(NamedTuple):
    """What a page tells: its events, and where the stream stands then."""

    events: bytes
    cursor: str
    has_more: bool
    # The place of the feed up to which it has been read.
    place: int


class Pages:
    """Reads pages for the streams of an edge."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        feeds = [each for each in edge.operations if each.route.is_feed]
        (self._reads,) = (each for each in feeds if not each.route.streams)
        (watches,) = (each for each in feeds if each.route.streams)
        self._path = watches.route.path

    async def begin(self, exchange: Exchange) -> tuple[Reader, Told]:
        """Reads the first page. What is wrong with the request is a problem still."""
        request = _request(self._reads, exchange)
        cursor = request.cursor
        request.ClearField("cursor")
        reader = Reader(
            exchange.caller.business_id,
            exchange.caller.shares_of,
            exchange.token,
            exchange.contract,
            exchange.trace.traceparent,
            request.SerializeToString(),
        )
        try:
            return reader, await self.read(reader, cursor)
        except ProblemError as error:
            if error.reason != "VALIDATION_FAILED":
                raise
            raise bad_query(error) from None

    async def read(self, reader: Reader, cursor: str, seen: int = 0) -> Told:
        """Reads a page. `seen` is a place up to which something has happened.

        Raises ProblemError.
        """
        request = ReadChangesRequest.FromString(reader.asked)
        if cursor:
            request.cursor = cursor
        request.seen_place = seen
        metadata = [
            ("authorization", f"Bearer {reader.token}"),
            ("traceparent", reader.traceparent),
        ]
        method = connected(self._edge).methods[ReadChangesRequest]
        deadline = time.monotonic() + PAGE_SECONDS
        page = (await call(method, request, metadata, deadline)).message
        events = b"".join(self._events(page, reader.contract))
        end = page.meta.cursor
        return Told(events, end.next, end.has_more, page.place)

    def _events(self, page: Any, contract: Contract) -> Iterator[bytes]:
        """The changes of a page in the client's contract."""
        if not page.data:
            return iter(())
        body = self._reads.as_dict(page)
        if contract.downgrades:
            body = contract.downgrade(self._reads.route, body)
        return _events(body["data"], page.cursors)

    def problem(self, reader: Reader, problem: ProblemError) -> bytes:
        """The event that says why a stream breaks off."""
        base, trace_id = self._edge.settings.problem_base, reader.traceparent[3:35]
        told = render(problem, base, self._path, trace_id)
        return b"event: problem\ndata: %b\n\n" % told


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
