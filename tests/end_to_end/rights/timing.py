"""Whether two requests can be told apart by how long their answers take."""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from math import sqrt
from random import Random
from statistics import fmean, variance

Asks = tuple[Callable[[], object], Callable[[], object]]
Times = tuple[list[float], list[float]]


def compared(taken: Times) -> float:
    """Welch's t of the times of two kinds of request; positive: the first is slower.

    The ranks of the times are compared, not the times: the few requests that take very
    long tell of the machine.
    """
    return welch(*ranks(*taken))


def timed(asks: Asks, count: int, seed: int = 1) -> Times:
    """How long `count` requests took, half of them of each kind, in seconds.

    Each turn asks both kinds in a random order, so that what else the machine does
    affects both alike.
    """
    random = Random(seed)
    taken: Times = ([], [])
    for ask in asks * 20:
        ask()
    for _ in range(count // 2):
        for kind in random.sample((0, 1), 2):
            begun = time.perf_counter()
            asks[kind]()
            taken[kind].append(time.perf_counter() - begun)
    return taken


def ranks(first: Sequence[float], second: Sequence[float]) -> Times:
    """The places of both samples in the order of all, equals sharing theirs."""
    ordered = sorted([*first, *second])

    def rank(each: float) -> float:
        return (bisect_left(ordered, each) + bisect_right(ordered, each)) / 2

    return list(map(rank, first)), list(map(rank, second))


def welch(first: Sequence[float], second: Sequence[float]) -> float:
    """The t of two samples whose spreads may differ."""
    spread = variance(first) / len(first) + variance(second) / len(second)
    return (fmean(first) - fmean(second)) / sqrt(spread)
