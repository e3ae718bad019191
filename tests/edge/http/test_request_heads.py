"""Whom and what a request is for is told as RFC 9112 wants it, or not answered."""

import asyncio

import orjson
import pytest

from tests.edge.served import OnEdge, Served

NAMED = b"Host: api.example\r\n"


async def _ask(edge: Served, line: bytes, hosts: bytes) -> tuple[int, bytes]:
    """The status and all bytes of what comes before the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    usual = b"Authorization: Bearer good\r\nVersion: 2026-06-01\r\n"
    writer.write(line + b"\r\n" + hosts + usual + b"Connection: close\r\n\r\n")
    came = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    await writer.wait_closed()
    return int(came.split(b" ")[1]), came


def _check_refused(status: int, came: bytes) -> None:
    head, _, body = came.partition(b"\r\n\r\n")
    assert status == 400
    assert b"content-type: application/problem+json" in head.lower()
    assert b"connection: close" in head.lower()
    assert orjson.loads(body)["status"] == 400


@pytest.mark.parametrize(
    "hosts",
    [
        b"",
        NAMED * 2,
        NAMED + b"host: other.example\r\n",
        NAMED + b"Host:\r\n",
        b"Host: api example\r\n",
        b"Host: api.example, other.example\r\n",
        b"Host: api\t.example\r\n",
        b"Host: somebody@api.example\r\n",
        b"Host: somebody:secret@api.example\r\n",
        b"Host: http://api.example\r\n",
        b"Host: api.example/v1\r\n",
        b"Host: api.example?x\r\n",
        b"Host: api.example#x\r\n",
        b"Host: api.example:x\r\n",
        b"Host: api.example:80:80\r\n",
        b"Host: [::1\r\n",
        b"Host: [::1]x\r\n",
        b"Host: ::1\r\n",
        b"Host: api%zz.example\r\n",
        b'Host: "api.example"\r\n',
        b"Host: api\\example\r\n",
        b"Host: api.example\0\r\n",
        b"Host: \xc3\xa4pi.example\r\n",
        b"Host:\xc2\xa0api.example\r\n",
        b"Host: api\xff.example\r\n",
    ],
)
def test_a_request_without_one_good_host_is_refused(
    hosts: bytes, on_edge: OnEdge
) -> None:
    async def scenario(edge: Served) -> None:
        for line in (b"GET /v1/contacts/con_1 HTTP/1.1", b"NONE /readyz HTTP/1.1"):
            _check_refused(*await _ask(edge, line, hosts))
        if hosts:
            old = b"GET /v1/contacts/con_1 HTTP/1.0"
            _check_refused(*await _ask(edge, old, hosts))
        assert not edge.contacts.seen

    on_edge(scenario)


def test_any_host_that_may_be_one_is_good(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        for host in (
            b"api.example",
            b"API.example.",
            b"api.example:8080",
            b"api.example:",
            b"my_service-1:80",
            b"a%2Db.example",
            b"10.0.0.1:8080",
            b"[::1]:8080",
            b"[fe80::1%25eth0]",
            b"[::ffff:10.0.0.1]",
            b"",
            b"api.example \t",
        ):
            line = b"GET /v1/contacts/con_1 HTTP/1.1"
            status, came = await _ask(edge, line, b"Host: " + host + b"\r\n")
            assert status == 200, (host, came)

    on_edge(scenario)


@pytest.mark.parametrize("path", [b"/readyz", b"/v1/contacts/con_1"])
def test_who_speaks_http_1_0_need_not_name_a_host(path: bytes, on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        for hosts in (b"", NAMED):
            status, _ = await _ask(edge, b"GET " + path + b" HTTP/1.0", hosts)
            assert status == 200

    on_edge(scenario)


@pytest.mark.parametrize(
    "target",
    [
        b"/v1/contacts/con_1#x",
        b"/v1/contacts/con_1#",
        b"/readyz#x",
        b"/v1/contacts/con_1?#x",
        b"http://api.example/v1/contacts/con_1#x",
        b"#",
        b"/#/v1/contacts/con_1",
    ],
)
def test_a_fragment_is_no_part_of_a_target(target: bytes, on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        line = b"GET " + target + b" HTTP/1.1"
        _check_refused(*await _ask(edge, line, NAMED))
        assert not edge.contacts.seen

    on_edge(scenario)


@pytest.mark.parametrize(
    "target",
    [
        b"http://evil.example/v1/contacts/con_1",
        b"http://api.example.evil.example/v1/contacts/con_1",
        b"http://api.example:8080/v1/contacts/con_1",
        b"https://api.example:80/v1/contacts/con_1",
        b"http://somebody@api.example/v1/contacts/con_1",
        b"http://api.example\\@evil.example/v1/contacts/con_1",
        b"ftp://api.example/v1/contacts/con_1",
        b"http:///v1/contacts/con_1",
        b"http://api.example",
        b"http://api.example?x",
        b"api.example/v1/contacts/con_1",
        b"http:/v1/contacts/con_1",
    ],
)
def test_a_target_for_another_host_is_refused(target: bytes, on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        line = b"GET " + target + b" HTTP/1.1"
        _check_refused(*await _ask(edge, line, NAMED))
        assert not edge.contacts.seen

    on_edge(scenario)


@pytest.mark.parametrize(
    "target",
    [
        b"http://api.example/v1/contacts/con_1",
        b"HTTP://API.example:80/v1/contacts/con_1",
        b"https://api.example:443/v1/contacts/con_1",
    ],
)
def test_an_absolute_target_for_the_host_that_is_named_is_good(
    target: bytes, on_edge: OnEdge
) -> None:
    async def scenario(edge: Served) -> None:
        for version in (b"1.1", b"1.0"):
            line = b"GET " + target + b" HTTP/" + version
            assert (await _ask(edge, line, NAMED))[0] == 200
        # Who speaks HTTP/1.0 need not say it twice.
        assert (await _ask(edge, b"GET " + target + b" HTTP/1.0", b""))[0] == 200

    on_edge(scenario)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (b"GE\tT", 400),
        (b"\tGET", 400),
        (b"GET\t", 400),
        (b"G(T", 400),
        (b"GET:", 400),
        (b"", 400),
        (b"G\xc3\x84T", 400),
        (b"get", 405),
        (b"M-SEARCH", 405),
        (b"PUT", 405),
    ],
)
def test_what_can_be_no_method_is_malformed(
    method: bytes, expected: int, on_edge: OnEdge
) -> None:
    async def scenario(edge: Served) -> None:
        line = method + b" /v1/contacts/con_1 HTTP/1.1"
        status, came = await _ask(edge, line, NAMED)
        assert status == expected
        if status == 400:
            _check_refused(status, came)

    on_edge(scenario)


@pytest.mark.parametrize(
    ("heads", "expected"),
    [
        ([b"Content-Type: application/json"], 200),
        ([b"Content-Type: application/json", b"Content-Encoding: identity"], 200),
        ([b"Content-Type: application/json"] * 2, 400),
        ([b"Content-Type: application/json", b"Content-Type: text/plain"], 400),
        ([b"Content-Type: text/plain", b"Content-Type: application/json"], 400),
        (
            [
                b"Content-Type: application/json",
                b"Content-Encoding: identity",
                b"Content-Encoding: gzip",
            ],
            415,
        ),
        (
            [b"Content-Type: application/json", b"Content-Encoding: identity, gzip"],
            415,
        ),
    ],
)
def test_what_a_body_is_can_be_said_in_one_way_alone(
    heads: list[bytes], expected: int, on_edge: OnEdge
) -> None:
    async def scenario(edge: Served) -> None:
        line = b"POST /v1/contacts/search HTTP/1.1"
        more = b"\r\n".join([*heads, b"Content-Length: 2", b""])
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        usual = b"Authorization: Bearer good\r\nVersion: 2026-06-01\r\n"
        writer.write(line + b"\r\n" + NAMED + usual + more)
        writer.write(b"Connection: close\r\n\r\n{}")
        came = await asyncio.wait_for(reader.read(), 60)
        writer.close()
        await writer.wait_closed()
        assert int(came.split(b" ")[1]) == expected

    on_edge(scenario)


def test_forms_and_messages_say_once_what_they_are(on_edge: OnEdge) -> None:
    """The other entrances that read a body: logging in, registering, assistants."""

    async def scenario(edge: Served) -> None:
        for path, media in (
            (b"/oauth/token", b"application/x-www-form-urlencoded"),
            (b"/oauth/register", b"application/json"),
            (b"/mcp", b"application/json"),
        ):
            twice = (b"Content-Type: " + media + b"\r\n") * 2
            line = b"POST " + path + b" HTTP/1.1"
            body = NAMED + twice + b"Content-Length: 0\r\n"
            status, came = await _ask(edge, line, body)
            assert (status, b"more than once" in came) == (400, True), path

    on_edge(scenario)
