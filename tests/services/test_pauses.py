"""Long work lets others go on, and gives way to those who have more to do at once."""

import asyncio
from time import perf_counter

from services.pauses import LONGEST_SECONDS, Pauses


def _work(seconds: float) -> None:
    until = perf_counter() + seconds
    while perf_counter() < until:
        pass


def test_others_run_between_the_parts_of_long_work() -> None:
    async def run() -> list[str]:
        ran = list[str]()

        async def other() -> None:
            while len(ran) < 100:
                ran.append("other")
                await asyncio.sleep(0)

        beside = asyncio.create_task(other())
        pauses = Pauses()
        for _ in range(20):
            _work(LONGEST_SECONDS)
            ran.append("long")
            await pauses.between()
        beside.cancel()
        return ran

    ran = asyncio.run(run())
    assert ran[:2] == ["long", "other"]
    assert "long long" not in " ".join(ran)


def test_short_work_makes_no_pause() -> None:
    async def run() -> bool:
        ran = list[bool]()
        asyncio.get_running_loop().call_soon(ran.append, True)
        pauses = Pauses()
        pauses._until = float("inf")
        for _ in range(1_000):
            await pauses.between()
        return bool(ran)

    assert not asyncio.run(run())


def test_a_request_that_goes_on_at_once_is_not_interrupted() -> None:
    async def run() -> tuple[int, int]:
        rounds = 0

        async def request() -> None:
            nonlocal rounds
            for _ in range(1_000):
                _work(0.0002)
                rounds += 1
                await asyncio.sleep(0)

        beside = asyncio.create_task(request())
        pauses, found = Pauses(), list[int]()
        for _ in range(2):
            await pauses.now()
            found.append(rounds)
        beside.cancel()
        return found[0], found[1]

    first, second = asyncio.run(run())
    assert first == 4
    assert second == 8  # and one that never ends does not stop the work
