"""What figures over many records take.

`python -m tests.scale.figures [RECORDS]` fills a tenant with deals, serves it by the
product and prints a Markdown table with the median and the slowest time of each
request, in milliseconds. The goal of a median is 500 for 1,000,000 deals.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from deploy.embedded import postgres
from services.postgres.database import Database
from services.postgres.schema import migrate
from tests import stacks
from tests.client import Client
from tests.world import Tenant, administer, new_tenant

TIMES = 11
BATCH = 50_000
GOAL = 500

_DEALS = """
INSERT INTO deals (business_id, id, name, pipeline_id, stage_id, status, value,
  currency, expected_close_date, owner_id, source, tags, custom_fields, created_at,
  updated_at, stage_changed_at)
SELECT $1, 'deal_' || lpad(to_hex(n), 24, '0'), 'Deal number ' || n, p.id,
  p.stages -> (n % 6) ->> 'id',
  CASE n % 6 WHEN 4 THEN 2 WHEN 5 THEN 3 ELSE 1 END,
  CASE WHEN n % 50 > 0 THEN (n * 7919::bigint % 10000000) / 100.0 END,
  (ARRAY['EUR', 'EUR', 'EUR', 'USD', 'GBP'])[1 + n % 5],
  DATE '2025-01-01' + (n * 31 % 1000), (ARRAY[$4, $5, NULL])[1 + n % 3],
  'source ' || n % 12, ARRAY['tag ' || n % 40], jsonb_build_object('plan', n % 7),
  t.at, t.at, t.at
FROM generate_series($2::int, $3::int) AS n, pipelines AS p,
  LATERAL (SELECT now() - (n % 700) * interval '1 day' AS at) AS t
WHERE p.business_id = $1 AND p.is_default
"""


def _asked(*measures: tuple[str, str], **more: Any) -> Mapping[str, Any]:
    made = [
        {"op": op, "as": f"m{n}"} | ({"field": field} if field else {})
        for n, (op, field) in enumerate(measures)
    ]
    return {"measures": made, **more}


COUNT, SUM = ("count", ""), ("sum", "value")
STAGE = {"field": "stage_id"}
MONTH = {"field": "expected_close_date", "interval": "month"}
BERLIN = {"field": "created_at", "interval": "week", "time_zone": "Europe/Berlin"}
OPEN = {"field": "status", "operator": "eq", "value": "open"}
LARGE = {"field": "value", "operator": "gte", "value": 50_000}
RARE = {"field": "value", "operator": "eq", "value": 7_919.05}

REQUESTS: Mapping[str, Mapping[str, Any]] = {
    "count by stage": _asked(COUNT, group_by=[STAGE]),
    "sum by month": _asked(SUM, group_by=[MONTH]),
    "count and sum by stage and owner": _asked(
        COUNT, SUM, group_by=[STAGE, {"field": "owner_id"}]
    ),
    "median": _asked(("median", "value")),
    "open ones above an amount, by source": _asked(
        COUNT, SUM, group_by=[{"field": "source"}], filters=[OPEN, LARGE]
    ),
    "a few, found by a filter": _asked(COUNT, group_by=[STAGE], filters=[RARE]),
    "median by stage": _asked(("median", "value"), group_by=[STAGE]),
    "count by week in Berlin": _asked(COUNT, group_by=[BERLIN], fill=True),
    "count by tag": _asked(COUNT, group_by=[{"field": "tags"}]),
    "count by a key of custom fields": _asked(
        COUNT, group_by=[{"field": "custom_fields.plan"}]
    ),
    "average, least and greatest": _asked(
        ("avg", "value"), ("min", "value"), ("max", "value")
    ),
}


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="?", type=int, default=200_000)
    records = parser.parse_args().records
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.running(Path(folder), lambda _: None) as url,
    ):
        asyncio.run(migrate(url, lambda _: None))
        with stacks.measured("together", url) as (stack, _):
            tenant = new_tenant(stack)
            administer(url, partial(_fill, tenant, records))
            print(f"| {records:,} deals | median, ms | slowest | rows |")
            print("|---|--:|--:|--:|")
            for who in ("owner", "member"):
                for name, body in REQUESTS.items():
                    took, rows = _measured(tenant.client(who), body)
                    median, worst = statistics.median(took), max(took)
                    told = f"| {name} ({who}) | {median:.0f} | {worst:.0f} | {rows} |"
                    print(told, flush=True)


async def _fill(tenant: Tenant, records: int, database: Database) -> None:
    users = tenant.users["owner"], tenant.users["member"]
    for first in range(1, records + 1, BATCH):
        last = min(first + BATCH - 1, records)
        await database.run(_DEALS, tenant.business_id, first, last, *users)
    await database.run("VACUUM ANALYZE deals")


def _measured(client: Client, body: Mapping[str, Any]) -> tuple[list[float], int]:
    took, rows = list[float](), 0
    for _ in range(TIMES):
        began = time.perf_counter()
        answer = client.post("/deals/aggregate", body)
        took.append((time.perf_counter() - began) * 1000)
        assert answer.status == 200, answer.body
        rows = len(answer.json["data"])
    return took, rows


if __name__ == "__main__":
    main()
