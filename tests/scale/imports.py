"""How fast contacts are imported, and what that costs others meanwhile.

`python -m tests.scale.imports [ROWS] [--worker]` creates so many contacts from a table,
then sends the same table with other names as upserts by external id, then once more
unchanged. It
prints for each: rows a second from the content's arrival to the end of the job, the
processor time of a row in the process that serves and runs the job and in PostgreSQL,
the most memory of that process, and the p99 of gets beside it. The processor time also
tells something where other programs keep the machine busy. With `--worker` a process of
its own runs the job, at a lower priority than all others, and the figures are its.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

from deploy.demo.loading import load_demo
from deploy.embedded import postgres
from services.postgres.schema import migrate
from tests import stacks
from tests.client import Client
from tests.end_to_end.imports.sending import begun, ended, put
from tests.scale.exports import get_steadily, p99, peak, quiet, token_of_owner
from tests.world import administer

LOWER_PRIORITY = 10
HEADER = "first_name,last_name,email,phone,job_title,city,country,external_ids.old"
UPSERT = {"mode": "upsert", "match_on": "external_ids.old"}
# What is sent: a name, the import, and what the last names begin with.
WAYS: Sequence[tuple[str, dict[str, str], str]] = (
    ("creates", {"mode": "create"}, "Old"),
    ("upserts, all changed", UPSERT, "New"),
    ("upserts, none changed", UPSERT, "New"),
)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=100_000)
    parser.add_argument("--worker", action="store_true")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.running(Path(folder), lambda _: None) as url,
    ):
        asyncio.run(migrate(url, lambda _: None))
        administer(url, lambda database: load_demo(database, 1_000))
        token = administer(url, token_of_owner)
        with (
            _running(url, given.worker) as (stack, pid),
            closing(Client(stack.http, token)) as client,
        ):
            folder_of_data = Path(folder) / "postgres"
            postmaster = int((folder_of_data / "postmaster.pid").read_text().split()[0])
            _measure(client, (pid, postmaster), given.rows)


@contextmanager
def _running(url: str, has_worker: bool) -> Iterator[tuple[stacks.Stack, int]]:
    """Runs the product, and tells the process that runs its jobs."""
    env = {"PROSPECTCONNECT_RUNS_JOBS": str(not has_worker).lower()}
    with stacks.measured("together", url, env) as (stack, pid):
        if not has_worker:
            yield stack, pid
            return
        worker = stacks.start("worker", "--database-url", url)
        os.setpriority(os.PRIO_PROCESS, worker.handle.pid, LOWER_PRIORITY)
        try:
            yield stack, worker.handle.pid
        finally:
            assert worker.stop() == 0


def _measure(client: Client, pids: tuple[int, int], number: int) -> None:
    pid, postmaster = pids
    its = "µs of the process | µs of PostgreSQL"
    before = f"p99 of gets, ms: {quiet(client):.1f} before"
    print(f"| | rows/s | {its} | MiB | {before} |")
    print("|---|--:|--:|--:|--:|--:|")
    for name, asked, called in WAYS:
        content = "\n".join((HEADER, *_rows(number, called))).encode()
        import_id = begun(client, **asked)
        Path(f"/proc/{pid}/clear_refs").write_text("5")
        gets, is_over = list[float](), Event()
        beside = Thread(target=get_steadily, args=(client, gets, is_over))
        beside.start()
        put(client, import_id, content)
        used = _seconds(pid), _seconds(postmaster)
        began = time.monotonic()
        found: Any = ended(client, import_id)
        took = time.monotonic() - began
        spent = _seconds(pid) - used[0], _seconds(postmaster) - used[1]
        is_over.set()
        beside.join()
        assert found["state"] == "succeeded", found
        assert found["failed"] == 0, found
        each = " | ".join(f"{1e6 * seconds / number:,.0f}" for seconds in spent)
        speed = f"{number / took:,.0f} | {each}"
        print(f"| {name} | {speed} | {peak(pid)} | {p99(gets):.1f} |", flush=True)


def _seconds(pid: int) -> float:
    """The processor time that a process and its children have used, in seconds."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if int(stat.parent.name) == pid:
            ticks += sum(map(int, fields[11:15]))
        elif int(fields[1]) == pid:
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _rows(number: int, called: str) -> Iterator[str]:
    """The rows of a table: a person each."""
    for each in range(number):
        yield (
            f"Ada{each % 977},{called}{each},person{each}@firm{each % 4999}.example,"
            f"+44 20 {each:08d},Engineer {each % 13},London,GB,{each:09d}"
        )


if __name__ == "__main__":
    main()
