"""The gRPC port: edges are told from strangers, and strangers take no one's place."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from prospectconnect.crm.v1 import contacts_pb2, contacts_pb2_grpc
from prospectconnect.iam.v1 import apps_pb2, apps_pb2_grpc
from prospectconnect.options.v1 import options_pb2

from edge.surface import all_services
from services.gates.door import EDGE_SECRET, STREAMS_OF_ADDRESS, STREAMS_OF_CONNECTION
from services.gates.watch import TRACE_ID
from tests import stacks
from tests.harness.wire.grpc_calls import as_edge, bearer, refused
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

pytestmark = pytest.mark.every_topology

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACED = (("traceparent", f"00-{TRACE}-00f067aa0ba902b7-01"),)
OPEN = [
    f"/{service.full_name}/{method.name}"
    for service in all_services()
    for method in service.methods
    if method.GetOptions().Extensions[options_pb2.method].open
]
GET = "/prospectconnect.crm.v1.ContactService/GetContact"
WATCH = "/grpc.health.v1.Health/Watch"
OWN = (("grpc.use_local_subchannel_pool", 1),)  # a connection of its own


@pytest.fixture
def channel(stack: Stack) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(stack.grpc) as opened:
        yield opened


@pytest.mark.parametrize("name", OPEN)
@pytest.mark.parametrize("given", [(), ((EDGE_SECRET, "x" * 40),)])
def test_methods_without_a_token_are_for_an_edge_alone(
    channel: grpc.Channel, name: str, given: tuple[tuple[str, str], ...]
) -> None:
    found = refused(channel.unary_unary(name), b"", metadata=given)
    assert found.code is grpc.StatusCode.UNAUTHENTICATED
    assert EDGE_SECRET in found.message
    assert "PROSPECTCONNECT_EDGE_SECRET" in found.message


def test_a_wrong_secret_is_refused_beside_a_good_token(
    channel: grpc.Channel, tenant: Tenant
) -> None:
    """So that an edge of another installation is not ready, and says why."""
    metadata = (*bearer(tenant.tokens["owner"]), (EDGE_SECRET, "x" * 40))
    found = refused(channel.unary_unary(GET), b"", metadata=metadata)
    assert found.code is grpc.StatusCode.UNAUTHENTICATED


def test_an_edge_calls_them(channel: grpc.Channel) -> None:
    apps = apps_pb2_grpc.AppServiceStub(as_edge(channel))
    request = apps_pb2.GetReferenceAppRequest(redirect_uri="https://a.example/cb")
    assert apps.GetReferenceApp(request, timeout=60)


def test_secrets_change_in_two_steps(database_url: str) -> None:
    """Services know both while edges go from the one to the other."""
    new = "n" * 40
    both = {"PROSPECTCONNECT_EDGE_SECRET": f"{new} {stacks.EDGE_SECRET}"}
    with (
        stacks.running("split", database_url, both) as stack,
        grpc.insecure_channel(stack.grpc) as channel,
    ):
        tenant = new_tenant(stack)
        with closing(tenant.client()) as client:  # its edge sends the new one
            assert client.get("/me").status == 200
        apps = apps_pb2_grpc.AppServiceStub(as_edge(channel))
        request = apps_pb2.GetReferenceAppRequest(redirect_uri="https://a.example/cb")
        assert apps.GetReferenceApp(request, timeout=60)


@asynccontextmanager
async def connections(address: str, number: int) -> AsyncIterator[list[Any]]:
    """So many connections to the services."""
    async with AsyncExitStack() as opened:
        yield [
            await opened.enter_async_context(grpc.aio.insecure_channel(address, OWN))
            for _ in range(number)
        ]


async def ended(calls: list[Any], number: int) -> list[grpc.StatusCode]:
    """How calls ended, once so many have."""
    codes = [asyncio.ensure_future(each.code()) for each in calls]
    async with asyncio.timeout(60):
        while sum(each.done() for each in codes) < number:
            left = [each for each in codes if not each.done()]
            await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
    found = [each.result() for each in codes if each.done()]
    for each in codes:
        each.cancel()
    return found


async def is_served(address: str, token: str) -> None:
    """A call with a token is answered as ever."""
    async with grpc.aio.insecure_channel(address, OWN) as channel:
        contacts = contacts_pb2_grpc.ContactServiceStub(channel)
        request = contacts_pb2.SearchContactsRequest()
        assert await contacts.SearchContacts(
            request, metadata=bearer(token), timeout=60
        )


@pytest.mark.parametrize("number", [1, 8])
def test_streams_of_strangers_are_few(
    stack: Stack, tenant: Tenant, number: int
) -> None:
    """On a connection, and together from an address."""
    each = STREAMS_OF_CONNECTION + 4
    kept = min(number * STREAMS_OF_CONNECTION, STREAMS_OF_ADDRESS)

    async def scenario() -> None:
        async with connections(stack.grpc, number) as opened:
            watches = [
                health_pb2_grpc.HealthStub(channel).Watch(
                    health_pb2.HealthCheckRequest()
                )
                for channel in opened
                for _ in range(each)
            ]
            codes = await ended(watches, number * each - kept)
            assert set(codes) == {grpc.StatusCode.RESOURCE_EXHAUSTED}
            assert len(codes) <= number * each - kept + 1  # an edge may watch as well
            await is_served(stack.grpc, tenant.tokens["owner"])

    asyncio.run(scenario())


def test_calls_whose_message_never_comes_are_few(
    stack: Stack, tenant: Tenant, other_tenant: Tenant
) -> None:
    """A stranger is refused by the head alone; a tenant waits with so many."""

    async def scenario() -> None:
        async with connections(stack.grpc, 2) as opened:
            begin = opened[0].stream_unary(GET)
            strangers = [begin() for _ in range(300)]
            assert await ended(strangers, 300) == [
                grpc.StatusCode.UNAUTHENTICATED
            ] * len(strangers)
            begin = opened[1].stream_unary(GET)
            metadata = bearer(tenant.tokens["owner"])
            known = [begin(metadata=metadata) for _ in range(300)]
            codes = await ended(known, 300 - 256)
            assert set(codes) == {grpc.StatusCode.UNAVAILABLE}
            await is_served(stack.grpc, other_tenant.tokens["owner"])

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("/grpc.health.v1.Health/Check", grpc.StatusCode.OK),
        ("/prospectconnect.iam.v1.AccessService/GetMe", grpc.StatusCode.OK),
        (GET, grpc.StatusCode.NOT_FOUND),
        (OPEN[0], grpc.StatusCode.UNAUTHENTICATED),
        ("/prospectconnect.crm.v1.ContactService/None", grpc.StatusCode.UNIMPLEMENTED),
    ],
)
def test_every_answer_names_its_trace(
    channel: grpc.Channel, tenant: Tenant, name: str, code: grpc.StatusCode
) -> None:
    metadata = bearer(tenant.tokens["owner"])
    call: Any = channel.unary_unary(name)
    request = contacts_pb2.GetContactRequest(id="con_0").SerializeToString()
    data = request if name == GET else b""
    given = call.future(data, metadata=(*metadata, *TRACED), timeout=60)
    assert given.code() is code
    assert dict(given.trailing_metadata())[TRACE_ID] == TRACE
    begun = call.future(data, metadata=metadata, timeout=60)
    assert len(dict(begun.trailing_metadata())[TRACE_ID]) == 32


def test_a_replay_names_its_trace_as_well(
    channel: grpc.Channel, tenant: Tenant
) -> None:
    contacts = contacts_pb2_grpc.ContactServiceStub(channel)
    metadata = (*bearer(tenant.tokens["owner"], idempotency_key="k"), *TRACED)
    contact = contacts_pb2.Contact(email="ada@engine.example")
    request = contacts_pb2.CreateContactRequest(contact=contact)
    contacts.CreateContact(request, metadata=metadata, timeout=60)
    _, call = contacts.CreateContact.with_call(request, metadata=metadata, timeout=60)
    trailing = dict(call.trailing_metadata())
    assert (trailing[TRACE_ID], trailing["idempotent-replayed"]) == (TRACE, "true")


def test_a_call_without_a_token_reads_what_to_send(channel: grpc.Channel) -> None:
    found = refused(channel.unary_unary(GET), b"")
    assert (found.code, found.reason) == (
        grpc.StatusCode.UNAUTHENTICATED,
        "TOKEN_INVALID",
    )
    assert "authorization: Bearer" in found.message
