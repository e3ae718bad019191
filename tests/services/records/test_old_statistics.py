"""Changes of records are found by the index of the ids, also with old statistics.

Of a tenant that is new to its statistics PostgreSQL expects one row, and then takes any
index that begins with the tenant: for each of thousands of records it reads thousands.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from services.every_kind import compile_kinds
from services.ids import new_id
from services.postgres.database import Database, Transaction
from services.records.links import clearing_of
from services.records.many.moving_back import move_links_back_sql

TABLES = ("notes", "tasks", "activities")
# How many other tenants there are, and how many changes each of them has.
LARGE, SMALL = (20, 500), (100, 3)

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


async def indexes(
    transaction: Transaction, sql: str, kinds: str, values: str
) -> dict[str, str]:
    """The indexes by which a statement for a new tenant reads, by what it reads."""
    await transaction.run("SET LOCAL plan_cache_mode = force_custom_plan")
    await transaction.run(f"PREPARE it ({kinds}) AS {sql}")
    told = f"EXPLAIN (FORMAT JSON) EXECUTE it ({values})"
    (row,) = await transaction.rows(told)
    (found,) = json.loads(row[0])
    scans = (each for each in nodes(found["Plan"]) if "Index Name" in each)
    return {each["Alias"]: each["Index Name"] for each in scans}


async def explained(
    database_url: str, others: tuple[int, int], sql: str, kinds: str, values: str
) -> dict[str, str]:
    """The indexes of a statement beside so many tenants with so many changes each."""
    tenants, each = others
    database = await Database.open(database_url, max_connections=1)
    try:
        for _ in range(tenants):
            await database.run(_LOGGED, new_id("biz_"), each)
        await database.run("ANALYZE changes")
        async with database.transaction() as transaction:
            return await indexes(transaction, sql, kinds, values)
    finally:
        await database.close()


@pytest.mark.parametrize("table", TABLES)
def test_an_undone_merge_finds_later_changes_by_their_records(
    migrated_database: Callable[[str], str], table: str
) -> None:
    url = migrated_database(f"statistics_{table}")
    sql = move_links_back_sql(table, "contact_id")
    kinds = "text, text, timestamptz, text[], text, text"
    values = "'biz_new', 'con_1', now(), '{con_2}', '1', 'usr_1 - - -'"
    found = asyncio.run(explained(url, LARGE, sql, kinds, values))
    assert (found["e"], found["l"]) == ("changes_pkey", "changes_pkey")


def test_a_deletion_finds_the_last_changes_of_what_it_clears_by_their_records(
    migrated_database: Callable[[str], str],
) -> None:
    """A few changes of each tenant are known: then any index seems good."""
    url = migrated_database("statistics")
    kinds = [each.kind for each in compile_kinds().values()]
    (clearing,) = (e for e in clearing_of(kinds, "company") if e.table == "activities")
    values = "'biz_new', 'cmp_1', now(), 'usr_1 - - -'"
    given = clearing.sql, "text, text, timestamptz, text", values
    found = asyncio.run(explained(url, SMALL, *given))
    assert found["p"] == "changes_pkey"


_FREED = """
INSERT INTO unique_values (business_id, object, key, value, record_id)
SELECT $1, 'notes', 'external_ids/x', n::text, 'not_' || lpad(to_hex(n), 24, '0')
FROM generate_series(1, $2::int) AS n
"""
_TYPED = """
INSERT INTO typed_values (business_id, object, key, number, record_id)
SELECT $1, 'notes', 'x', n, 'not_' || lpad(to_hex(n), 24, '0')
FROM generate_series(1, $2::int) AS n
"""

_TENANT = """
INSERT INTO tenants (business_id, name, limit_requests, limit_seconds)
VALUES ($1, $1, 1000, 10)
"""
_ASSOCIATED = """
INSERT INTO associations (business_id, id, type, from_id, to_id, cardinality,
  created_at, updated_at)
SELECT $1, 'asc_' || lpad(to_hex(n), 24, '0'), 'about', 'not_' || n, 'deal_' || n,
  4, now(), now()
FROM generate_series(1, $2::int) AS n
"""


@pytest.mark.parametrize("others", [LARGE, SMALL], ids=str)
def test_a_deletion_frees_the_values_of_what_it_deletes_by_their_records(
    migrated_database: Callable[[str], str], others: tuple[int, int]
) -> None:
    """What a note had goes with it, once the only link of the note is cleared."""
    url = migrated_database(f"freed_{others[0]}_{others[1]}")
    kinds = [each.kind for each in compile_kinds().values()]
    (clearing,) = (e for e in clearing_of(kinds, "contact") if e.table == "notes")
    values = "'biz_new', 'con_1', now(), 'usr_1 - - -'"
    given = clearing.owning[True, True], "text, text, timestamptz, text", values
    found = asyncio.run(_freeing(url, others, *given))
    assert (found["v"], found["w"]) == ("unique_values_record", "typed_values_pkey")
    ends = found["f"], found["t"]
    assert ends == ("associations_same", "associations_inverse"), found
    # Records are locked first: `r` is what locks them, and `r_1` their update.
    assert (found["r_1"], found["r_2"]) == ("notes_pkey", "associations_pkey")


async def _freeing(
    url: str, others: tuple[int, int], sql: str, kinds: str, values: str
) -> dict[str, str]:
    database = await Database.open(url, max_connections=1)
    try:
        for _ in range(others[0]):
            tenant = new_id("biz_")
            await database.run(_TENANT, tenant)
            await database.run(_FREED, tenant, others[1])
            await database.run(_TYPED, tenant, others[1])
            await database.run(_ASSOCIATED, tenant, others[1])
        await database.run("ANALYZE unique_values, typed_values, associations")
        async with database.transaction() as transaction:
            return await indexes(transaction, sql, kinds, values)
    finally:
        await database.close()
