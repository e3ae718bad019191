"""Among many thousand contacts no search reads many, also on its 1,000th page."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from prospectconnect.crm.v1.contacts_pb2 import Contact

from services.kinds.descriptors import record_type
from services.postgres.database import Database
from services.search.reading import REACH, Reach
from tests.promises.oracle import DIRECTIONS, KINDS, ORDERS
from tests.services.postgres.crowded import NEEDLE, Crowded, crowd

# What a search may look at: a thousand records in order and as many entries of its
# index, and some that it finds.
FEW = 3_000
PAGE = 25
DEEP = 1_000


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    """One event loop for the module's connections."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def crowded(
    migrated_database: Callable[[str], str], loop: asyncio.Runner
) -> Iterator[Crowded]:
    url = migrated_database("crowded")
    database = loop.run(Database.open(url, max_connections=1))
    yield loop.run(crowd(database))
    loop.run(database.close())


def check_found(crowded: Crowded, loop: asyncio.Runner, **query: Any) -> None:
    """Searches, and expects the needle alone, found by an index."""
    answer, plan = loop.run(crowded.search(**query))
    assert [each.id for each in answer.data] == [crowded.needle]
    assert "Seq Scan" not in plan.kinds
    assert plan.read < FEW, plan.steps


def condition(field: str, operator: str, *values: Any) -> dict[str, Any]:
    made = {"field": field, "operator": operator}
    if operator in ("in", "between", "any_of", "all_of"):
        return {**made, "values": list(values)}
    return {**made, "value": values[0]} if values else made


@pytest.mark.parametrize("operator", ["eq", "in"])
@pytest.mark.parametrize("field", [name for name in KINDS if name != "tags"])
def test_a_rare_value_of_every_field_is_found_by_an_index(
    crowded: Crowded, loop: asyncio.Runner, field: str, operator: str
) -> None:
    own = {"id": crowded.needle, "owner_id": crowded.owner, "created_by": crowded.owner}
    value = (NEEDLE | own)[field]
    check_found(crowded, loop, filters=[condition(field, operator, value)])


@pytest.mark.parametrize(
    "given",
    [
        condition("tags", "contains", "SHARP"),
        condition("tags", "any_of", "sharp", "no such tag"),
        condition("tags", "all_of", "sharp"),
        condition("custom_fields.metal", "eq", "STEEL"),
        condition("custom_fields.metal", "in", "steel", "iron"),
        condition(
            "custom_fields.metal", "in", *(f"no {n}" for n in range(899)), "STEEL"
        ),
        condition("custom_fields.eyes", "in", -1, 1, True),
        condition("custom_fields.uses", "any_of", "no such use", "Sewing"),
        condition("custom_fields.uses", "all_of", "sewing", "DARNING"),
        condition("custom_fields.eyes", "eq", 1),
        condition("first_name", "starts_with", "need"),
        condition("first_name", "contains", "eedl"),
        condition("last_name", "ends_with", "ixotic"),
        condition("name", "starts_with", "needle q"),
        condition("name", "contains", "dle qui"),
        condition("email", "contains", "needle@hay"),
        condition("email", "ends_with", "@haystack.example"),
        condition("phone", "contains", "999 88 777"),
        condition("phone", "starts_with", "+9998877"),
        condition("phone", "ends_with", "88777666"),
        condition("job_title", "contains", "imble"),
        condition("address1", "starts_with", "1 eye s"),
        condition("city", "starts_with", "sewv"),
        condition("postal_code", "starts_with", "q1q-q"),
        condition("company_id", "is_not_empty"),
        condition("lead_score", "gt", 98.5),
        condition("lead_score", "gte", 99),
        condition("lead_score", "between", 98.5, 1e300),
        condition("created_at", "lt", "2018-01-01T00:00:00Z"),
        condition("updated_at", "lte", "2018-01-01T00:00:00Z"),
        condition("last_contacted_at", "gt", "2000-01-01T00:00:00Z"),
        condition("last_contacted_at", "lt", "2030-01-01T00:00:00Z"),
        condition(
            "last_contacted_at",
            "between",
            "2000-01-01T00:00:00Z",
            "2030-01-01T00:00:00Z",
        ),
        condition("last_contacted_at", "is_not_empty"),
    ],
    ids=lambda given: f"{given['field']} {given['operator']}",
)
def test_what_few_records_fulfil_is_found_by_an_index(
    crowded: Crowded, loop: asyncio.Runner, given: dict[str, Any]
) -> None:
    check_found(crowded, loop, filters=[given])


@pytest.mark.parametrize("text", ["needle", "needle quixotic", "no such words"])
def test_rare_words_take_two_statements_and_no_estimate(
    crowded: Crowded, loop: asyncio.Runner, text: str
) -> None:
    _, plan = loop.run(crowded.search(search_text=text))
    assert (plan.statements, plan.guesses) == (2, 0)


def test_words_without_a_trigram_are_estimated(
    crowded: Crowded, loop: asyncio.Runner
) -> None:
    """An index may not find them, so that its estimate decides."""
    _, plan = loop.run(crowded.search(search_text="q9"))
    assert plan.guesses == 1


@pytest.mark.parametrize(
    "text",
    ["needle", "NÉEDLE quix", "haystack", "thimble keeper", "99988777", "+999-88-777"],
)
def test_a_text_is_found_by_an_index(
    crowded: Crowded, loop: asyncio.Runner, text: str
) -> None:
    check_found(crowded, loop, search_text=text)


# Of each condition PostgreSQL knows that many records fulfil it, but not how few both.
RARE_TOGETHER = [
    [condition("lifecycle_stage", "eq", "customer"), condition("lead_score", "lt", 40)],
    [condition("tags", "contains", "late"), condition("tags", "contains", "batch 7")],
    [
        condition("country", "eq", "fr"),
        condition("source", "eq", "webinar"),
        condition("job_title", "eq", "office manager"),
        condition("lifecycle_stage", "eq", "customer"),
    ],
]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("filters", RARE_TOGETHER)
def test_what_few_records_fulfil_together_is_found_by_an_index(
    crowded: Crowded, loop: asyncio.Runner, filters: list[dict[str, Any]], order: str
) -> None:
    query = {"order_by": order, "sort_direction": "asc", "include_total": True}
    answer, plan = loop.run(crowded.search(filters=filters, **query))
    assert 0 < answer.meta.total < 100
    assert plan.read < FEW, plan.steps


@pytest.mark.parametrize(
    "query",
    [
        {"filters": [condition("country", "eq", "us")]},
        {"filters": [condition("tags", "contains", "vip")]},
        {"filters": [condition("lifecycle_stage", "eq", "lead")]},
        {"filters": [condition("email", "ends_with", ".example")]},
        {"search_text": "an"},
    ],
)
def test_what_many_records_fulfil_is_read_in_order(
    crowded: Crowded, loop: asyncio.Runner, query: dict[str, Any]
) -> None:
    """By a plan that PostgreSQL keeps, as the statement is sent again and again."""
    for _ in range(8):
        answer, plan = loop.run(crowded.search(**query))
    assert len(answer.data) == PAGE
    assert not {"Sort", "Seq Scan"} & plan.kinds
    assert plan.read < FEW
    sent = "SELECT sum(generic_plans) FROM pg_prepared_statements"
    ((kept,),) = loop.run(crowded.database.rows(f"{sent} WHERE statement LIKE '%$1%'"))
    assert kept > 0


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("order", ORDERS)
def test_the_thousandth_page_costs_what_the_first_does(
    crowded: Crowded, loop: asyncio.Runner, order: str, direction: str
) -> None:
    query = {"order_by": order, "sort_direction": direction}
    after = loop.run(_last_before_page(crowded, order, direction))
    for extra in ({}, {"after": after}):
        answer, plan = loop.run(crowded.search(**query, **extra))
        assert len(answer.data) == PAGE
        assert answer.meta.cursor.has_more
        assert plan.kinds == {"Limit", "Index Scan"}
        assert plan.read == PAGE + 1


async def _last_before_page(
    crowded: Crowded, order: str, direction: str
) -> tuple[str, str]:
    """The position at which page DEEP begins."""
    field = record_type(Contact).by_name[order]
    search = field.search
    expression = search.lowest if direction == "desc" else search.highest
    row = await crowded.database.row(
        f"SELECT ({expression})::text, r.id FROM contacts AS r"
        " WHERE r.business_id = $1 AND r.deleted_at IS NULL"
        f" ORDER BY {expression} {direction}, r.id {direction} LIMIT 1 OFFSET $2",
        crowded.business_id,
        (DEEP - 1) * PAGE - 1,
    )
    assert row is not None
    return row[0], row[1]


@pytest.mark.parametrize(
    "reach",
    [
        Reach(near=1, further=2, far=3, many=1),  # everything is gathered
        Reach(near=1, further=2, far=3, many=1_000_000),
        Reach(near=3, further=50, far=1_000_000, many=1),  # all is read in order
    ],
    ids=["everything", "gathered", "in order"],
)
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    "query",
    [
        *({"filters": filters} for filters in RARE_TOGETHER),
        {"filters": [condition("tags", "contains", "batch 9")]},
        {"filters": [condition("phone", "is_empty"), condition("city", "neq", "x")]},
        {"filters": [condition("owner_id", "is_empty")], "search_text": "sales anna"},
        {"filters": [condition("created_at", "lt", "2025-01-01T00:00:00Z")]},
        {"search_text": "needle"},
        {"search_text": "zz"},
    ],
)
def test_a_page_is_the_same_however_it_is_read(
    crowded: Crowded,
    loop: asyncio.Runner,
    query: dict[str, Any],
    order: str,
    reach: Reach,
) -> None:
    query = {**query, "order_by": order, "include_total": True}
    first = loop.run(crowded.answer(REACH, **query))
    assert loop.run(crowded.answer(reach, **query)) == first
    if first.meta.cursor.has_more:
        query["cursor"] = first.meta.cursor.next
        second = loop.run(crowded.answer(REACH, **query))
        assert second.data != first.data
        assert loop.run(crowded.answer(reach, **query)) == second


def test_a_plan_that_reads_everything_is_noticed(
    crowded: Crowded, loop: asyncio.Runner
) -> None:
    """Planted: a planner that may not use an index."""
    for setting in ("enable_indexscan", "enable_bitmapscan"):
        loop.run(crowded.database.run(f"SET {setting} = off"))
    try:
        with pytest.raises(AssertionError):
            check_found(crowded, loop, search_text="needle")
    finally:
        loop.run(crowded.database.run("RESET ALL"))
