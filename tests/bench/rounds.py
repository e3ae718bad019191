"""Rounds: in each, every subject is measured with every operation, in a random order.

So a temporary change of the machine's speed affects all subjects equally.
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

# After this time without another tenant's call, a tenant counts as alone.
SETTLE_SECONDS = 2 * LOOK_SECONDS + 0.2


@dataclass(frozen=True, slots=True)
class Sample:
    """The measurement of one subject with one operation in one round.

    `cpu` is the processor time of each of its processes, in microseconds per request,
    `database` that of PostgreSQL, and `generator` that of the load generator. `median`
    and `slowest` are the latencies of the 50th and 99th percentile, in milliseconds.
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
        """The time of all processes of the subject, in microseconds per request."""
        return sum(self.cpu.values())

    @property
    def balance(self) -> float:
        """The work of the second busiest process as a share of the busiest one's."""
        busiest, next_one = sorted(self.cpu.values(), reverse=True)[:2]
        return next_one / busiest


def samples(
    rows: Rows, subjects: Sequence[Subject], rounds: int, seconds: float
) -> Iterator[list[Sample]]:
    """Warms up all subjects, then measures in rounds; a sample takes `seconds`."""
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
    """A sample of each operation, first those of one tenant, then the other's.

    For some time after another tenant's call, a tenant has fewer turns. A sample begins
    after that time, except the sample that measures this effect.
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
    """Keeps a subject busy with one operation for `seconds`."""

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
