"""Measures the queues one after the other, and prints a row of a table for each."""

import argparse
import asyncio
import contextlib
import statistics
import tempfile
import time
from pathlib import Path

from deploy.embedded import postgres
from tests.bench.cpu import cpu_seconds
from tests.scale.queues.by_dbos import ByDbos
from tests.scale.queues.by_leases import ByLeases
from tests.scale.queues.by_pgqueuer import ByPgqueuer
from tests.scale.queues.by_procrastinate import ByProcrastinate
from tests.scale.queues.candidate import Candidate

SINGLES = 500
EACH_SECOND, SECONDS = 100, 10
LONGEST_SECONDS = 300.0


class Ran:
    """When which task ran."""

    def __init__(self) -> None:
        self.at = dict[int, float]()
        self._wanted, self._all = 0, asyncio.Event()
        self._loop = asyncio.get_running_loop()

    async def note(self, number: int) -> None:
        """A task runs, in the event loop of the queue."""
        self.at[number] = time.monotonic()
        if len(self.at) >= self._wanted:
            self._loop.call_soon_threadsafe(self._all.set)

    async def until(self, count: int) -> None:
        """Waits until so many tasks ran."""
        self._wanted = count
        self._all.clear()
        if len(self.at) < count:
            async with asyncio.timeout(LONGEST_SECONDS):
                await self._all.wait()


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="?", type=int, default=5_000)
    parser.add_argument("--only", help="the name of one queue")
    given = parser.parse_args()
    print("| queue | put, database ms | run, tasks/s | worker ms | database ms |"
          " wait p50, p99 ms |\n|---|--:|--:|--:|--:|--:|", flush=True)  # fmt: skip
    for candidate in (ByLeases(), ByPgqueuer(), ByProcrastinate(), ByDbos()):
        if given.only not in (None, candidate.name):
            continue
        with (
            tempfile.TemporaryDirectory() as folder,
            postgres.running(Path(folder), lambda _: None) as url,
        ):
            server = int(next(Path(folder).rglob("postmaster.pid")).open().readline())
            print(
                asyncio.run(_measured(candidate, url, server, given.tasks)), flush=True
            )


async def _measured(queue: Candidate, url: str, server: int, tasks: int) -> str:
    await queue.open(url)
    began = sum(cpu_seconds(server).values())
    for number in range(SINGLES):
        await queue.put([number])
    put = (sum(cpu_seconds(server).values()) - began) / SINGLES * 1e3
    for first in range(SINGLES, SINGLES + tasks, 100):
        await queue.put(list(range(first, first + 100)))
    ran = Ran()
    database, own = sum(cpu_seconds(server).values()), time.process_time()
    start = time.monotonic()
    worker = asyncio.create_task(queue.run(ran.note))
    await ran.until(SINGLES + tasks)
    rate = len(ran.at) / (max(ran.at.values()) - start)
    database = (sum(cpu_seconds(server).values()) - database) / len(ran.at) * 1e3
    own = (time.process_time() - own) / len(ran.at) * 1e3
    waits = sorted(await _waits(queue, ran, SINGLES + tasks))
    worker.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await worker
    with contextlib.suppress(Exception):
        await queue.close()
    p50, p99 = statistics.median(waits), waits[int(len(waits) * 0.99)]
    return (
        f"| {queue.name} | {put:.2f} | {rate:,.0f} | {own:.2f} | {database:.2f} |"
        f" {p50 * 1e3:.0f}, {p99 * 1e3:.0f} |"
    )


async def _waits(queue: Candidate, ran: Ran, first: int) -> list[float]:
    """How many seconds tasks wait that come one by one."""
    committed = dict[int, float]()
    for number in range(first, first + EACH_SECOND * SECONDS):
        await queue.put([number])
        committed[number] = time.monotonic()
        await asyncio.sleep(1 / EACH_SECOND)
    await ran.until(first + EACH_SECOND * SECONDS)
    return [max(0.0, ran.at[number] - at) for number, at in committed.items()]


if __name__ == "__main__":
    main()
