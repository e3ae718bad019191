"""Jobs rest while calls run that have just begun, and never for long."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from services.gates import turns
from services.gates.turns import CALL, Bounds, Turns
from services.pauses import CALLS, Pauses

BOUNDS = Bounds(running=4, left=1, share=2, slow_share=2, waiting=3)
# So many rounds of the loop are enough for all that is ready.
ROUNDS = 20
FOR_EVER = 3600.0

Scenario = Callable[[Turns], Awaitable[None]]


@pytest.fixture(autouse=True)
def _never_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the end of calls ends a rest here, unless a test says so."""
    monkeypatch.setattr(turns, "REST_SECONDS", FOR_EVER)


async def settle() -> None:
    for _ in range(ROUNDS):
        await asyncio.sleep(0)


def job(made: Turns) -> "asyncio.Task[None]":
    """A job that has a pause."""

    async def pause() -> None:
        await Pauses().now()

    before = CALLS.set(made)
    task = asyncio.create_task(pause())
    CALLS.reset(before)
    return task


def play(scenario: Scenario) -> None:
    asyncio.run(asyncio.wait_for(scenario(Turns(BOUNDS)), 60))


def test_where_no_call_runs_nothing_rests() -> None:
    async def scenario(made: Turns) -> None:
        assert made.rest() is None
        await job(made)
        assert made.begin("a")
        made.end("a", CALL)
        assert made.rest() is None

    play(scenario)


def test_a_job_rests_until_no_call_runs() -> None:
    async def scenario(made: Turns) -> None:
        assert made.begin("a")
        assert made.begin("b")
        resting = [job(made), job(made)]
        await settle()
        made.end("a", CALL)
        await settle()
        assert not any(each.done() for each in resting)
        made.end("b", CALL)
        await asyncio.gather(*resting)
        assert made.rest() is None

    play(scenario)


def test_a_call_that_waited_for_its_turn_counts_too() -> None:
    async def scenario(made: Turns) -> None:
        calls = 3
        assert all(made.begin("a") for _ in range(calls))
        waiting = asyncio.create_task(made.wait("a"))
        await settle()
        resting = job(made)
        for _ in range(calls):
            made.end("a", CALL)
        await settle()
        assert waiting.done()
        assert not resting.done()
        made.end("a", CALL)
        await resting

    play(scenario)


def test_a_rest_ends_although_the_call_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "REST_SECONDS", 0.001)

    async def scenario(made: Turns) -> None:
        assert made.begin("a")
        await job(made)
        made.end("a", CALL)

    play(scenario)


def test_nothing_rests_for_a_call_that_began_long_ago(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scenario(made: Turns) -> None:
        assert made.begin("a")
        monkeypatch.setattr(turns, "REST_SECONDS", 0.0)
        assert made.rest() is None
        made.end("a", CALL)

    play(scenario)


def test_a_job_that_is_given_up_rests_no_more() -> None:
    async def scenario(made: Turns) -> None:
        assert made.begin("a")
        resting = job(made)
        await settle()
        resting.cancel()
        await asyncio.wait((resting,))
        assert resting.cancelled()
        made.end("a", CALL)

    play(scenario)


def test_what_is_a_call_itself_does_not_rest_for_calls() -> None:
    async def scenario(made: Turns) -> None:
        assert made.begin("a")
        await Pauses().now()
        made.end("a", CALL)

    play(scenario)
