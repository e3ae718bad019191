"""A merge is undone by the index of the ids, whatever the statistics say.

Of a tenant that is new to its statistics PostgreSQL expects one row, and then takes any
index that begins with the tenant: for each of thousands of records it reads thousands.
"""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from services.ids import new_id
from services.postgres.database import Database, Transaction
from services.records.many.moving_back import move_links_back_sql

TABLES = ("notes", "tasks", "activities")
TENANTS, EACH = 20, 500

_LOGGED = """
INSERT INTO changes (business_id, record_id, at, version, object, operation, user_id,
  client_id, token_id, trace_id, was, now)
SELECT $1, 'not_' || lpad(to_hex(n), 24, '0'), now(), 1, 'notes', 2, '', '', '', '',
  '{"contact_id": null}', '{"contact_id": "con_1"}'
FROM generate_series(1, $2::int) AS n
"""


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from nodes(each)


async def indexes(transaction: Transaction, table: str) -> dict[str, str]:
    """The indexes by which a statement for a new tenant reads, by what it reads."""
    sql = move_links_back_sql(table, "contact_id")
    kinds = "text, text, timestamptz, text[], text, text"
    await transaction.run("SET LOCAL plan_cache_mode = force_custom_plan")
    await transaction.run(f"PREPARE undo_{table} ({kinds}) AS {sql}")
    values = "'biz_new', 'con_1', now(), '{con_2}', '1', 'usr_1 - - -'"
    told = f"EXPLAIN (FORMAT JSON) EXECUTE undo_{table} ({values})"
    (row,) = await transaction.rows(told)
    (found,) = json.loads(row[0])
    scans = (each for each in nodes(found["Plan"]) if "Index Name" in each)
    return {each["Alias"]: each["Index Name"] for each in scans}


@pytest.mark.parametrize("table", TABLES)
def test_an_undone_merge_finds_later_changes_by_their_records(
    database_url: str, table: str
) -> None:
    async def explain() -> dict[str, str]:
        database = await Database.open(database_url, max_connections=1)
        try:
            for _ in range(TENANTS):
                await database.run(_LOGGED, new_id("biz_"), EACH)
            await database.run("ANALYZE changes")
            async with database.transaction() as transaction:
                return await indexes(transaction, table)
        finally:
            await database.close()

    found = asyncio.run(explain())
    assert (found["e"], found["l"]) == ("changes_pkey", "changes_pkey")
