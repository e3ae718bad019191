"""How requests slow down as a tenant grows: `python -m tests.scale [SIZES]`.

Loads a tenant of each size, once, into folders that are kept, serves it by the
product, and prints the median milliseconds of each request as a Markdown table.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from deploy import postgres
from deploy.demo import TENANT, load_demo
from services.database import Database
from services.schema import migrate
from services.tenants import set_rate_limit
from services.tokens import issue_token
from tests import stacks
from tests.client import Client
from tests.world import ALL_SCOPES, NO_LIMIT, administer

SIZES = (10_000, 100_000, 1_000_000)
TIMES = 25
FAR_RECORDS = 250_000  # page 10,000 of 25
WALK = 100  # records a page on the way there

ORDERS = ("created_at", "updated_at", "name", "lead_score", "last_contacted_at")
DIRECTIONS = ("desc", "asc")

Body = dict[str, Any]
Medians = Mapping[str, float]

# Pairs that many, some and few records fulfil, in the usual order and in others.
PAIRS: Mapping[str, Body] = {
    "stage and score, common": {
        "filters": [
            {"field": "lifecycle_stage", "operator": "eq", "value": "lead"},
            {"field": "lead_score", "operator": "gte", "value": 20},
        ]
    },
    "country and tag": {
        "filters": [
            {"field": "country", "operator": "eq", "value": "DE"},
            {"field": "tags", "operator": "contains", "value": "VIP"},
        ]
    },
    "city and stage, by name": {
        "filters": [
            {"field": "city", "operator": "starts_with", "value": "Ber"},
            {"field": "lifecycle_stage", "operator": "eq", "value": "customer"},
        ],
        "order_by": "name",
    },
    "owner and age, by score": {
        "filters": [
            {"field": "owner_id", "operator": "is_not_empty"},
            {
                "field": "created_at",
                "operator": "lt",
                "value": "2026-06-01T00:00:00Z",
            },
        ],
        "order_by": "lead_score",
    },
}
TEXTS = ("anna", "anna schmidt", "quixotic")


def main() -> None:
    """Measures every size and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--folder", type=Path, default=Path("build/scale"))
    given = parser.parse_args()
    found = {size: measured(given.folder / str(size), size) for size in given.sizes}
    print("| ms | " + " | ".join(f"{size:,}" for size in found) + " |")
    print("|---|" + "--:|" * len(found))
    for name in dict.fromkeys(name for each in found.values() for name in each):
        cells = (f"{each[name]:.1f}" if name in each else "" for each in found.values())
        print(f"| {name} | " + " | ".join(cells) + " |")


def measured(folder: Path, size: int) -> Medians:
    """The medians of a tenant of so many contacts."""
    folder.mkdir(parents=True, exist_ok=True)
    with postgres.running(folder, print) as url:
        asyncio.run(migrate(url, print))
        administer(url, lambda database: load_demo(database, size))
        token = administer(url, _token)
        with (
            stacks.running("together", url) as stack,
            closing(Client(stack.http, token)) as client,
        ):
            medians = dict(requests(client, size))
        return medians | administer(url, _bytes)


def requests(client: Client, size: int) -> Iterator[tuple[str, float]]:
    """Each request with its median."""
    page = client.search("/contacts", limit=100)
    ids = [each["id"] for each in page["data"]]
    yield "get", median(lambda n: client.get(f"/contacts/{ids[n]}"))
    yield "create with key", median(lambda n: _create(client, n))
    yield "page 1", _search(client, {})
    for order in ORDERS:
        for direction in DIRECTIONS:
            body = {"order_by": order, "sort_direction": direction}
            yield f"page 1 by {order} {direction}", _search(client, body)
            if size >= 2 * FAR_RECORDS:
                there = {**body, "cursor": _far(client, body)}
                yield f"page 10,000 by {order} {direction}", _search(client, there)
    for name, body in PAIRS.items():
        yield name, _search(client, body)
    for text in TEXTS:
        yield f"text `{text}`", _search(client, {"search_text": text})


def median(ask: Callable[[int], object]) -> float:
    """The median milliseconds of asking some times, after a few to warm up."""
    took = []
    for number in range(TIMES + 5):
        began = time.perf_counter()
        ask(number)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took[5:])


def _search(client: Client, body: Body) -> float:
    return median(lambda _: client.search("/contacts", **body))


def _create(client: Client, number: int) -> object:
    key = f"scale-{time.time_ns()}-{number}"
    body = {"email": f"{key}@scale.example", "first_name": "Ada", "country": "GB"}
    return client.create("/contacts", body, **{"Idempotency-Key": key})


def _far(client: Client, body: Body) -> str:
    """The cursor of page 10,000."""
    cursor, pages = None, FAR_RECORDS // WALK
    for _ in range(pages):
        page = client.search("/contacts", **body, limit=WALK, cursor=cursor)
        cursor = page["meta"]["cursor"]["next"]
    assert isinstance(cursor, str)
    return cursor


async def _token(database: Database) -> str:
    await set_rate_limit(database, TENANT, NO_LIMIT)
    email = f"owner@{TENANT}.example"
    return await issue_token(database, TENANT, email, ALL_SCOPES, rate_limit=NO_LIMIT)


async def _bytes(database: Database) -> dict[str, float]:
    """What a contact takes on disk, with its indexes, as the last line."""
    row = await database.row(
        "SELECT pg_relation_size('contacts'), pg_indexes_size('contacts'),"
        " reltuples FROM pg_class WHERE relname = 'contacts'"
    )
    assert row is not None
    return {
        "bytes a contact": row[0] / row[2],
        "bytes a contact, indexes": row[1] / row[2],
    }


if __name__ == "__main__":
    main()
