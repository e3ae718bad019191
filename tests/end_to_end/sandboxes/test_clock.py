"""The clock of a sandbox: what is due happens in order, and nothing else moves."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests import stacks
from tests.client import Client
from tests.end_to_end.sandboxes.boxes import inside, make, state
from tests.end_to_end.webhooks.receiving import Receiver, receiving
from tests.harness.promptly import within
from tests.stacks import Stack
from tests.world import new_tenant

ALLOWED = {"PROSPECTCONNECT_WEBHOOKS_PRIVATE_ADDRESSES": "true"}
# How long after each failed attempt the next one is made, but for a tenth more or less.
PAUSES = [5, 30, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 72_000]
WHOLE = timedelta(hours=72)


@pytest.fixture(scope="module")
def stack(migrated_database: Callable[[str], str]) -> Iterator[Stack]:
    """The product where webhooks reach this machine."""
    with stacks.running("together", migrated_database("clocks"), ALLOWED) as stack:
        yield stack


@pytest.fixture
def owner(stack: Stack) -> Iterator[Client]:
    with closing(new_tenant(stack).client()) as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def move(owner: Client, sandbox: Any, **given: Any) -> Any:
    """Moves a sandbox's clock. The job, once it has ended."""
    answer = owner.post(f"/sandboxes/{sandbox['id']}/clock", given)
    assert answer.status == 202, answer.body
    return ended(owner, answer.json)


def ended(owner: Client, job: Any) -> Any:
    while job["state"] in ("waiting", "running"):
        path = f"/jobs/{job['id']}/wait"
        job = owner.post(path, {"wait_seconds": 20}).json
    return job


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def shown(owner: Client, sandbox: Any) -> datetime:
    return moment(owner.get(f"/sandboxes/{sandbox['id']}/clock").json["now"])


def test_the_time_of_a_sandbox_is_moved_and_runs_on(owner: Client) -> None:
    sandbox = make(owner)
    before = owner.get(f"/sandboxes/{sandbox['id']}/clock").json
    assert (before["moved"], before["job_id"]) == (False, None)
    begun = datetime.now(UTC)
    job = move(owner, sandbox, advance="P3Y")
    assert (job["state"], job["kind"]) == ("succeeded", "move_sandbox_clock")
    assert job["result"]["sandbox_id"] == sandbox["id"]
    ahead = shown(owner, sandbox) - datetime.now(UTC)
    assert 3 * 365 <= ahead.days <= 3 * 366
    with inside(owner, sandbox) as its:
        contact = its.create("/contacts", {"email": "a@a.example"})
        made = moment(contact["created_at"])
        assert timedelta() <= made - (begun + ahead) < timedelta(minutes=5)
        again = its.create("/contacts", {"email": "b@a.example"})
        assert moment(again["created_at"]) > made
        # The token lives on, and what it makes has the real time to live.
        assert its.get("/me").status == 200
    assert abs(moment(job["created_at"]) - begun) < timedelta(minutes=5)
    assert state(owner, sandbox) == "ready"
    live = owner.create("/contacts", {"email": "a@a.example"})
    assert abs(moment(live["created_at"]) - begun) < timedelta(minutes=5)


def test_a_clock_moves_forward_only_and_within_the_calendar(owner: Client) -> None:
    sandbox = make(owner)
    path = f"/sandboxes/{sandbox['id']}/clock"
    codes: dict[str, list[dict[str, str]]] = {
        "too_small": [{"at": "2020-01-01T00:00:00Z"}, {"advance": "P0D"}],
        "too_large": [{"at": "2099-12-01T00:00:00Z"}, {"advance": "P999999Y"}],
        "invalid_format": [{"advance": "a month"}, {"advance": "P"}, {"advance": "PT"}],
        "required": [{}],
        "invalid": [{"at": "2030-01-01T00:00:00Z", "advance": "P1D"}],
    }
    for code, bodies in codes.items():
        for body in bodies:
            answer = owner.post(path, body)
            assert answer.status == 422, (body, answer.body)
            assert [e["code"] for e in answer.json["errors"]] == [code], body
    with inside(owner, sandbox) as its:
        its.token = its.create("/tokens", {"scopes": ["contact.read"]})["secret"]
        for token in (sandbox["token"], its.token):
            its.token = token
            refused = its.post(path, {"advance": "P1D"})
            assert refused.status == 403
            assert "use a live token" in refused.json["detail"], "whatever its scopes"
    assert shown(owner, sandbox) - datetime.now(UTC) < timedelta(minutes=1)


def test_all_works_as_late_as_a_clock_may_be_put(owner: Client) -> None:
    sandbox = make(owner, "nothing")
    assert move(owner, sandbox, at="2099-11-30T23:59:59Z")["state"] == "succeeded"
    with inside(owner, sandbox) as its:
        made = its.create("/contacts", {"email": "a@a.example"})
        assert made["created_at"] > "2099-11-30T23:59:59"
        place, key = f"/contacts/{made['id']}", {"idempotency-key": "of-2099"}
        assert its.patch(place, {"city": "Rome"}, **key).status == 200
        assert [e["id"] for e in its.search("/contacts")["data"]] == [made["id"]]
        hook = {"url": "https://example.com/late", "types": ["contact.created"]}
        assert its.create("/webhooks", hook)["active"]
        deal = its.create(
            "/deals", {"name": "Late", "expected_close_date": "2099-12-24"}
        )
        assert its.get(f"/deals/{deal['id']}").status == 200
        assert its.create("/exports", {"resource": "contacts", "format": "csv"})
        assert its.delete(place).status == 204
        assert its.post(f"{place}/restore", {}).status == 200
        assert its.post(f"{place}/history", {}).status == 200
        assert its.create("/tokens", {"scopes": ["contact.read"]})["secret"]


def test_a_delivery_is_tried_as_it_is_in_real_time_and_given_up(
    owner: Client, receiver: Receiver
) -> None:
    sandbox, receiver.status = make(owner), 500
    with inside(owner, sandbox) as its:
        hook = its.create("/webhooks", {"url": receiver.url, "types": ["contact.*"]})
        its.create("/contacts", {"email": "a@a.example"})
        receiver.wait_for(lambda events: len(events) == 1)
        job = move(owner, sandbox, advance="P4D")
        assert job["state"] == "succeeded"
        place = f"/webhooks/{hook['id']}"
        (delivery,) = its.search(f"{place}/deliveries")["data"]
        assert its.get(place).json["active"] is True
    assert delivery["state"] == "given_up"
    tried = [moment(each["at"]) for each in delivery["attempts"]]
    check_pauses(moment(delivery["created_at"]), tried)
    # Each signature has the real time, so receivers take it.
    signed = [int(headers["webhook-timestamp"]) for headers, _ in receiver.got]
    assert len(signed) == len(tried)
    assert abs(signed[-1] - time.time()) < 300


def check_pauses(begun: datetime, tried: list[datetime]) -> None:
    """Holds the times of attempts against the plan."""
    assert len(tried) == len(PAUSES) + 1 or tried[-1] >= begun + WHOLE
    for before, after, pause in zip(tried, tried[1:], PAUSES, strict=False):
        if after >= begun + WHOLE:
            continue  # the last one comes at the end
        waited = (after - before).total_seconds()
        assert 0.9 * pause <= waited <= 1.1 * pause + 10, (pause, waited)


def test_what_fails_for_long_is_switched_off_at_its_time(
    owner: Client, receiver: Receiver
) -> None:
    """After five days with nothing but failures, though the clock goes on for years."""
    sandbox, receiver.status = make(owner), 500
    with inside(owner, sandbox) as its:
        hook = its.create("/webhooks", {"url": receiver.url, "types": ["contact.*"]})
        its.create("/contacts", {"email": "a@a.example"})
        receiver.wait_for(lambda events: len(events) == 1)
        move(owner, sandbox, advance="P4D")
        its.create("/contacts", {"email": "b@a.example"})
        begun = time.monotonic()
        move(owner, sandbox, advance="P3Y")
        assert time.monotonic() - begun < 60
        place = f"/webhooks/{hook['id']}"
        told = its.get(place).json
        assert (told["active"], told["disabled_reason"]) == (False, "failing")
        off = moment(told["updated_at"]) - moment(told["created_at"])
        assert timedelta(days=5) <= off < timedelta(days=7)
        # What is kept for 30 days has gone; what waits for a webhook stays.
        waiting = its.search(f"{place}/deliveries")["data"]
        assert [each["state"] for each in waiting] == ["pending"]


def test_deliveries_come_in_the_order_of_their_times(
    owner: Client, receiver: Receiver
) -> None:
    """Many records, each tried again by its own drawn pauses."""
    sandbox, receiver.status = make(owner), 500
    with inside(owner, sandbox) as its:
        hook = its.create("/webhooks", {"url": receiver.url, "types": ["contact.*"]})
        for number in range(6):
            its.create("/contacts", {"email": f"c{number}@a.example"})
        receiver.wait_for(lambda events: len(events) >= 6)
        move(owner, sandbox, advance="PT2H")
        receiver.status = 200
        move(owner, sandbox, advance="P4D")
        told = its.search(f"/webhooks/{hook['id']}/deliveries")["data"]
    assert {each["state"] for each in told} == {"delivered"}
    tried = [each["change_id"] for each in told for _ in each["attempts"]]
    came = [headers["webhook-id"] for headers, _ in receiver.got]
    assert sorted(came) == sorted(tried)
    check_order(receiver, told)


def test_a_moved_clock_does_what_waiting_does(
    owner: Client, receiver: Receiver
) -> None:
    """Two sandboxes: in the one, some seconds pass; the clock of the other is moved."""
    waiting, moved, receiver.status = make(owner), make(owner), 500
    with inside(owner, waiting) as first, inside(owner, moved) as second:
        hooks = [begin(its, receiver) for its in (first, second)]
        receiver.wait_for(lambda events: len(events) >= 2 * CONTACTS)
        move(owner, moved, advance="PT8S")
        receiver.wait_for(lambda events: len(events) >= 4 * CONTACTS)
        told = [
            settled(its, hook) for its, hook in zip((first, second), hooks, strict=True)
        ]
    assert outline(told[0]) == outline(told[1])
    for deliveries in told:
        for each in deliveries:
            tried = [moment(attempt["at"]) for attempt in each["attempts"]]
            assert 4.5 <= (tried[1] - tried[0]).total_seconds() <= 15
        check_order(receiver, deliveries)


CONTACTS = 3


def begin(its: Client, receiver: Receiver) -> str:
    """A webhook with some deliveries."""
    hook = its.create("/webhooks", {"url": receiver.url, "types": ["contact.*"]})
    for number in range(CONTACTS):
        its.create("/contacts", {"email": f"c{number}@a.example"})
    return str(hook["id"])


def settled(its: Client, hook: str) -> list[Any]:
    """The deliveries, once the second attempts are written."""
    while True:
        told: list[Any] = its.search(f"/webhooks/{hook}/deliveries")["data"]
        if all(len(each["attempts"]) == 2 for each in told):
            return told


def outline(deliveries: list[Any]) -> list[Any]:
    """What deliveries are like, but for their times and ids."""
    return [
        (each["type"], each["state"], [a["status"] for a in each["attempts"]])
        for each in deliveries
    ]


def check_order(receiver: Receiver, deliveries: list[Any]) -> None:
    """What was sent last of each came in the order of the times that are told."""
    came = [headers["webhook-id"] for headers, _ in receiver.got]
    last = {change: number for number, change in enumerate(came)}
    ends = sorted(
        (last[each["change_id"]], moment(each["attempts"][-1]["at"]))
        for each in deliveries
    )
    # Those of less than a second are under way at the same time.
    for (_, before), (_, after) in pairwise(ends):
        assert after - before > timedelta(seconds=-1)


def test_what_was_kept_for_its_time_is_gone_after_it(owner: Client) -> None:
    sandbox = make(owner)
    with inside(owner, sandbox) as its:
        key = {"idempotency_key": "once"}
        first = its.post("/contacts", {"email": "a@a.example"}, **key).json
        again = its.post("/contacts", {"email": "a@a.example"}, **key).json
        assert first["id"] == again["id"]
        assert its.delete(f"/contacts/{first['id']}").status == 204
        move(owner, sandbox, advance="P31D")
        anew = its.post("/contacts", {"email": "a@a.example"}, **key)
        assert anew.status == 201
        assert anew.json["id"] != first["id"]


def test_a_reset_puts_the_clock_back(owner: Client) -> None:
    sandbox = make(owner)
    move(owner, sandbox, advance="P1Y")
    assert owner.post(f"/sandboxes/{sandbox['id']}/reset").status == 200
    assert within(60, lambda: state(owner, sandbox) == "ready")
    assert shown(owner, sandbox) - datetime.now(UTC) < timedelta(minutes=1)
