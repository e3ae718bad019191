"""Rate limits in Valkey: exact for several edges, and none is lost without it."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from edge.callers.caller import Caller
from edge.limits import valkey_limiter
from edge.limits.limit import Limit
from edge.limits.rate_limit import Budget, SharedMemoryLimiter
from edge.limits.valkey_limiter import ANSWER_SECONDS, ValkeyLimiter
from tests.edge.some_callers import SMALL, a_caller
from tests.harness.wire import valkey_server
from tests.harness.wire.valkey_server import ValkeyServer

pytestmark = pytest.mark.needs_program(valkey_server.PROGRAM)

HOUR = 3600
LIBRARY_SECONDS = 5.0
PATIENCE_SECONDS = 30.0  # for what takes a moment where nothing else runs


@pytest.fixture(scope="module")
def shared_server() -> Iterator[ValkeyServer]:
    with valkey_server.running() as server:
        yield server


@pytest.fixture
def own_server() -> Iterator[ValkeyServer]:
    """One that the test may end."""
    with valkey_server.running() as server:
        yield server


@asynccontextmanager
async def edge_with(url: str, patience: float = 20.0) -> AsyncIterator[ValkeyLimiter]:
    """The limiter of an edge on a machine of its own, patient unless told otherwise:
    where this machine is slow, Valkey is not away."""
    alone = SharedMemoryLimiter(slots=64)
    limiter = ValkeyLimiter(url, alone, patience)
    try:
        yield limiter
    finally:
        await limiter.close()
        alone.close()


async def passed(limiter: ValkeyLimiter, caller: Caller, times: int) -> int:
    budgets = await asyncio.gather(*(limiter.take(caller) for _ in range(times)))
    return sum(budget.allowed for budget in budgets)


def test_two_edges_let_no_more_through_than_one(shared_server: ValkeyServer) -> None:
    async def drain() -> None:
        caller = a_caller("pat_two", "biz_two", Limit(100, HOUR), Limit(1000, HOUR))
        async with (
            edge_with(shared_server.url) as one,
            edge_with(shared_server.url) as two,
        ):
            counts = await asyncio.gather(
                passed(one, caller, 100), passed(two, caller, 100)
            )
            assert (one.counted_alone, two.counted_alone) == (0, 0)
        assert sum(counts) == 100
        assert all(counts), "they were not at it at once"

    asyncio.run(drain())


def test_it_tells_what_the_shared_memory_tells(shared_server: ValkeyServer) -> None:
    async def compare() -> None:
        caller = a_caller("pat_told", "biz_told", Limit(7, HOUR), Limit(8, HOUR))
        memory = SharedMemoryLimiter(slots=64)
        async with edge_with(shared_server.url) as limiter:
            for _ in range(9):
                told, expected = await limiter.take(caller), memory.take(caller)
                assert _steady(told) == _steady(expected)
                for field in ("reset", "reset_after", "retry_after"):
                    difference = getattr(told, field) - getattr(expected, field)
                    assert abs(difference) <= 1, field
        memory.close()

    asyncio.run(compare())


def _steady(budget: Budget) -> tuple[int | str, ...]:
    """What does not depend on the moment."""
    left = budget.remaining, budget.left_of_token, budget.left_of_tenant
    return budget.limit, budget.window_seconds, *left, budget.refused_by


def test_a_tenants_tokens_share_its_budget(shared_server: ValkeyServer) -> None:
    async def spend() -> None:
        limits = (Limit(5, HOUR), Limit(8, HOUR))
        one, two = (a_caller(token, "biz_of_two", *limits) for token in ("p1", "p2"))
        async with edge_with(shared_server.url) as limiter:
            assert await passed(limiter, one, 20) == 5
            assert await passed(limiter, two, 20) == 3
            assert (await limiter.take(two)).refused_by == "tenant"

    asyncio.run(spend())


def test_no_stretch_of_time_lets_too_many_pass(shared_server: ValkeyServer) -> None:
    async def hammer() -> None:
        caller = a_caller("pat_fast", "biz_fast", Limit(50, 1), Limit(100_000, 1))
        passes: list[tuple[float, float]] = []
        end = time.monotonic() + 1.0

        async def ask(limiter: ValkeyLimiter) -> None:
            while (asked := time.monotonic()) < end:
                if (await limiter.take(caller)).allowed:
                    passes.append((asked, time.monotonic()))

        async with (
            edge_with(shared_server.url) as one,
            edge_with(shared_server.url) as two,
        ):
            await asyncio.gather(*(ask(each) for each in (one, two) * 4))
        for began, _ in passes:
            for ended in (ended for _, ended in passes if ended > began):
                within = sum(began <= s and e <= ended for s, e in passes)
                assert within <= 50 + (ended - began) * 50 + 1

    asyncio.run(hammer())


def test_addresses_are_paced_together(shared_server: ValkeyServer) -> None:
    async def pace() -> None:
        key = "pages 192.0.2.1"
        async with (
            edge_with(shared_server.url) as one,
            edge_with(shared_server.url) as two,
        ):
            waits = [await each.pace(key, SMALL) for each in (one, two) * 3]
            assert waits == [0] * 5 + [2]
            await two.give_back(key, SMALL)
            assert await one.pace(key, SMALL) == 0
            assert await one.pace(key, SMALL) == 2

    asyncio.run(pace())


def test_without_valkey_each_machine_counts_alone(own_server: ValkeyServer) -> None:
    async def lose_and_regain() -> None:
        caller = a_caller("pat_1", "biz_1", Limit(3, HOUR))
        async with edge_with(own_server.url) as limiter:
            assert await passed(limiter, caller, 5) == 3
            own_server.end()
            assert await passed(limiter, caller, 50) == 3
            assert await limiter.pace("pages 192.0.2.1", SMALL) == 0
            assert limiter.counted_alone == 51
            own_server.start()
            await regained(limiter, caller)
            assert await passed(limiter, caller, 5) == 2, "one of it by then"

    asyncio.run(lose_and_regain())


def test_it_waits_as_long_as_it_was_told_and_no_shorter(
    own_server: ValkeyServer,
) -> None:
    """The client library would give up after five seconds by itself."""

    async def hold_up() -> None:
        caller = a_caller("pat_1", "biz_1", Limit(1000, HOUR))
        async with edge_with(own_server.url) as limiter:
            await limiter.take(caller)
            own_server.hold_up()
            going = asyncio.create_task(limiter.take(caller))
            await asyncio.wait([going], timeout=LIBRARY_SECONDS + 1)
            assert not going.done()
            own_server.let_go()
            assert (await going).allowed
            assert limiter.counted_alone == 0

    asyncio.run(hold_up())


async def regained(limiter: ValkeyLimiter, caller: Caller) -> None:
    """Asks until Valkey is asked again, which must be within seconds."""
    began = time.monotonic()
    while not (await limiter.take(caller)).allowed:
        assert time.monotonic() < began + PATIENCE_SECONDS
        await asyncio.sleep(0.01)


def test_a_slow_valkey_costs_one_short_wait(
    own_server: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hold_up() -> None:
        caller = a_caller("pat_1", "biz_1", Limit(1000, HOUR))
        wait = 20 * ANSWER_SECONDS
        async with edge_with(own_server.url) as limiter:
            await passed(limiter, caller, 20)
            assert limiter.counted_alone == 0
            limiter._answer_seconds = wait
            own_server.hold_up()
            monkeypatch.setattr(valkey_limiter, "REST_SECONDS", 600)
            began = time.monotonic()
            assert await passed(limiter, caller, 20) == 20
            first = time.monotonic() - began
            assert wait <= first < 20 * wait, "they did not wait at once"
            limiter._answer_seconds = 600  # the longest that it would wait again
            async with asyncio.timeout(300):
                assert await passed(limiter, caller, 20) == 20
            own_server.let_go()

    asyncio.run(hold_up())


def test_a_request_that_is_cancelled_leaves_no_answer_to_another(
    shared_server: ValkeyServer,
) -> None:
    async def cancel() -> None:
        async with edge_with(shared_server.url) as limiter:
            for number in range(100):
                going = asyncio.create_task(
                    limiter.take(a_caller("pat_gone", "biz_gone", Limit(500, HOUR)))
                )
                for _ in range(number % 12):
                    await asyncio.sleep(0)
                going.cancel()
                await asyncio.wait([going])
                fresh = a_caller(f"pat_{number}", f"biz_{number}", Limit(7, HOUR))
                budget = await limiter.take(fresh)
                assert (budget.limit, budget.remaining) == (7, 6)
            assert limiter.counted_alone == 0

    asyncio.run(cancel())


def test_budgets_that_are_whole_again_are_forgotten(
    shared_server: ValkeyServer,
) -> None:
    async def expire() -> None:
        caller = a_caller("pat_brief", "biz_brief", Limit(100, 1), Limit(100, 1))
        async with edge_with(shared_server.url) as limiter:
            await limiter.take(caller)
            began = time.monotonic()
            while await limiter._valkey.exists("prospectconnect:{biz_brief}"):
                assert time.monotonic() < began + PATIENCE_SECONDS
                await asyncio.sleep(0.01)

    asyncio.run(expire())
