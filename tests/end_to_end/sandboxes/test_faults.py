"""Faults that are planted in sandboxes: each kind, exactly as often as asked."""

import http.client
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest

from tests import stacks
from tests.client import Client
from tests.end_to_end.sandboxes.boxes import inside, make
from tests.end_to_end.webhooks.receiving import Receiver, receiving
from tests.stacks import Stack
from tests.world import new_tenant

# Of a request: a busy machine needs some of it, and tests wait for its end.
SECONDS = 5
ALLOWED = {
    "PROSPECTCONNECT_WEBHOOKS_PRIVATE_ADDRESSES": "true",
    "PROSPECTCONNECT_REQUEST_DEADLINE_SECONDS": str(SECONDS),
}


@pytest.fixture(scope="module")
def stack(migrated_database: Callable[[str], str]) -> Iterator[Stack]:
    """The product where webhooks reach this machine, and requests have seconds."""
    with stacks.running("together", migrated_database("faulty"), ALLOWED) as stack:
        yield stack


@pytest.fixture
def owner(stack: Stack) -> Iterator[Client]:
    with closing(new_tenant(stack).client()) as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def plant(owner: Client, sandbox: Any, **fault: Any) -> Any:
    answer = owner.post(f"/sandboxes/{sandbox['id']}/faults", fault)
    assert answer.status == 200, answer.body
    return answer.json


def tried(client: Client) -> int:
    """The status of a create; 0 where the connection broke."""
    try:
        return client.post("/contacts", {"email": "a@a.example"}).status
    except (http.client.RemoteDisconnected, ConnectionError):
        client.close()
        return 0


@pytest.mark.parametrize(
    ("answer", "status", "times"),
    [(429, 429, 2), (500, 500, 2), (503, 503, 2), ("timeout", 504, 1)],
)
@pytest.mark.parametrize("after", [False, True])
def test_as_many_requests_have_a_fault_as_it_is_for(
    owner: Client, answer: Any, status: int, times: int, after: bool
) -> None:
    sandbox = make(owner)
    told = plant(owner, sandbox, answer=answer, after=after, for_requests=times)
    fields = ("answer", "after", "for_requests")
    assert [told[each] for each in fields] == [answer, after, times]
    with inside(owner, sandbox) as its:
        statuses = [tried(its) for _ in range(times + 2)]
        assert statuses == [status] * times + [201, 201]
        assert len(its.pages("/contacts")) == (times + 2 if after else 2)


@pytest.mark.parametrize("after", [False, True])
def test_a_connection_breaks_before_or_after_the_work(
    owner: Client, after: bool
) -> None:
    sandbox = make(owner)
    # A broken connection is tried again by this client, once.
    plant(owner, sandbox, answer="reset", after=after, for_requests=2)
    with inside(owner, sandbox) as its:
        assert [tried(its) for _ in range(2)] == [0, 201]
        assert len(its.pages("/contacts")) == (3 if after else 1)


def test_a_share_of_requests_has_a_fault_exactly(owner: Client) -> None:
    sandbox = make(owner)
    match = {"operation": "createContact", "share": 0.25}
    plant(owner, sandbox, match=match, answer=503, for_seconds=3600)
    with inside(owner, sandbox) as its:
        assert [tried(its) for _ in range(8)].count(503) == 2
        assert its.post("/contacts/search", {}).status == 200


def test_requests_at_once_share_a_fault_exactly(owner: Client) -> None:
    sandbox = make(owner)
    plant(owner, sandbox, answer=500, for_requests=7)

    def ask(_: int) -> int:
        with inside(owner, sandbox) as its:
            return tried(its)

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(ask, range(30)))
    assert (statuses.count(500), statuses.count(201)) == (7, 23)


def test_two_servers_share_a_fault_exactly(stack: Stack, owner: Client) -> None:
    """Each has its own edge and services; what was seen stands in the database."""
    sandbox = make(owner)
    of: dict[str, Any] = {"operation": "createContact"}
    plant(owner, sandbox, match=of, answer=500, for_requests=7)
    of["share"] = 0.25
    plant(owner, sandbox, match=of, answer=503, for_seconds=3600)
    with stacks.running("together", stack.database_url, ALLOWED) as another:
        addresses = stack.http, another.http

        def ask(number: int) -> int:
            its = Client(addresses[number % 2], token=sandbox["token"])
            with closing(its):
                return tried(its)

        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(ask, range(47)))
    assert [statuses.count(each) for each in (500, 503, 201)] == [7, 10, 30]


def test_a_slow_answer_is_the_right_one_and_comes_late(owner: Client) -> None:
    """After some seconds, or when those of the request are over."""
    sandbox = make(owner)
    plant(owner, sandbox, answer="slow", for_requests=1)
    with inside(owner, sandbox) as its:
        begun = time.monotonic()
        assert tried(its) == 201
        assert time.monotonic() - begun >= 0.9 * SECONDS
        assert tried(its) == 201
        assert len(its.pages("/contacts")) == 2


def test_what_is_left_of_faults_is_told(owner: Client) -> None:
    sandbox, path = make(owner), {"operation": "createContact", "share": 0.5}
    first = plant(owner, sandbox, match=path, answer=503, for_requests=3)
    second = plant(owner, sandbox, deliveries="drop", for_seconds=3600)
    third = plant(owner, sandbox, answer="slow", after=True, for_requests=1)
    assert (first["left"], second["left"]) == (3, None)
    place = f"/sandboxes/{sandbox['id']}/faults"
    assert owner.get(place).json == {"data": [first, second, third]}
    with inside(owner, sandbox) as its:
        its.get("/me")  # the third fault, whose operation is any
        statuses = [tried(its) for _ in range(6)]
    assert statuses.count(503) == 3
    told = owner.get(place).json["data"]
    assert told[1] == second, "nothing of it was needed"
    assert [each["used"] for each in told] == [3, 0, 1]
    assert [each["left"] for each in told] == [0, None, 0]
    assert [each["ended"] for each in told] == [True, False, True]
    assert [each["for_requests"] for each in told] == [3, None, 1]
    assert owner.delete(place).status == 204
    assert owner.get(place).json == {"data": []}
    assert owner.get("/sandboxes/sbx_6b0f347dbfe21d56ab183363/faults").status == 404


def test_a_fault_can_be_ended(owner: Client) -> None:
    sandbox = make(owner)
    plant(owner, sandbox, answer=500, for_seconds=3600)
    with inside(owner, sandbox) as its:
        assert tried(its) == 500
        assert owner.delete(f"/sandboxes/{sandbox['id']}/faults").status == 204
        assert tried(its) == 201


def test_the_live_tenant_and_other_sandboxes_have_no_fault(owner: Client) -> None:
    sandbox, other = make(owner), make(owner)
    plant(owner, sandbox, answer=500, for_requests=1)
    assert tried(owner) == 201
    with inside(owner, other) as its:
        assert tried(its) == 201
    with inside(owner, sandbox) as its:
        assert tried(its) == 500


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"for_requests": 1}, "answer", "required"),
        (
            {"answer": 500, "deliveries": "drop", "for_requests": 1},
            "answer",
            "invalid",
        ),
        ({"answer": 404, "for_requests": 1}, "answer", "invalid_choice"),
        ({"answer": "500", "for_requests": 1}, "answer", "invalid_choice"),
        ({"answer": 500}, "for_requests", "required"),
        ({"answer": 500, "for_requests": 0}, "for_requests", "too_small"),
        (
            {"answer": 500, "for_requests": 1, "for_seconds": 1},
            "for_requests",
            "invalid",
        ),
        (
            {"answer": 500, "for_requests": 1, "match": {"operation": "noSuch"}},
            "match.operation",
            "invalid_choice",
        ),
        (
            {"answer": 500, "for_requests": 1, "match": {"share": 0}},
            "match.share",
            "too_small",
        ),
        (
            {"answer": 500, "for_requests": 1, "match": {"share": 1.5}},
            "match.share",
            "too_large",
        ),
        ({"deliveries": "lose", "for_requests": 1}, "deliveries", "invalid_choice"),
        (
            {"deliveries": "drop", "after": True, "for_requests": 1},
            "after",
            "invalid",
        ),
    ],
)
def test_what_is_no_fault_is_told(
    owner: Client, body: Any, field: str, code: str
) -> None:
    answer = owner.post(f"/sandboxes/{make(owner)['id']}/faults", body)
    told = [(each["field"], each["code"]) for each in answer.json["errors"]]
    assert (answer.status, told) == (422, [(field, code)])


def test_a_sandbox_has_at_most_twenty_faults(owner: Client) -> None:
    sandbox = make(owner)
    for _ in range(20):
        plant(owner, sandbox, answer=500, for_requests=1)
    body = {"answer": 500, "for_requests": 1}
    answer = owner.post(f"/sandboxes/{sandbox['id']}/faults", body)
    assert answer.json["errors"][0]["code"] == "too_many"


def test_the_latest_faults_that_have_ended_are_told(owner: Client) -> None:
    sandbox = make(owner, "nothing")
    made = [plant(owner, sandbox, answer=500, for_requests=1) for _ in range(20)]
    with inside(owner, sandbox) as its:
        assert [its.get("/me").status for _ in made] == [500] * 20
        made += [plant(owner, sandbox, answer=503, for_requests=1) for _ in range(2)]
        assert its.get("/me").status == 503
    told = owner.get(f"/sandboxes/{sandbox['id']}/faults").json["data"]
    assert [each["id"] for each in told] == [each["id"] for each in made[1:]]
    assert [each["ended"] for each in told] == [True] * 20 + [False]


def test_faults_of_an_unknown_sandbox_are_not_found(owner: Client) -> None:
    path = "/sandboxes/sbx_000000000000000000000000/faults"
    assert owner.post(path, {"answer": 500, "for_requests": 1}).status == 404
    assert owner.delete(path).status == 404


@pytest.mark.parametrize(
    ("kind", "times"), [("drop", 1), ("duplicate", 2), ("delay", 1)]
)
def test_a_delivery_has_the_fault_that_was_planted(
    owner: Client, receiver: Receiver, kind: str, times: int
) -> None:
    sandbox = make(owner)
    told = plant(owner, sandbox, deliveries=kind, for_requests=1)
    assert (told["deliveries"], told["answer"]) == (kind, None)
    with inside(owner, sandbox) as its:
        hook = {"url": receiver.url, "types": ["contact.created"]}
        webhook = its.create("/webhooks", hook)
        its.create("/contacts", {"email": "a@a.example"})
        receiver.wait_for(lambda events: len(events) == times)
        assert {each["data"]["sandbox"] for each in receiver.events} == {True}
        assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
        # Another one comes once, as always.
        its.create("/contacts", {"email": "b@a.example"})
        receiver.wait_for(lambda events: len(events) == times + 1)
        path = f"/webhooks/{webhook['id']}/deliveries"
        attempts = [len(each["attempts"]) for each in its.search(path)["data"]]
        assert sorted(attempts)[-1] == (2 if kind == "drop" else 1)


def test_a_delivery_comes_after_the_one_that_follows(
    owner: Client, receiver: Receiver
) -> None:
    sandbox = make(owner)
    plant(owner, sandbox, deliveries="reorder", for_requests=1)
    with inside(owner, sandbox) as its:
        hook = {"url": receiver.url, "types": ["contact.created"]}
        its.create("/webhooks", hook)
        made = [its.create("/contacts", {"email": f"{n}@a.example"}) for n in "ab"]
        receiver.wait_for(lambda events: len(events) == 2)
    ids = [each["data"]["record"]["id"] for each in receiver.events]
    assert ids == [made[1]["id"], made[0]["id"]]
