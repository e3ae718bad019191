"""Refusals leave at a pace, and one alone at once."""

import asyncio
import selectors
from typing import Any

import pytest

from edge.limits import pacing
from edge.limits.pacing import Pacing


class Timeless(selectors.DefaultSelector):
    """Waits for nothing and tells how long it would have waited."""

    waited = 0.0

    def select(self, timeout: float | None = None) -> Any:
        found = super().select(0)
        self.waited += 0 if found else timeout or 0
        return found


def ideal_loop() -> asyncio.AbstractEventLoop:
    """An event loop whose clock goes by what is waited for, not by the machine's."""
    selector = Timeless()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.waited  # type: ignore[method-assign]  # a clock
    return loop


def held(number: int) -> tuple[float, float]:
    """How long the first and the last of so many refusals at once were held."""

    async def hold(made: Pacing) -> float:
        clock = asyncio.get_running_loop().time
        began = clock()
        await made.hold()
        return clock() - began

    async def all_of_them() -> list[float]:
        made = Pacing()
        took = await asyncio.gather(*(hold(made) for _ in range(number)))
        assert not made.waiting
        return took

    with asyncio.Runner(loop_factory=ideal_loop) as runner:
        took = runner.run(all_of_them())
    return took[0], took[-1]


def test_each_waits_longer_the_more_there_are() -> None:
    first, last = held(200)
    assert first == pytest.approx(pacing.ALONE_SECONDS)
    assert last == pytest.approx(pacing.ALONE_SECONDS + 199 * pacing.EACH_SECONDS)


def test_no_refusal_waits_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "MOST_SECONDS", 0.1)
    _, last = held(5_000)
    assert last == pytest.approx(0.1)
