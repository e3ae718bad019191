"""A call that failed on the way is made again, and never done twice."""

import socket
from dataclasses import replace

import httpx2
import pytest

from prospectconnect_client import (
    Answer,
    Call,
    ProspectConnect,
    Retries,
    Unreachable,
)
from tests.clients.programs import Account, Step, run
from tests.clients.unreliable import LOST_ANSWER, LOST_REQUEST, Fault, Network, Said
from tests.world import Tenant

CREATE = Step("contacts.create", body={"first_name": "Ada", "phone": "555 1815"})
EVERYONE = Step("contacts.search")
HTML = b"<html>A proxy is out of order.</html>"


@pytest.mark.parametrize(
    "fault",
    [
        LOST_ANSWER,
        LOST_REQUEST,
        Said(408),
        Said(429, {"Retry-After": "0"}),
        Said(409, {"Retry-After": "0"}),
        Said(500),
        Said(502, {"Content-Type": "text/html"}, HTML),
        Said(503, {"Retry-After": "0"}),
        Said(504),
    ],
    ids=str,
)
def test_a_creation_ends_well_and_is_one(
    client: str, account: Account, network: Network, fault: Fault
) -> None:
    network.faults += [fault, fault]
    made, found = run(client, account, CREATE, EVERYONE)
    assert [contact["id"] for contact in found] == [made["id"]]
    first, second, third, _ = network.seen
    assert first.headers["idempotency-key"]
    assert first.headers == second.headers == third.headers


def test_each_call_has_a_key_of_its_own(
    client: str, account: Account, network: Network
) -> None:
    *_, found = run(client, account, CREATE, CREATE, EVERYONE)
    assert len(found) == 2
    first, second, search = network.seen
    assert first.headers["idempotency-key"] != second.headers["idempotency-key"]
    assert "idempotency-key" not in search.headers


def test_a_key_that_is_given_is_used(client: str, account: Account) -> None:
    keyed = replace(CREATE, options={"idempotency_key": "order-1815"})
    first, second, found = run(client, account, keyed, keyed, EVERYONE)
    assert first == second
    assert len(found) == 1


def test_attempts_have_an_end(client: str, account: Account, network: Network) -> None:
    network.faults += [LOST_REQUEST] * 9
    (outcome,) = run(client, account, CREATE)
    assert outcome["error"]["class"] == "Unreachable"
    assert len(network.seen) == account.retries["attempts"]


@pytest.mark.parametrize("client", ["python", "python-async"])
def test_who_did_not_answer_and_why_is_told(client: str, account: Account) -> None:
    """Nobody listens on a port that was just given back."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    (outcome,) = run(client, replace(account, address=nobody), CREATE)
    text = outcome["error"]["text"]
    assert text.startswith(f"No answer came from {nobody}: ConnectError: ")
    with (
        ProspectConnect("pcp_no", nobody, retries=Retries(attempts=1)) as api,
        pytest.raises(Unreachable) as raised,
    ):
        api.me.get()
    assert isinstance(raised.value.__cause__, httpx2.ConnectError)


def test_the_last_problem_is_told(
    client: str, account: Account, network: Network
) -> None:
    network.faults += [Said(503, {"Content-Type": "text/html"}, HTML)] * 9
    (outcome,) = run(client, account, CREATE)
    assert outcome["error"]["class"] == "ServerError"
    assert outcome["error"]["status"] == 503
    assert outcome["error"]["type"] == "about:blank"


@pytest.mark.parametrize(
    "step",
    [
        Step("contacts.get", ["con_" + 24 * "0"]),
        Step("contacts.update", ["con_" + 24 * "0"], {"first_name": "Ada"}),
        Step("contacts.delete", ["con_" + 24 * "0"]),
        EVERYONE,
    ],
    ids=lambda step: step.name,
)
def test_what_may_be_done_twice_is(
    client: str, account: Account, network: Network, step: Step
) -> None:
    network.faults += [LOST_REQUEST, Said(503)]
    run(client, account, step)
    assert len(network.seen) == 3


def test_a_fault_of_the_server_is_told_at_once_without_a_key(
    client: str, account: Account, network: Network
) -> None:
    network.faults += [Said(500)]
    (outcome,) = run(client, account, EVERYONE)
    assert outcome["error"]["status"] == 500
    assert len(network.seen) == 1


def test_what_may_not_be_done_twice_is_not(
    client: str, account: Account, network: Network
) -> None:
    """A token's secret is shown once: creating one takes no key."""
    network.faults += [LOST_ANSWER]
    (outcome,) = run(
        client, account, Step("tokens.create", body={"scopes": ["contact.read"]})
    )
    assert outcome["error"]["class"] == "Unreachable"
    assert len(network.seen) == 1


def test_who_was_refused_before_it_ran_may_always_come_again(
    client: str, account: Account, network: Network
) -> None:
    network.faults += [Said(429, {"Retry-After": "0"})]
    run(client, account, Step("tokens.create", body={"scopes": ["contact.read"]}))
    assert len(network.seen) == 2


@pytest.mark.parametrize(
    "step",
    [CREATE, Step("contacts.delete", ["con_" + 24 * "0"])],
    ids=lambda step: step.name,
)
def test_a_conflict_that_stays_is_told_at_once(
    client: str, account: Account, network: Network, step: Step
) -> None:
    network.faults += [Said(409)] * 2
    (outcome,) = run(client, account, step)
    assert outcome["error"]["status"] == 409
    assert len(network.seen) == 1


def test_who_stands_behind_a_job_comes_again(
    client: str, account: Account, network: Network
) -> None:
    """It takes no key, and was refused before it ran."""
    network.faults += [Said(409, {"Retry-After": "0"})]
    run(client, account, Step("contacts.delete", ["con_" + 24 * "0"]))
    assert len(network.seen) == 2


def test_nobody_waits_for_an_hour(
    client: str, account: Account, network: Network
) -> None:
    network.faults += [Said(429, {"Retry-After": "3600"})]
    (outcome,) = run(client, account, EVERYONE)
    assert outcome["error"]["retry_after"] == 3600
    assert len(network.seen) == 1


def test_a_limit_is_waited_out(client: str, account: Account, tenant: Tenant) -> None:
    """With one request a second, the product says how long to wait."""
    slow = replace(account, token=tenant.token(rate_limit=(1, 1)))
    outcomes = run(client, slow, *[Step("me.get")] * 3)
    assert [outcome.get("role") for outcome in outcomes] == ["owner"] * 3


CALL = Call("POST", "/v1/contacts", {}, {}, keyed=True)


def test_pauses_double_to_a_limit_and_are_random() -> None:
    retries = Retries(attempts=100, first_pause=1, longest_pause=8)
    longest = []
    for attempt in range(1, 8):
        pauses = [
            retries.pause(CALL, Unreachable(), attempt) or 0.0 for _ in range(200)
        ]
        assert len(set(pauses)) > 100
        longest.append(max(pauses))
    for found, expected in zip(longest, [1, 2, 4, 8, 8, 8, 8], strict=True):
        assert 0.8 * expected < found <= expected


def test_the_servers_word_is_a_pause_at_least() -> None:
    told = Answer(503, {"retry-after": "7"}, b"")
    pause = Retries().pause(CALL, told, 1)
    assert pause is not None
    assert 7 <= pause <= 7.25


@pytest.mark.parametrize("text", ["", "soon", "-1", "1e9", "Thu, 01 Jan 2026", "٣"])
def test_a_strange_word_is_none(text: str) -> None:
    assert Answer(503, {"retry-after": text}, b"").retry_after is None
