"""Requests that fail in different ways, each time with new content.

After its answer, none of them may use any memory or connection of the server.
"""

import random
import socket
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from types import MappingProxyType

import grpc
from prospectconnect.crm.v1 import contacts_pb2 as pb
from prospectconnect.crm.v1.contacts_pb2_grpc import ContactServiceStub
from sanic.router import ROUTER_CACHE_SIZE

from services.iam.bearer import new_secret
from tests.client import Client
from tests.harness.errands import Ask
from tests.harness.wire.grpc_calls import bearer
from tests.harness.wire.leavers import leave, sent
from tests.harness.wire.raw_http import connected, swallow
from tests.world import Tenant

_TOO_MUCH = 1_100_000
_TOO_BUSY = (408, 503, 504)  # possible for any request on a busy machine


@dataclass(frozen=True, slots=True)
class Sender:
    """A client with a persistent connection and a random generator."""

    tenant: Tenant
    limited: str  # a token with no request left in its budget
    client: Client
    random: random.Random

    def word(self) -> str:
        """A new random text."""
        return f"{self.random.getrandbits(64):016x}"

    def expect(self, status: int, ask: Ask, **headers: str) -> None:
        """Sends a request that must be refused with this status."""
        answer = self.client.send(ask.method, ask.path, ask.body, **headers)
        assert answer.status in (status, *_TOO_BUSY), (ask, answer.status, answer.body)


def many_faults(sender: Sender) -> None:
    body = {f"{sender.word()}{number}": {"a": [number]} for number in range(200)}
    sender.expect(422, Ask("POST", "/contacts", body))
    tags = {"email": sender.word(), "tags": [5] * 200, "custom_fields": {"A": 1}}
    sender.expect(422, Ask("POST", "/contacts", tags), idempotency_key=sender.word())
    wrong = [{"field": sender.word(), "operator": "x", "value": []}] * 90
    sender.expect(422, Ask("POST", "/contacts/search", {"filters": wrong}))


def unknown_tokens(sender: Sender) -> None:
    token = new_secret(f"biz_{sender.random.getrandbits(96):024x}")
    me = Ask("GET", "/me")
    sender.expect(401, me, authorization=f"Bearer {token}")
    sender.expect(401, me, authorization=f"Bearer {sender.word()}")
    sender.expect(401, me, authorization=sender.word())


def no_budget(sender: Sender) -> None:
    me = Ask("GET", "/me")
    sender.expect(429, me, authorization=f"Bearer {sender.limited}")


def hostile_paths(sender: Sender) -> None:
    for path in (
        f"/{sender.word()}/..%2f..%2f{sender.word()}",
        f"/contacts/{sender.word()}/%00",
        f"/contacts/con_{sender.word()}{sender.word()[:8]}",
        f"//{sender.word()}",
    ):
        sender.expect(404, Ask("GET", path))
    sender.expect(405, Ask("PUT", f"/contacts/{sender.word()}"))
    sender.expect(400, Ask("GET", f"/contacts/con_1?{sender.word()}=1"))


def bad_requests(sender: Sender) -> None:
    sender.expect(400, Ask("GET", "/me"), version=sender.word())
    sender.expect(400, Ask("POST", "/contacts", f'{{"{sender.word()}": '.encode()))
    create = Ask("POST", "/contacts", {"email": "a@b.example"})
    sender.expect(400, create, idempotency_key=f"two {sender.word()}")
    sender.expect(415, create, content_type=f"text/{sender.word()}")
    cursor = {"cursor": sender.word()}
    sender.expect(400, Ask("POST", "/contacts/search", cursor))


def too_large(sender: Sender) -> None:
    sender.expect(413, Ask("POST", "/contacts", b"x" * _TOO_MUCH))


def outside(sender: Sender) -> None:
    """Requests that are no operation: pages, OAuth, the endpoint for assistants."""
    client, word = sender.client, sender.word()
    form = f"grant_type=refresh_token&client_id={word}&refresh_token={word}".encode()
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert client.raw("POST", "/oauth/token", form, kind).status >= 400
    page = client.raw("GET", f"/docs/{word}", None, {"accept": "text/html"})
    assert page.status == 404
    headers = {"content-type": "application/json", "authorization": f"Bearer {word}"}
    assert client.raw("POST", "/mcp", b"{}", headers).status >= 400


def aborted(sender: Sender) -> None:
    """Connections that are closed during the head, the body or the answer."""
    address, token = sender.tenant.stack.http, sender.tenant.tokens["owner"]
    body = {"email": f"{sender.word()}@b.example", "address1": sender.word()}
    for share in (sender.random.random(), sender.random.random(), 1.0):
        ask = Ask("POST", "/contacts", body)
        link = sent(address, token, ask, share)
        leave(link, abruptly=sender.random.random() < 0.5)
    with connected(address) as link:
        link.sendall(sender.random.randbytes(64))
        link.shutdown(socket.SHUT_WR)
    swallow(address, f"GET /{sender.word()} HTTP/9\r\n\r\n".encode())


def calls_inside(sender: Sender) -> None:
    """gRPC calls: refused for the token, refused by rules, and cancelled."""
    with grpc.insecure_channel(sender.tenant.stack.grpc) as channel:
        stub = ContactServiceStub(channel)
        own = bearer(sender.tenant.tokens["owner"])
        for metadata in (own, bearer(sender.word())):
            with suppress(grpc.RpcError):
                request = pb.CreateContactRequest(contact=pb.Contact(tags=["x"] * 99))
                stub.CreateContact(request, metadata=metadata, timeout=60)
                raise AssertionError("was not refused")
        stub.SearchContacts.future(pb.SearchContactsRequest(), metadata=own).cancel()


# Each with its number for each one of the most expensive kind.
TROUBLES: Mapping[Callable[[Sender], None], int] = MappingProxyType(
    {
        many_faults: 4,
        unknown_tokens: 8,
        no_budget: 8,
        hostile_paths: 4,
        bad_requests: 4,
        too_large: 1,
        outside: 4,
        aborted: 4,
        calls_inside: 1,
    }
)


def fill(tenant: Tenant) -> None:
    """Requests more paths than Sanic's cache of routes has entries."""
    with closing(tenant.client(token=None)) as client:
        for number in range(ROUTER_CACHE_SIZE):
            assert client.get(f"/contacts/con_{number:024x}").status == 401


def send(tenant: Tenant, limited: str, rounds: int, seed: str) -> int:
    """Sends all of them `rounds` times in a random order; returns their number.

    Each kind counts as one, although most consist of several requests.
    """
    draws = random.Random(seed)
    with closing(tenant.client()) as client:
        sender, sent_so_far = Sender(tenant, limited, client, draws), 0
        for _ in range(rounds):
            turn = [kind for kind, times in TROUBLES.items() for _ in range(times)]
            draws.shuffle(turn)
            for trouble in turn:
                trouble(sender)
            sent_so_far += len(turn)
    return sent_so_far
