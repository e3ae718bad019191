"""Where the time goes: `make profile` draws it, operation by operation.

Serves the product in one process on the rows of the benchmark, keeps it busy with one
of its operations after the other and then with all of them, and has py-spy look on.
Each gets a graph of its Python functions, one with the compiled code below them, and
a table.

Needs Linux, and the right to trace a process of one's own (ptrace): root has it, and
everybody where `/proc/sys/kernel/yama/ptrace_scope` is 0 or not there.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from tests.bench import operations
from tests.bench.cpu import cpu_seconds
from tests.bench.load import NextExchange, load
from tests.bench.rows import Rows, loaded
from tests.profiling.cores import cores, on
from tests.profiling.recording import Profiler
from tests.profiling.table import busiest
from tests.stacks import Process, start

FOLDER = Path("build/profile")
OPERATIONS = (
    operations.GET,
    operations.SEARCH,
    operations.KEYED,
    operations.PATCH,
)
MIXED = "all of them"

WARM_SECONDS = 2.0
QUIET = {"PROSPECTCONNECT_LOG_REQUESTS": "false"}


def main() -> None:
    """Draws the graphs and prints the tables."""
    parser = argparse.ArgumentParser(prog="tests.profiling", description=__doc__)
    parser.add_argument("--seconds", type=int, default=5, help="of each recording")
    seconds = parser.parse_args().seconds
    FOLDER.mkdir(parents=True, exist_ok=True)
    own, others = cores()
    tables = []
    with on(others), loaded() as rows, served(rows, own) as product:
        profiler = Profiler(product.handle.pid, own, seconds)
        for name, next_exchange in exchanges(product.http, rows):
            tables.append(profile(profiler, product, name, next_exchange))
            print(tables[-1], flush=True)
    (FOLDER / "top.txt").write_text("\n".join(tables))
    print(f"{FOLDER}/ has the flame graphs, and these tables as top.txt.")


@contextmanager
def served(rows: Rows, own: set[int]) -> Iterator[Process]:
    """The product in one process, with all its threads on these cores."""
    folder = ("--data-dir", str(rows.folder / "product"))
    ports = ("--http-port", "0", "--grpc-port", "0")
    database = ("--no-demo", "--database-url", rows.url)
    with on(own):
        product = start("serve", *folder, *ports, *database, env=QUIET)
    try:
        yield product
    finally:
        product.stop()


def exchanges(address: str, rows: Rows) -> Iterator[tuple[str, NextExchange]]:
    """What is asked in each profile."""
    each = {name: operations.exchanges(name, address, rows) for name in OPERATIONS}
    yield from each.items()
    yield MIXED, (take() for take in cycle(each.values())).__next__


def profile(
    profiler: Profiler, product: Process, name: str, next_exchange: NextExchange
) -> str:
    """Records one operation and returns its table."""

    def processor() -> float:
        return cpu_seconds(product.handle.pid)[product.handle.pid]

    def keep_busy(seconds: float) -> float:
        """Returns the processor seconds of the product for each request."""
        done = load(product.http, next_exchange, processor, seconds)
        return (done.after - done.before) / done.requests

    cost = keep_busy(WARM_SECONDS)
    file = FOLDER / name.replace(" ", "-")
    profiler.record(file.with_suffix(".svg"), keep_busy)
    profiler.record(file.with_suffix(".native.svg"), keep_busy, "--native")
    stacks = file.with_suffix(".stacks")
    profiler.record(stacks, keep_busy, "--format", "raw")
    return busiest(name, stacks.read_text(), cost)


if __name__ == "__main__":
    main()
