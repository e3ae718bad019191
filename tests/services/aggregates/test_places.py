"""Places: few statements at a time, and tenants alternate."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from services.aggregates.places import MOST_WAITING, Places
from services.errors import Unavailable


class Works:
    """Statements of tenants: those that run, in the order in which they began."""

    def __init__(self, places: Places) -> None:
        self.places, self.running = places, list[str]()
        self.ends: dict[str, asyncio.Event] = {}

    async def run(self, tenant: str, name: str) -> None:
        end = self.ends[name] = asyncio.Event()
        async with self.places.taken(tenant):
            self.running.append(name)
            try:
                await end.wait()
            finally:
                self.running.remove(name)


async def settle() -> None:
    """Lets everything go on that can."""
    for _ in range(20):
        await asyncio.sleep(0)


def run(scenario: Callable[[Works], Awaitable[None]]) -> None:
    async def running() -> None:
        await scenario(Works(Places(3, 2)))

    asyncio.run(running())


def test_a_tenant_has_its_share_and_others_go_on() -> None:
    async def scenario(works: Works) -> None:
        tasks = [asyncio.create_task(works.run("a", f"a{n}")) for n in range(4)]
        await settle()
        assert works.running == ["a0", "a1"]
        tasks += [asyncio.create_task(works.run("b", f"b{n}")) for n in range(2)]
        await settle()
        assert works.running == ["a0", "a1", "b0"]  # all places are taken
        works.ends["a0"].set()
        await settle()
        assert works.running == ["a1", "b0", "a2"]
        works.ends["a1"].set()
        await settle()
        assert works.running == ["b0", "a2", "b1"]  # tenants alternate
        for name in ("a2", "a3", "b0", "b1"):
            works.ends[name].set()
            await settle()
        await asyncio.gather(*tasks)
        assert works.running == []

    run(scenario)


def test_who_gives_up_takes_no_place() -> None:
    async def scenario(works: Works) -> None:
        tasks = [asyncio.create_task(works.run("a", f"a{n}")) for n in range(4)]
        await settle()
        tasks[2].cancel()
        tasks[0].cancel()
        await settle()
        assert works.running == ["a1", "a3"]
        works.ends["a1"].set()
        works.ends["a3"].set()
        await asyncio.gather(*tasks, return_exceptions=True)
        async with works.places.taken("a"):
            pass  # the places are free again

    run(scenario)


def test_too_many_that_wait_are_refused_at_once() -> None:
    async def scenario(works: Works) -> None:
        many = [
            asyncio.create_task(works.run("a", f"a{n}"))
            for n in range(2 + MOST_WAITING)
        ]
        await settle()
        with pytest.raises(Unavailable):
            await works.run("a", "one more")
        for task in many:
            task.cancel()
        await asyncio.gather(*many, return_exceptions=True)

    run(scenario)
