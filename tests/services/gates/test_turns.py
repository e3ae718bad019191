"""Calls take turns by tenant; none is lost, however it ends."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from services.errors import Unavailable
from services.gates import turns
from services.gates.turns import CALL, NOBODY, SEARCH, Bounds, Turns, bounds_of

BOUNDS = Bounds(running=4, left=1, share=2, slow_share=2, waiting=3)
ONE_BY_ONE = Bounds(running=5, left=1, share=1, slow_share=2, waiting=50)

Scenario = Callable[[Turns], Awaitable[None]]


def play(scenario: Scenario, bounds: Bounds = BOUNDS) -> Turns:
    """Plays a scenario; everybody must have ended at its end."""
    made = Turns(bounds)

    async def whole() -> None:
        await scenario(made)
        assert all(made.begin(f"free {number}") for number in range(bounds.running))

    asyncio.run(whole())
    assert not made.waiting
    return made


async def run(made: Turns, tenant: str, ends: asyncio.Event, ran: list[str]) -> None:
    """A call that lasts until it may end; a search where the name is in capitals."""
    weight = SEARCH if tenant.isupper() else CALL
    tenant = tenant.lower()
    if not made.begin(tenant, weight):
        await made.wait(tenant, weight)
    ran.append(tenant)
    try:
        await ends.wait()
    finally:
        made.end(tenant, weight)


class Calls:
    """Calls that were begun, and which of them ran, in order."""

    def __init__(self, made: Turns) -> None:
        self.made = made
        self.ran: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.ends: list[asyncio.Event] = []

    async def begin(self, *tenants: str) -> None:
        for tenant in tenants:
            self.ends.append(asyncio.Event())
            call = run(self.made, tenant, self.ends[-1], self.ran)
            self.tasks.append(asyncio.create_task(call))
        await settle()

    async def end(self, number: int) -> None:
        self.ends[number].set()
        await self.tasks[number]
        await settle()

    async def have_run(self, number: int) -> None:
        async with asyncio.timeout(10):
            while len(self.ran) < number:  # noqa: ASYNC110 - nothing else happens
                await asyncio.sleep(0.001)

    async def end_all(self) -> None:
        for event in self.ends:
            event.set()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def settle() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


def test_one_alone_leaves_a_turn_for_who_may_come() -> None:
    async def scenario(made: Turns) -> None:
        calls = Calls(made)
        await calls.begin(*["a"] * 5)
        assert calls.ran == ["a"] * 3
        await calls.begin("b")
        assert calls.ran == ["a"] * 3 + ["b"]
        await calls.end(0)
        assert calls.ran == ["a"] * 3 + ["b"], "it is not alone any more"
        await calls.end(1)
        assert calls.ran == ["a"] * 3 + ["b", "a"]
        await calls.end_all()

    play(scenario)


def test_one_among_others_has_its_share() -> None:
    async def scenario(made: Turns) -> None:
        calls = Calls(made)
        await calls.begin("b", *["a"] * 4)
        assert calls.ran == ["b", "a", "a"]
        await calls.begin("c")
        assert calls.ran == ["b", "a", "a", "c"], "there was a turn left for it"
        await calls.end_all()

    play(scenario)


def test_who_came_last_waits_for_no_queue_but_its_own() -> None:
    async def scenario(made: Turns) -> None:
        calls = Calls(made)
        await calls.begin("b", "a", "a", "c", "a", "a", "a", "d", "b")
        assert calls.ran == ["b", "a", "a", "c"]
        await calls.end(1)
        assert calls.ran[4:] == ["a"], "it waited longest, and is below its share"
        await calls.end(2)
        assert calls.ran[5:] == ["d"], "each of those that wait, in turn"
        await calls.end(3)
        assert calls.ran[6:] == ["b"]
        await calls.end_all()
        assert sorted(calls.ran) == sorted("baacaaadb")

    play(scenario)


def test_alone_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LOOK_SECONDS", 0.01)

    async def scenario(made: Turns) -> None:
        calls = Calls(made)
        await calls.begin("b", *["a"] * 3)
        await calls.end(0)
        assert calls.ran == ["b", "a", "a"]
        await calls.have_run(4)
        await calls.end_all()

    play(scenario)


def test_a_search_among_others_is_a_share_by_itself() -> None:
    async def scenario(made: Turns) -> None:
        calls = Calls(made)
        await calls.begin("b", "A", "A", "a")
        assert calls.ran == ["b", "a"]
        await calls.end(1)
        assert calls.ran == ["b", "a", "a"]
        await calls.end(2)
        assert calls.ran == ["b", "a", "a", "a"]
        await calls.end_all()

    play(scenario)


def test_searches_of_one_alone_weigh_as_much() -> None:
    async def scenario(made: Turns) -> None:
        calls = Calls(made)
        await calls.begin(*["A"] * 3, "a")
        assert calls.ran == ["a"] * 2
        await calls.begin("b")
        await calls.end(0)
        assert calls.ran == ["a"] * 2 + ["b"], "one is its share now"
        await calls.end(1)
        assert calls.ran == ["a"] * 2 + ["b", "a"]
        await calls.end_all()

    play(scenario)


def test_who_comes_without_a_token_is_no_tenant() -> None:
    async def scenario(made: Turns) -> None:
        calls = Calls(made)
        await calls.begin(NOBODY, *["a"] * 3)
        assert calls.ran == [NOBODY, *["a"] * 3], "it is alone all the same"
        await calls.begin(*[NOBODY] * 2)
        assert calls.ran[4:] == [NOBODY], "what a tenant leaves is theirs, too"
        await calls.end(1)
        assert calls.ran[4:] == [NOBODY], "but they have their bounds"
        await calls.end(0)
        assert calls.ran[4:] == [NOBODY] * 2
        await calls.end_all()

    play(scenario, ONE_BY_ONE)


def test_slow_calls_do_not_keep_the_others_of_their_tenant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "SLOW_SECONDS", 0.01)

    async def scenario(made: Turns) -> None:
        calls = Calls(made)
        await calls.begin("b", *["a"] * 4)
        assert calls.ran == ["b", "a"]
        await calls.have_run(3)
        await asyncio.sleep(0.05)
        assert calls.ran == ["b", "a", "a"], "but not all turns are theirs"
        await calls.end(1)
        assert calls.ran == ["b", "a", "a"], "one runs, as it should"
        await calls.end_all()

    play(scenario, ONE_BY_ONE)


def test_quick_calls_of_a_tenant_run_one_by_one() -> None:
    async def scenario(made: Turns) -> None:
        quiet = Calls(made)
        await quiet.begin("b")
        running = most = 0
        until = asyncio.get_running_loop().time() + 3 * turns.SLOW_SECONDS

        async def ask() -> None:
            nonlocal running, most
            while asyncio.get_running_loop().time() < until:
                if not made.begin("a"):
                    await made.wait("a")
                running += 1
                most = max(most, running)
                await asyncio.sleep(0)
                running -= 1
                made.end("a", CALL)

        await asyncio.gather(*(ask() for _ in range(20)))
        assert most == 1
        await quiet.end_all()

    play(scenario, ONE_BY_ONE)


def test_too_many_are_refused_and_nobody_else() -> None:
    async def scenario(made: Turns) -> None:
        calls = Calls(made)
        await calls.begin("b", *["a"] * 6)
        assert calls.ran == ["b", "a", "a"]
        assert made.waiting == 3
        assert calls.tasks[-1].done()
        with pytest.raises(Unavailable):
            calls.tasks[-1].result()
        await calls.begin("c")
        assert calls.ran[3:] == ["c"]
        await calls.end_all()

    assert play(scenario).refused == 1


@pytest.mark.parametrize("is_given", [False, True])
def test_a_call_that_is_given_up_leaves_its_turn(is_given: bool) -> None:
    async def scenario(made: Turns) -> None:
        calls = Calls(made)
        await calls.begin(*["a"] * 5)
        if is_given:
            calls.ends[0].set()
            await asyncio.sleep(0)  # its end has given the turn, nobody took it yet
        calls.tasks[3].cancel()
        await settle()
        calls.ends[0].set()
        await settle()
        assert calls.tasks[3].cancelled()
        assert len(calls.ran) == 4, "the other one has the turn"
        await calls.end_all()

    play(scenario)


def test_one_of_a_queue_that_is_given_up_whole() -> None:
    async def scenario(made: Turns) -> None:
        calls = Calls(made)
        await calls.begin("b", "a", "a", "a", "c", "d")
        for waiting in (3, 5):
            calls.tasks[waiting].cancel()
        await calls.end(0)
        await calls.end_all()
        assert calls.ran == ["b", "a", "a", "c"]

    play(scenario)


@pytest.mark.parametrize(
    ("connections", "bounds"),
    [
        (1, Bounds(1, 0, 1, 1, 9)),
        (2, Bounds(1, 0, 1, 1, 9)),
        (5, Bounds(4, 1, 1, 2, 9)),
        (10, Bounds(8, 1, 1, 4, 9)),
        (20, Bounds(16, 2, 2, 8, 9)),
        (100, Bounds(80, 10, 10, 40, 9)),
    ],
)
def test_the_bounds_suit_the_connections(connections: int, bounds: Bounds) -> None:
    assert bounds_of(connections, 9) == bounds
