"""The edge on a socket, before services that are only as real as its gates need."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health_aio
from prospectconnect.crm.v1 import contacts_pb2_grpc
from prospectconnect.iam.v1 import access_pb2_grpc, confirmations_pb2_grpc
from sanic import Sanic

from edge.app import build_app
from edge.figures import Figures
from edge.http.connection import Connection
from edge.limits.rate_limit import SharedMemoryLimiter
from edge.settings import EdgeSettings
from edge.watch import Watch
from tests.edge.some_services import Access, Confirmations, Contacts

HEADERS = {"Authorization": "Bearer good", "Version": "2026-06-01"}
JSON = {**HEADERS, "Content-Type": "application/json"}


@dataclass
class Answer:
    """An HTTP answer, read to its end."""

    status: int
    headers: Any
    text: bytes
    json: Any


@dataclass
class Served:
    """A running edge."""

    port: int
    session: aiohttp.ClientSession
    contacts: Contacts
    health: health_aio.HealthServicer
    figures: Figures

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        """Sends a request, by default with a good token and version."""
        options.setdefault("headers", HEADERS)
        url = f"http://127.0.0.1:{self.port}{path}"
        skip = ["Content-Type"]
        async with self.session.request(
            method, url, skip_auto_headers=skip, **options
        ) as answer:
            text = await answer.read()
            is_json = "json" in answer.headers.get("Content-Type", "")
            parsed = await answer.json(content_type=None) if is_json and text else None
            return Answer(answer.status, answer.headers, text, parsed)


@asynccontextmanager
async def served(**settings: Any) -> AsyncIterator[Served]:
    """Runs the edge and the services that stand behind it."""
    contacts, health = Contacts(), health_aio.HealthServicer()
    figures = Figures()
    upstream = grpc.aio.server()
    contacts_pb2_grpc.add_ContactServiceServicer_to_server(contacts, upstream)
    access_pb2_grpc.add_AccessServiceServicer_to_server(Access(), upstream)
    confirmations_pb2_grpc.add_ConfirmationServiceServicer_to_server(
        Confirmations(), upstream
    )
    health_pb2_grpc.add_HealthServicer_to_server(health, upstream)
    await health.set("", health_pb2.HealthCheckResponse.SERVING)
    address = f"127.0.0.1:{upstream.add_insecure_port('127.0.0.1:0')}"
    await upstream.start()
    settings.setdefault("log_requests", False)
    # What a test holds up does not end by itself, on however busy a machine.
    settings.setdefault("request_deadline_seconds", 600.0)
    try:
        async with (
            serving(EdgeSettings(**settings), address, figures) as port,
            aiohttp.ClientSession() as session,
        ):
            yield Served(port, session, contacts, health, figures)
    finally:
        await upstream.stop(None)


@asynccontextmanager
async def serving(
    settings: EdgeSettings, upstream: str, figures: Figures | None = None
) -> AsyncIterator[int]:
    """Runs the edge on a free port; it counts into the figures, if given."""

    async def open_channel() -> Any:
        return grpc.aio.insecure_channel(upstream)

    limiter = SharedMemoryLimiter(slots=64)
    app = build_app(settings, open_channel, limiter, Watch(figures))
    listener = socket.create_server(("127.0.0.1", 0))
    server: Any = await app.create_server(sock=listener, protocol=Connection)
    await server.startup()
    await server.before_start()
    await server.after_start()
    try:
        yield listener.getsockname()[1]
    finally:
        await server.before_stop()
        await server.close()
        await server.after_stop()
        limiter.close()
        Sanic.unregister_app(app)  # which keeps all of it, 20 MB, for the process


Scenario = Callable[[Served], Awaitable[None]]
OnEdge = Callable[[Scenario], None]  # runs a scenario on an edge that there is


@contextmanager
def shared_edge(**settings: Any) -> Iterator[OnEdge]:
    """An edge for scenarios that change nothing in it, one after the other.

    What the services have seen, they forget before each.
    """
    with asyncio.Runner() as runner:
        context = served(**settings)
        edge = runner.run(context.__aenter__())

        def run_on_it(scenario: Scenario) -> None:
            edge.contacts.seen.clear()
            edge.contacts.begun.clear()
            edge.contacts.cancelled.clear()
            runner.run(_done(scenario(edge)))

        try:
            yield run_on_it
        finally:
            runner.run(context.__aexit__(None, None, None))


async def _done(scenario: Awaitable[None]) -> None:
    await scenario


def run(scenario: Scenario, **settings: Any) -> None:
    """Runs a scenario against an edge of its own."""

    async def running() -> None:
        async with served(**settings) as edge:
            await scenario(edge)

    asyncio.run(running())


def check_problem(answer: Answer, status: int, slug: str) -> None:
    """Checks that an answer is a problem as the contract has it."""
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["type"] == f"https://papi.prospectconnect.ai/problems/{slug}"
    assert answer.json["status"] == status
    assert answer.json["trace_id"] == answer.headers["X-Trace-Id"]
    assert re.fullmatch("[0-9a-f]{32}", answer.json["trace_id"])
    assert answer.headers["Version"] in ("2026-06-01", "2026-11-01")
