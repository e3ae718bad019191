"""Webhooks from their creation to an endpoint: by the program, over real sockets."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from tests import stacks
from tests.client import Answer, Client
from tests.end_to_end.imports.sending import imported, table
from tests.end_to_end.webhooks.kept import body, path
from tests.end_to_end.webhooks.receiving import receiving
from tests.rounds import rounds
from tests.stacks import Process, Stack
from tests.world import let_transactions_end, new_tenant

ALLOWED = {"PROSPECTCONNECT_WEBHOOKS_PRIVATE_ADDRESSES": "true"}
CONTACTS = 40
AGO = (datetime.now(UTC) - timedelta(hours=1)).isoformat()


@pytest.fixture(scope="module")
def stack(migrated_database: Callable[[str], str]) -> Iterator[Stack]:
    """The product where private addresses are allowed."""
    with stacks.running("together", migrated_database("delivered"), ALLOWED) as stack:
        yield stack


@pytest.fixture
def owner(stack: Stack) -> Iterator[Client]:
    """The owner of a new tenant."""
    with closing(new_tenant(stack).client()) as client:
        yield client


def _contact(number: int) -> dict[str, Any]:
    return {"email": f"c{number}@x.example", "first_name": "Ada"}


def test_what_happens_is_sent_and_its_delivery_is_told(owner: Client) -> None:
    with receiving() as receiver:
        given = {"url": receiver.url, "types": ["contact.*"], "include": ["state"]}
        webhook = owner.create("/webhooks", given)
        contact = owner.create("/contacts", _contact(1))
        receiver.wait_for(lambda events: len(events) == 1)
        ((headers, body),) = receiver.got
        told = Webhook(webhook["secret"]).verify(body, headers)
        assert told["data"]["state"]["email"] == contact["email"]
        let_transactions_end()
        change = owner.post("/changes/read", {"start": "earliest", "include": []})
        assert headers["webhook-id"] in {each["id"] for each in change.json["data"]}
        # Once it was delivered, it is told so.
        place = f"/webhooks/{webhook['id']}"
        while owner.get(place).json["delivered"] == 0:
            pass  # it is written within milliseconds
        (delivery,) = owner.search(f"{place}/deliveries")["data"]
        assert (delivery["state"], delivery["change_id"]) == (
            "delivered",
            headers["webhook-id"],
        )
        assert [each["status"] for each in delivery["attempts"]] == [200]


def test_an_import_is_sent_from_its_begin_to_its_end(owner: Client) -> None:
    with receiving() as receiver:
        given = {"url": receiver.url, "types": ["job.*"], "include": ["state"]}
        owner.create("/webhooks", given)
        found = imported(owner, table("email", "ada@x.example", "nobody"))
        receiver.wait_for(lambda events: "job.succeeded" in _types(events))
        told = [json.loads(body) for _, body in receiver.got]
    first, *_, last = sorted(told, key=lambda each: int(_version(each)))
    assert (first["type"], last["type"]) == ("job.created", "job.succeeded")
    assert {each["type"].partition(".")[0] for each in told} == {"job"}
    assert {each["data"]["record"]["id"] for each in told} == {found["job_id"]}
    assert last["data"]["state"] == owner.get(f"/jobs/{found['job_id']}").json


def _types(events: list[dict[str, Any]]) -> set[str]:
    return {each["type"] for each in events}


def _version(event: dict[str, Any]) -> str:
    return str(event["data"]["record"]["version"])


def test_a_test_sends_a_made_up_event_and_tells_what_came_back(owner: Client) -> None:
    with receiving() as receiver:
        given = {"url": receiver.url, "types": ["*"], "active": False}
        webhook = owner.create("/webhooks", given)
        receiver.status = 418
        answer = owner.post(f"/webhooks/{webhook['id']}/test", {})
        assert answer.status == 200
        assert (answer.json["status"], answer.json["error"]) == (418, None)
        receiver.wait_for(lambda events: events != [])  # noted after it has answered
        ((headers, body),) = receiver.got
        told = Webhook(webhook["secret"]).verify(body, headers)
        assert told["type"] == told["data"]["type"] == "test"
        assert owner.search(f"/webhooks/{webhook['id']}/deliveries")["data"] == []


def test_410_ends_a_webhook_and_a_change_tells_so(owner: Client) -> None:
    with receiving() as receiver:
        receiver.status = 410
        given = {"url": receiver.url, "types": ["contact.created"]}
        webhook = owner.create("/webhooks", given)
        let_transactions_end()
        start = owner.post("/changes/read", {"resources": ["webhooks"]}).json
        owner.create("/contacts", _contact(2))
        cursor = start["meta"]["cursor"]["next"]
        asked = {"cursor": cursor, "resources": ["webhooks"], "wait_seconds": 20}
        told = owner.post("/changes/read", asked).json["data"]
        assert [each["type"] for each in told] == ["webhook.disabled"]
        read = owner.get(f"/webhooks/{webhook['id']}").json
        assert (read["active"], read["disabled_reason"]) == (False, "gone")


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://[fd00:ec2::254]/",
        "https://user@example.com/",
        "https://2130706433/",
        "https://metadata.google.internal/",
    ],
)
def test_urls_that_nobody_may_have_are_refused(owner: Client, url: str) -> None:
    answer = owner.post("/webhooks", {"url": url, "types": ["*"]})
    assert answer.status == 422, answer.body


def test_own_ports_are_refused(owner: Client, stack: Stack) -> None:
    given = {"url": f"http://{stack.http}/v1/contacts", "types": ["*"]}
    assert owner.post("/webhooks", given).status == 422


@pytest.fixture(scope="module")
def idle(migrated_database: Callable[[str], str]) -> Iterator[Stack]:
    """The product where jobs and deliveries are left to workers."""
    apart = {**ALLOWED, "PROSPECTCONNECT_RUNS_JOBS": "false"}
    with stacks.running("together", migrated_database("idle"), apart) as stack:
        yield stack


def test_killed_workers_lose_nothing_and_repeat_what_was_in_flight(
    idle: Stack,
) -> None:
    url, kills = idle.database_url, rounds("DELIVERY_KILLS")
    with receiving() as receiver:
        owner = new_tenant(idle).client()
        owner.create("/webhooks", {"url": receiver.url, "types": ["contact.*"]})
        workers = [_worker(url), _worker(url)]
        made = 0
        for _ in range(kills):
            for _ in range(CONTACTS):
                made += 1
                owner.create("/contacts", _contact(made))
            receiver.wait_for(partial(_are_more, made - CONTACTS // 2))
            with workers[0].handle:
                workers[0].handle.kill()
            workers = [workers[1], _worker(url)]
        receiver.wait_for(lambda events: len(_records(events)) == made)
        for worker in workers:
            assert worker.stop() == 0
        # A webhook has at most eight requests at once.
        assert len(receiver.got) <= made + 16 * kills
        owner.close()


def _worker(url: str) -> Process:
    return stacks.start("worker", "--database-url", url, env=ALLOWED)


def _are_more(number: int, events: list[dict[str, Any]]) -> bool:
    return len(events) > number


def _records(events: list[dict[str, Any]]) -> set[str]:
    return {each["data"]["record"]["id"] for each in events}


def test_what_happened_before_a_webhook_was_off_is_sent_when_it_is_on_again(
    idle: Stack,
) -> None:
    """Even if nobody had read it by then, and however often it was on and off."""
    with receiving() as receiver:
        owner = new_tenant(idle).client()
        given = {"url": receiver.url, "types": ["contact.created"], "include": []}
        place = f"/webhooks/{owner.create('/webhooks', given)['id']}"
        sent, left_out = list[str](), list[str]()
        for n in range(4):
            sent.append(owner.create("/contacts", _contact(2 * n))["id"])
            owner.patch(place, {"active": False})
            left_out.append(owner.create("/contacts", _contact(2 * n + 1))["id"])
            owner.patch(place, {"active": True})
        sent.append(owner.create("/contacts", _contact(99))["id"])
        worker = _worker(idle.database_url)
        receiver.wait_for(lambda events: sent[-1] in _records(events))
        receiver.wait_for(lambda events: len(events) >= len(sent))
        assert _records(receiver.events) == set(sent)
        # A replay tells the rest.
        begun = owner.post(f"{place}/replay", {"from": AGO, "only": "missing"}).json
        done = owner.post(f"/jobs/{begun['id']}/wait", {}).json
        assert done["result"]["changes"] == len(left_out)
        receiver.wait_for(lambda events: _records(events) == {*sent, *left_out})
        assert worker.stop() == 0
        owner.close()


def test_few_replays_are_under_way_at_a_time(idle: Stack) -> None:
    with closing(new_tenant(idle).client()) as owner:
        made = [owner.create("/webhooks", body()) for _ in range(5)]
        for webhook in made[:4]:
            for _ in range(2):
                assert _replay(owner, webhook).status == 202
        for webhook, detail in ((made[0], "2 replays of the"), (made[4], "8 replays")):
            refused = _replay(owner, webhook)
            assert refused.status == 409
            assert refused.json["detail"].startswith(detail)


def _replay(owner: Client, webhook: Any) -> Answer:
    return owner.post(f"{path(webhook)}/replay", {"from": AGO})
