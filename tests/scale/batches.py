"""What many records cost in batches, compared with as many single requests.

`python -m tests.scale.batches [RECORDS]` serves a database of its own. It prints, as
Markdown, the processor time that 100 creates take of the product and of the database,
single and in a batch, for each type of record; then how long 2,000 contacts with their
200 companies take by `POST /batch` under the default limits.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from deploy.embedded import postgres
from services.postgres.schema import migrate
from tests import stacks
from tests.bench.cpu import cpu_seconds
from tests.client import Client
from tests.world import new_tenant

AT_ONCE = 100
DEFAULT_LIMIT = 100, 10  # of a token; the tenant's is ten times as much
COMPANIES, CONTACTS = 200, 2_000

Body = dict[str, Any]


class Spent(NamedTuple):
    """Milliseconds of processor time."""

    product: float
    database: float


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="?", type=int, default=1_000)
    records = parser.parse_args().records
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.running(Path(folder), lambda _: None) as url,
    ):
        asyncio.run(migrate(url, lambda _: None))
        server = int(
            (Path(folder) / "postgres" / "postmaster.pid").read_text().split()[0]
        )
        ports = ("--http-port", "0", "--grpc-port", "0", "--database-url", url)
        process = stacks.start(
            "serve", "--no-demo", *ports, env={"PROSPECTCONNECT_LOG_REQUESTS": "false"}
        )
        stack = stacks.Stack("together", process.http, process.grpc, url)
        try:
            _compare(stack, (process.handle.pid, server), records)
            _import(stack)
        finally:
            process.stop()


def _bodies(resource: str, contact: str) -> Iterator[Body]:
    number = 0
    while True:
        number += 1
        bodies: Mapping[str, Body] = {
            "contacts": {
                "email": f"ada{number}@engine.example",
                "first_name": "Ada",
                "last_name": f"Lovelace {number}",
                "job_title": "Analyst",
                "city": "London",
                "country": "GB",
                "tags": ["VIP"],
                "custom_fields": {"plan": "gold", "seats": number},
            },
            "companies": {"name": f"Engine {number} Ltd", "domain": "engine.example"},
            "deals": {"name": f"Engine No. {number}", "value": number},
            "tasks": {"name": f"Call {number}", "contact_id": contact},
            "notes": {"body": f"Note {number}", "contact_id": contact},
            "activities": {
                "type": "call",
                "subject": f"Call {number}",
                "contact_id": contact,
            },
        }
        yield bodies[resource]


def _compare(stack: stacks.Stack, pids: tuple[int, int], records: int) -> None:
    client = Client(stack.http, new_tenant(stack).tokens["owner"])
    with closing(client):
        contact = client.create("/contacts", {"email": "a@b.example"})["id"]
        print("| 100 creates | product, ms | in a batch | database, ms | in a batch |")
        print("|---|--:|--:|--:|--:|")
        for resource in (
            *("contacts", "companies", "deals", "tasks", "notes", "activities"),
        ):
            bodies = _bodies(resource, contact)
            single, batch = (
                _spent(pids, records, partial(create, client, resource, bodies))
                for create in (_singles, _batch)
            )
            row = (
                f"| {resource} | {single.product:.1f} | {batch.product:.1f}"
                f" = 1/{single.product / batch.product:.1f} | {single.database:.1f}"
                f" | {batch.database:.1f} = 1/{single.database / batch.database:.1f} |"
            )
            print(row, flush=True)


def _singles(client: Client, resource: str, bodies: Iterator[Body]) -> None:
    for _ in range(AT_ONCE):
        client.create(f"/{resource}", next(bodies))


def _batch(client: Client, resource: str, bodies: Iterator[Body]) -> None:
    operations = [{"method": "create", "body": next(bodies)} for _ in range(AT_ONCE)]
    answer = client.post(f"/{resource}/batch", {"operations": operations})
    assert answer.status == 200, answer.body


def _spent(pids: tuple[int, int], records: int, create: Callable[[], None]) -> Spent:
    """The processor time of a hundred creates, after some to warm up."""
    for _ in range(3):
        create()
    times = max(1, records // AT_ONCE)
    before = [sum(cpu_seconds(pid).values()) for pid in pids]
    for _ in range(times):
        create()
    after = [sum(cpu_seconds(pid).values()) for pid in pids]
    product, database = (
        (b - a) * 1000 / times for a, b in zip(before, after, strict=True)
    )
    return Spent(product, database)


def _import(stack: stacks.Stack) -> None:
    """Creates companies with their contacts, and waits as the limits ask for it."""
    token = new_tenant(stack).token(rate_limit=DEFAULT_LIMIT)
    with closing(Client(stack.http, token)) as client:
        began, requests, refused = time.monotonic(), 0, 0
        for batch in _batches():
            answer = client.post("/batch", {"operations": batch})
            requests, refused = requests + 1, refused + (answer.status == 429)
            assert answer.status == 200, answer.body
            _pace(answer.headers)
        took = time.monotonic() - began
    print(
        f"\n{CONTACTS:,} contacts with {COMPANIES} companies: {requests} requests,"
        f" {refused} refused, {took:.1f} s"
    )


def _batches() -> Iterator[list[Body]]:
    """Batches of companies, each with its contacts behind it."""
    each = CONTACTS // COMPANIES
    found: list[Body] = []
    for company in range(COMPANIES):
        if len(found) + 1 + each > 200:
            yield found
            found = []
        ref = f"company{company}"
        found.append(_create("companies", {"name": f"Company {company}"}, ref))
        found += (
            _create(
                "contacts",
                {"email": f"c{n}@c{company}.example", "company_id": f"@{ref}"},
            )
            for n in range(each)
        )
    yield found


def _create(resource: str, body: Body, ref: str | None = None) -> Body:
    return {"method": "create", "resource": resource, "body": body, "ref": ref}


def _pace(headers: Mapping[str, str]) -> None:
    """Waits until the budget has room for another batch of 200."""
    left, limit = (int(headers[f"x-ratelimit-{n}"]) for n in ("remaining", "limit"))
    if left < 20:
        time.sleep(max(0, (20 - left) * 10 / limit))


if __name__ == "__main__":
    main()
