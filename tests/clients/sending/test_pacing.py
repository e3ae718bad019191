"""A client spaces its requests: an import is never refused by the rate limit.

The pacer is held against the product's own budgets on a clock that the test moves, over
networks however slow and uneven; then imports run against the product.
"""

import asyncio
import heapq
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.callers.caller import Caller
from edge.limits.limit import Limit
from edge.limits.rate_limit import SharedMemoryLimiter
from prospectconnect_client import (
    Answer,
    AsyncProspectConnect,
    Attempt,
    Hooks,
    ProspectConnect,
    RateLimited,
    Retries,
)
from prospectconnect_client.pacing import Pacer
from tests.clients.programs import Account
from tests.clients.unreliable import Network, Said
from tests.rounds import rounds
from tests.world import Tenant

REQUESTS = 150
CREATES = rounds("PACED_CREATES")


class World:
    """A client, a network and the product's budgets, at a time that is told.

    The client sends `count` requests, at most `most` at once, each as soon as its pacer
    lets it.
    """

    def __init__(self, limit: Limit, most: int, delays: Iterator[float]) -> None:
        self.now = 0.0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._pacer = Pacer(60, lambda: self.now)
        self._budgets = SharedMemoryLimiter(
            clock=lambda: 10**18 + round(self.now * 1e9)
        )
        nothing: frozenset[str] = frozenset()
        self._caller = Caller(
            "biz", "usr", "pat", "", nothing, nothing, limit, AMPLE, None
        )
        self._most, self._delays = most, delays
        self._left, self._on_their_way, self._blocked = 0, 0, False
        self.refused = 0

    def send(self, count: int) -> None:
        """Sends so many, and returns when all are answered."""
        self._left = count
        self._at(0.0, self._ask)
        while self._events:
            self.now, _, happens = heapq.heappop(self._events)
            happens()

    def _at(self, after: float, happens: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self.now + after, next(self._order), happens))

    def _ask(self) -> None:
        """The request whose turn it is asks for leave."""
        if not self._left:
            return
        if wait := self._pacer.wait():
            self._at(wait, self._ask)
            return
        self._blocked = not self._pacer.is_known
        self._pacer.leave()
        self._left -= 1
        self._on_their_way += 1
        self._at(next(self._delays), self._serve)
        self._blocked = self._blocked or self._on_their_way == self._most
        if not self._blocked:
            self._at(0.0, self._ask)

    def _serve(self) -> None:
        budget = self._budgets.take(self._caller)
        self.refused += not budget.allowed
        headers = {name.lower(): text for name, text in budget.headers().items()}
        answer = Answer(200 if budget.allowed else 429, headers, b"")
        self._at(next(self._delays), lambda: self._answer(answer))

    def _answer(self, answer: Answer) -> None:
        self._pacer.arrive(answer)
        self._on_their_way -= 1
        if self._blocked:
            self._blocked = False
            self._ask()


AMPLE = Limit(1_000_000, 1)


@given(
    limit=st.builds(Limit, st.integers(1, 50), st.integers(1, 20)),
    most=st.integers(1, 40),
    delays=st.lists(st.floats(0, 5), min_size=1, max_size=30),
)
def test_however_slow_the_network_no_request_is_refused(
    limit: Limit, most: int, delays: list[float]
) -> None:
    world = World(limit, most, itertools.cycle(delays))
    world.send(REQUESTS)
    world.now += limit.window_seconds  # until the budget is whole again
    world.send(REQUESTS)
    assert world.refused == 0


def test_requests_that_are_held_up_and_arrive_together_are_not_refused() -> None:
    """What comes back while they are on their way is not there for them twice."""
    first, held_up = [0.0] * 2, [9.0] * 20
    world = World(Limit(5, 5), 40, itertools.cycle(first + held_up))
    world.send(1)
    world.now += 5
    world.send(15)
    assert world.refused == 0


def test_nothing_is_wasted() -> None:
    """All the budget is used, and almost all that comes back."""
    world = World(Limit(20, 2), 8, itertools.cycle([0.01]))
    world.send(REQUESTS)
    assert (REQUESTS - 20) / 10 <= world.now <= (REQUESTS - 19) / 10 * 1.02 + 0.1


def answer(remaining: int) -> Answer:
    headers = {
        "x-ratelimit-limit": "10",
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": "0",
        "ratelimit-policy": '"default";q=10;w=10',
    }
    return Answer(200, headers, b"")


def test_what_others_use_of_the_budget_is_seen() -> None:
    """Another program may have the same token, or the tenant's budget is used up."""
    pacer = Pacer(60, lambda: 0.0)
    for remaining in (9, 0):
        assert pacer.wait() == 0
        pacer.leave()
        pacer.arrive(answer(remaining))
    assert 1 <= pacer.wait() <= 1.02


def test_what_is_told_may_not_count_what_is_on_its_way() -> None:
    pacer = Pacer(60, lambda: 0.0)
    for _ in range(2):
        pacer.leave()
        pacer.arrive(answer(9))
    pacer.leave()
    pacer.leave()
    pacer.arrive(answer(1))
    assert pacer.wait() > 0


@pytest.mark.parametrize("outcome", [None, Answer(502, {}, b""), Answer(200, {}, b"")])
def test_who_tells_of_no_limit_is_not_waited_for(outcome: Answer | None) -> None:
    pacer = Pacer(60, lambda: 0.0)
    pacer.leave()
    pacer.arrive(outcome)
    assert pacer.wait() == 0
    assert pacer.is_known == (outcome is not None and outcome.status == 200)


class Statuses:
    """What each attempt of a client ended with."""

    def __init__(self) -> None:
        self.seen: list[int | None] = []
        self.hooks = Hooks(on_response=self._see)

    def _see(self, attempt: Attempt) -> None:
        self.seen.append(attempt.status)


@pytest.fixture
def limited(tenant: Tenant) -> Account:
    """An account of 50 requests a second, in bursts of 50."""
    return Account(f"http://{tenant.stack.http}", tenant.token(rate_limit=(50, 1)), {})


def import_in_a_loop(account: Account, hooks: Hooks) -> None:
    with ProspectConnect(account.token, account.address, hooks=hooks) as api:
        for number in range(CREATES):
            api.contacts.create(email=f"{number}@engine.example")


def import_by_threads(account: Account, hooks: Hooks) -> None:
    with (
        ProspectConnect(account.token, account.address, hooks=hooks) as api,
        ThreadPoolExecutor(8) as threads,
    ):
        made = threads.map(
            lambda number: api.contacts.create(email=f"{number}@engine.example"),
            range(CREATES),
        )
        assert len({contact["id"] for contact in made}) == CREATES


def import_by_tasks(account: Account, hooks: Hooks) -> None:
    async def all_at_once() -> None:
        async with AsyncProspectConnect(
            account.token, account.address, hooks=hooks
        ) as api:
            made = await asyncio.gather(
                *(
                    api.contacts.create(email=f"{number}@engine.example")
                    for number in range(CREATES)
                )
            )
        assert len({contact["id"] for contact in made}) == CREATES

    asyncio.run(all_at_once())


@pytest.mark.parametrize(
    "importing", [import_in_a_loop, import_by_threads, import_by_tasks]
)
def test_an_import_meets_no_429(
    limited: Account, importing: Callable[[Account, Hooks], None]
) -> None:
    statuses = Statuses()
    importing(limited, statuses.hooks)
    assert statuses.seen == [201] * CREATES


def test_pacing_can_be_switched_off(tenant: Tenant) -> None:
    """One comes back in 40 seconds, which a client that paces would wait for."""
    token = tenant.token(rate_limit=(5, 200))
    address = f"http://{tenant.stack.http}"
    with ProspectConnect(
        token, address, pacing=False, retries=Retries(attempts=1)
    ) as api:
        for _ in range(5):
            api.me.get()
        with pytest.raises(RateLimited):
            api.me.get()


def test_nobody_waits_for_an_hour_unasked(tenant: Tenant) -> None:
    """The API refuses at once, and says for how long."""
    token = tenant.token(rate_limit=(1, 3600))
    with ProspectConnect(token, f"http://{tenant.stack.http}") as api:
        api.me.get()
        with pytest.raises(RateLimited) as refused:
            api.me.get()
    assert (refused.value.retry_after or 0) > 60


def test_a_call_that_is_given_up_blocks_no_other(
    account: Account, network: Network
) -> None:
    """The first call's answer tells the limits; here it is cancelled before."""

    async def calls() -> None:
        async with AsyncProspectConnect(account.token, account.address) as api:
            first = asyncio.create_task(api.me.get())
            await asyncio.sleep(0)
            first.cancel()
            assert (await api.me.get())["role"] == "owner"
            with pytest.raises(asyncio.CancelledError):
                await first

    network.faults.append(Said(503))
    asyncio.run(calls())
