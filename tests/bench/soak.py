"""The memory of one worker after many requests, and its growth."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from tests.bench import operations as op
from tests.bench.load import Exchange, NextExchange, load
from tests.bench.operations import exchanges
from tests.bench.rows import Rows

READINGS = 20

_LONGEST_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Memory:
    """The resident memory of a process in MiB, read at equal intervals of requests."""

    requests: int
    readings: Sequence[float]

    @property
    def last(self) -> float:
        return self.readings[-1]

    @property
    def growth(self) -> float:
        """The difference between the medians of the last and the third quarter."""
        quarter = len(self.readings) // 4
        third, last = self.readings[-2 * quarter : -quarter], self.readings[-quarter:]
        return statistics.median(last) - statistics.median(third)


def soak(rows: Rows, address: str, process: int, requests: int) -> Memory:
    """Sends all kinds of requests to a process, and reads its memory during that."""
    next_exchange = _mixed(
        [
            exchanges(each, address, rows)
            for each in (op.GET, op.SEARCH, op.KEYED, op.PATCH)
        ]
    )
    readings = []
    for _ in range(READINGS):
        load(
            address, next_exchange, lambda: None, _LONGEST_SECONDS, requests // READINGS
        )
        readings.append(resident(process))
    return Memory(requests, readings)


def resident(process: int) -> float:
    """The resident memory of a process, in MiB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError(f"process {process} has no memory")


def _mixed(kinds: Sequence[NextExchange]) -> NextExchange:
    turns = cycle(kinds)

    def next_exchange() -> Exchange:
        return next(turns)()

    return next_exchange
