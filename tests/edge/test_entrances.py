"""Whichever way a request comes in, it counts, and so do the bytes of its body."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NoReturn

import pytest
from sanic import HTTPResponse, Request, Sanic

from edge.app import App, build_app
from edge.calls.outside_gates import HEALTH_PATH, READY_PATH
from edge.limits.load import MOST_BYTES
from edge.limits.rate_limit import SharedMemoryLimiter
from edge.settings import EdgeSettings
from tests.edge.served import JSON, Served, run

HEALTH = (HEALTH_PATH, READY_PATH)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MEBIBYTE = 1024 * 1024


@pytest.fixture
def app() -> Iterator[App]:
    """An edge that does not serve."""

    async def no_channel() -> NoReturn:
        raise AssertionError("it does not start")

    limiter = SharedMemoryLimiter(slots=64)
    app = build_app(EdgeSettings(), no_channel, limiter)
    yield app
    limiter.close()
    Sanic.unregister_app(app)


@asynccontextmanager
async def full(edge: Served) -> AsyncIterator[None]:
    """The edge has one request, which is all that it may have."""
    slow = asyncio.create_task(edge.ask("GET", "/v1/contacts/con_slow"))
    await edge.contacts.begun.wait()
    try:
        yield
    finally:
        slow.cancel()


def test_every_route_passes_the_load(app: App) -> None:
    """Whatever route Sanic knows, by each of its methods."""
    ways = [
        (method, "/" + "/".join("x" if "<" in p else p for p in route.parts))
        for route in app.router.routes
        for method in sorted(route.methods)
        if f"/{'/'.join(route.parts)}" not in HEALTH
    ]
    assert {"/mcp", "/oauth/token", "/account", "/v1/contacts", "/"} <= {
        path for _, path in ways
    }

    async def scenario(edge: Served) -> None:
        async with full(edge):
            for method, path in ways:
                answer = await edge.ask(method, path)
                assert answer.status == 503, f"{method} {path}"
                assert answer.headers["Retry-After"] == "1"
            for path in HEALTH:
                assert (await edge.ask("GET", path)).status == 200
        assert edge.figures.shed == len(ways)

    run(scenario, max_in_flight=1)


def test_a_route_that_is_added_elsewhere_keeps_the_edge_from_starting(app: App) -> None:
    async def planted(request: Request) -> HTTPResponse:
        return HTTPResponse(None, 204)

    app.add_route(planted, "/planted", methods=["POST"], name="planted")

    async def start() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            server: Any = await app.create_server(
                sock=listener, return_asyncio_server=True
            )
            await server.startup()
            try:
                await server.before_start()
            finally:
                await server.close()

    with pytest.raises(RuntimeError, match=r"planted was not added by edge\.entrances"):
        asyncio.run(start())


class Posts:
    """Requests whose bodies never come to their end, and the statuses of answers."""

    def __init__(self, edge: Served, opened: AsyncExitStack) -> None:
        self._edge = edge
        self._opened = opened
        self.answers: list[asyncio.Task[int]] = []

    async def begin(self, path: str, headers: dict[str, str], size: int) -> None:
        """Sends a head, and all of so large a body but its last byte."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._edge.port)
        self._opened.callback(writer.close)
        head = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
        line = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n{head}"
        writer.write(f"{line}\r\n".encode())
        writer.write(b" " * (size - 1))
        self.answers.append(asyncio.create_task(_status(reader)))
        self._opened.callback(self.answers[-1].cancel)

    async def answered(self, number: int) -> list[int]:
        """The statuses, once so many are there."""
        async with asyncio.timeout(60):
            while sum(each.done() for each in self.answers) < number:
                left = [each for each in self.answers if not each.done()]
                await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
        return [each.result() for each in self.answers if each.done()]


async def _status(reader: asyncio.StreamReader) -> int:
    line = await reader.readline()
    return int(line.split()[1])


@pytest.mark.parametrize(
    ("path", "headers", "taken"),
    [
        ("/v1/contacts", JSON, 4),
        ("/mcp", JSON, 4),
        ("/oauth/token", FORM, 2),
        ("/oauth/register", {"Content-Type": "application/json"}, 2),
    ],
)
def test_unfinished_bodies_are_few(
    path: str, headers: dict[str, str], taken: int
) -> None:
    """A tenant has half of the requests, and an address without a token a quarter."""

    async def scenario(edge: Served) -> None:
        async with AsyncExitStack() as opened:
            posts = Posts(edge, opened)
            for _ in range(12):
                await posts.begin(path, headers, 1000)
            assert await posts.answered(12 - taken) == [503] * (12 - taken)
            assert (await edge.ask("GET", HEALTH_PATH)).status == 200
        async with asyncio.timeout(60):  # until it sees that they have gone
            while (await edge.ask("GET", "/v1/contacts/con_1")).status != 200:
                pass

    run(scenario, max_in_flight=8)


@pytest.mark.parametrize("path", ["/v1/contacts", "/mcp"])
def test_unfinished_bodies_are_small_together(path: str) -> None:
    """A tenant has half of the bytes, however many requests it may have."""
    most = MOST_BYTES // 2 // MEBIBYTE

    async def scenario(edge: Served) -> None:
        async with AsyncExitStack() as opened:
            posts = Posts(edge, opened)
            for _ in range(most + 8):
                await posts.begin(path, JSON, MEBIBYTE)
            refused = await posts.answered(8)
            assert set(refused) == {503}
            assert len(refused) < most
            answer = await edge.ask(
                "POST", "/v1/contacts", headers=JSON, json={"email": "a@b.c"}
            )
            assert answer.status == 201

    run(scenario)
