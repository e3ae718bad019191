"""Requests in order, and what a fuzzer makes of them: line, headers, framing and body.

Every public operation is among them by itself, and every address outside `/v1`.
"""

import json
import re
from dataclasses import dataclass
from random import Random
from typing import Any

from edge.transcoder.routes import Route
from tests.edge.every_place import PLACES
from tests.end_to_end.documents.scenes import Body
from tests.fuzz import hostile
from tests.harness.wire.raw_http import Pair, request

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get")
_VERSIONS = ("HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/1.1 ", "http/1.1", "HTTP/0.9")
_NAMES = (
    *("Authorization", "Version", "Idempotency-Key", "If-Match", "If-None-Match"),
    *("Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding"),
    *("Accept", "Connection", "Cookie", "Expect", "Forwarded", "Host", "Range", "TE"),
    *("Origin", "Upgrade", "X-Forwarded-For", "X-HTTP-Method-Override", "X A", "\0"),
    *("traceparent", "x-faulty-fields", "grpc-timeout", "Sec-Fetch-Site", "Trailer"),
)
_VALUES: tuple[bytes, ...] = (
    *(b"", b" ", b"\xff\xfe", b"a\0b", b"1", b'"1"', b'W/"1"', b"*", b"a" * 900),
    *(b"chunked", b"gzip, chunked", b"100-continue", b"-1", b"0", b"9" * 20, b"close"),
    *(b"application/json", b"application/x-www-form-urlencoded", b"text/plain"),
    *(b"2026-06-01", b"2026-11-01", b"2026-13-45", b"%", b"h2c", b"null"),
    *(b"00-" + b"1" * 32 + b"-zz-01", b"Bearer", b"Bearer x", b"Basic \xff"),
    *(b"bytes=0-", b"a\r\n b"),
)
_PIECES = ("%00", "%2F", "%ff", "..", "//", "?a=b", "?%00", "#", ";", "%", "é", " ")


@dataclass(frozen=True, slots=True)
class Target:
    """What is shot at: tokens to call with, and a good request of each operation."""

    tokens: tuple[str, ...]
    samples: tuple[tuple[Route, str, Body | None], ...]
    ids: tuple[str, ...]


def http_case(random: Random, target: Target) -> bytes:
    """A request, mostly with one thing wrong."""
    method, path, body = _drawn(random, target)
    if body is not None and random.random() < 0.6:
        body = hostile.changed(random, body)
    data = b"" if body is None else _dumped(random, body)
    if data and random.random() < 0.15:
        data = hostile.torn(random, data)
    headers = _usual(random, target, path, data)
    headers, data = _framed(random, headers, data)
    for _ in range(random.choice((0, 0, 0, 0, 0, 1, 1, 3))):
        headers = _with_another(random, headers)
    if random.random() < 0.05:
        method = random.choice(_METHODS)
    if random.random() < 0.07:
        at = random.randrange(len(path) + 1)
        path = path[:at] + random.choice(_PIECES) + path[at:]
    version = random.choice(_VERSIONS) if random.random() < 0.04 else "HTTP/1.1"
    sent = request(f"{method} {path} {version}", headers, data)
    return hostile.torn(random, sent) if random.random() < 0.05 else sent


def _drawn(random: Random, target: Target) -> tuple[str, str, Any]:
    if random.random() < 0.85:
        route, path, body = random.choice(target.samples)
        return route.http_method, path, body
    place = random.choice(PLACES)
    path = re.sub("<[^>]*>", "app_" + "0" * 24, place.path)
    return (
        random.choice(sorted(place.actions)),
        path,
        {"client_name": "x", "scope": "x"},
    )


def _dumped(random: Random, body: Any) -> bytes:
    """A body as JSON: half surrogate pairs and numbers without end go as they are."""
    text = json.dumps(body, ensure_ascii=random.random() < 0.5)
    if random.random() < 0.03:
        text = text.replace("{", '{"email": 1, "email": 2, ', 1)
    return text.encode("utf-8", "surrogatepass")


def _usual(random: Random, target: Target, path: str, data: bytes) -> list[Pair]:
    headers: list[Pair] = [("Host", "api.example"), ("Version", "2026-11-01")]
    headers.append(("Authorization", f"Bearer {random.choice(target.tokens)}"))
    is_json = path.startswith("/v1") or random.random() < 0.5
    form = "application/x-www-form-urlencoded"
    if data:
        headers.append(("Content-Type", "application/json" if is_json else form))
    if random.random() < 0.2:
        headers.append(("Idempotency-Key", f"key-{random.randrange(20)}"))
    return headers


def _framed(
    random: Random, headers: list[Pair], data: bytes
) -> tuple[list[Pair], bytes]:
    """A body with its length, in chunks, or with a frame that does not fit."""
    kind = random.random()
    length = ("Content-Length", str(len(data)))
    if kind < 0.9:
        return ([*headers, length], data) if data else (headers, data)
    chunks = b"".join(
        b"%x%s\r\n%s\r\n" % (len(part), random.choice((b"", b";a=b", b" ")), part)
        for part in (data[:7], data[7:])
        if part
    )
    chunks += b"0\r\n" + random.choice((b"", b"X-A: b\r\n")) + b"\r\n"
    if kind < 0.95:
        return [*headers, ("Transfer-Encoding", "chunked")], chunks
    wrong = str(max(0, len(data) + random.choice((-9, -1, 1, 9))))
    return random.choice(
        (
            ([*headers, ("Transfer-Encoding", "chunked"), length], chunks),
            ([*headers, ("Content-Length", wrong)], data),
            ([*headers, length, ("Content-Length", wrong)], data),
            ([*headers, ("Transfer-Encoding", "xchunked")], chunks),
        )
    )


def _with_another(random: Random, headers: list[Pair]) -> list[Pair]:
    """Headers with one more, one twice, one less, or one with another value."""
    at = random.randrange(len(headers))
    name, text = headers[at]
    strange = random.choice(_NAMES), random.choice(_VALUES)
    return random.choice(
        (
            [*headers, strange],
            [*headers[:at], strange, *headers[at:]],
            [*headers, (name, text)],
            [*headers[:at], *headers[at + 1 :]] or headers,
            [*headers[:at], (name, random.choice(_VALUES)), *headers[at + 1 :]],
        )
    )


def is_whole(sent: bytes) -> bool:
    """Whether a server can tell where a request ends, and that it has come to there."""
    head, ended, body = sent.partition(b"\r\n\r\n")
    if not ended:
        return False
    lengths = re.findall(rb"(?im)^content-length:[ \t]*([^\r\n]*)", head)
    if re.search(rb"(?i)transfer-encoding", head):
        return body.endswith(b"0\r\n\r\n")
    if len(lengths) == 1 and lengths[0].strip().isdigit():
        return len(body) >= int(lengths[0])
    return True
