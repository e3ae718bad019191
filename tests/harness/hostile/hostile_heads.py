"""Unusual requests: heads, framing and paths, with the expected status.

`{token}` stands for a valid token. If a request is valid, its status is a success.
"""

from collections.abc import Mapping
from types import MappingProxyType

from tests.harness.wire.raw_http import Pair, request

HOST = ("Host", "api.example")
TOKEN = ("Authorization", "Bearer {token}")
VERSION = ("Version", "2026-11-01")
JSON = ("Content-Type", "application/json")
BODY = b'{"email": "a@b.example"}'
LENGTH = ("Content-Length", str(len(BODY)))
CHUNKED = ("Transfer-Encoding", "chunked")
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
NOBODY = "/v1/contacts/con_0123456789abcdef01234567"


def _get(path: str | bytes, *headers: Pair) -> bytes:
    """A read of a path with a valid token."""
    path = path.encode() if isinstance(path, str) else path
    return request(b"GET " + path + b" HTTP/1.1", [HOST, TOKEN, VERSION, *headers])


def _post(body: bytes, *headers: Pair) -> bytes:
    """A create with a valid token."""
    usual = [HOST, TOKEN, VERSION, JSON]
    return request("POST /v1/contacts HTTP/1.1", [*usual, *headers], body)


def _keyed(*keys: str | bytes) -> bytes:
    """A create with idempotency keys."""
    return _post(BODY, LENGTH, *[("Idempotency-Key", key) for key in keys])


def _line(line: str, *headers: Pair) -> bytes:
    return request(line, [HOST, TOKEN, VERSION, *headers])


def _me(*headers: Pair) -> bytes:
    return request("GET /v1/me HTTP/1.1", [HOST, *headers])


_CREDENTIALS = {
    "two tokens": (_me(TOKEN, TOKEN, VERSION), 401),
    "a token of another scheme": (_me(("Authorization", "Basic YQ=="), VERSION), 401),
    "a token that is no ASCII": (
        _me(("Authorization", b"Bearer \xff\xfe"), VERSION),
        401,
    ),
    "a token with NUL": (_me(("Authorization", b"Bearer a\0b"), VERSION), 400),
    "a token with another behind it": (
        _me(("Authorization", "Bearer {token}, Bearer {token}"), VERSION),
        401,
    ),
    "a token of 5,000 letters": (_me(("Authorization", "Bearer " + "a" * 5000)), 401),
    "no version": (_me(TOKEN), 400),
    "two versions": (_me(TOKEN, VERSION, VERSION), 400),
    "a word for a version": (_me(TOKEN, ("Version", "latest")), 400),
    "a version that is no day": (_me(TOKEN, ("Version", "2026-02-30")), 400),
    "a version in wide digits": (
        _me(TOKEN, ("Version", "\uff12\uff10\uff12\uff16-11-01".encode())),
        400,
    ),
    "a version to come": (_me(TOKEN, ("Version", "9999-12-31")), 400),
}

_KEYS = {
    "a key of no character": (_post(BODY, LENGTH, ("Idempotency-Key", "")), 400),
    "a key of blanks": (_post(BODY, LENGTH, ("Idempotency-Key", "  ")), 400),
    "a key of 255 characters": (
        _post(BODY, LENGTH, ("Idempotency-Key", "k" * 255)),
        201,
    ),
    "a key of 256 characters": (
        _post(BODY, LENGTH, ("Idempotency-Key", "k" * 256)),
        400,
    ),
    "a key with a blank": (_post(BODY, LENGTH, ("Idempotency-Key", "a b")), 400),
    "a key that is no ASCII": (
        _post(BODY, LENGTH, ("Idempotency-Key", b"\xc3\xa9")),
        400,
    ),
    "two keys": (
        _post(BODY, LENGTH, ("Idempotency-Key", "a"), ("Idempotency-Key", "a")),
        400,
    ),
}

_HEADERS = {
    "a header of 7,000 letters": (_get("/v1/me", ("X-A", "a" * 7000)), 200),
    "a header of 100,000 letters": (_get("/v1/me", ("X-A", "a" * 100_000)), 413),
    "1,000 headers": (_get("/v1/me", *[("X-A", "a" * 20)] * 1000), 413),
    "a folded header": (_get("/v1/me", ("X-A", "a\r\n b")), 400),
    "a header with a blank before its colon": (_get("/v1/me", ("X-A ", "a")), 400),
    "a header that begins with a blank": (_get("/v1/me", (" X-A", "a")), 400),
    "a header of two half lines": (_get("/v1/me", ("X-A", "a\nX-B: b")), 400),
    "a colon after a blank in a value": (_get("/v1/me", ("X-A", "a : b")), 200),
    "a header without a colon": (b"GET /v1/me HTTP/1.1\r\nHost\r\n\r\n", 400),
    "a trace that is none": (_get("/v1/me", ("traceparent", b"00-\xff-zz")), 200),
    "a tag that is none": (_get(NOBODY, ("If-None-Match", b"\xff")), 404),
    "a host that is none": (request("GET /v1/me HTTP/1.1", [("Host", 'a"b,<x>')]), 400),
    "a host of nothing": (request("GET /v1/me HTTP/1.1", [("Host", "")]), 401),
    "no host": (request("GET /v1/me HTTP/1.1", [TOKEN, VERSION]), 400),
    "two hosts": (_get("/v1/me", HOST), 400),
    "a host with somebody": (request("GET /v1/me HTTP/1.1", [("Host", "a@b")]), 400),
    "an offer of HTTP/2": (
        _get("/v1/me", ("Upgrade", "h2c"), ("Connection", "Upgrade")),
        200,
    ),
    "a body of another type": (
        request("POST /v1/contacts HTTP/1.1", [HOST, TOKEN, VERSION, LENGTH], BODY),
        415,
    ),
}

_FRAMES = {
    "chunks": (_post(CHUNKS, CHUNKED), 201),
    "chunks with a trailer": (_post(CHUNKS[:-2] + b"X-Sum: a\r\n\r\n", CHUNKED), 201),
    "chunks with sizes of 0x": (_post(b"0x" + CHUNKS, CHUNKED), 400),
    "chunks without sizes": (_post(b"zz\r\n" + CHUNKS, CHUNKED), 400),
    "a chunk of negative size": (_post(b"-5\r\n" + CHUNKS, CHUNKED), 400),
    "chunks and a length": (_post(CHUNKS, CHUNKED, LENGTH), 400),
    "chunks of more than 1 MiB": (
        _post((b"10000\r\n%s\r\n" % (b" " * 65_536)) * 17 + b"0\r\n\r\n", CHUNKED),
        413,
    ),
    "a coding that is not offered": (_post(BODY, ("Transfer-Encoding", "gzip")), 400),
    "a length too short": (_post(BODY, ("Content-Length", "5")), 400),
    "a negative length": (_post(BODY, ("Content-Length", "-5")), 400),
    "a word for a length": (_post(BODY, ("Content-Length", "x")), 400),
    "a length with a sign": (_post(BODY, ("Content-Length", f"+{len(BODY)}")), 400),
    "a length past any use": (_post(BODY, ("Content-Length", "9" * 20)), 413),
    "two lengths": (_post(BODY, LENGTH, ("Content-Length", "5")), 400),
    "Expect: 100-continue": (_post(BODY, LENGTH, ("Expect", "100-continue")), 201),
    "Expect: tea": (_post(BODY, LENGTH, ("Expect", "tea")), 400),
}

_LINES = {
    "HTTP/1.0 without a host": (request("GET /v1/me HTTP/1.0", [TOKEN, VERSION]), 200),
    "HTTP/1.0": (_line("GET /v1/me HTTP/1.0"), 200),
    "HTTP/1.0 with chunks": (
        request(
            "POST /v1/contacts HTTP/1.0", [HOST, TOKEN, VERSION, JSON, CHUNKED], CHUNKS
        ),
        400,
    ),
    "HTTP/2.0": (_line("GET /v1/me HTTP/2.0"), 400),
    "HTTP/9.9": (_line("GET /v1/me HTTP/9.9"), 400),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "a TLS hello": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "nothing but ends of lines": (b"\r\n" * 4, 400),
    "method FOO": (_line("FOO /v1/me HTTP/1.1"), 405),
    "method get": (_line("get /v1/me HTTP/1.1"), 405),
    "method CONNECT": (_line("CONNECT /v1/me HTTP/1.1"), 405),
    "method TRACE": (_line("TRACE /v1/me HTTP/1.1"), 405),
    "method OPTIONS": (_line("OPTIONS /v1/me HTTP/1.1"), 405),
    "method PUT": (_line("PUT /v1/contacts HTTP/1.1"), 405),
    "a bare list": (_get("/v1/contacts"), 405),
    "OPTIONS of nothing": (_line("OPTIONS * HTTP/1.1"), 404),
}

_PATHS = {
    "NUL": (_get("/v1/contacts/%00"), 404),
    "an escaped slash": (_get("/v1/contacts/a%2Fb"), 404),
    "an escape that is no UTF-8": (_get("/v1/contacts/%ff"), 404),
    "an escaped surrogate": (_get("/v1/contacts/%ed%a0%80"), 404),
    "an escape that is none": (_get("/v1/contacts/%zz"), 404),
    "bytes that are no ASCII": (_get(b"/v1/contacts/\xff"), 400),
    "a blank": (_get("/v1/ me"), 400),
    "double slashes": (_get("//v1//me"), 404),
    "a slash at the end": (_get("/v1/me/"), 404),
    "steps up": (_get("/v1/contacts/../me"), 404),
    "escaped letters": (_get("/%76%31/me"), 404),
    "no slash": (_get("v1/me"), 400),
    "5,000 letters": (_get("/v1/contacts/" + "a" * 5000), 404),
    "50,000 letters": (_get("/v1/contacts/" + "a" * 50_000), 413),
    "a whole URL": (_get("http://api.example/v1/me"), 200),
    "a fragment": (_get("/v1/me#x"), 400),
    "a query": (_get("/v1/me?limit=1"), 400),
    "a query of NUL": (_get("/v1/me?%00=%ff"), 400),
    "an empty query": (_get("/v1/me?"), 200),
}

HEADS: Mapping[str, tuple[bytes, int]] = MappingProxyType(
    {
        **_CREDENTIALS,
        **_KEYS,
        **_HEADERS,
        **_FRAMES,
        **_LINES,
        **{f"a path with {name}": case for name, case in _PATHS.items()},
    }
)
