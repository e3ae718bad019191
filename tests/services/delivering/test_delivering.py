"""Each change comes to each webhook that wants it, in order, though endpoints fail."""

import asyncio
import random
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from services.clock import SECOND, now
from services.delivering import plan
from services.delivering import statements as sql
from services.delivering.serving import MOST_AT_ONCE
from services.postgres.database import Database
from tests.services.delivering import endpoints
from tests.services.delivering.endpoints import Endpoint, serving
from tests.services.delivering.scene import (
    AGAIN,
    SECRET,
    Play,
    delivering,
    events,
    has_attempts,
    none_pending,
    scene,
    until,
    url_of,
)


def test_a_change_is_sent_as_published_libraries_expect_it(play: Play) -> None:
    async def scenario(database: Database) -> None:
        its = await scene(database)
        async with serving(endpoints.TAKES) as endpoint, delivering(its.parts()):
            every = await its.webhook(url_of(endpoint), include=("changed", "state"))
            contact = await its.contact(lead_score=3)
            await until(lambda: len(endpoint.received) == 1)
            await until(lambda: none_pending(its))
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
        async with serving(endpoints.TAKES) as one, serving(endpoints.TAKES) as other:
            await its.webhook(url_of(one), "contact.updated", "deal.*")
            await its.webhook(url_of(other), "contact.*")
            async with delivering(its.parts()):
                contact = await its.contact()
                await its.score(contact, 5)
                await until(lambda: len(one.received) >= 1 and len(other.received) == 2)
                await until(lambda: none_pending(its))
            assert [each["type"] for each in events(one)] == ["contact.updated"]
            assert [each["type"] for each in events(other)] == [
                "contact.created",
                "contact.updated",
            ]
            # Thin: nothing of the record was asked for.
            assert not any("state" in e["data"] for e in events(one))
            assert "changed" not in events(one)[0]["data"]

    play(scenario)


def test_filters_say_of_which_records_a_webhook_is_told(play: Play) -> None:
    scored = {"field": "lead_score", "operator": "gte", "value": 5}

    async def scenario(database: Database) -> None:
        its = await scene(database)
        async with serving(endpoints.TAKES) as endpoint, delivering(its.parts()):
            await its.webhook(url_of(endpoint), "contact.*", filters=(scored,))
            low, high = await its.contact(lead_score=1), await its.contact(lead_score=9)
            await its.score(low, 7)
            await its.score(high, 2)
            await its.contacts.delete(its.call, low)
            await until(lambda: len(endpoint.received) == 3)
            await until(lambda: none_pending(its))
            told = [(e["type"], e["data"]["record"]["id"]) for e in events(endpoint)]
            # Of a change the state after it counts, of a deletion the last one.
            assert sorted(told) == sorted(
                [
                    ("contact.created", high),
                    ("contact.updated", low),
                    ("contact.deleted", low),
                ]
            )
            assert not any("state" in e["data"] for e in events(endpoint))

    play(scenario)


def test_a_change_that_filters_cannot_judge_stops_nothing_and_is_counted(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored = {"field": "lead_score", "operator": "gte", "value": 5}
    monkeypatch.setattr("services.delivering.deliverer.MEASURE_SECONDS", 0.01)

    async def scenario(database: Database) -> None:
        its = await scene(database)
        async with serving(endpoints.TAKES) as endpoint:
            await its.webhook(url_of(endpoint), "contact.*", filters=(scored,))
            odd, low = await its.contact(), await its.contact(lead_score=1)
            high = await its.contact(lead_score=9)
            await database.run(_SPOIL, its.business_id, odd)
            parts = its.parts()
            async with delivering(parts):
                await until(lambda: len(endpoint.received) == 2)
                await until(lambda: none_pending(its))
                await until(lambda: parts.figures.unjudged == 1)
            assert parts.figures.failed_turns == 0
            told = {each["data"]["record"]["id"] for each in events(endpoint)}
            assert told == {odd, high}, low

    play(scenario)


# Nobody's write does this.
_SPOIL = """
UPDATE changes SET image = image || '{"lead_score": "many"}'
WHERE business_id = $1 AND record_id = $2
"""


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
            await endpoints.TAKES(writer)

        async with serving(answer) as endpoint:
            webhook = await its.webhook(url_of(endpoint), include=("changed",))
            contacts = [await its.contact() for _ in range(6)]
            for score in range(1, 8):
                for contact in contacts:
                    await its.score(contact, score)
            async with delivering(its.parts()), delivering(its.parts()):
                await until(lambda: len(accepted) >= 48)
                await until(lambda: none_pending(its))
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
        async with serving(endpoints.TAKES) as endpoint, delivering(its.parts()):
            await its.webhook(url_of(endpoint))
            contact = await its.contact()
            for score in range(1, 10):
                await its.score(contact, score)
            await until(lambda: len(endpoint.received) == 10)
            await until(lambda: none_pending(its))
            endpoint.most_at_once = 0
            await database.run(AGAIN, its.business_id)
            await until(lambda: len(endpoint.received) == 20)
            await until(lambda: none_pending(its))
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
                await until(lambda: none_pending(its))
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
                await until(lambda: has_attempts(its, webhook))
            (row,) = await its.deliveries(webhook)
            assert row["state"] == sql.PENDING
            assert row["due_at"] >= began + 3_600 * SECOND

    play(scenario)
