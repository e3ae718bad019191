"""Hostile requests: a problem that tells nothing of the inside, never a fault of ours.

`--hypothesis-profile=thorough` looks longer.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import stacks
from tests.client import Answer, Client
from tests.harness.at_once import at_once, crowd
from tests.harness.hostile import hostile_bodies, hostile_heads, strategies
from tests.harness.hostile.problems import check_answer, check_problem
from tests.harness.wire.raw_http import exchange, request
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

Case = tuple[bytes, int]

any_example = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Target:
    """What is shot at: a tenant, its owner's connection, and the path of a contact."""

    tenant: Tenant
    client: Client
    contact: str

    def by_hand(self, data: bytes, **options: bool) -> Answer | None:
        """Sends bytes with the owner's token in the place of `{token}`."""
        token = self.tenant.tokens["owner"].encode()
        return exchange(
            self.tenant.stack.http, data.replace(b"{token}", token), **options
        )

    def is_well(self) -> bool:
        """Whether a request in order is answered as ever."""
        with closing(self.tenant.client()) as client:
            answers = client.get(self.contact), client.post("/contacts/search", {})
        return [answer.status for answer in answers] == [200, 200]


@pytest.fixture(scope="module", params=stacks.TOPOLOGIES)
def target(
    request: pytest.FixtureRequest, running_stacks: Callable[[str], Stack]
) -> Iterator[Target]:
    tenant = new_tenant(running_stacks(request.param))
    with closing(tenant.client()) as client:
        contact = client.create("/contacts", {"email": "target@b.example"})
        yield Target(tenant, client, f"/contacts/{contact['id']}")


def cases(table: Mapping[str, Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("sent", "status"), table.values(), ids=table.keys())


def check(answer: Answer | None, status: int) -> None:
    if status < 300:
        assert check_answer(answer).status == status
    else:
        check_problem(answer, status)


@cases(hostile_bodies.BODIES)
def test_body(target: Target, sent: bytes, status: int) -> None:
    check(target.client.post("/contacts", sent), status)
    assert target.is_well()


@cases(hostile_bodies.SEARCHES)
def test_search(target: Target, sent: bytes, status: int) -> None:
    check(target.client.post("/contacts/search", sent), status)
    assert target.is_well()


@cases(hostile_heads.HEADS)
def test_head(target: Target, sent: bytes, status: int) -> None:
    check(target.by_hand(sent), status)
    assert target.is_well()


@pytest.mark.parametrize(("path", "status"), [("/v1/me", 405), ("/v1/nowhere", 404)])
def test_problem_of_a_head_request_has_no_body(
    target: Target, path: str, status: int
) -> None:
    sent = request(f"HEAD {path} HTTP/1.1", [hostile_heads.HOST])
    answer = target.by_hand(sent)
    assert answer is not None
    assert (answer.status, answer.body) == (status, b"")
    assert answer.headers["content-type"] == "application/problem+json"


def test_client_that_leaves_midway_harms_nobody(target: Target) -> None:
    whole = hostile_heads.HEADS["chunks"][0]
    for end in range(0, len(whole), 7):
        answer = target.by_hand(whole[:end], ends=True)
        assert answer is None or answer.status < 500
    assert target.is_well()


def test_server_is_as_well_after_as_before(target: Target) -> None:
    """All tables at once, from many connections: nothing is stuck or used up."""
    tables = (hostile_bodies.BODIES, hostile_bodies.SEARCHES)
    paths = ("/contacts", "/contacts/search")
    shots = [
        (p, sent) for p, t in zip(paths, tables, strict=True) for sent, _ in t.values()
    ]
    with crowd(target.tenant, 20) as clients:
        for answers in at_once(
            lambda client: [client.post(path, sent) for path, sent in shots[::7]],
            clients,
        ):
            assert max(answer.status for answer in answers) < 500
        good = at_once(lambda client: client.get(target.contact), clients)
    assert {answer.status for answer in good} == {200}


PATHS = ("/contacts", "/contacts/upsert", "/contacts/search", "{contact}/tags")


@any_example
@given(path=st.sampled_from(PATHS), body=strategies.bodies())
def test_any_body_is_answered(target: Target, path: str, body: Any) -> None:
    sent = dumped(body)
    path = path.format(contact=target.contact)
    check_answer(target.client.post(path, sent), sent)


@any_example
@given(body=strategies.bodies())
def test_any_patch_is_answered(target: Target, body: Any) -> None:
    sent = dumped(body)
    check_answer(target.client.patch(target.contact, sent), sent)


@any_example
@given(sent=st.binary(max_size=300))
def test_any_bytes_are_answered(target: Target, sent: bytes) -> None:
    check_answer(target.client.post("/contacts", sent), sent)


@any_example
@given(query=strategies.searches())
def test_any_search_is_answered(target: Target, query: dict[str, Any]) -> None:
    sent = dumped(query)
    check_answer(target.client.post("/contacts/search", sent), sent)


@any_example
@given(headers=strategies.headers())
def test_any_headers_are_answered(
    target: Target, headers: list[tuple[str, bytes]]
) -> None:
    body = b'{"first_name": "x"}'
    usual = [hostile_heads.HOST, hostile_heads.TOKEN, hostile_heads.VERSION]
    length = ("Content-Length", str(len(body)))
    line = f"PATCH /v1{target.contact} HTTP/1.1"
    sent = request(line, [*usual, hostile_heads.JSON, length, *headers], body)
    check_answer(target.by_hand(sent), sent)


@any_example
@given(path=strategies.paths())
def test_any_path_is_answered(target: Target, path: bytes) -> None:
    usual = [hostile_heads.HOST, hostile_heads.TOKEN, hostile_heads.VERSION]
    sent = request(b"GET /" + path + b" HTTP/1.1", usual)
    answer = target.by_hand(sent)
    if answer is not None and answer.headers.get("content-type") == HTML:
        assert answer.status == 200, "nobody who did not ask for HTML is lost in it"
    else:
        check_answer(answer, sent)


def dumped(body: Any) -> bytes:
    """A body as JSON, or nearly so: NaN and half surrogate pairs go as they are."""
    return json.dumps(body).encode()
