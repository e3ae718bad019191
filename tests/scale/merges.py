"""How long a merge takes, and its undoing, by what leads to the merged record.

`python -m tests.scale.merges [LINKS]` loads notes, tasks and activities that lead to a
contact, merges it into another one over HTTP, undoes that, and prints the seconds as a
Markdown table. Others write notes and read contacts of the same tenant all the time. It
prints how long 99 of 100 of their requests take at most, while nothing else happens and
during the merges, and how often longer that is. The goals are 2 s for a merge of 10,000
links, and twice as long for the others.
"""

import argparse
import asyncio
import secrets
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

from prospectconnect.crm.v1.activities_pb2 import (
    ACTIVITY_SOURCE_API,
    ACTIVITY_TYPE_CALL,
    Activity,
)
from prospectconnect.crm.v1.notes_pb2 import Note
from prospectconnect.crm.v1.tasks_pb2 import TASK_PRIORITY_LOW, TASK_STATUS_OPEN, Task

from deploy.embedded import postgres
from services.clock import now, to_timestamp
from services.postgres.database import Database
from services.postgres.schema import migrate
from services.records.bulk import copy_records
from tests import stacks
from tests.client import Client
from tests.world import Tenant, administer, new_tenant

TIMES = 3
OTHERS, QUIET_SECONDS = 4, 5.0

# When a request of others began and how long it took, in seconds.
Took = list[tuple[float, float]]
Span = tuple[float, float]


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("links", nargs="?", type=int, default=10_000)
    links = parser.parse_args().links
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.running(Path(folder), lambda _: None) as url,
    ):
        asyncio.run(migrate(url, lambda _: None))
        with stacks.running("together", url) as stack:
            tenant = new_tenant(stack)
            with closing(tenant.client()) as client:
                _measure(client, url, tenant, links)


def _measure(client: Client, url: str, tenant: Tenant, links: int) -> None:
    business_id = tenant.business_id
    one, other = (
        client.create("/contacts", {"email": f"{name}@x.example"})["id"]
        for name in ("one", "other")
    )
    administer(url, lambda database: _load(database, business_id, other, links))
    took, spans, done = Took(), list[Span](), threading.Event()
    with ThreadPoolExecutor(OTHERS) as threads:
        others = [threads.submit(_work, tenant, took, done) for _ in range(OTHERS)]
        try:
            began = time.monotonic()
            time.sleep(QUIET_SECONDS)
            quiet = began, time.monotonic()
            _repeat(client, one, other, spans)
        finally:
            done.set()
        for each in others:
            each.result()
    alone, meanwhile = _slowest(took, [quiet]), _slowest(took, spans)
    print(
        f"\np99 of others: {alone * 1000:.1f} ms alone, {meanwhile * 1000:.1f} ms"
        f" during the merges, {meanwhile / alone:.1f} times as long (goal 2)"
    )


def _repeat(client: Client, one: str, other: str, spans: list[Span]) -> None:
    """Merges and undoes that, and adds when the merges were to `spans`."""
    print("| links | merge, s | unmerge, s |\n|---|---|---|")
    for _ in range(TIMES):
        began = time.monotonic()
        took, merged = _timed(client, f"/contacts/{one}/merge", {"ids": [other]})
        spans.append((began, began + took))
        undo = {"merge_id": merged["merge_id"]}
        back, _ = _timed(client, f"/contacts/{one}/unmerge", undo)
        moved = sum(merged["moved"].values())
        print(f"| {moved} | {took:.2f} | {back:.2f} |", flush=True)


def _work(tenant: Tenant, took: Took, done: threading.Event) -> None:
    """Writes notes about a contact of its own, and reads it, until `done`."""
    with closing(tenant.client()) as client:
        body = {"email": f"{secrets.token_hex(4)}@x.example"}
        contact = client.create("/contacts", body)["id"]
        while not done.is_set():
            for method, path, given in (
                ("POST", "/notes", {"body": "x", "contact_id": contact}),
                ("GET", f"/contacts/{contact}", None),
            ):
                began = time.monotonic()
                answer = client.send(method, path, given)
                took.append((began, time.monotonic() - began))
                assert answer.status in (200, 201), answer.body


def _slowest(took: Took, spans: Sequence[Span]) -> float:
    """How long 99 of 100 requests take at most that were made in some times."""
    found = sorted(
        lasted
        for began, lasted in took
        if any(began < end and began + lasted > start for start, end in spans)
    )
    return found[int(len(found) * 0.99)]


def _timed(client: Client, path: str, body: dict[str, Any]) -> tuple[float, Any]:
    began = time.monotonic()
    answer = client.post(path, body)
    assert answer.status == 200, answer.body
    return time.monotonic() - began, answer.json


async def _load(database: Database, business_id: str, other: str, links: int) -> None:
    each = links // 3
    await copy_records(database, Note, business_id, _notes(other, each))
    await copy_records(database, Task, business_id, _tasks(other, each))
    rest = links - 2 * each
    await copy_records(database, Activity, business_id, _activities(other, rest))
    await database.run("ANALYZE")


def _notes(contact: str, count: int) -> Iterator[Note]:
    for number in range(count):
        yield Note(body=f"A note about call {number}", contact_id=contact)


def _tasks(contact: str, count: int) -> Iterator[Task]:
    for number in range(count):
        yield Task(
            name=f"Call {number} again",
            contact_id=contact,
            priority=TASK_PRIORITY_LOW,
            status=TASK_STATUS_OPEN,
        )


def _activities(contact: str, count: int) -> Iterator[Activity]:
    for number in range(count):
        yield Activity(
            type=ACTIVITY_TYPE_CALL,
            subject=f"Call {number}",
            contact_id=contact,
            source=ACTIVITY_SOURCE_API,
            occurred_at=to_timestamp(now()),
        )


if __name__ == "__main__":
    main()
