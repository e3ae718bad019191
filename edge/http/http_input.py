"""The input of an HTTP request besides its headers: the query, and the body's bytes."""

import asyncio
import re
import time
from collections.abc import Collection
from typing import Any
from urllib.parse import unquote_plus

from sanic import Request

from edge.limits.load import Entry
from edge.problems import ProblemError
from edge.transcoder.json_body import MOST_VALUES, parse_body

_JSON = re.compile(r"application/(?:json|[\w.!#$&^+-]+\+json)\s*(?:;.*)?", re.I | re.A)

_NONE = [""]


def refuse_query(raw_url: bytes) -> None:
    """The query gate: no operation takes query parameters.

    Raises:
        ProblemError: BAD_REQUEST, naming the first one.
    """
    if b"?" not in raw_url:
        return
    _, _, query = raw_url.partition(b"?")
    for part in query.split(b"&"):
        if part:
            name = unquote_plus(part.decode("latin-1").partition("=")[0])
            raise ProblemError(
                "BAD_REQUEST",
                f"There are no query parameters here, but {name[:100]!a} was sent.",
            )


def read_query(
    raw_url: bytes, names: Collection[str], texts: Collection[str] = ()
) -> dict[str, Any] | None:
    """The query gate of an operation that takes lists: values with commas between.

    Those of the names that are `texts` are one text each.

    Raises:
        ProblemError: BAD_REQUEST for any other parameter, one that is given twice, and
            bytes that are not UTF-8.
    """
    if b"?" not in raw_url:
        return None
    found: dict[str, Any] = {}
    _, _, query = raw_url.partition(b"?")
    for part in filter(None, query.split(b"&")):
        name, _, value = _unquoted(part).partition("=")
        if name not in names:
            known = " and ".join(sorted(names))
            raise ProblemError(
                "BAD_REQUEST",
                f"The query parameters here are {known}, but {name[:100]!a} was sent.",
            )
        if name in found:
            raise ProblemError("BAD_REQUEST", f"{name} is given more than once.")
        found[name] = value if name in texts else value.split(",")
    return found


def _unquoted(part: bytes) -> str:
    try:
        return unquote_plus(part.decode("ascii"), errors="strict")
    except UnicodeDecodeError:
        detail = "The query must be UTF-8, percent-encoded."
        raise ProblemError("BAD_REQUEST", detail) from None


async def json_body(
    request: Request,
    limit: int,
    deadline: float,
    entry: Entry,
    most_values: int = MOST_VALUES,
) -> Any:
    """The body gate of a route with a body: size, then media type, then JSON.

    Args:
        request: The request, its body not yet read.
        limit: The most bytes that are read.
        deadline: When they must have arrived, in `time.monotonic` seconds.
        entry: The request's part of the load.
        most_values: The most values that the JSON may hold.

    Raises:
        ProblemError: PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, BAD_REQUEST or
            REQUEST_TIMEOUT; UNAVAILABLE if too many bytes are being read.
    """
    body = await read_body(request, limit, deadline, entry)
    headers = request.headers
    if body and not is_json(media_type(headers)):
        detail = "The body must be sent as application/json."
        raise ProblemError("UNSUPPORTED_MEDIA_TYPE", detail)
    if body and "content-encoding" in headers and _is_encoded(headers):
        detail = "The body must be sent without a Content-Encoding."
        raise ProblemError("UNSUPPORTED_MEDIA_TYPE", detail)
    return parse_body(body, most_values)


def media_type(headers: Any) -> str:
    """The Content-Type of a request, empty without one.

    Raises:
        ProblemError: BAD_REQUEST where there are several: a proxy may go by another
            one than we do.
    """
    found: list[str] = headers.getall("content-type", _NONE)
    if found[1:]:
        raise ProblemError("BAD_REQUEST", "Content-Type is given more than once.")
    return found[0]


def _is_encoded(headers: Any) -> bool:
    return any(each != "identity" for each in headers.getall("content-encoding"))


def is_json(media_type: str) -> bool:
    """Whether a Content-Type is JSON, `application/merge-patch+json` included."""
    return media_type == "application/json" or _JSON.fullmatch(media_type) is not None


def has_body(request: Request) -> bool:
    """Whether there is a body that was not read yet."""
    stream: Any = request.stream
    return bool(stream.request_body)


async def read_body(
    request: Request, limit: int, deadline: float, entry: Entry
) -> bytes:
    """The bytes of the body. Routes without a body read it, too, and discard it."""
    if not has_body(request):
        return b""
    stream: Any = request.stream
    if 0 < stream.request_bytes_left <= len(stream.recv_buffer) <= limit:
        body: bytes = await stream.read()  # received already
        while (part := await stream.read()) is not None:  # nothing, but it must see so
            body += part
    else:
        body = await _read_in_time(stream, limit, deadline, entry)
    listen_again(request.transport)
    return body


async def _read_in_time(
    stream: Any, limit: int, deadline: float, entry: Entry
) -> bytes:
    try:
        async with asyncio.timeout(deadline - time.monotonic()):
            return await _read_at_most(stream, limit, entry)
    except TimeoutError:
        stream.keep_alive = False
        detail = "The body did not arrive in time."
        raise ProblemError("REQUEST_TIMEOUT", detail) from None


def listen_again(transport: Any) -> None:
    """Resumes reading, so that the connection notices when its client disconnects.

    Sanic stops reading when it has received much, and resumes only when it needs more.
    Until then it would not notice that a client sent a large body and disconnected.
    """
    if not (transport.is_reading() or transport.is_closing()):
        transport.resume_reading()


async def _read_at_most(stream: Any, limit: int, entry: Entry) -> bytes:
    """Reads a body.

    If a body is too large, Sanic reads and discards the rest after the answer. Else the
    client would get a connection reset instead of the answer.
    """
    parts: list[bytes] = []
    # A body with a length is checked by that, before any of it is requested.
    size = stream.request_bytes
    while size <= limit and (part := await stream.read()) is not None:
        entry.hold(len(part))
        parts.append(part)
        size = stream.request_bytes
    if size > limit:
        stream.keep_alive = False
        detail = f"The body must not have more than {limit:,} bytes."
        raise ProblemError("PAYLOAD_TOO_LARGE", detail)
    return b"".join(parts)
