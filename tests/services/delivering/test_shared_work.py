"""Endpoints do not delay each other, and processes share webhooks by leases."""

import asyncio
from typing import Any

import pytest

from services.delivering import queues
from services.delivering import statements as sql
from services.delivering.addresses import Addresses
from services.delivering.deliverer import Deliverer
from services.delivering.sending import Sender
from services.delivering.serving import MOST_AT_ONCE
from services.postgres.database import Database
from tests.services.delivering import endpoints
from tests.services.delivering.endpoints import serving
from tests.services.delivering.scene import (
    Play,
    delivering,
    scene,
    until,
    url_of,
)

_LAPSE = """
UPDATE webhook_queues SET leased_until = now()
WHERE business_id = $1 AND webhook_id = $2
"""
_LEASE = "SELECT lease FROM webhook_queues WHERE business_id = $1 AND webhook_id = $2"


def test_dead_and_slow_endpoints_delay_nobody_else(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.delivering.deliverer.DRAIN_SECONDS", 0.1)

    async def slow(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.5)
        await endpoints.TAKES(writer)

    async def scenario(database: Database) -> None:
        its = await scene(database)
        others = await scene(database)
        async with (
            serving(endpoints.never) as dead,
            serving(slow) as late,
            serving(endpoints.TAKES) as good,
            serving(endpoints.TAKES) as foreign,
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
            await endpoints.TAKES(writer)

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
