"""What fields that tenants define cost, as ratios to what is built in.

`python -m tests.scale.typed_fields [--records N]` fills a tenant with contacts that
have typed values, and prints a Markdown table: filters by a typed field and by a
built-in one, the first page and page 10,000 in the order of a typed field (only where
there are so many records), and the processor time of the server for a company with 20
typed values and for one with as many values in free keys. The goal of a ratio is 1.5.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from deploy.embedded import postgres
from services.postgres.database import Database
from services.postgres.schema import migrate
from tests import stacks
from tests.client import Client
from tests.harness.processor_time import spent
from tests.scale.requests import WALK, Body
from tests.world import Tenant, administer, new_tenant

GOAL = 1.5
TIMES = 75
CREATES, ROUNDS = 150, 12
PAGE = 10_000
OF_A_PAGE = 25
FIELDS = 20
BATCH = 20_000

_RECORDS = """
INSERT INTO contacts (business_id, id, name, email, lead_score, lifecycle_stage, tags,
  custom_fields, created_at, updated_at)
SELECT $1, 'con_' || lpad(to_hex(n), 24, '0'), 'Contact ' || n, n || '@x.example',
  score, 1, '{}', jsonb_build_object('number', n, 'score', score), now(), now()
FROM generate_series($2::int, $3::int) AS n, LATERAL (
  SELECT CASE n WHEN $4 THEN 999 ELSE n % 101 END) AS s (score)
"""
_TYPED = """
INSERT INTO typed_values (business_id, object, record_id, key, number, digest)
SELECT $1, 'contacts', 'con_' || lpad(to_hex(n), 24, '0'), key,
  CASE WHEN key = 'number' THEN n WHEN n = $4 THEN 999 ELSE n % 101 END,
  CASE key WHEN 'number' THEN sha256(int4send(n)) END
FROM generate_series($2::int, $3::int) AS n, unnest(ARRAY['number', 'score']) AS key
"""
Ratio = tuple[str, float, float]  # a name, what is measured, and what it is held to


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=300_000)
    records = parser.parse_args().records
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.running(Path(folder), lambda _: None) as url,
    ):
        asyncio.run(migrate(url, lambda _: None))
        with stacks.measured("together", url) as (stack, pid):
            found = list(_measured(new_tenant(stack), pid, records))
    print(f"| {records:,} contacts | ms | held to | ratio, goal {GOAL} |")
    print("|---|--:|--:|--:|")
    for name, took, other in found:
        print(f"| {name} | {took:.2f} | {other:.2f} | {took / other:.2f} |")


def _measured(tenant: Tenant, pid: int, records: int) -> Iterator[Ratio]:
    owner = tenant.client()
    _define(owner, "contacts", "number", unique=True)
    _define(owner, "contacts", "score")
    url = tenant.stack.database_url
    administer(url, partial(_fill, tenant.business_id, records))
    rare, common = records // 2, 50
    yield (
        "a value of one record, which is unique",
        *_pair(owner, ("number", "eq", rare), ("email", "eq", f"{rare}@x.example")),
    )
    yield (
        "a value of one record, which is not",
        *_pair(owner, ("score", "eq", 999), ("lead_score", "eq", 999)),
    )
    yield (
        "a value, of one record in 101",
        *_pair(owner, ("score", "eq", common), ("lead_score", "eq", common)),
    )
    yield (
        "a range, of one record in 101",
        *_pair(owner, ("score", "gte", 100), ("lead_score", "gte", 100)),
    )
    order = {"order_by": "custom_fields.number", "sort_direction": "asc"}
    built_in = {"order_by": "lead_score", "sort_direction": "asc"}
    yield "page 1 in order", *_pages(owner, order, built_in)
    if records >= 2 * PAGE * OF_A_PAGE:
        there, their = _far(owner, order), _far(owner, built_in)
        yield f"page {PAGE:,} in order", *_pages(owner, there, their)
    _define(owner, "companies", *(f"f{number}" for number in range(FIELDS)))
    keys = {prefix: _values(prefix) for prefix in ("f", "g")}  # the others are free
    creates = [partial(_create, owner, values) for values in keys.values()]
    typed, free = _processor_times(pid, creates)
    yield f"a create with {FIELDS} values, processor", typed, free


def _define(owner: Client, name: str, *keys: str, **more: bool) -> None:
    for key in keys:
        body = {"object": name, "key": key, "type": "integer", "label": key}
        owner.create("/fields", body | more)


async def _fill(business_id: str, records: int, database: Database) -> None:
    for first in range(1, records + 1, BATCH):
        last = min(first + BATCH - 1, records)
        for sql in (_RECORDS, _TYPED):
            await database.run(sql, business_id, first, last, records // 2)
    for table in ("contacts", "typed_values"):
        await database.run(f"ANALYZE {table}")


def _pair(
    owner: Client, own: tuple[str, str, Any], built_in: tuple[str, str, Any]
) -> tuple[float, float]:
    """A page by a filter of a typed field, and by one of a built-in field."""
    (key, *its), (name, *others) = own, built_in
    return _pages(owner, _filter(f"custom_fields.{key}", *its), _filter(name, *others))


def _filter(field: str, operator: str, value: Any) -> Body:
    return {"filters": [{"field": field, "operator": operator, "value": value}]}


def _pages(owner: Client, *bodies: Body) -> tuple[float, float]:
    """The median milliseconds of two searches, asked in turn."""
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(TIMES):
        for body, spent_by in zip(bodies, took, strict=True):
            began = time.perf_counter()
            owner.search("/contacts", **body)
            spent_by.append((time.perf_counter() - began) * 1000)
    return statistics.median(took[0]), statistics.median(took[1])


def _far(owner: Client, body: Body) -> Body:
    """The search for page 10,000."""
    cursor = None
    for _ in range(PAGE * OF_A_PAGE // WALK):
        page = owner.search("/contacts", **body, limit=WALK, cursor=cursor)
        cursor = page["meta"]["cursor"]["next"]
    return {**body, "cursor": cursor}


def _values(prefix: str) -> Mapping[str, int]:
    return {f"{prefix}{number}": 1000 + number for number in range(FIELDS)}


def _create(owner: Client, values: Mapping[str, int]) -> None:
    owner.create("/companies", {"name": "Acme", "custom_fields": values})


def _processor_times(
    pid: int, requests: Sequence[Callable[[], None]]
) -> Sequence[float]:
    """The milliseconds of the server's processor that each request takes.

    They are asked in turn in short rounds, so that other work of the machine happens
    to all of them. The median round counts.
    """
    times: list[list[float]] = [[] for _ in requests]
    for _ in range(ROUNDS):
        for taken, request in zip(times, requests, strict=True):
            before = spent(pid)
            for _ in range(CREATES):
                request()
            taken.append((spent(pid) - before) * 1000 / CREATES)
    return [statistics.median(each) for each in times]


if __name__ == "__main__":
    main()
