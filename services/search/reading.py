"""How a page is read: along the order, or by what its conditions find.

PostgreSQL has to guess how many records fulfil conditions and where in the order they
stand, and a wrong guess reads a million of them. So little rests on a guess here: the
next records are looked at, and more of them while that is promising; else what the
conditions find by an index is gathered, as far as it goes; in the end, everything.
Conditions that are dear to look at one by one are asked of an index earlier. Words that
an index surely finds need no guess: how many of the next records have them says which
way is shorter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from services.postgres.database import Database, Row
from services.search import pages
from services.search.pages import Page

# It is promising while one in so many is found. In the order of time records lie one
# after the other on disk, in any other order all over it.
IN_TIME, AT_RANDOM = 500, 150
# Where words are in fewer than one of so many records, gathering is tried first. Among
# a million records it costs as much as reading on for 10,000.
RARE = 350
# What gathering costs, in PostgreSQL's units, where some thousands are expected.
DEAR = 20_000
ALL = 10_000_000


@dataclass(frozen=True, slots=True)
class Reach:
    """How many records are looked at, first and later, and how many are gathered.

    `first` is how many are looked at where each costs much, `few` how many are gathered
    where reading on may be shorter.
    """

    first: int = 100
    near: int = 1_000
    further: int = 4_000
    far: int = 30_000
    few: int = 2_000
    many: int = 10_000


@dataclass(frozen=True, slots=True)
class _Plan:
    """What gathering would cost, and whether by an index of more than the tenant."""

    cost: float
    by_index: bool


REACH = Reach()


async def read(
    database: Database, page: Page, values: Sequence[Any], reach: Reach = REACH
) -> list[Row]:
    """The rows of a page, one more than it holds if others follow."""
    if not page.conditions or any(each.narrow for each in page.conditions):
        return await database.rows(pages.in_order(page), *values)
    if all(each.words for each in page.conditions):
        return await _with_words(database, page, values, reach)
    found = looked_at = 0
    is_dear = any(each.dear for each in page.conditions)
    few, many = (reach.first, reach.near), (reach.near, reach.further, reach.far)
    for stretch in few if is_dear else many:
        rows = await database.rows(pages.nearby(page, stretch), *values)
        if pages.is_whole(rows):
            return rows
        before, found, looked_at = found, len(rows) - 1, stretch
        one_in = IN_TIME if page.is_in_time else AT_RANDOM
        if is_dear and found * reach.near < page.limit * stretch:
            break
        if found * one_in < stretch or found < 2 * before:
            break
    return await _far(database, page, values, reach, looked_at)


async def _with_words(
    database: Database, page: Page, values: Sequence[Any], reach: Reach
) -> list[Row]:
    """The rows of a page that only words are asked of, in two statements mostly."""
    rows = await database.rows(pages.nearby(page, reach.near), *values)
    if pages.is_whole(rows):
        return rows
    if (len(rows) - 1) * RARE < reach.near:
        sql = pages.gathered(page, True, reach.few)
        rows = await database.rows_planned(sql, *values)
        if pages.gathered_in(rows) <= reach.few:
            return rows
    rows = await database.rows(pages.nearby(page, reach.far), *values)
    if pages.is_whole(rows):
        return rows
    return await database.rows_planned(pages.gathered(page, True, ALL), *values)


async def _far(
    database: Database, page: Page, values: Sequence[Any], reach: Reach, looked_at: int
) -> list[Row]:
    """The rows of a page that the next records did not fill."""
    plan = await _plan(database, page, values)
    if plan.cost > DEAR and looked_at < reach.further:
        rows = await database.rows(pages.nearby(page, reach.further), *values)
        if pages.is_whole(rows):
            return rows
    if plan.by_index:
        sql = pages.gathered(page, True, reach.many)
        rows = await database.rows_planned(sql, *values)
        if pages.gathered_in(rows) <= reach.many:
            return rows
    if looked_at < reach.far:
        rows = await database.rows(pages.nearby(page, reach.far), *values)
        if pages.is_whole(rows):
            return rows
    sql = pages.gathered(page, plan.by_index, ALL)
    return await database.rows_planned(sql, *values)


async def count(
    database: Database, page: Page, values: Sequence[Any], most: int
) -> int:
    """How many records a page is of, as far as `most`."""
    run, by_index = database.rows, True
    if page.conditions:
        run = database.rows_planned
        if not any(each.words for each in page.conditions):
            by_index = (await _plan(database, page, values)).by_index
    ((number,),) = await run(pages.counted(page, by_index, most), *values)
    return int(number)


async def _plan(database: Database, page: Page, values: Sequence[Any]) -> _Plan:
    """How PostgreSQL would gather."""
    sql = f"EXPLAIN (FORMAT JSON) {pages.found(page, True)}"
    ((text,),) = await database.rows_planned(sql, *values)
    plan = orjson.loads(text)[0]["Plan"]
    return _Plan(plan["Total Cost"], _asks_an_index(plan))


def _asks_an_index(step: Any) -> bool:
    """Whether a step of a plan has an index look for more than the tenant."""
    steps = step.get("Plans", ())
    return " AND " in step.get("Index Cond", "") or any(map(_asks_an_index, steps))
