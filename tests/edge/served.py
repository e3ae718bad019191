"""The edge on a socket, before services that are only as real as its gates need."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import grpc
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.empty_pb2 import Empty
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health_aio
from prospectconnect.crm.v1 import contacts_pb2, contacts_pb2_grpc
from prospectconnect.iam.v1 import access_pb2, access_pb2_grpc
from prospectconnect.type.v1 import history_pb2

from edge.app import build_app
from edge.figures import Figures
from edge.http.connection import Connection
from edge.limits.rate_limit import SharedMemoryLimiter
from edge.settings import EdgeSettings
from edge.upstream.errors import DOMAIN
from edge.watch import Watch

Context = Any
HEADERS = {"Authorization": "Bearer good", "Version": "2026-06-01"}
JSON = {**HEADERS, "Content-Type": "application/json"}


@dataclass
class Contacts(contacts_pb2_grpc.ContactServiceServicer):
    """Answers with what it was sent, and keeps that."""

    seen: list[tuple[Any, dict[str, Any]]] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    def keep(self, request: Any, context: Context) -> dict[str, Any]:
        metadata = dict(context.invocation_metadata())
        self.seen.append((request, metadata))
        return metadata

    async def unused(self, request: Any, context: Context) -> Any:
        raise NotImplementedError

    AggregateContacts = unused
    BatchContacts = unused
    RestoreContact = unused
    EraseContact = unused
    MergeContact = unused
    UnmergeContact = unused

    async def GetContact(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        if request.id == "con_slow":
            await self.wait_for_ever()
        if request.id == "con_none":
            await fail(context, grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
        return contacts_pb2.Contact(id=request.id, name="Ann", etag="7")

    async def wait_for_ever(self) -> None:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise

    async def CreateContact(self, request: Any, context: Context) -> Any:
        metadata = self.keep(request, context)
        if "x-faulty-fields" in metadata or request.contact.email == "bad":
            faults = error_details_pb2.BadRequest()
            faults.field_violations.add(
                field="contact.email", reason="REQUIRED", description="Is required."
            )
            faults.field_violations.add(
                field="contact.phone", reason="TOO_LONG", description="Too long."
            )
            code = grpc.StatusCode.INVALID_ARGUMENT
            await fail(context, code, "VALIDATION_FAILED", faults)
        if metadata.get("idempotency-key") == "again":
            context.set_trailing_metadata((("idempotent-replayed", "true"),))
        made = contacts_pb2.Contact()
        made.CopyFrom(request.contact)
        made.id, made.etag = "con_new", "1"
        return made

    async def UpdateContact(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        return contacts_pb2.Contact(id=request.id, etag="8")

    async def DeleteContact(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        return Empty()

    async def UpsertContact(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        return contacts_pb2.UpsertContactResponse(data=request.contact)

    async def AddContactTags(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        return contacts_pb2.Contact(id=request.id, tags=request.tags, etag="9")

    async def RemoveContactTag(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        return contacts_pb2.Contact(id=request.id, etag="9")

    async def ReadContactHistory(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        return history_pb2.History()

    async def ReadContactAsOf(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        return contacts_pb2.Contact(id=request.id, etag="9")

    async def FindContactDuplicates(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        return contacts_pb2.FindContactDuplicatesResponse()

    async def ListContactDuplicates(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        page = contacts_pb2.ListContactDuplicatesResponse()
        page.meta.cursor.has_more = False
        return page

    async def SearchContacts(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        page = contacts_pb2.SearchContactsResponse()
        page.meta.cursor.has_more = False
        if request.include_total:
            page.meta.total = 3
        return page


def limit(requests: int) -> access_pb2.RateLimit:
    """A budget for ten seconds."""
    return access_pb2.RateLimit(limit=requests, window_seconds=10)


class Access(access_pb2_grpc.AccessServiceServicer):
    """Knows two tokens: `good` may do all, `reader` may read and has a small budget."""

    async def ResolveCaller(self, request: Any, context: Context) -> Any:
        token = dict(context.invocation_metadata())["authorization"]
        if token not in ("Bearer good", "Bearer reader", "Bearer role"):
            await fail(context, grpc.StatusCode.UNAUTHENTICATED, "TOKEN_INVALID")
        everything = ["contact.read", "contact.write", "contact.delete"]
        return access_pb2.Caller(
            business_id="biz_1",
            user_id="usr_1",
            token_id=token,
            scope_permissions=everything[: 1 if "reader" in token else 3],
            role_permissions=everything[: 1 if "role" in token else 3],
            token_limit=limit(3 if "reader" in token else 1000),
            tenant_limit=limit(10_000),
        )

    async def GetMe(self, request: Any, context: Context) -> Any:
        return access_pb2.Me(rate_limit=limit(1000))


async def fail(
    context: Context, code: grpc.StatusCode, reason: str, *details: Any
) -> None:
    """Ends a call as the services do."""
    info = error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN)
    status = status_pb2.Status(code=code.value[0], message="As told.")
    for detail in (info, *details):
        packed = Packed()
        packed.Pack(detail)
        status.details.append(packed)
    trailing = (("grpc-status-details-bin", status.SerializeToString()),)
    await context.abort(code, "As told.", trailing)


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
    health_pb2_grpc.add_HealthServicer_to_server(health, upstream)
    await health.set("", health_pb2.HealthCheckResponse.SERVING)
    address = f"127.0.0.1:{upstream.add_insecure_port('127.0.0.1:0')}"
    await upstream.start()
    settings.setdefault("log_requests", False)
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


Scenario = Callable[[Served], Awaitable[None]]


@contextmanager
def shared_edge(**settings: Any) -> Iterator[Callable[[Scenario], None]]:
    """An edge for scenarios that change nothing in it, one after the other."""
    with asyncio.Runner() as runner:
        context = served(**settings)
        edge = runner.run(context.__aenter__())
        try:
            yield lambda scenario: runner.run(_done(scenario(edge)))
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
