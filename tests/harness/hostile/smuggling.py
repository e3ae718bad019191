"""Requests that two servers may read as different numbers of requests.

Each hides another request, `{hidden}`. A proxy in front must have seen that one if it
is executed. `{length}` is its length.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from tests.harness.wire.raw_http import Pair, request

_HOST, _TOKEN = ("Host", "api.example"), ("Authorization", "Bearer {token}")
_USUAL: list[Pair] = [_HOST, _TOKEN, ("Version", "2026-11-01")]
_JSON = ("Content-Type", "application/json")
_CHUNKED = ("Transfer-Encoding", "chunked")
_LENGTH = ("Content-Length", "{length}")
_HIDDEN = b"{hidden}"

# Spellings of `Transfer-Encoding: chunked` that some servers accept and others do not.
_OBFUSCATED = (
    *(b"Transfer-Encoding: xchunked", b"Transfer-Encoding : chunked"),
    *(b"Transfer-Encoding:\tchunked", b"Transfer-Encoding:chunked "),
    *(
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
        b"X: y\nTransfer-Encoding: chunked",
    ),
    *(
        b"Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
        b" Transfer-Encoding: chunked",
    ),
    *(b"Transfer-Encoding\r\n : chunked", b"Transfer-Encoding:\r\n chunked"),
    *(b"transfer-encoding: CHUNKED", b"Transfer-Encoding: chunked, identity"),
    *(b"Transfer-Encoding: identity, chunked", b'Transfer-Encoding: "chunked"'),
    *(b"Transfer-Encoding: \x0bchunked", b"Transfer-Encoding: chunked\0"),
    *(b"Transfer_Encoding: chunked", b"X: y\rTransfer-Encoding: chunked"),
    *(b"Transfer-Encoding:\xc2\xa0chunked", b"Transfer-Encoding: \xc2\x85chunked"),
    *(b"Transfer-Encoding: chunked;q=1", b"Foo: bar\r\n\r\tTransfer-Encoding: chunked"),
)
# Spellings of a length, next to a length of 0 or alone.
_LENGTHS = (
    *(b"+{length}", b"0, {length}", b"{length}, {length}", b"{length} {length}"),
    *(b"0x{length}", b"\x0b{length}", b"{length}\0", b"-1", b"{length}.0", b"1_0", b""),
    *(b"\xc2\xa0{length}", b"{length}\xc2\xa0", b"{length}\xe2\x80\x83"),
    *(b"{length}\r\n ", b"\r\n {length}", b"\xd9\xa1\xd9\xa2"),
)
_SIZES = (
    *(
        b"{hex};a=b",
        b"{hex};\n",
        b"0x{hex}",
        b"+{hex}",
        b"{hex} ",
        b" {hex}",
        b"{hex}\n",
    ),
    *(b"1_0", b"fffffffffffffffff{hex}", b"{hex}\r", b"-1", b'{hex};"\r\n"', b""),
    *(
        b"0X{hex}",
        b"\t{hex}",
        b"{hex}\t",
        b"\x0b{hex}",
        b"{hex}\x0b",
        b"0" * 5_000 + b"{hex}",
    ),
    *(b"{hex};a=\nx", b"{hex};a=\rx", b"{hex};" + b"a" * 100_000, b"{hex} ;a=b"),
)
# Texts that may be read as the last chunk's size.
_LAST = (
    *(b"0x0", b"0X0", b"0 ", b" 0", b"\t0", b"\x0b0", b"-0", b"+0", b"0_0", b"0\0"),
    *(b"0" * 5_000, b"0;a=\nx", b"0;a=\rx", b"0;" + b"a" * 100_000, b"\xd9\xa0"),
)
# Texts that may be read as the end of a chunk's data.
_NO_ENDS = (b"XX", b"", b"\n", b"\r", b"\n\n", b"\r\r", b"\n\r", b" \r\n", b"\r\nXX")
_METHODS = ("GET", "HEAD", "DELETE", "OPTIONS", "PUT", "TRACE", "FOO")


def _lines(*lines: bytes) -> bytes:
    """A create with these lines in addition to the usual head."""
    head = request("POST /v1/contacts HTTP/1.1", [*_USUAL, _JSON])
    return head.removesuffix(b"\r\n") + b"\r\n".join(lines) + b"\r\n\r\n"


def _create(*headers: Pair, line: str = "POST /v1/contacts HTTP/1.1") -> bytes:
    return request(line, [*_USUAL, _JSON, *headers])


def _frames() -> Iterator[tuple[str, bytes]]:
    by_length = b"0\r\n\r\n" + _HIDDEN
    by_chunks = b"{hex}\r\n" + _HIDDEN + b"\r\n0\r\n\r\n"
    yield "CL.TE", _create(("Content-Length", "{beyond}"), _CHUNKED) + by_length
    yield "TE.CL", _create(("Content-Length", "4"), _CHUNKED) + by_chunks
    for spelling in _OBFUSCATED:
        name = f"TE.TE {spelling.decode('latin-1')!r}"
        length = b"Content-Length: {beyond}"
        yield f"{name}, by length", _lines(length, spelling) + by_length
        yield f"{name}, by chunks", _lines(spelling, b"Content-Length: 4") + by_chunks
        yield f"{name}, alone", _lines(spelling) + by_length


def _lengths() -> Iterator[tuple[str, bytes]]:
    zero, whole = b"Content-Length: 0", b"Content-Length: {length}"
    yield "length twice, 0 first", _lines(zero, whole) + _HIDDEN
    yield "length twice, 0 last", _lines(whole, zero) + _HIDDEN
    yield "a length with a blank", _lines(b"Content-Length : {length}") + _HIDDEN
    yield "a length and another", _lines(b"X: y\nContent-Length: 0", whole) + _HIDDEN
    for spelling in _LENGTHS:
        line = b"Content-Length: " + spelling
        yield f"length {spelling!r}", _lines(line) + _HIDDEN
        yield f"length {spelling!r} and 0", _lines(zero, line) + _HIDDEN


def _chunks() -> Iterator[tuple[str, bytes]]:
    end = b"0\r\n\r\n"
    for size in _SIZES:
        yield (
            f"chunk size {size[:20]!r}",
            _create(_CHUNKED) + size + b"\r\n" + _HIDDEN + end,
        )
        yield (
            f"chunk size {size[:20]!r}, and an end",
            _create(_CHUNKED) + size + b"\r\n" + _HIDDEN + b"\r\n" + end,
        )
    trailers = (b"Content-Length: 9", b"Transfer-Encoding: chunked", b"X: y", b"X")
    for each in trailers:
        body = b"0\r\n" + each + b"\r\n" + _HIDDEN
        yield f"trailer {each!r}", _create(_CHUNKED) + body
    trailed = b"0\r\nX: y\r\n\r\n"
    yield "a trailer in order", _create(_CHUNKED) + trailed + _HIDDEN
    long = b"0\r\nX: " + b"y" * 100_000 + b"\r\n\r\n"
    yield "a long trailer", _create(_CHUNKED) + long + _HIDDEN
    for each in _LAST:
        body = b"2\r\n{}\r\n" + each + b"\r\n\r\n" + _HIDDEN
        yield f"last chunk {each[:20]!r}", _create(_CHUNKED) + body
    for each in _NO_ENDS:
        body = b"2\r\n{}" + each + end + _HIDDEN
        yield f"data that end with {each!r}", _create(_CHUNKED) + body
    yield "a chunk without its end", _create(_CHUNKED) + b"1\r\n{" + _HIDDEN + end
    yield "bare ends of lines", _create(_CHUNKED) + b"1\n{\n0\n\n" + _HIDDEN
    yield "an end of chunks that is none", _create(_CHUNKED) + b"0\r\nX" + _HIDDEN


def _covered() -> Iterator[tuple[str, bytes]]:
    """Valid bodies that are not read because of the method, the token or a line."""
    for method in _METHODS:
        yield (
            f"the body of {method}",
            _create(_LENGTH, line=f"{method} /v1/me HTTP/1.1") + _HIDDEN,
        )
    refused: list[Pair] = [_HOST, ("Authorization", "Bearer x"), _JSON, _LENGTH]
    yield (
        "the body of a refusal",
        request("POST /v1/contacts HTTP/1.1", refused) + _HIDDEN,
    )
    for line in (
        "POST /v1/nowhere HTTP/1.1",
        "POST /healthz HTTP/1.1",
        "POST /oauth/token HTTP/1.1",
    ):
        yield f"the body of {line}", _create(_LENGTH, line=line) + _HIDDEN
    yield "Expect", _create(_LENGTH, ("Expect", "100-continue")) + _HIDDEN
    yield "another Expect", _create(_LENGTH, ("Expect", "x")) + _HIDDEN
    for each in ("Content-Length", "Transfer-Encoding", "keep-alive, Content-Length"):
        yield f"Connection: {each}", _create(_LENGTH, ("Connection", each)) + _HIDDEN
    upgrade: list[Pair] = [
        ("Connection", "Upgrade, HTTP2-Settings"),
        ("Upgrade", "h2c"),
    ]
    yield "an upgrade", _create(_LENGTH, *upgrade) + _HIDDEN
    upgrade = [("Connection", "Upgrade"), ("Upgrade", "websocket")]
    yield "a websocket", _create(_LENGTH, *upgrade) + _HIDDEN


def _lines_of_old() -> Iterator[tuple[str, bytes]]:
    keep, old = ("Connection", "keep-alive"), "POST /v1/contacts HTTP/1.0"
    yield "HTTP/1.0, chunks", _create(keep, _CHUNKED, line=old) + b"0\r\n\r\n" + _HIDDEN
    yield "HTTP/1.0, a length", _create(keep, _LENGTH, line=old) + _HIDDEN
    yield "HTTP/1.0, no length", _create(keep, line=old) + _HIDDEN
    yield "HTTP/0.9", b"GET /v1/me\r\n" + _HIDDEN
    yield (
        "HTTP/1.1, twice",
        _create(_LENGTH, line="POST /v1/contacts HTTP/1.1 HTTP/1.1") + _HIDDEN,
    )
    yield "a line in a line", b"GET /v1/me HTTP/1.1\r\nHost: x\r\nX: y\n\n" + _HIDDEN
    yield (
        "an end within a path",
        _create(_LENGTH, line="POST /v1/me\nHTTP/1.1 HTTP/1.1") + _HIDDEN,
    )
    yield "a line of blanks", b"\r\n \r\n" + _create(_LENGTH) + _HIDDEN
    yield (
        "a whole URL of another host",
        _create(_LENGTH, line="POST http://x/v1/me HTTP/1.1") + _HIDDEN,
    )


def _hosts() -> Iterator[tuple[str, bytes]]:
    """Requests that may be for another host or another path."""
    line, token = "POST /v1/contacts HTTP/1.1", ("Authorization", "Bearer {token}")
    for hosts in ((), ("api.example", "x"), ("x y",), ("a@x",), ("x/v1/me",)):
        pairs = [("Host", host) for host in hosts]
        head = request(line, [*pairs, token, _JSON, _LENGTH])
        yield f"hosts {hosts}", head + _HIDDEN
    for path in ("/v1/me#x", "/v1/contacts#/v1/me", "/v1/me?#x"):
        sent = _create(_LENGTH, line=f"POST {path} HTTP/1.1")
        yield f"a target with a fragment, {path}", sent + _HIDDEN


SMUGGLED: Mapping[str, bytes] = MappingProxyType(
    dict(
        (*_frames(), *_lengths(), *_chunks(), *_covered(), *_lines_of_old(), *_hosts())
    )
)

# Two requests for every HTTP server, so that only a proxy may hold back the second.
PIPELINED = frozenset(
    (
        r"TE.TE 'Transfer-Encoding:\tchunked', alone",
        "TE.TE 'Transfer_Encoding: chunked', by chunks",  # a header without meaning
        "HTTP/1.0, no length",
        "a trailer in order",
    )
)


def loaded(template: bytes, hidden: bytes, token: str) -> bytes:
    """A request that contains another one."""
    for name, text in (
        (b"{beyond}", str(len(hidden) + 5)),
        (b"{length}", str(len(hidden))),
        (b"{hex}", f"{len(hidden):x}"),
        (b"{token}", token),
    ):
        template = template.replace(name, text.encode())
    return template.replace(_HIDDEN, hidden)
