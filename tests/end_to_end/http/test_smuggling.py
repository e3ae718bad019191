"""Behind a real proxy no request is smuggled past it, nor answered to somebody else.

The proxy refuses `/v1/companies` by itself. Each shot hides a create of a company; a
company that is there afterwards was seen by the edge and not by the proxy.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass

import pytest

from tests import stacks
from tests.harness.database.row_lock import until
from tests.harness.hostile.smuggling import PIPELINED, SMUGGLED, loaded
from tests.harness.programs.faulty_program import program
from tests.harness.wire import proxies
from tests.harness.wire.raw_http import (
    Pair,
    connected,
    exchange,
    read_answer,
    request,
    swallow,
)
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

SILENCE_SECONDS = 0.1
VICTIMS = 3


@dataclass(frozen=True, slots=True)
class Front:
    """Where clients come in, and the tenant whose companies tell."""

    address: str
    tenant: Tenant
    is_proxy: bool

    def shoot(self, template: bytes) -> None:
        """Sends a request with another in it, and then asks as others would."""
        body = b'{"name": "smuggled"}'
        length = ("Content-Length", str(len(body)))
        line = f"POST {proxies.FORBIDDEN} HTTP/1.1"
        hidden = request(line, [*self._usual(), length], body)
        sent = loaded(template, hidden, self.tenant.tokens["owner"])
        swallow(self.address, sent, SILENCE_SECONDS)
        for _ in range(VICTIMS):
            self.ask()

    def ask(self) -> None:
        """Somebody else's request must get its own answer."""
        path = f"/v1/nowhere/{secrets.token_hex(8)}"
        sent = request(f"GET {path} HTTP/1.1", [("Host", "api.example")])
        with connected(self.address) as link:
            link.sendall(sent)
            answer = read_answer(link, "GET")
        assert answer is not None
        assert answer.status == 404, (answer.status, answer.body)
        assert answer.json["instance"] == path

    def create(self, email: str) -> None:
        """Somebody else's write must be done, once."""
        body = b'{"email": "%s"}' % email.encode()
        length = ("Content-Length", str(len(body)))
        sent = request("POST /v1/contacts HTTP/1.1", [*self._usual(), length], body)
        answer = exchange(self.address, sent)
        assert answer is not None
        assert answer.json["email"] == email

    def _usual(self) -> list[Pair]:
        return [
            ("Host", "api.example"),
            ("Authorization", f"Bearer {self.tenant.tokens['owner']}"),
            ("Version", "2026-11-01"),
            ("Content-Type", "application/json"),
        ]

    def created(self) -> list[str]:
        """Who is there of those that were created."""
        with closing(self.tenant.client()) as client:
            return sorted(each["email"] for each in client.pages("/contacts"))

    def smuggled(self) -> int:
        """How many hidden requests came through."""
        with closing(self.tenant.client()) as client:
            return len(client.pages("/companies"))


@pytest.fixture(
    scope="module",
    params=[
        *(
            pytest.param(name, marks=pytest.mark.needs_program(name))
            for name in proxies.NAMES
        ),
        "nothing",
    ],
)
def front(
    request: pytest.FixtureRequest, running_stacks: Callable[[str], Stack]
) -> Iterator[Front]:
    """A proxy before the edge; or none, where the edge has to be as strict."""
    stack = running_stacks("together")
    tenant = new_tenant(stack)
    if request.param == "nothing":
        yield Front(stack.http, tenant, is_proxy=False)
        return
    with proxies.before(stack.http, request.param) as address:
        yield Front(str(address), tenant, is_proxy=True)


def test_no_request_is_smuggled(front: Front) -> None:
    front.ask()
    names = [n for n in SMUGGLED if front.is_proxy or n not in PIPELINED]
    for number, name in enumerate(names):
        front.shoot(SMUGGLED[name])
        assert front.smuggled() == 0, name
        front.create(f"v{number:04}@b.example")
    assert front.created() == [f"v{n:04}@b.example" for n in range(len(names))]
    print(f"{len(names)} requests with another in them")


@pytest.mark.canary
@pytest.mark.needs_program("nginx")
def test_a_body_that_is_taken_for_a_request_would_be_seen(database_url: str) -> None:
    """Planted: an edge that thinks that a GET has no body."""
    with stacks.running(
        "together", database_url, program=program("bodies_of_get_unread")
    ) as stack:
        tenant = new_tenant(stack)
        with proxies.before(stack.http, "nginx") as address:
            front = Front(str(address), tenant, is_proxy=True)

            def came_through() -> bool:
                # The proxy may close its connection before the edge reads the body.
                with suppress(AssertionError):  # somebody may get its answer
                    front.shoot(SMUGGLED["the body of GET"])
                return front.smuggled() > 0

            until(came_through)
