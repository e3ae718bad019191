"""Where a request ends is read as RFC 9112 says it, or the connection ends with it.

Behind each request stands another one on the same connection. It is answered where the
first is in order, and never where there may be two opinions on where that ends.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import orjson
import pytest

from tests.edge.served import OnEdge, Served

HOST = b"Host: api.example\r\n"
BEHIND = b"GET /readyz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
SEARCH = (
    b"POST /v1/contacts/search HTTP/1.1\r\n" + HOST + b"Authorization: Bearer good\r\n"
    b"Version: 2026-06-01\r\nContent-Type: application/json\r\n"
)
CHUNKED = SEARCH + b"Transfer-Encoding: chunked\r\n\r\n"
BODY = b'{"limit":1}'
REST = b"\r\n" + BODY + b"\r\n0\r\n\r\n"
WHOLE = b"b\r\n" + BODY + b"\r\n"
MANY = b"X: y\r\n"

GOOD: Mapping[str, bytes] = {
    "one chunk": b"b" + REST,
    "a size in capitals": b"B" + REST,
    "a size of eight digits": b"0000000b" + REST,
    "two chunks": b"1\r\n{\r\na\r\n" + BODY[1:] + b"\r\n000\r\n\r\n",
    "a chunk of ends of lines": b"2\r\n\r\n\r\n" + WHOLE + b"0\r\n\r\n",
    "an extension": b"b;a=b" + REST,
    "an extension after a blank": b'b ; a="b;c"' + REST,
    "an extension of the end": WHOLE + b"0;a\r\n\r\n",
    "a trailer": WHOLE + b"0\r\nX-Sum: a b\r\n\r\n",
    "two trailers": WHOLE + b"0\r\nX:\r\nExpires: 0\r\n\r\n",
    "a trailer that names a frame": WHOLE + b"0\r\nContent-Length: 9\r\n\r\n",
}

BAD: Mapping[str, bytes] = {
    "no size": REST,
    "0x": b"0xb" + REST,
    "0X": b"0Xb" + REST,
    "a blank before": b" b" + REST,
    "a blank after": b"b " + REST,
    "a tab before": b"\tb" + REST,
    "a tab after": b"b\t" + REST,
    "a vertical tab": b"\x0bb" + REST,
    "a sign": b"+b" + REST,
    "a low line": b"0_b" + REST,
    "a wide digit": "\uff42".encode() + REST,
    "a digit of another script": "\u0661\r\n{\r\n".encode() + REST,
    "5,000 zeros": b"0" * 5_000 + b"b" + REST,
    "nine digits": b"00000000b" + REST,
    "an extension with half an end": b"b;a=\nx" + REST,
    "an extension with the other half": b"b;a=\rx" + REST,
    "an extension with a NUL": b"b;a=\0" + REST,
    "an extension of 100 KB": b"b;" + b"a" * 100_000 + REST,
    "a size that ends with half an end": b"b\n" + BODY + b"\r\n0\r\n\r\n",
    "data that end with something else": b"b\r\n" + BODY + b"XX0\r\n\r\n",
    "data that end with half an end": b"b\r\n" + BODY + b"\n0\r\n\r\n",
    "data that do not end": b"b\r\n" + BODY + b"0\r\n\r\n",
    "an end of 0x0": WHOLE + b"0x0\r\n\r\n",
    "an end with a blank": WHOLE + b"0 \r\n\r\n",
    "an end of many zeros": WHOLE + b"0" * 5_000 + b"\r\n\r\n",
    "an end with half an end": WHOLE + b"0\n\r\n",
    "an end that does not end": WHOLE + b"0\r\n",
    "an end with something behind": WHOLE + b"0\r\nXX",
    "half an end at the end": WHOLE + b"0\r\n\n",
    "a trailer without a colon": WHOLE + b"0\r\nX\r\n\r\n",
    "a trailer without a name": WHOLE + b"0\r\n: x\r\n\r\n",
    "a trailer with a blank before its colon": WHOLE + b"0\r\nX : y\r\n\r\n",
    "a trailer that goes on": WHOLE + b"0\r\nX: y\r\n z\r\n\r\n",
    "a trailer with half an end": WHOLE + b"0\r\nX: y\nZ: z\r\n\r\n",
    "a trailer with NUL": WHOLE + b"0\r\nX: \0\r\n\r\n",
    "a trailer of 100 KB": WHOLE + b"0\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    "10,000 trailers": WHOLE + b"0\r\n" + MANY * 10_000 + b"\r\n",
}

# What decodes to blanks and digits, or might be taken for them.
LOOSE_HEADS: Mapping[str, bytes] = {
    "chunked after a wide blank": "Transfer-Encoding:\xa0chunked\r\n".encode(),
    "chunked after a next line": "Transfer-Encoding: \x85chunked\r\n".encode(),
    "a length in digits of another script": "Content-Length: \u0661\u0661\r\n".encode(),
    "a length after a wide blank": "Content-Length:\xa011\r\n".encode(),
    "a length before a wide blank": "Content-Length: 11\xa0\r\n".encode(),
    "a length before a lone byte": b"Content-Length: 11\xa0\r\n",
}


async def _exchange(edge: Served, sent: bytes, *, split: bool) -> list[bytes]:
    """Sends bytes, perhaps one at a time, and reads answers until the connection ends.

    The edge runs in the same loop, so that it reads each byte before the next is sent.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    reading = asyncio.create_task(_read_all(reader))
    alone = 1_500 if split else 0
    pieces = [sent[n : n + 1] for n in range(min(alone, len(sent)))] + [sent[alone:]]
    with suppress(ConnectionError):
        for piece in pieces:
            if not reading.done():  # the edge may have had enough
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
    came = await asyncio.wait_for(reading, 60)
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return [b"HTTP/1.1 " + each for each in came.split(b"HTTP/1.1 ")[1:]]


async def _read_all(reader: asyncio.StreamReader) -> bytes:
    came = b""
    with suppress(ConnectionError):
        while part := await reader.read(65_536):
            came += part
    return came


def _check_refused(answers: list[bytes]) -> None:
    assert len(answers) == 1, answers
    head, _, body = answers[0].partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 "), answers
    assert b"content-type: application/problem+json" in head.lower()
    assert b"connection: close" in head.lower()
    assert orjson.loads(body)["status"] == 400


def _statuses(answers: list[bytes]) -> list[int]:
    return [int(each.split(b" ")[1]) for each in answers]


in_segments = pytest.mark.parametrize(
    "split", [False, True], ids=["in one piece", "byte by byte"]
)


@in_segments
@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_chunks_that_others_would_read_differently_are_refused(
    body: bytes, split: bool, on_edge: OnEdge
) -> None:
    async def scenario(edge: Served) -> None:
        answers = await _exchange(edge, CHUNKED + body + BEHIND, split=split)
        _check_refused(answers)
        assert not edge.contacts.seen

    on_edge(scenario)


@in_segments
def test_chunks_in_order_are_read_and_what_is_behind_them_too(
    split: bool, on_edge: OnEdge
) -> None:
    async def scenario(edge: Served) -> None:
        for name, body in GOOD.items():
            answers = await _exchange(edge, CHUNKED + body + BEHIND, split=split)
            assert _statuses(answers) == [200, 200], name
            assert edge.contacts.seen[-1][0].limit == 1, name

    on_edge(scenario)


@in_segments
def test_what_is_behind_bad_chunks_that_nobody_reads_is_not_answered(
    split: bool, on_edge: OnEdge
) -> None:
    """A refused token is answered before the body is looked at."""

    async def scenario(edge: Served) -> None:
        refused = CHUNKED.replace(b"Bearer good", b"Bearer bad")
        for name, body in BAD.items():
            answers = await _exchange(edge, refused + body + BEHIND, split=split)
            assert _statuses(answers) == [401], name

    on_edge(scenario)


def test_a_client_that_waits_to_be_asked_for_chunks_is_asked(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        head = CHUNKED.removesuffix(b"\r\n") + b"Expect: 100-continue\r\n\r\n"
        writer.write(head)
        asked = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
        assert asked == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(WHOLE + b"0\r\n\r\n")
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
        assert answer.startswith(b"HTTP/1.1 200 ")
        writer.close()
        await writer.wait_closed()

    on_edge(scenario)


@pytest.mark.parametrize("line", LOOSE_HEADS.values(), ids=LOOSE_HEADS.keys())
def test_a_frame_is_told_in_ascii(line: bytes, on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        body = b"b" + REST if b"chunked" in line else BODY
        sent = SEARCH + line + b"\r\n" + body + BEHIND
        _check_refused(await _exchange(edge, sent, split=False))
        assert not edge.contacts.seen

    on_edge(scenario)
