"""How long a merge takes, and its undoing, by what leads to the merged record.

`python -m tests.scale.merges [LINKS]` loads notes, tasks and activities that lead to a
contact, merges it into another one over HTTP, undoes that, and prints the seconds as a
Markdown table.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Iterator
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
from tests.world import administer, new_tenant

TIMES = 3


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
                _measure(client, url, tenant.business_id, links)


def _measure(client: Client, url: str, business_id: str, links: int) -> None:
    print("| links | merge, s | unmerge, s |\n|---|---|---|")
    one, other = (
        client.create("/contacts", {"email": f"{name}@x.example"})["id"]
        for name in ("one", "other")
    )
    administer(url, lambda database: _load(database, business_id, other, links))
    for _ in range(TIMES):
        took, merged = _timed(client, f"/contacts/{one}/merge", {"ids": [other]})
        undo = {"merge_id": merged["merge_id"]}
        back, _ = _timed(client, f"/contacts/{one}/unmerge", undo)
        moved = sum(merged["moved"].values())
        print(f"| {moved} | {took:.2f} | {back:.2f} |", flush=True)


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
