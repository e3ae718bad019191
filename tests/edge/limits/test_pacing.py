"""Refusals leave at a pace, and one alone at once."""

import asyncio
import time

import pytest

from edge.limits import pacing
from edge.limits.pacing import Pacing


def held(number: int) -> tuple[float, float]:
    """How long the first and the last of so many refusals at once were held."""

    async def hold(made: Pacing) -> float:
        began = time.monotonic()
        await made.hold()
        return time.monotonic() - began

    async def all_of_them() -> list[float]:
        made = Pacing()
        took = await asyncio.gather(*(hold(made) for _ in range(number)))
        assert not made.waiting
        return took

    took = asyncio.run(all_of_them())
    return took[0], took[-1]


def test_each_waits_longer_the_more_there_are() -> None:
    first, last = held(200)
    assert first < 0.2 <= last + 0.002  # a clock of milliseconds may wake early


def test_no_refusal_waits_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "MOST_SECONDS", 0.1)
    _, last = held(5_000)
    assert last < 5_000 * pacing.EACH_SECONDS / 2
