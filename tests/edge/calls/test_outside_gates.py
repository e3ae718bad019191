"""What comes to no gate, or does not get through them in one piece."""

import asyncio
from typing import Any

import orjson
import pytest
from grpc_health.v1 import health_pb2

from tests.edge.served import JSON, OnEdge, Served, check_problem, run, served


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/v1/contacts", 405, "POST"),
        ("PUT", "/v1/contacts/con_1", 405, "DELETE, GET, PATCH"),
        ("OPTIONS", "/v1/contacts/con_1", 405, "DELETE, GET, PATCH"),
        ("HEAD", "/v1/contacts/con_1", 405, "DELETE, GET, PATCH"),
        ("GET", "/v1/contacts/", 404, None),
        ("POST", "/v1/contacts/", 404, None),
        ("GET", "/v1/nothing", 404, None),
        ("POST", "/healthz", 405, "GET"),
    ],
)
def test_routes_that_do_not_exist(
    method: str, path: str, status: int, allow: str | None, on_edge: OnEdge
) -> None:
    async def scenario(edge: Served) -> None:
        answer = await edge.ask(method, path, headers={})
        assert answer.status == status
        assert answer.headers.get("Allow") == allow
        if method != "HEAD":
            slug = "not-found" if status == 404 else "method-not-allowed"
            check_problem(answer, status, slug)
            assert answer.json["instance"] == path

    on_edge(scenario)


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("/v1/contacts/", " Leave out the slash at the end of the path."),
        ("/v1/contacts/con_1/", " Leave out the slash at the end of the path."),
        ("/contacts", " Paths of the API begin with /v1."),
        ("/contacts/con_1", " Paths of the API begin with /v1."),
        ("/v1/contact", ""),
        ("/v2/contacts", ""),
        ("/v1/", ""),
    ],
)
def test_who_nearly_names_a_route_is_told_what_to_change(
    path: str, advice: str, on_edge: OnEdge
) -> None:
    async def scenario(edge: Served) -> None:
        for method in ("GET", "POST"):
            answer = await edge.ask(method, path, headers={})
            check_problem(answer, 404, "not-found")
            assert answer.json["detail"] == f"There is no such route.{advice}"

    on_edge(scenario)


def test_who_asks_for_a_list_is_told_where_it_is(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        told = (await edge.ask("GET", "/v1/contacts", headers={})).json["detail"]
        assert told.endswith("For a list, POST to /v1/contacts/search.")
        told = (await edge.ask("GET", "/v1/contacts/search", headers={})).json["detail"]
        assert "list" not in told

    on_edge(scenario)


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GARBAGE\r\n\r\n", 400),
        (b"GET /v1/contacts/\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /v1/me HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", 413),
        (b"GET /v1/me HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400),
        (
            b"POST /v1/contacts HTTP/1.1\r\nHost: a\r\n"
            b"Authorization: Bearer good\r\nVersion: 2026-06-01\r\n"
            b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
            400,
        ),
    ],
)
def test_what_is_hardly_http_gets_a_problem(
    request_bytes: bytes, status: int, on_edge: OnEdge
) -> None:
    async def scenario(edge: Served) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        writer.write(request_bytes)
        answer = await reader.read()
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(f"HTTP/1.1 {status} ".encode())
        assert b"application/problem+json" in head
        assert b"X-Trace-Id: " in head
        assert b"Version: " in head
        assert orjson.loads(body)["status"] == status
        writer.close()
        await writer.wait_closed()

    on_edge(scenario)


def test_a_body_that_does_not_arrive_is_not_waited_for() -> None:
    async def scenario(edge: Served) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        writer.write(
            b"POST /v1/contacts HTTP/1.1\r\nHost: a\r\n"
            b"Authorization: Bearer good\r\nVersion: 2026-06-01\r\n"
            b"Content-Length: 10\r\n\r\n{"
        )
        head = await asyncio.wait_for(reader.readuntil(b"\r\n"), 60)
        assert head.startswith(b"HTTP/1.1 408 ")
        writer.close()
        await writer.wait_closed()

    run(scenario, request_deadline_seconds=3)


def test_health(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        live = await edge.ask("GET", "/healthz", headers={})
        assert (live.status, live.json) == (200, {"status": "ok"})
        assert (await edge.ask("GET", "/readyz", headers={})).status == 200
        await edge.health.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
        assert (await edge.ask("GET", "/readyz", headers={})).status == 503
        assert (await edge.ask("GET", "/healthz", headers={})).status == 200

    on_edge(scenario)


def test_no_header_says_nothing(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        answer = await edge.ask("GET", "/v1/contacts/con_1")
        assert all(answer.headers.values())

    on_edge(scenario)


def test_two_edges_live_in_one_process(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        async with served() as other:
            for each in (edge, other):
                assert (await each.ask("GET", "/v1/contacts/con_1")).status == 200

    on_edge(scenario)


def test_a_client_that_goes_away_ends_its_call(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        writer.write(
            b"GET /v1/contacts/con_slow HTTP/1.1\r\nHost: a\r\n"
            b"Authorization: Bearer good\r\nVersion: 2026-06-01\r\n\r\n"
        )
        await asyncio.wait_for(edge.contacts.begun.wait(), 60)
        writer.close()
        await writer.wait_closed()
        await asyncio.wait_for(edge.contacts.cancelled.wait(), 60)
        assert (await edge.ask("GET", "/v1/contacts/con_1")).status == 200

    on_edge(scenario)


def test_the_deadline_is_kept() -> None:
    async def scenario(edge: Served) -> None:
        answer = await edge.ask("GET", "/v1/contacts/con_slow")
        check_problem(answer, 504, "server-error")

    run(scenario, request_deadline_seconds=0.5)


def test_a_large_body_in_chunks_is_refused(on_edge: OnEdge) -> None:
    async def chunks() -> Any:
        for _ in range(20):
            yield b" " * 100_000

    async def scenario(edge: Served) -> None:
        answer = await edge.ask("POST", "/v1/contacts", headers=JSON, data=chunks())
        check_problem(answer, 413, "payload-too-large")

    on_edge(scenario)


def test_a_preflight_with_a_body_is_nothing_to_log(
    caplog: pytest.LogCaptureFixture, on_edge: OnEdge
) -> None:
    async def scenario(edge: Served) -> None:
        answer = await edge.ask("OPTIONS", "/oauth/token", data=b"x" * 100)
        assert answer.status == 204

    on_edge(scenario)
    assert not caplog.records
