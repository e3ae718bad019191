"""Each change comes to each webhook that wants it, in order, whatever endpoints do."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest
from prospectconnect.events.v1 import webhooks_pb2 as pb
from standardwebhooks.webhooks import Webhook

from services.clock import DAY, SECOND, now
from services.delivering import plan, queues, sending
from services.delivering import statements as sql
from services.delivering.addresses import Addresses
from services.delivering.deliverer import Deliverer
from services.delivering.sending import Sender
from services.delivering.serving import MOST_AT_ONCE
from services.postgres.database import Database
from tests.services.delivering import endpoints
from tests.services.delivering.endpoints import Endpoint, serving
from tests.services.delivering.scene import (
    SECRET,
    Scenario,
    Scene,
    delivering,
    events,
    scene,
    until,
    url_of,
)

Play = Callable[[Scenario], None]
TAKES = endpoints.answers(endpoints.OK)
_FAILING_SINCE = """
UPDATE webhook_queues SET failing_since = $2 WHERE business_id = $1
"""
_FORGET_CHANGES = "DELETE FROM changes WHERE business_id = $1"
_AGAIN = """
UPDATE deliveries SET state = 1, due_at = now(), begun_at = now(), attempt_count = 0,
  ended_at = NULL WHERE business_id = $1
"""
_LAPSE = """
UPDATE webhook_queues SET leased_until = now()
WHERE business_id = $1 AND webhook_id = $2
"""
_LEASE = "SELECT lease FROM webhook_queues WHERE business_id = $1 AND webhook_id = $2"
_REVOKE = "UPDATE users SET active = false WHERE business_id = $1"


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other at once."""
    pauses = tuple(0.01 for _ in plan.PAUSES_SECONDS)
    monkeypatch.setattr(plan, "PAUSES_SECONDS", pauses)
    monkeypatch.setattr("services.delivering.serving._LOOK_SECONDS", 0.05)


def test_a_change_is_sent_as_published_libraries_expect_it(play: Play) -> None:
    async def scenario(database: Database) -> None:
        its = await scene(database)
        async with serving(TAKES) as endpoint, delivering(its.parts()):
            every = await its.webhook(url_of(endpoint), include=("changed", "state"))
            contact = await its.contact(lead_score=3)
            await until(lambda: len(endpoint.received) == 1)
            await until(lambda: _none_pending(its))
            (received,) = endpoint.received
            told = Webhook(SECRET).verify(received.body, received.headers)
            assert told["type"] == "contact.created"
            assert told["data"]["record"]["id"] == contact
            assert told["data"]["state"]["lead_score"] == 3
            assert told["data"]["changed"]["lead_score"] == {"from": None, "to": 3}
            assert told["timestamp"] == told["data"]["at"]
            assert received.headers["webhook-id"] == told["data"]["id"]
            assert received.headers["content-type"] == "application/json"
            (row,) = await its.deliveries(every)
            assert (row["state"], row["attempt_count"]) == (sql.DELIVERED, 1)
            assert row["change_id"] == told["data"]["id"]
            (attempt,) = row["attempts"]
            assert (attempt["status"], attempt["answer"]) == (200, "ok")

    play(scenario)


def test_a_webhook_gets_the_types_that_it_names(play: Play) -> None:
    async def scenario(database: Database) -> None:
        its = await scene(database)
        async with serving(TAKES) as one, serving(TAKES) as other:
            await its.webhook(url_of(one), "contact.updated", "deal.*")
            await its.webhook(url_of(other), "contact.*")
            async with delivering(its.parts()):
                contact = await its.contact()
                await its.score(contact, 5)
                await until(lambda: len(one.received) >= 1 and len(other.received) == 2)
                await until(lambda: _none_pending(its))
            assert [each["type"] for each in events(one)] == ["contact.updated"]
            assert [each["type"] for each in events(other)] == [
                "contact.created",
                "contact.updated",
            ]
            # Thin: nothing of the record was asked for.
            assert {e["data"]["state"] is None for e in events(one)} == {True}
            assert "changed" not in events(one)[0]["data"]

    play(scenario)


def test_filters_say_of_which_records_a_webhook_is_told(play: Play) -> None:
    scored = {"field": "lead_score", "operator": "gte", "value": 5}

    async def scenario(database: Database) -> None:
        its = await scene(database)
        async with serving(TAKES) as endpoint, delivering(its.parts()):
            await its.webhook(url_of(endpoint), "contact.*", filters=(scored,))
            low, high = await its.contact(lead_score=1), await its.contact(lead_score=9)
            await its.score(low, 7)
            await its.score(high, 2)
            await its.contacts.delete(its.call, low)
            await until(lambda: len(endpoint.received) == 3)
            await until(lambda: _none_pending(its))
            told = [(e["type"], e["data"]["record"]["id"]) for e in events(endpoint)]
            # Of a change the state after it counts, of a deletion the last one.
            assert sorted(told) == sorted(
                [
                    ("contact.created", high),
                    ("contact.updated", low),
                    ("contact.deleted", low),
                ]
            )
            assert {e["data"]["state"] is None for e in events(endpoint)} == {True}

    play(scenario)


def test_changes_of_a_record_come_in_order_whatever_fails(
    play: Play, soon: None
) -> None:
    chance, accepted = random.Random(7), list[dict[str, Any]]()

    async def scenario(database: Database) -> None:
        its = await scene(database)
        endpoint: Endpoint

        async def answer(writer: asyncio.StreamWriter) -> None:
            event = events(endpoint)[-1]
            await asyncio.sleep(chance.random() * 0.01)
            if chance.random() < 0.3:
                await chance.choice((endpoints.resets, endpoints.status(500)))(writer)
                return
            accepted.append(event)
            await TAKES(writer)

        async with serving(answer) as endpoint:
            webhook = await its.webhook(url_of(endpoint), include=("changed",))
            contacts = [await its.contact() for _ in range(6)]
            for score in range(1, 8):
                for contact in contacts:
                    await its.score(contact, score)
            async with delivering(its.parts()), delivering(its.parts()):
                await until(lambda: len(accepted) >= 48)
                await until(lambda: _none_pending(its))
            assert endpoint.most_at_once <= MOST_AT_ONCE
            rows = await its.deliveries(webhook)
            assert {row["state"] for row in rows} == {sql.DELIVERED}
            assert len(rows) == 48

    play(scenario)
    for record in {each["data"]["record"]["id"] for each in accepted}:
        told = [
            int(each["data"]["record"]["version"])
            for each in accepted
            if each["data"]["record"]["id"] == record
        ]
        assert list(dict.fromkeys(told)) == list(range(1, 9))
        assert told == sorted(told)


def test_what_is_sent_again_comes_in_order_too(play: Play) -> None:
    async def scenario(database: Database) -> None:
        its = await scene(database)
        async with serving(TAKES) as endpoint, delivering(its.parts()):
            await its.webhook(url_of(endpoint))
            contact = await its.contact()
            for score in range(1, 10):
                await its.score(contact, score)
            await until(lambda: len(endpoint.received) == 10)
            await until(lambda: _none_pending(its))
            endpoint.most_at_once = 0
            await database.run(_AGAIN, its.business_id)
            await until(lambda: len(endpoint.received) == 20)
            await until(lambda: _none_pending(its))
            told = [int(e["data"]["record"]["version"]) for e in events(endpoint)]
            assert told == [*range(1, 11), *range(1, 11)]
            assert endpoint.most_at_once == 1

    play(scenario)


def test_a_change_is_given_up_after_the_last_attempt_and_the_next_one_follows(
    play: Play, soon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "MOST_ATTEMPTS", 3)

    async def scenario(database: Database) -> None:
        its = await scene(database)
        async with serving(endpoints.status(503)) as endpoint:
            webhook = await its.webhook(url_of(endpoint))
            contact = await its.contact()
            await its.score(contact, 1)
            parts = its.parts()
            async with delivering(parts):
                await until(lambda: parts.figures.given_up == 2)
                await until(lambda: _none_pending(its))
            first, second = await its.deliveries(webhook)
            assert (first["state"], second["state"]) == (sql.GIVEN_UP, sql.GIVEN_UP)
            assert [len(e["attempts"]) for e in (first, second)] == [3, 3]
            kinds = [each["type"] for each in events(endpoint)]
            assert kinds == ["contact.created"] * 3 + ["contact.updated"] * 3

    play(scenario)


def test_pauses_that_receivers_ask_for_are_kept(play: Play) -> None:
    async def scenario(database: Database) -> None:
        its = await scene(database)
        async with serving(endpoints.status(429, "Retry-After: 3600")) as endpoint:
            webhook = await its.webhook(url_of(endpoint))
            await its.contact()
            began = now()
            parts = its.parts()
            async with delivering(parts):
                await until(lambda: parts.figures.attempts["4xx"] == 1)
                await until(lambda: _has_attempts(its, webhook))
            (row,) = await its.deliveries(webhook)
            assert row["state"] == sql.PENDING
            assert row["due_at"] >= began + 3_600 * SECOND

    play(scenario)


def test_410_ends_a_webhook(play: Play) -> None:
    async def scenario(database: Database) -> None:
        its = await scene(database)
        async with serving(endpoints.status(410)) as endpoint:
            webhook = await its.webhook(url_of(endpoint))
            await its.contact()
            async with delivering(its.parts()):
                await until(lambda: bool(its.disabled))
                await its.contact()
            assert its.disabled == [(webhook, pb.DISABLED_REASON_GONE)]
            assert len(endpoint.received) == 1
            (row,) = await its.deliveries(webhook)
            assert row["state"] == sql.GIVEN_UP

    play(scenario)


def test_five_days_of_nothing_but_failure_end_a_webhook(play: Play) -> None:
    async def scenario(database: Database) -> None:
        its = await scene(database)
        async with serving(endpoints.status(500)) as endpoint:
            webhook = await its.webhook(url_of(endpoint))
            await database.run(_FAILING_SINCE, its.business_id, now() - 5 * DAY)
            await its.contact()
            async with delivering(its.parts()):
                await until(lambda: bool(its.disabled))
            assert its.disabled == [(webhook, pb.DISABLED_REASON_FAILING)]

    play(scenario)


def test_nothing_is_sent_once_the_maker_may_not_read_it(play: Play) -> None:
    async def scenario(database: Database) -> None:
        its = await scene(database)
        async with serving(TAKES) as endpoint:
            webhook = await its.webhook(url_of(endpoint))
            await its.contact()
            await database.run(_REVOKE, its.business_id)
            async with delivering(its.parts()):
                await until(lambda: bool(its.disabled))
            assert its.disabled == [(webhook, pb.DISABLED_REASON_FORBIDDEN)]
            assert endpoint.received == []

    play(scenario)


def test_a_change_that_is_no_longer_kept_is_given_up(play: Play) -> None:
    async def scenario(database: Database) -> None:
        its = await scene(database)
        async with serving(endpoints.status(500)) as endpoint:
            webhook = await its.webhook(url_of(endpoint))
            await its.contact()
            parts = its.parts()
            async with delivering(parts):
                await until(lambda: _has_attempts(its, webhook))
            await database.run(_FORGET_CHANGES, its.business_id)
            sooner = "UPDATE deliveries SET due_at = now() WHERE business_id = $1"
            await database.run(sooner, its.business_id)
            async with delivering(its.parts()):
                await until(lambda: _none_pending(its))
            (row,) = await its.deliveries(webhook)
            assert row["state"] == sql.GIVEN_UP
            assert row["attempts"][-1]["error"] == queues.GONE
            assert len(endpoint.received) == 1

    play(scenario)


def test_an_address_that_has_become_private_gets_nothing(play: Play) -> None:
    async def scenario(database: Database) -> None:
        its = await scene(database)
        async with serving(TAKES) as endpoint:
            webhook = await its.webhook(url_of(endpoint))
            await its.contact()
            parts = its.parts(sender=Sender(Addresses()))
            async with delivering(parts):
                await until(lambda: _has_attempts(its, webhook))
            (row,) = await its.deliveries(webhook)
            assert row["attempts"][0]["error"] == sending.ADDRESS_REFUSED
            assert endpoint.received == []
            assert parts.figures.attempts[sending.ADDRESS_REFUSED] == 1

    play(scenario)


def test_what_is_too_large_comes_thin(play: Play) -> None:
    async def scenario(database: Database) -> None:
        its = await scene(database)
        async with serving(TAKES) as endpoint, delivering(its.parts()):
            await its.webhook(url_of(endpoint), include=("state", "changed"))
            await its.contact(custom_fields={"text": "x" * 200_000})
            await until(lambda: len(endpoint.received) == 1)
            (event,) = events(endpoint)
            assert event["truncated"] is True
            assert event["data"]["state"] is None
            assert event["data"]["record"]["version"] == "1"

    play(scenario)


def test_dead_and_slow_endpoints_delay_nobody_else(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.delivering.deliverer.DRAIN_SECONDS", 0.1)

    async def slow(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.5)
        await TAKES(writer)

    async def scenario(database: Database) -> None:
        its = await scene(database)
        others = await scene(database)
        async with (
            serving(endpoints.never) as dead,
            serving(slow) as late,
            serving(TAKES) as good,
            serving(TAKES) as foreign,
        ):
            await its.webhook(url_of(dead))
            await its.webhook(url_of(late))
            for number in range(18):
                await its.webhook(f"{url_of(good)}/{number}")
            await others.webhook(url_of(foreign))
            sender = Sender(Addresses(allows_private=True), seconds=60)
            async with delivering(its.parts(sender=sender)):
                for _ in range(20):
                    await its.contact()
                    await others.contact()
                await until(lambda: len(good.received) == 18 * 20)
                await until(lambda: len(foreign.received) == 20)
                # All of that came while the dead one had not given up one request.
                assert len(dead.received) <= MOST_AT_ONCE
                assert dead.at_once == len(dead.received)

    play(scenario)


def test_who_has_lost_the_lease_writes_nothing(play: Play) -> None:
    async def scenario(database: Database) -> None:
        its = await scene(database)
        key = its.business_id, await its.webhook("http://127.0.0.1:1/")
        await its.contact()
        assert key in await queues.find(database)
        first = await queues.claim(database, key, "one")
        assert first is not None
        assert key not in await queues.find(database)
        assert await queues.claim(database, key, "two") is None
        await database.run(_LAPSE, *key)
        second = await queues.claim(database, key, "two")
        assert second is not None
        with pytest.raises(queues.LeaseLost):
            await queues.take(database, first, "9 0 0 ", [])
        with pytest.raises(queues.LeaseLost):
            await queues.settle(database, first, [])
        with pytest.raises(queues.LeaseLost):
            await queues.renew(database, first)
        await queues.give_back(database, first)
        assert key not in await queues.find(database)
        assert (await queues.renew(database, second))[0]

    play(scenario)


def test_a_process_that_ends_gives_its_webhooks_back(play: Play) -> None:
    async def scenario(database: Database) -> None:
        its = await scene(database)
        begun, going = asyncio.Event(), asyncio.Event()

        async def answer(writer: asyncio.StreamWriter) -> None:
            begun.set()
            await going.wait()
            await TAKES(writer)

        async with serving(answer) as endpoint:
            webhook = await its.webhook(url_of(endpoint))
            await its.contact()
            parts = its.parts()
            task = asyncio.create_task(Deliverer(parts).run())
            await begun.wait()
            task.cancel()
            await asyncio.sleep(0)
            going.set()
            await asyncio.gather(task, return_exceptions=True)
            await parts.sender.close()
            # What was under way has been written, and nobody has the webhook.
            (row,) = await its.deliveries(webhook)
            assert row["state"] == sql.DELIVERED
            found: Any = await database.row(_LEASE, its.business_id, webhook)
            assert found[0] is None

    play(scenario)


async def _none_pending(its: Scene) -> bool:
    return await its.pending() == 0


async def _has_attempts(its: Scene, webhook_id: str) -> bool:
    rows = await its.deliveries(webhook_id)
    return any(row["attempt_count"] for row in rows)
