"""Whether two requests can be told apart by how long their answers take."""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from math import sqrt
from random import Random
from statistics import fmean, variance


def compared(
    asks: tuple[Callable[[], object], Callable[[], object]], count: int, seed: int = 1
) -> float:
    """Welch's t of so many requests of two kinds; positive: the first is slower.

    Each turn asks both, in a random order, so that what else the machine does weighs
    on both alike. The ranks of the times are compared, not the times: the few that
    take very long tell of the machine.
    """
    random = Random(seed)
    taken: tuple[list[float], list[float]] = ([], [])
    for ask in asks * 20:
        ask()
    for _ in range(count // 2):
        for kind in random.sample((0, 1), 2):
            begun = time.perf_counter()
            asks[kind]()
            taken[kind].append(time.perf_counter() - begun)
    return welch(*ranks(*taken))


def ranks(
    first: Sequence[float], second: Sequence[float]
) -> tuple[list[float], list[float]]:
    """The places of both samples in the order of all, equals sharing theirs."""
    ordered = sorted([*first, *second])

    def rank(each: float) -> float:
        return (bisect_left(ordered, each) + bisect_right(ordered, each)) / 2

    return list(map(rank, first)), list(map(rank, second))


def welch(first: Sequence[float], second: Sequence[float]) -> float:
    """The t of two samples whose spreads may differ."""
    spread = variance(first) / len(first) + variance(second) / len(second)
    return (fmean(first) - fmean(second)) / sqrt(spread)
