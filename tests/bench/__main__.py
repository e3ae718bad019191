"""The benchmark: `make bench`, or `python -m tests.bench`.

Starts the product and its peers, sees that they answer alike, measures them in turns,
and prints what they cost. With `--write` the result goes into `docs/performance.md`.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench import agreement, machine, programs, table
from tests.bench.document import DOCUMENT, write
from tests.bench.figures import figures
from tests.bench.goals import goals
from tests.bench.load import CONNECTIONS
from tests.bench.rounds import Sample, samples
from tests.bench.rows import CONTACTS, Rows, loaded
from tests.bench.soak import Memory, soak
from tests.bench.starts import starts
from tests.bench.subjects import started


@dataclass(frozen=True, slots=True)
class Effort:
    """The size of a run: rounds, seconds of each sample, requests of the soak."""

    flags: str
    rounds: int
    seconds: float
    soak: int


FULL = Effort("", rounds=7, seconds=3.0, soak=100_000)
QUICK = Effort("--quick", rounds=3, seconds=1.0, soak=20_000)


@dataclass(frozen=True, slots=True)
class Results:
    """All results of a run."""

    samples: Sequence[Sample]
    memory: Memory
    starts: Sequence[float]


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer, shorter rounds")
    parser.add_argument("--write", action="store_true", help=f"into {DOCUMENT}")
    given = parser.parse_args()
    if sys.platform != "linux":
        parser.error("it reads processor times from /proc, which needs Linux.")
    effort = QUICK if given.quick else FULL
    text = report(effort, measured(effort))
    print(text)
    if given.write:
        write(DOCUMENT, text)


def measured(effort: Effort) -> Results:
    """Starts everything, checks it and measures it. Raises WrongAnswer."""
    _say("starting the product on a folder of its own")
    took = starts()
    _say("loading rows")
    with loaded() as rows:
        found: list[Sample] = []
        with started(rows) as subjects:
            _say("comparing answers")
            agreement.check(rows, subjects)
            _say("warming up")
            rounds = samples(rows, subjects, effort.rounds, effort.seconds)
            for number, of_round in enumerate(rounds, start=1):
                found += of_round
                _say(f"round {number} of {effort.rounds} is done")
        _say(f"{effort.soak:,} requests to one worker")
        return Results(found, _soaked(rows, effort.soak), took)


def _soaked(rows: Rows, requests: int) -> Memory:
    process = programs.product(rows)
    try:
        return soak(rows, process.http, process.handle.pid, requests)
    finally:
        process.stop()


def report(effort: Effort, results: Results) -> str:
    """The result as Markdown."""
    found = figures(results.samples)
    aims = goals(found, results.memory, results.starts, machine.cores())
    command = f'make bench ARGS="{effort.flags}"' if effort.flags else "make bench"
    return "\n".join(
        (
            *machine.description(),
            f"- `{command}`: {effort.rounds} rounds of {effort.seconds:g} s for each"
            f" line, {CONNECTIONS} connections, {CONTACTS:,} contacts a tenant",
            "",
            table.costs(found),
            "",
            table.goals_table(aims),
        )
    )


def _say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
