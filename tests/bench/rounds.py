"""Rounds: in each, every subject is asked everything once, in an order drawn anew.

So what the machine does to one of them in a minute it does to all.
"""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from services.gates.turns import LOOK_SECONDS
from tests.bench.cpu import cpu_seconds
from tests.bench.load import load
from tests.bench.operations import BESIDE, WRITES, exchanges
from tests.bench.rows import Rows
from tests.bench.subjects import Subject

Usage = Mapping[int, float]

# After so long without another tenant's call, one counts as alone.
SETTLE_SECONDS = 2 * LOOK_SECONDS + 0.2


@dataclass(frozen=True, slots=True)
class Sample:
    """What one subject did with one operation in one round.

    `cpu` is what each of its processes used, in microseconds a request, `database` what
    PostgreSQL used and `generator` what asking cost. `median` and `slowest` are the
    latencies that 50 and 99 of 100 answers did not exceed, in milliseconds.
    """

    subject: str
    operation: str
    requests: int
    per_second: float
    cpu: Usage
    database: float
    generator: float
    median: float
    slowest: float

    @property
    def cost(self) -> float:
        """What all processes of the subject used, in microseconds a request."""
        return sum(self.cpu.values())

    @property
    def balance(self) -> float:
        """What the less busy of the two busiest processes did of the other's work."""
        busiest, next_one = sorted(self.cpu.values(), reverse=True)[:2]
        return next_one / busiest


def samples(
    rows: Rows, subjects: Sequence[Subject], rounds: int, seconds: float
) -> Iterator[list[Sample]]:
    """Warms all up, then measures round by round; each sample takes so long."""
    random = Random()
    turns = [(subject, each) for subject in subjects for each in subject.operations]
    for subject, operation in turns:
        measure(rows, subject, operation, seconds / 3)
    for _ in range(rounds):
        order = random.sample(subjects, len(subjects))
        yield [
            sample
            for subject in order
            for sample in _one_by_one(rows, subject, seconds, random)
        ]


def _one_by_one(
    rows: Rows, subject: Subject, seconds: float, random: Random
) -> Iterator[Sample]:
    """A sample of each operation, those of one tenant after those of the other.

    The product gives a tenant fewer turns for a while after another one's call; a
    sample begins when that is over, but for the one that is about it.
    """
    asked = random.sample(subject.operations, len(subject.operations))
    writes = [each for each in asked if each in WRITES]
    reads = [each for each in asked if each not in (*WRITES, BESIDE)]
    for of_one in filter(None, (reads, writes)):
        if writes:
            measure(rows, subject, of_one[0], SETTLE_SECONDS)
        for operation in of_one:
            yield measure(rows, subject, operation, seconds)
    if BESIDE in asked:
        yield measure(rows, subject, BESIDE, seconds)


def measure(rows: Rows, subject: Subject, operation: str, seconds: float) -> Sample:
    """Keeps a subject busy with one operation for so long."""

    def meter() -> tuple[Usage, Usage]:
        of_subject: dict[int, float] = {}
        for root in subject.processes:
            of_subject |= cpu_seconds(root)
        return of_subject, cpu_seconds(rows.server)

    next_exchange = exchanges(operation, subject.http, rows)
    loaded = load(subject.http, next_exchange, meter, seconds)
    each = 1e6 / loaded.requests
    own, database = (
        {pid: (used - before.get(pid, 0.0)) * each for pid, used in after.items()}
        for before, after in zip(loaded.before, loaded.after, strict=True)
    )
    percentiles = statistics.quantiles(loaded.latencies, n=100)
    return Sample(
        subject=subject.name,
        operation=operation,
        requests=loaded.requests,
        per_second=loaded.requests / loaded.seconds,
        cpu=own,
        database=sum(database.values()),
        generator=loaded.own_cpu * each,
        median=percentiles[49] * 1e3,
        slowest=percentiles[98] * 1e3,
    )
