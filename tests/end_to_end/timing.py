"""Whether two requests can be told apart by how long their answers take."""

import time
from collections.abc import Callable, Sequence
from math import sqrt
from random import Random
from statistics import fmean, variance

# What takes longest tells of the machine, not of the request.
KEPT = 0.9


def compared(
    asks: tuple[Callable[[], object], Callable[[], object]], count: int, seed: int = 1
) -> float:
    """Welch's t of so many requests of both kinds, mixed; positive: the first is slower.

    Each turn asks both, in a random order, so that what else the machine does weighs
    on both alike.
    """
    random, taken = Random(seed), ([], [])  # type: tuple[Random, tuple[list[float], list[float]]]
    for ask in asks * 20:
        ask()
    for _ in range(count // 2):
        for kind in random.sample((0, 1), 2):
            begun = time.perf_counter()
            asks[kind]()
            taken[kind].append(time.perf_counter() - begun)
    return welch(*(sorted(each)[: int(len(each) * KEPT)] for each in taken))


def welch(first: Sequence[float], second: Sequence[float]) -> float:
    """The t of two samples whose spreads may differ."""
    spread = variance(first) / len(first) + variance(second) / len(second)
    return (fmean(first) - fmean(second)) / sqrt(spread)
