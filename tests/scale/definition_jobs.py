"""What a definition over many records costs: the job, and the requests beside it.

`python -m tests.scale.definition_jobs [ROWS]` fills a tenant with companies that have
values of a key, defines the key by a job which converts each value, and prints as a
Markdown table how long the job took, its longest step, the longest time for which one
held locks (without the end of its transaction), and the milliseconds of changes of
records before and during the job.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from deploy.embedded import postgres
from services.every_kind import KINDS
from services.jobs.figures import JobFigures
from services.jobs.work import Runner, Runners, Work
from services.jobs.worker import Worker
from services.kinds.descriptors import record_types
from services.postgres.database import Database, Transaction
from services.postgres.schema import migrate
from services.schema.by_jobs import windows
from services.schema.by_jobs.every_job import runners_of
from tests import stacks
from tests.client import Client
from tests.world import Tenant, administer, new_tenant

NO_JOBS = {"PROSPECTCONNECT_RUNS_JOBS": "false"}
BATCH = 20_000
SECONDS_BEFORE = 20.0
A_SECOND = 20.0  # changes

_RECORDS = """
INSERT INTO companies (business_id, id, name, tags, custom_fields, created_at,
  updated_at)
SELECT $1, 'cmp_' || lpad(to_hex(n), 24, '0'), 'Company ' || n, '{}',
  jsonb_build_object('seats', ' ' || n || ' '), now(), now()
FROM generate_series($2::int, $3::int) AS n
"""
_DEFINITION = {
    "object": "companies",
    "key": "seats",
    "type": "integer",
    "label": "Seats",
    "unique": True,
    "existing": "convert",
}


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.running(Path(folder), lambda _: None) as url,
    ):
        asyncio.run(migrate(url, lambda _: None))
        with stacks.running("together", url, NO_JOBS) as stack:
            found = dict(_measured(new_tenant(stack), rows))
    print(f"| {rows:,} records, by a job | |\n|---|---|")
    for name, told in found.items():
        print(f"| {name} | {told} |")


def _measured(tenant: Tenant, rows: int) -> Iterator[tuple[str, str]]:
    url = tenant.stack.database_url
    administer(url, partial(_fill, tenant.business_id, rows))
    owner = tenant.client()
    yield "changes before, p50 and p99, ms", _told(_changes(owner, rows, None))
    began = time.monotonic()
    answer = owner.post("/fields", _DEFINITION)
    assert answer.status == 202, answer.body
    yield "the request, ms", f"{(time.monotonic() - began) * 1000:.0f}"
    ended, steps, locks = threading.Event(), list[float](), list[float]()
    figures = JobFigures()
    worker = threading.Thread(target=_work, args=(url, steps, locks, figures, ended))
    worker.start()
    during = _changes(owner, rows, ended)
    worker.join()
    job = owner.get(f"/jobs/{answer.json['id']}").json
    assert job["state"] == "succeeded", job
    took = time.monotonic() - began
    yield "the job, s", f"{took:.0f}"
    yield "values converted a second", f"{job['result']['converted'] / took:,.0f}"
    yield "share of a worker", f"{figures.step_seconds / took:.0%}"
    for name, seconds in (("steps", steps), ("locks", locks)):
        slow, longest = statistics.quantiles(seconds, n=100)[-1], max(seconds)
        yield f"{name}, p99 and longest, ms", f"{slow * 1000:.0f}, {longest * 1000:.0f}"
    yield "changes during, p50 and p99, ms", _told(during)


async def _fill(business_id: str, rows: int, database: Database) -> None:
    for first in range(1, rows + 1, BATCH):
        last = min(first + BATCH - 1, rows)
        await database.run(_RECORDS, business_id, first, last)
    await database.run("ANALYZE companies")


def _work(
    url: str,
    steps: list[float],
    locks: list[float],
    figures: JobFigures,
    ended: threading.Event,
) -> None:
    """Runs the job to its end, and notes how long each step and its locks took."""
    settle = windows.settle

    async def locked(*given: Any) -> frozenset[str]:
        began = time.monotonic()
        try:
            return await settle(*given)
        finally:
            locks.append(time.monotonic() - began)

    def timed(run: Runner) -> Runner:
        async def step(transaction: Transaction, work: Work) -> None:
            began = time.monotonic()
            await run(transaction, work)
            steps.append(time.monotonic() - began)

        return step

    async def run() -> None:
        database = await Database.open(url)
        kinds: Mapping[int, Runner] = runners_of(record_types(KINDS))
        runners: Runners = {kind: timed(each) for kind, each in kinds.items()}
        task = asyncio.create_task(Worker(database, runners, figures).run())
        while not sum(figures.ended.values()):  # noqa: ASYNC110 - there is no event
            await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await database.close()
        ended.set()

    with mock.patch.object(windows, "settle", locked):
        asyncio.run(run())


def _changes(client: Client, rows: int, ended: threading.Event | None) -> list[float]:
    """Changes records for a while, and returns the milliseconds of each change."""
    draws, found = random.Random(1), []
    until = time.monotonic() + SECONDS_BEFORE
    while not ended.is_set() if ended is not None else time.monotonic() < until:
        number = draws.randrange(1, rows + 1)
        path = f"/companies/cmp_{number:024x}"
        value: object = number if ended is not None else f"{number}"
        began = time.monotonic()
        answer = client.patch(path, {"custom_fields": {"seats": value}})
        assert answer.status == 200, answer.body
        found.append((time.monotonic() - began) * 1000)
        threading.Event().wait(1 / A_SECOND)
    return found


def _told(milliseconds: list[float]) -> str:
    quantiles = statistics.quantiles(milliseconds, n=100)
    return f"{quantiles[49]:.1f}, {quantiles[98]:.1f}"


if __name__ == "__main__":
    main()
