"""Connections are lent to one at a time, and come back however their work ended."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import asyncpg
import pytest

from services.errors import Unavailable
from services.postgres import connections
from services.postgres.connections import Connection, Pool
from services.postgres.database import Database, Transaction

Scenario = Callable[[Pool], Awaitable[None]]


def lending(url: str, most: int, scenario: Scenario) -> None:
    """Plays a scenario with at most so many connections; all are closed at its end."""

    async def play() -> None:
        async def connect() -> Connection:
            return await asyncpg.connect(url)

        pool = Pool(connect, most)
        await scenario(pool)
        await asyncio.wait_for(pool.close(), 60)

    asyncio.run(play())


async def process_id(connection: Connection) -> int:
    found: int = await connection.fetchval("SELECT pg_backend_pid()")
    return found


def test_the_connection_that_was_used_last_is_lent_first(postgres_url: str) -> None:
    async def scenario(pool: Pool) -> None:
        first, second = await pool.acquire(), await pool.acquire()
        pool.release(second)
        pool.release(first)
        assert await pool.acquire() is first
        assert await pool.acquire() is second
        pool.release(first)
        pool.release(second)

    lending(postgres_url, 2, scenario)


def test_whoever_waits_longest_is_served_first(postgres_url: str) -> None:
    async def scenario(pool: Pool) -> None:
        served: list[int] = []

        async def use(number: int) -> None:
            connection = await pool.acquire()
            served.append(number)
            await asyncio.sleep(0)
            pool.release(connection)

        held = await pool.acquire()
        waiting = [asyncio.create_task(use(number)) for number in range(5)]
        await asyncio.sleep(0)
        pool.release(held)
        await asyncio.gather(*waiting)
        assert served == [0, 1, 2, 3, 4]

    lending(postgres_url, 1, scenario)


def test_what_is_given_to_one_who_has_gone_is_not_lost(postgres_url: str) -> None:
    async def scenario(pool: Pool) -> None:
        held = await pool.acquire()
        gone = asyncio.create_task(pool.acquire())
        await asyncio.sleep(0)
        pool.release(held)  # handed over, but the task has not run since
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        assert await asyncio.wait_for(pool.acquire(), 60) is held
        pool.release(held)

    lending(postgres_url, 1, scenario)


def test_waiting_has_an_end(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "WAIT_SECONDS", 0.05)

    async def scenario(pool: Pool) -> None:
        held = await pool.acquire()
        with pytest.raises(TimeoutError):
            await pool.acquire()
        pool.release(held)
        assert await pool.acquire() is held
        pool.release(held)

    lending(postgres_url, 1, scenario)


@pytest.mark.parametrize("waits", [False, True])
def test_a_lost_connection_makes_room_for_a_new_one(
    postgres_url: str, waits: bool
) -> None:
    async def scenario(pool: Pool) -> None:
        lost = await pool.acquire()
        waiter = asyncio.create_task(pool.acquire()) if waits else None
        await asyncio.sleep(0)
        lost.terminate()
        pool.release(lost)
        connection = await (waiter or pool.acquire())
        assert connection is not lost
        assert await process_id(connection) > 0
        pool.release(connection)

    lending(postgres_url, 1, scenario)


def test_a_place_is_free_again_when_connecting_fails() -> None:
    async def play() -> None:
        async def refuse() -> Connection:
            raise ConnectionRefusedError

        pool = Pool(refuse, 1)
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError):
                await pool.acquire()
        await pool.close()

    asyncio.run(play())


def test_a_cut_off_statement_is_ended_before_its_connection_is_lent_again(
    postgres_url: str,
) -> None:
    async def scenario(pool: Pool) -> None:
        connection = await pool.acquire()
        transaction = connection.transaction()
        await transaction.start()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(connection.execute("SELECT pg_sleep(60)"), 0.1)
        pool.release_interrupted(connection)
        again = await asyncio.wait_for(pool.acquire(), 60)
        assert not again.is_in_transaction()
        assert await process_id(again) > 0
        pool.release(again)

    lending(postgres_url, 1, scenario)


@pytest.mark.parametrize("refused", ["BEGIN;", "ROLLBACK;"])
def test_no_transaction_outlives_a_refused_begin_or_rollback(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    """A pooler may refuse either, and keep the connection."""
    execute, left = asyncpg.Connection.execute, list[str]()

    async def refuse_once(self: Connection, sql: str, *given: object) -> str:
        if left and sql == left[0]:
            left.clear()
            raise asyncpg.InternalServerError("refused")
        return await execute(self, sql, *given)

    monkeypatch.setattr(asyncpg.Connection, "execute", refuse_once)

    async def fail(transaction: Transaction) -> None:
        await transaction.row("SELECT 1/0")

    async def write(transaction: Transaction) -> object:
        row = await transaction.row("SELECT pg_current_xact_id()::text")
        return row and row[0]

    async def play() -> None:
        database = await Database.open(postgres_url, max_connections=1)
        left.append(refused)
        with pytest.raises(asyncpg.PostgresError):
            await database.in_transaction(fail)
        assert not left
        written = await database.in_transaction(write)
        row = await database.row("SELECT pg_xact_status($1::text::xid8)", written)
        assert row is not None
        assert row[0] == "committed"
        await asyncio.wait_for(database.close(), 60)

    asyncio.run(play())


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
        await asyncio.wait_for(database.close(), 60)

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
        connection = await asyncpg.connect(postgres_url)
        await connection.execute(sql)
        await connection.close()

    asyncio.run(say(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 1"))
    yield postgres_url.replace("//postgres@", f"//{role}@")
    asyncio.run(say(f"DROP ROLE {role}"))


def test_whoever_the_server_refuses_waits_for_a_connection_that_is_there(
    one_alone: str,
) -> None:
    async def scenario(pool: Pool) -> None:
        async def use() -> int:
            connection = await pool.acquire()
            try:
                return await process_id(connection)
            finally:
                pool.release(connection)

        first = await use()
        found = await asyncio.gather(*(use() for _ in range(12)))
        assert set(found) == {first}
        assert pool.open == 1

    lending(one_alone, 5, scenario)


def test_a_server_that_refuses_is_not_asked_again_at_once(
    one_alone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_REFUSED_SECONDS", 60)

    async def play() -> None:
        asked = 0

        async def connect() -> Connection:
            nonlocal asked
            asked += 1
            return await asyncpg.connect(one_alone)

        pool = Pool(connect, 5)
        held = await pool.acquire()
        waiting = [asyncio.create_task(pool.acquire())]
        async with asyncio.timeout(60):
            while not pool.waiting:  # noqa: ASYNC110 - it is refused first
                await asyncio.sleep(0.001)
        waiting.append(asyncio.create_task(pool.acquire()))
        await asyncio.sleep(0)
        assert (pool.waiting, asked) == (2, 2)
        pool.release(held)
        for each in waiting:
            pool.release(await each)
        await pool.close()

    asyncio.run(play())


def test_those_who_wait_are_told_when_no_connection_is_left(one_alone: str) -> None:
    async def play() -> None:
        stranger = await asyncpg.connect(one_alone)

        async def connect() -> Connection:
            return await asyncpg.connect(one_alone)

        pool = Pool(connect, 5)
        found = await asyncio.wait_for(
            asyncio.gather(*(pool.acquire() for _ in range(8)), return_exceptions=True),
            60,
        )
        assert {type(each) for each in found} == {asyncpg.TooManyConnectionsError}
        assert (pool.open, pool.waiting) == (0, 0)
        await stranger.close()

    asyncio.run(play())
