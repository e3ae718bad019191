"""The goals, and whether the figures meet them."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.bench import operations as op
from tests.bench import subjects as by
from tests.bench.figures import Figure, Figures
from tests.bench.soak import Memory

FLOOR = 1.5
ORM = 1 / 4
TRANSCODER = 1 / 2
KEY = 1.3
WORKERS_GAIN = 1.7  # if there are enough cores
WORKERS_CORES = 4  # two workers, the database, the load generator
WORKERS_SHARE = 0.85  # of bare Sanic's gain, if there are not
WORKERS_COST = 1.1
WORKERS_BALANCE = 2 / 3
MEMORY_MIB = 150.0
GROWTH_MIB = 1.0  # the variation by an allocator's arenas
START_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound on a figure; without a figure it was not measured."""

    what: str
    figure: float | None
    bound: float
    unit: str = ""
    at_least: bool = False

    @property
    def is_met(self) -> bool | None:
        """Whether the figure is within the bound; None if there is no figure."""
        if self.figure is None:
            return None
        if self.at_least:
            return self.figure >= self.bound
        return self.figure <= self.bound


def goals(
    found: Figures, memory: Memory | None, starts: Sequence[float], cores: int
) -> list[Goal]:
    """All goals that this suite measures."""
    return [
        *_of_peers(found),
        Goal(
            "create with key : create",
            _cost_ratio(found, (by.PRODUCT, op.KEYED), (by.PRODUCT, op.CREATE)),
            KEY,
        ),
        *_of_workers(found, cores),
        *_of_the_program(memory, starts),
    ]


def _of_peers(found: Figures) -> Iterator[Goal]:
    """The goals for the product's processor time compared with each peer's."""
    for peer, bound, operations in (
        (by.BARE, FLOOR, (op.GET, op.SEARCH)),
        (by.FASTAPI, ORM, (op.GET, op.SEARCH, op.KEYED, op.PATCH)),
        (by.ENVOY, TRANSCODER, (op.GET, op.SEARCH)),
    ):
        for each in operations:
            ratio = _cost_ratio(found, (by.PRODUCT, each), (peer, each))
            yield Goal(f"{each}: product : {peer}", ratio, bound)


def _of_workers(found: Figures, cores: int) -> Iterator[Goal]:
    """The goals for a second worker: its gain, its share of the work, and its cost."""
    for each in (op.GET, op.SEARCH):
        one, two = found.get((by.PRODUCT, each)), found.get((by.PRODUCT_BY_TWO, each))
        gain = _gain(one, two)
        if cores >= WORKERS_CORES:
            yield Goal(
                f"{each}: throughput of 2 workers : 1",
                gain,
                WORKERS_GAIN,
                at_least=True,
            )
        else:
            bare = _gain(found.get((by.BARE, each)), found.get((by.BARE_BY_TWO, each)))
            share = None if gain is None or bare is None else gain / bare
            yield Goal(
                f"{each}: gain by 2 workers, product : bare Sanic",
                share,
                WORKERS_SHARE,
                at_least=True,
            )
        yield Goal(
            f"{each}: work of the less busy of 2 workers : the other",
            None if two is None else two.balance,
            WORKERS_BALANCE,
            at_least=True,
        )
        yield Goal(
            f"{each}: CPU per request of 2 workers : 1",
            _cost_ratio(found, (by.PRODUCT_BY_TWO, each), (by.PRODUCT, each)),
            WORKERS_COST,
        )


def _of_the_program(memory: Memory | None, starts: Sequence[float]) -> Iterator[Goal]:
    """The goals for the memory of one worker, and for the time of a start."""
    last = None if memory is None else memory.last
    growth = None if memory is None else memory.growth
    requests = "" if memory is None else f" after {memory.requests:,} requests"
    start = statistics.median(starts) if starts else None
    yield Goal(f"memory of one worker{requests}", last, MEMORY_MIB, "MiB")
    yield Goal("its growth over the last half", growth, GROWTH_MIB, "MiB")
    yield Goal("start on an existing data folder", start, START_SECONDS, "s")


def _cost_ratio(
    found: Figures, one: tuple[str, str], other: tuple[str, str]
) -> float | None:
    if one not in found or other not in found:
        return None
    return found[one].cost.median / found[other].cost.median


def _gain(one: Figure | None, two: Figure | None) -> float | None:
    if one is None or two is None:
        return None
    return two.per_second.median / one.per_second.median
