"""The summary of many samples: medians with minimum and maximum."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.bench.rounds import Sample

# By subject and operation.
Figures = Mapping[tuple[str, str], "Figure"]


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with minimum and maximum."""

    least: float
    median: float
    most: float


@dataclass(frozen=True, slots=True)
class Figure:
    """The cost of an operation with a subject, over all rounds, in a sample's units."""

    cost: Spread
    database: Spread
    generator: Spread
    per_second: Spread
    median: Spread
    slowest: Spread
    balance: float | None
    requests: int


def spread(values: Iterable[float]) -> Spread:
    """The spread of some values."""
    ordered = sorted(values)
    return Spread(ordered[0], statistics.median(ordered), ordered[-1])


def figures(samples: Iterable[Sample]) -> Figures:
    """Combines the samples of all rounds."""
    grouped: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for sample in samples:
        grouped[sample.subject, sample.operation].append(sample)
    return {place: _figure(each) for place, each in grouped.items()}


def _figure(samples: Sequence[Sample]) -> Figure:
    def of(read: Callable[[Sample], float]) -> Spread:
        return spread(map(read, samples))

    parts = all(len(sample.cpu) > 1 for sample in samples)
    return Figure(
        cost=of(lambda sample: sample.cost),
        database=of(lambda sample: sample.database),
        generator=of(lambda sample: sample.generator),
        per_second=of(lambda sample: sample.per_second),
        median=of(lambda sample: sample.median),
        slowest=of(lambda sample: sample.slowest),
        balance=of(lambda sample: sample.balance).median if parts else None,
        requests=sum(sample.requests for sample in samples),
    )
