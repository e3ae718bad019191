"""What ends a webhook, or keeps a change from being sent as it is."""

from prospectconnect.events.v1 import webhooks_pb2 as pb

from services.clock import DAY, now
from services.delivering import queues, sending
from services.delivering import statements as sql
from services.delivering.addresses import Addresses
from services.delivering.sending import Sender
from services.postgres.database import Database
from tests.services.delivering import endpoints
from tests.services.delivering.endpoints import serving
from tests.services.delivering.scene import (
    AGAIN,
    Play,
    delivering,
    events,
    has_attempts,
    none_pending,
    scene,
    until,
    url_of,
)

_FAILING_SINCE = """
UPDATE webhook_queues SET failing_since = $2 WHERE business_id = $1
"""
_WANTS_DEALS = "UPDATE webhooks SET types = '{deal.*}' WHERE business_id = $1"
_FORGET_CHANGES = "DELETE FROM changes WHERE business_id = $1"
_REVOKE = "UPDATE users SET active = false WHERE business_id = $1"


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
        async with serving(endpoints.TAKES) as endpoint:
            webhook = await its.webhook(url_of(endpoint))
            await its.contact()
            await database.run(_REVOKE, its.business_id)
            async with delivering(its.parts()):
                await until(lambda: bool(its.disabled))
            assert its.disabled == [(webhook, pb.DISABLED_REASON_FORBIDDEN)]
            assert endpoint.received == []

    play(scenario)


def test_nothing_is_sent_again_that_a_webhook_wants_no_more(play: Play) -> None:
    """So nobody has what others may read sent to themselves by other types."""

    async def scenario(database: Database) -> None:
        its = await scene(database)
        async with serving(endpoints.TAKES) as endpoint:
            async with delivering(its.parts()):
                await its.webhook(url_of(endpoint), "contact.*")
                await its.contact()
                await until(lambda: len(endpoint.received) == 1)
            for statement in (_WANTS_DEALS, AGAIN):
                await database.run(statement, its.business_id)
            async with delivering(its.parts()):
                await until(lambda: none_pending(its))
            assert len(endpoint.received) == 1

    play(scenario)


def test_a_change_that_is_no_longer_kept_is_given_up(play: Play) -> None:
    async def scenario(database: Database) -> None:
        its = await scene(database)
        async with serving(endpoints.status(500)) as endpoint:
            webhook = await its.webhook(url_of(endpoint))
            await its.contact()
            parts = its.parts()
            async with delivering(parts):
                await until(lambda: has_attempts(its, webhook))
            await database.run(_FORGET_CHANGES, its.business_id)
            sooner = "UPDATE deliveries SET due_at = now() WHERE business_id = $1"
            await database.run(sooner, its.business_id)
            async with delivering(its.parts()):
                await until(lambda: none_pending(its))
            (row,) = await its.deliveries(webhook)
            assert row["state"] == sql.GIVEN_UP
            assert row["attempts"][-1]["error"] == queues.GONE
            assert len(endpoint.received) == 1

    play(scenario)


def test_an_address_that_has_become_private_gets_nothing(play: Play) -> None:
    async def scenario(database: Database) -> None:
        its = await scene(database)
        async with serving(endpoints.TAKES) as endpoint:
            webhook = await its.webhook(url_of(endpoint))
            await its.contact()
            parts = its.parts(sender=Sender(Addresses()))
            async with delivering(parts):
                await until(lambda: has_attempts(its, webhook))
            (row,) = await its.deliveries(webhook)
            assert row["attempts"][0]["error"] == sending.ADDRESS_REFUSED
            assert endpoint.received == []
            assert parts.figures.attempts[sending.ADDRESS_REFUSED] == 1

    play(scenario)


def test_what_is_too_large_comes_thin(play: Play) -> None:
    async def scenario(database: Database) -> None:
        its = await scene(database)
        async with serving(endpoints.TAKES) as endpoint, delivering(its.parts()):
            await its.webhook(url_of(endpoint), include=("state", "changed"))
            await its.contact(custom_fields={"text": "x" * 200_000})
            await until(lambda: len(endpoint.received) == 1)
            (event,) = events(endpoint)
            assert event["truncated"] is True
            assert not {"state", "changed"} & event["data"].keys()
            assert event["data"]["record"]["version"] == "1"

    play(scenario)
