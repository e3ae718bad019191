"""Rate limits: exact at the boundary, for one process and for several."""

import asyncio
import multiprocessing
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.callers.caller import Caller
from edge.limits.budget_table import PureTable, Table
from edge.limits.limit import Limit
from edge.limits.rate_limit import SharedMemoryLimiter
from tests.edge.some_callers import SMALL, a_caller

SECOND = 1_000_000_000
START = 1_800_000_000 * SECOND


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> Iterator[SharedMemoryLimiter]:
    made = SharedMemoryLimiter(slots=1024, clock=clock)
    yield made
    made.close()


def passed(limiter: SharedMemoryLimiter, caller: Caller, times: int) -> int:
    return sum(limiter.take(caller).allowed for _ in range(times))


def test_a_burst_is_the_limit_and_no_more(limiter: SharedMemoryLimiter) -> None:
    assert passed(limiter, a_caller(), 20) == 5


def test_what_is_left_is_told(limiter: SharedMemoryLimiter, clock: Clock) -> None:
    budget = limiter.take(a_caller())
    assert budget.headers() == {
        "X-RateLimit-Limit": "5",
        "X-RateLimit-Remaining": "4",
        "X-RateLimit-Reset": str(clock.now // SECOND + 2),
        "RateLimit-Policy": '"default";q=5;w=10',
        "RateLimit": '"default";r=4;t=2',
    }


def test_what_is_left_is_told_of_token_and_tenant(limiter: SharedMemoryLimiter) -> None:
    one, two = (a_caller(token, tenant_limit=SMALL) for token in ("pat_1", "pat_2"))
    for caller, left in ((one, (4, 4)), (one, (3, 3)), (two, (4, 2))):
        budget = limiter.take(caller)
        assert (budget.left_of_token, budget.left_of_tenant) == left
        assert budget.remaining == min(left)


def test_a_refusal_tells_when_to_come_back(
    limiter: SharedMemoryLimiter, clock: Clock
) -> None:
    passed(limiter, a_caller(), 5)
    refused = limiter.take(a_caller())
    assert (refused.allowed, refused.remaining, refused.retry_after) == (False, 0, 2)
    assert refused.reset == clock.now // SECOND + 10
    clock.now += 2 * SECOND - 1
    assert limiter.take(a_caller()).retry_after == 1
    clock.now += 1
    assert limiter.take(a_caller()).allowed
    assert not limiter.take(a_caller()).allowed


def test_retry_after_is_a_second_at_least(limiter: SharedMemoryLimiter) -> None:
    caller = a_caller(token_limit=Limit(1000, 1))
    caller_passed = passed(limiter, caller, 1000)
    assert caller_passed == 1000
    assert limiter.take(caller).retry_after == 1


def test_tokens_do_not_share_but_their_tenant_does(
    limiter: SharedMemoryLimiter,
) -> None:
    one = a_caller("pat_1", tenant_limit=Limit(8, 10))
    two = a_caller("pat_2", tenant_limit=Limit(8, 10))
    assert passed(limiter, one, 10) == 5
    assert passed(limiter, two, 10) == 3
    assert limiter.take(a_caller("pat_3", business="biz_2")).allowed


def test_a_refusal_takes_from_neither_budget(
    limiter: SharedMemoryLimiter,
) -> None:
    greedy = a_caller("pat_1", tenant_limit=Limit(8, 10))
    passed(limiter, greedy, 100)  # 95 of them refused by the token's own budget
    other = a_caller("pat_2", tenant_limit=Limit(8, 10))
    assert passed(limiter, other, 100) == 3
    fresh = a_caller("pat_2", business="biz_2")
    assert limiter.take(fresh).remaining == 1  # 3 of 5 taken, the refused ones not


@given(
    limit=st.integers(1, 50),
    window=st.integers(1, 20),
    gaps=st.lists(st.integers(0, 3 * SECOND), min_size=1, max_size=200),
)
def test_no_stretch_of_time_lets_too_many_pass(
    limit: int, window: int, gaps: list[int]
) -> None:
    clock = Clock()
    limiter = SharedMemoryLimiter(slots=8, clock=clock)
    caller = a_caller(token_limit=Limit(limit, window), tenant_limit=Limit(10_000, 1))
    passes = []
    for gap in gaps:
        clock.now += gap
        if limiter.take(caller).allowed:
            passes.append(clock.now)
    limiter.close()
    for first in range(len(passes)):
        for last in range(first, len(passes)):
            elapsed = (passes[last] - passes[first]) / SECOND
            assert last - first + 1 <= limit + elapsed * limit / window + 1


def test_the_limit_is_reached_and_held_for_long(
    limiter: SharedMemoryLimiter, clock: Clock
) -> None:
    caller = a_caller(token_limit=Limit(100, 10))
    count = 0
    for _ in range(10_000):
        clock.now += SECOND // 100  # ten times as fast as allowed
        count += limiter.take(caller).allowed
    assert 1000 + 99 <= count <= 1000 + 100


def test_a_clock_set_back_locks_nobody_out(
    limiter: SharedMemoryLimiter, clock: Clock
) -> None:
    passed(limiter, a_caller(), 5)
    clock.now -= 3600 * SECOND
    assert passed(limiter, a_caller(), 10) == 5


def test_a_changed_limit_holds_at_once(
    limiter: SharedMemoryLimiter, clock: Clock
) -> None:
    assert passed(limiter, a_caller(), 10) == 5
    clock.now += SECOND
    assert passed(limiter, a_caller(token_limit=Limit(100, 10)), 20) == 10
    assert passed(limiter, a_caller(), 1) == 0


def test_a_budget_of_its_own_is_paced(
    limiter: SharedMemoryLimiter, clock: Clock
) -> None:
    def pace(address: str) -> int:
        return asyncio.run(limiter.pace(f"pages {address}", SMALL))

    waits = [pace("192.0.2.1") for _ in range(7)]
    assert waits == [0] * 5 + [2, 2]
    assert pace("192.0.2.2") == 0
    clock.now += 2 * SECOND
    assert pace("192.0.2.1") == 0


def test_what_is_given_back_was_never_taken(limiter: SharedMemoryLimiter) -> None:
    async def take_and_give_back() -> list[int]:
        for _ in range(50):
            assert await limiter.pace("logins 192.0.2.1", SMALL) == 0
            await limiter.give_back("logins 192.0.2.1", SMALL)
        return [await limiter.pace("logins 192.0.2.1", SMALL) for _ in range(6)]

    waits = asyncio.run(take_and_give_back())
    assert waits == [0] * 5 + [2], "nothing was gained by it either"


def test_a_full_table_forgets_the_least() -> None:
    limiter = SharedMemoryLimiter(slots=8, clock=Clock())
    busy = a_caller("busy")
    passed(limiter, busy, 5)
    for number in range(100):
        limiter.take(a_caller(f"pat_{number}", business=f"biz_{number}"))
    assert not limiter.take(busy).allowed
    limiter.close()


def drain(
    path: Path,
    table: type[PureTable],
    ready: "threading.Barrier",
    results: "multiprocessing.Queue[int]",
) -> None:
    limiter = SharedMemoryLimiter(path, 1024, clock=lambda: START, table=table)
    ready.wait(60)
    caller = a_caller(token_limit=Limit(20_000, 10), tenant_limit=Limit(50_000, 10))
    results.put(passed(limiter, caller, 20_000))
    limiter.close()


@pytest.mark.parametrize("table", {PureTable, Table}, ids=lambda each: each.__module__)
def test_two_processes_let_no_more_through_than_one(
    tmp_path: Path, table: type[PureTable]
) -> None:
    context = multiprocessing.get_context("spawn")
    results, ready = context.Queue(), context.Barrier(2)
    args = (tmp_path / "budgets", table, ready, results)
    workers = [context.Process(target=drain, args=args) for _ in range(2)]
    for worker in workers:
        worker.start()
    counts = [results.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join()
    assert sum(counts) == 20_000
    assert all(counts), "they were not at it at once"


def test_budgets_outlive_a_process(tmp_path: Path) -> None:
    first = SharedMemoryLimiter(tmp_path / "budgets", clock=Clock())
    passed(first, a_caller(), 5)
    first.close()
    second = SharedMemoryLimiter(tmp_path / "budgets", clock=Clock())
    assert not second.take(a_caller()).allowed
    second.close()
