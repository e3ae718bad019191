"""PostgreSQL can plan every statement that a search can send, with the values sent."""

import asyncio
import inspect
from collections.abc import Iterable
from dataclasses import replace

import asyncpg
import pytest

from services.search import pages
from tests.services.search.search_statements import (
    CALLERS,
    SEARCHES,
    Statement,
    every_statement,
    statements,
    written_by,
)


async def prepare(url: str, sent: Iterable[Statement]) -> int:
    """Has each text planned once; how many there are.

    Raises:
        AssertionError: PostgreSQL refuses one, or takes fewer values or more.
    """
    known = set[str]()
    link = await asyncpg.connect(url, statement_cache_size=0)
    try:
        for each in sent:
            if each.sql in known:
                continue
            known.add(each.sql)
            try:
                prepared = await link.prepare(each.sql, name="")
                await link.execute(f"EXPLAIN (GENERIC_PLAN) {each.sql}")
            except asyncpg.PostgresError as error:
                raise AssertionError(f"{error.sqlstate} {error}: {each}") from error
            assert len(prepared.get_parameters()) == len(each.values), each
    finally:
        await link.close()
    return len(known)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("resource", SEARCHES)
def test_every_statement_can_be_planned(database_url: str, resource: str) -> None:
    assert asyncio.run(prepare(database_url, every_statement(resource))) > 100


def test_a_value_without_a_place_is_noticed(database_url: str) -> None:
    """Planted: a value that is kept and stands nowhere, as a date's digits once."""
    good = list(statements("deal", CALLERS["sees all"], {"search_text": "2026-06-17"}))
    sql, values = good[0].sql, good[0].values
    last = f"${len(values)}::"
    assert last in sql
    later = sql.replace(last, f"${len(values) + 1}::")
    for wrong in (replace(good[0], sql=later), replace(good[0], values=(*values, "7"))):
        with pytest.raises(AssertionError):
            asyncio.run(prepare(database_url, [wrong]))


def test_no_statement_of_a_page_is_left_out() -> None:
    made = {
        function
        for function in vars(pages).values()
        if inspect.isfunction(function)
        and function.__module__ == pages.__name__
        and function.__annotations__["return"] is str
    }
    assert made == written_by()
