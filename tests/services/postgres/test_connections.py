"""Connections are lent to one at a time, and come back however their work ended."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import asyncpg
import pytest

from services.errors import Unavailable
from services.postgres import connections
from services.postgres.connections import Connections, Link
from services.postgres.database import Database

Scenario = Callable[[Connections], Awaitable[None]]


def lending(url: str, most: int, scenario: Scenario) -> None:
    """Plays a scenario with at most so many connections; all are closed at its end."""

    async def play() -> None:
        async def connect() -> Link:
            return await asyncpg.connect(url)

        links = Connections(connect, most)
        await scenario(links)
        await asyncio.wait_for(links.close(), 5)

    asyncio.run(play())


async def process_id(link: Link) -> int:
    found: int = await link.fetchval("SELECT pg_backend_pid()")
    return found


def test_the_connection_that_was_used_last_is_lent_first(postgres_url: str) -> None:
    async def scenario(links: Connections) -> None:
        first, second = await links.take(), await links.take()
        links.give(second)
        links.give(first)
        assert await links.take() is first
        assert await links.take() is second
        links.give(first)
        links.give(second)

    lending(postgres_url, 2, scenario)


def test_whoever_waits_longest_is_served_first(postgres_url: str) -> None:
    async def scenario(links: Connections) -> None:
        served: list[int] = []

        async def use(number: int) -> None:
            link = await links.take()
            served.append(number)
            await asyncio.sleep(0)
            links.give(link)

        held = await links.take()
        waiting = [asyncio.create_task(use(number)) for number in range(5)]
        await asyncio.sleep(0)
        links.give(held)
        await asyncio.gather(*waiting)
        assert served == [0, 1, 2, 3, 4]

    lending(postgres_url, 1, scenario)


def test_what_is_given_to_one_who_has_gone_is_not_lost(postgres_url: str) -> None:
    async def scenario(links: Connections) -> None:
        held = await links.take()
        gone = asyncio.create_task(links.take())
        await asyncio.sleep(0)
        links.give(held)  # handed over, but the task has not run since
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        assert await asyncio.wait_for(links.take(), 1) is held
        links.give(held)

    lending(postgres_url, 1, scenario)


def test_waiting_has_an_end(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "WAIT_SECONDS", 0.05)

    async def scenario(links: Connections) -> None:
        held = await links.take()
        with pytest.raises(TimeoutError):
            await links.take()
        links.give(held)
        assert await links.take() is held
        links.give(held)

    lending(postgres_url, 1, scenario)


@pytest.mark.parametrize("waits", [False, True])
def test_a_lost_connection_makes_room_for_a_new_one(
    postgres_url: str, waits: bool
) -> None:
    async def scenario(links: Connections) -> None:
        lost = await links.take()
        waiter = asyncio.create_task(links.take()) if waits else None
        await asyncio.sleep(0)
        lost.terminate()
        links.give(lost)
        link = await (waiter or links.take())
        assert link is not lost
        assert await process_id(link) > 0
        links.give(link)

    lending(postgres_url, 1, scenario)


def test_a_place_is_free_again_when_connecting_fails() -> None:
    async def play() -> None:
        async def refuse() -> Link:
            raise ConnectionRefusedError

        links = Connections(refuse, 1)
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError):
                await links.take()
        await links.close()

    asyncio.run(play())


def test_a_cut_off_statement_is_ended_before_its_connection_is_lent_again(
    postgres_url: str,
) -> None:
    async def scenario(links: Connections) -> None:
        link = await links.take()
        transaction = link.transaction()
        await transaction.start()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(link.execute("SELECT pg_sleep(60)"), 0.1)
        links.give_to_mend(link)
        again = await asyncio.wait_for(links.take(), 5)
        assert not again.is_in_transaction()
        assert await process_id(again) > 0
        links.give(again)

    lending(postgres_url, 1, scenario)


def test_cancelled_work_leaks_no_connection(postgres_url: str) -> None:
    async def play() -> None:
        database = await Database.open(postgres_url, max_connections=2)
        for _ in range(20):
            work = [
                asyncio.create_task(database.row("SELECT pg_sleep(60)"))
                for _ in range(4)
            ]
            await asyncio.sleep(0.01)
            for each in work:
                each.cancel()
            await asyncio.gather(*work, return_exceptions=True)
        row = await database.row("SELECT 1")
        assert row is not None
        await asyncio.wait_for(database.close(), 5)

    asyncio.run(play())


def test_a_database_that_is_closed_takes_no_more_work(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "WAIT_SECONDS", 0.05)

    async def play() -> None:
        database = await Database.open(postgres_url)
        await database.close()
        with pytest.raises(Unavailable):
            await database.row("SELECT 1")

    asyncio.run(play())


@pytest.fixture
def one_alone(postgres_url: str) -> Iterator[str]:
    """The URL of a role that the server lets have one connection."""
    role = "one_alone"

    async def say(sql: str) -> None:
        link = await asyncpg.connect(postgres_url)
        await link.execute(sql)
        await link.close()

    asyncio.run(say(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 1"))
    yield postgres_url.replace("//postgres@", f"//{role}@")
    asyncio.run(say(f"DROP ROLE {role}"))


def test_whoever_the_server_refuses_waits_for_a_connection_that_is_there(
    one_alone: str,
) -> None:
    async def scenario(links: Connections) -> None:
        async def use() -> int:
            link = await links.take()
            try:
                return await process_id(link)
            finally:
                links.give(link)

        first = await use()
        found = await asyncio.gather(*(use() for _ in range(12)))
        assert set(found) == {first}
        assert links.open == 1

    lending(one_alone, 5, scenario)


def test_a_server_that_refuses_is_not_asked_again_at_once(one_alone: str) -> None:
    async def play() -> None:
        asked = 0

        async def connect() -> Link:
            nonlocal asked
            asked += 1
            return await asyncpg.connect(one_alone)

        links = Connections(connect, 5)
        held = await links.take()
        waiting = [asyncio.create_task(links.take())]
        done, _ = await asyncio.wait(waiting, timeout=0.2)
        assert not done  # refused by now, and waiting
        waiting.append(asyncio.create_task(links.take()))
        await asyncio.sleep(0)
        assert (links.waiting, asked) == (2, 2)
        links.give(held)
        for each in waiting:
            links.give(await each)
        await links.close()

    asyncio.run(play())


def test_those_who_wait_are_told_when_no_connection_is_left(one_alone: str) -> None:
    async def play() -> None:
        stranger = await asyncpg.connect(one_alone)

        async def connect() -> Link:
            return await asyncpg.connect(one_alone)

        links = Connections(connect, 5)
        found = await asyncio.wait_for(
            asyncio.gather(*(links.take() for _ in range(8)), return_exceptions=True), 3
        )
        assert {type(each) for each in found} == {asyncpg.TooManyConnectionsError}
        assert (links.open, links.waiting) == (0, 0)
        await stranger.close()

    asyncio.run(play())
