"""Pieces of SQL, judged by PostgreSQL itself."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from services.postgres.sql_parts import (
    Parameters,
    all_of,
    any_of,
    by_index,
    later,
    once,
    one_of_ids,
    row_by_row,
)

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
STEP = timedelta(microseconds=1)

# PostgreSQL takes into such a column only what follows from the row alone (IMMUTABLE).
TABLE = """
CREATE TEMP TABLE moved (
  updated_at timestamptz,
  later timestamptz GENERATED ALWAYS AS ({}) STORED
)
"""


async def told(url: str, expression: str, moment: datetime) -> datetime:
    link = await asyncpg.connect(url)
    try:
        await link.execute(TABLE.format(expression))
        sql = "INSERT INTO moved VALUES ($1) RETURNING later"
        answer: datetime = await link.fetchval(sql, moment)
        return answer
    finally:
        await link.close()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (NOON - STEP, NOON),
        (NOON, NOON + STEP),
        (NOON + STEP, NOON + 2 * STEP),
    ],
)
def test_a_change_is_later_than_the_one_before(
    database_url: str, before: datetime, after: datetime
) -> None:
    expression = later(f"'{NOON.isoformat()}'", "updated_at")
    assert asyncio.run(told(database_url, expression, before)) == after


def test_a_moment_that_depends_on_the_session_is_noticed(database_url: str) -> None:
    """Planted: the plain sum, which Citus refuses in an UPDATE of a shard."""
    plain = "updated_at + interval '1 microsecond'"
    with pytest.raises(asyncpg.InvalidObjectDefinitionError, match="immutable"):
        asyncio.run(told(database_url, plain, NOON))


def test_a_value_is_a_parameter_once_its_place_is_written() -> None:
    p = Parameters()
    first, unused, second = (p.place(each, "text") for each in ("a", "b", "c"))
    assert f"{second} {first} {second}" == "$1::text $2::text $1::text"
    assert p.values == ["c", "a"]
    assert f"{unused}" == "$3::text"
    assert p.values == ["c", "a", "b"]


def test_a_condition_has_two_renderings() -> None:
    sought = once("lower($1)")
    one_id = ("a ", *one_of_ids(("SELECT id WHERE b = ", *sought)))
    condition = any_of([("c IS NULL",), all_of([one_id, ("d = ", *sought)])])
    assert by_index(condition) == (
        "(c IS NULL OR (a = ANY(ARRAY(SELECT id WHERE b = (lower($1))))"
        " AND d = (lower($1))))"
    )
    assert row_by_row(condition) == (
        "(c IS NULL OR (a = ANY((SELECT id WHERE b = (SELECT lower($1))))"
        " AND d = (SELECT lower($1))))"
    )
