"""How fast a tenant's contacts are exported, and what that costs others meanwhile.

`python -m tests.scale.exports [CONTACTS]` loads so many contacts, exports all of them
in each format, and prints for each: contacts a second from the create to the end of the
job, the most memory of the process that serves and runs the job, and the p99 of gets of
a contact beside it.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from typing import Any

from deploy.demo.loading import load_demo
from deploy.demo.tenants import TENANT
from deploy.embedded import postgres
from services.iam.tenants import set_rate_limit
from services.iam.tokens import issue_token
from services.postgres.database import Database
from services.postgres.schema import migrate
from tests import stacks
from tests.client import Client
from tests.world import ALL_SCOPES, NO_LIMIT, administer

WAYS: Sequence[tuple[str, dict[str, str]]] = (
    ("NDJSON", {"format": "ndjson"}),
    ("NDJSON, gzip", {"format": "ndjson", "compression": "gzip"}),
    ("CSV", {"format": "csv"}),
    ("Parquet", {"format": "parquet"}),
)
GETS_EACH_SECOND, BEFORE_SECONDS = 50, 5.0


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contacts", nargs="?", type=int, default=1_000_000)
    number = parser.parse_args().contacts
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.running(Path(folder), lambda _: None) as url,
    ):
        asyncio.run(migrate(url, lambda _: None))
        administer(url, lambda database: load_demo(database, number))
        token = administer(url, token_of_owner)
        with (
            stacks.measured("together", url) as (stack, pid),
            closing(Client(stack.http, token)) as client,
        ):
            _measure(client, pid)


def _measure(client: Client, pid: int) -> None:
    print(f"| | contacts/s | MiB | p99 of gets, ms: {quiet(client):.1f} before |")
    print("|---|--:|--:|--:|")
    for name, asked in WAYS:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
        gets, is_over = list[float](), Event()
        beside = Thread(target=get_steadily, args=(client, gets, is_over))
        beside.start()
        began = time.monotonic()
        export = client.create("/exports", {"resource": "contacts", **asked})
        job: Any = {"finished_at": None}
        with closing(Client(client.address, client.token)) as waiting:
            while job["finished_at"] is None:
                job = waiting.post(f"/jobs/{export['job_id']}/wait", {}).json
        took = time.monotonic() - began
        is_over.set()
        beside.join()
        assert job["state"] == "succeeded", job
        done = job["progress"]["done"]
        print(f"| {name} | {done / took:,.0f} | {peak(pid)} | {p99(gets):.1f} |")


def quiet(client: Client) -> float:
    gets, is_over = list[float](), Event()
    beside = Thread(target=get_steadily, args=(client, gets, is_over))
    beside.start()
    beside.join(BEFORE_SECONDS)
    is_over.set()
    beside.join()
    return p99(gets)


def get_steadily(client: Client, gets: list[float], is_over: Event) -> None:
    """Gets a contact at a steady rate, on a connection of its own."""
    with closing(Client(client.address, client.token)) as own:
        (contact,) = own.search("/contacts", limit=1)["data"]
        due = time.monotonic()
        while not is_over.is_set():
            began = time.monotonic()
            assert own.get(f"/contacts/{contact['id']}").status == 200
            gets.append(1_000 * (time.monotonic() - began))
            due += 1 / GETS_EACH_SECOND
            time.sleep(max(0.0, due - time.monotonic()))


def p99(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=100)[-1]


def peak(pid: int) -> int:
    """The most memory that a process has had, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (each for each in status.splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


async def token_of_owner(database: Database) -> str:
    await set_rate_limit(database, TENANT, NO_LIMIT)
    email = f"owner@{TENANT}.example"
    return await issue_token(database, TENANT, email, ALL_SCOPES, rate_limit=NO_LIMIT)


if __name__ == "__main__":
    main()
