"""Behind a real proxy no request is smuggled past it, nor answered to somebody else.

The proxy refuses `/v1/companies` by itself. Each shot hides a create of a company; a
company that is there afterwards was seen by the edge and not by the proxy.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest

from tests import stacks
from tests.harness import proxies
from tests.harness.faulty_program import program
from tests.harness.raw_http import connected, read_answer, request, swallow
from tests.harness.smuggling import PIPELINED, SMUGGLED, loaded
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
        hidden = request(
            f"POST {proxies.FORBIDDEN} HTTP/1.1",
            [
                ("Host", "api.example"),
                ("Authorization", f"Bearer {self.tenant.tokens['owner']}"),
                ("Version", "2026-11-01"),
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(body))),
            ],
            body,
        )
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
    for name, template in SMUGGLED.items():
        if name in PIPELINED and not front.is_proxy:
            continue
        front.shoot(template)
        assert front.smuggled() == 0, name
    print(f"{len(SMUGGLED)} requests with another in them")


@pytest.mark.needs_program("nginx")
def test_a_body_that_is_taken_for_a_request_would_be_seen(database_url: str) -> None:
    """Planted: an edge that thinks that a GET has no body."""
    with stacks.running(
        "together", database_url, program=program("bodies_of_get_unread")
    ) as stack:
        tenant = new_tenant(stack)
        with proxies.before(stack.http, "nginx") as address:
            front = Front(str(address), tenant, is_proxy=True)
            front.shoot(SMUGGLED["the body of GET"])
            assert front.smuggled() == 1
