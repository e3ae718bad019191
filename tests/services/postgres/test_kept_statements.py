"""What PostgreSQL keeps prepared stays small, whatever searches ask."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from google.protobuf.json_format import ParseDict
from prospectconnect.crm.v1.contacts_pb2 import SearchContactsRequest

from services.every_kind import KINDS
from services.faults import Faults
from services.kinds.descriptors import record_type
from services.postgres.database import LONGEST_KEPT, Database
from services.postgres.sql_parts import Parameters, by_index
from services.search.filters import FilterCompiler

CONTACT = next(kind for kind in map(record_type, KINDS) if kind.resource == "contact")
MEGABYTE = 2**20

KEPT = (
    "SELECT count(*), coalesce(max(length(statement)), 0) FROM pg_prepared_statements"
    " WHERE statement LIKE 'SELECT r.id%'"
)
MEMORY = "SELECT sum(total_bytes)::bigint FROM pg_backend_memory_contexts"


def search(*conditions: Any) -> tuple[str, list[Any]]:
    """A search's statement and its values."""
    request = ParseDict({"filters": [{"any": conditions}]}, SearchContactsRequest())
    faults, p = Faults(), Parameters()
    business = p.place("nobody", "text")
    (found,) = FilterCompiler(CONTACT, faults, p).all(request.filters)
    assert not faults.found
    where = f"r.business_id = {business} AND {by_index(found.sql)}"
    return f"SELECT r.id FROM contacts AS r WHERE {where}", p.values


def among(field: str, *values: str, operator: str = "IN") -> dict[str, Any]:
    return {"field": field, "operator": f"OPERATOR_{operator}", "values": [*values]}


def wide(number: int) -> tuple[str, list[Any]]:
    """One that compares many texts one by one, each search another number of them."""
    texts = [f"v{n}" for n in range(30)]
    return search(*[among("city", *texts)] * (30 - number))


async def grown(database: Database, *searches: tuple[str, list[Any]]) -> int:
    """By how many bytes the one connection's backend grows."""
    ((before,),) = await database.rows(MEMORY)
    for sql, values in searches:
        await database.rows(sql, *values)
        await database.rows_planned(f"EXPLAIN {sql}", *values)
    ((after,),) = await database.rows(MEMORY)
    return int(after) - int(before)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """A database with one connection, so that all is kept by one backend."""
    database = await Database.open(url, max_connections=1)
    try:
        yield database
    finally:
        await database.close()


def test_a_statement_that_is_too_long_leaves_nothing_behind(database_url: str) -> None:
    async def work() -> None:
        async with opened(database_url) as database:
            await grown(database, wide(0))  # what is loaded once
            longest = [wide(number) for number in range(10)]
            assert min(len(sql) for sql, _ in longest) > LONGEST_KEPT
            assert await grown(database, *longest) < MEGABYTE
            ((count, _),) = await database.rows(KEPT)
            assert count == 0

    asyncio.run(work())


def test_searches_for_more_and_more_values_are_one_statement(database_url: str) -> None:
    texts = [f"v{number}" for number in range(300)]
    searches = [
        search(
            among("custom_fields.plan", *texts[number:]),
            among("custom_fields.plan", *texts[number:], operator="NOT_IN"),
            among("custom_fields.uses", *texts[200 + number :], operator="ANY_OF"),
            among("custom_fields.uses", *texts[200 + number :], operator="ALL_OF"),
            among("custom_fields.uses", *texts[200 + number :], operator="NONE_OF"),
        )
        for number in range(20)
    ]
    assert len({sql for sql, _ in searches}) == 1

    async def work() -> None:
        async with opened(database_url) as database:
            await grown(database, searches.pop())  # what is loaded once
            assert await grown(database, *searches) < MEGABYTE
            ((count, longest),) = await database.rows(KEPT)
            assert count == 1
            assert longest <= LONGEST_KEPT

    asyncio.run(work())


def test_ordinary_searches_are_kept(database_url: str) -> None:
    """Of twenty conditions, which are more than a person makes."""
    ten = [among("city", "Rome"), among("tags", "a", operator="ANY_OF")] * 5
    sql, values = search(*ten, *[among("custom_fields.plan", "x")] * 10)

    async def work() -> None:
        async with opened(database_url) as database:
            await database.rows(sql, *values)
            ((count, longest),) = await database.rows(KEPT)
            assert (count, longest) == (1, len(sql))

    asyncio.run(work())


def test_a_long_statement_that_fails_leaves_its_connection_whole(
    database_url: str,
) -> None:
    long = " " * LONGEST_KEPT

    async def work() -> None:
        async with opened(database_url) as database:
            for run in (database.rows, database.rows_planned) * 2:
                with pytest.raises(asyncpg.DivisionByZeroError):
                    await run(f"SELECT 1 / $1::int {long}", 0)
                ((two,),) = await run(f"SELECT 6 / $1::int {long}", 3)
                assert two == 2

    asyncio.run(work())
