"""Conditions on custom fields, judged by PostgreSQL itself."""

import asyncio
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.type.v1.search_pb2 import Operator as Op

from services.kinds.descriptors import record_type
from services.postgres.database import Database
from services.postgres.sql_parts import Parameters, Sql, by_index, row_by_row
from services.search.custom_conditions import custom_condition
from services.search.fields import filtered_field

LETTERS = st.characters(codec="utf-8", exclude_characters="\0")
TEXTS = st.text(LETTERS | st.sampled_from('"\\\b\n\x01@|?$É'), max_size=5)
NUMBERS = st.sampled_from([-5, 0, 1, 1.5, -0.0, 1e300, -1e-7, 2**53])
SCALARS = TEXTS | NUMBERS | st.booleans()
STORED = SCALARS | st.none() | st.lists(TEXTS, max_size=4)

PLAN = filtered_field(record_type(Contact), "custom_fields.plan")

ROW = (
    "(SELECT f.v AS custom_fields, lower_json(f.v) AS custom_fields_lower"
    " FROM (SELECT $1::jsonb AS v) AS f) AS r"
)


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    """One event loop for the module's connections."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def database(database_url: str, loop: asyncio.Runner) -> Iterator[Database]:
    opened = loop.run(Database.open(database_url, max_connections=1))
    yield opened
    loop.run(opened.close())


def condition(operator: Op.ValueType, values: Sequence[Any], p: Parameters) -> Sql:
    assert PLAN is not None
    numbers = (int, float)
    exact = [
        Decimal(repr(float(value)))
        if isinstance(value, numbers) and not isinstance(value, bool)
        else value
        for value in values
    ]
    return custom_condition(PLAN, operator, exact, p)


async def told(database: Database, stored: Any, wanted: Any) -> list[bool]:
    """Whether each of (operator, values) holds for a record, by index or by row."""
    p = Parameters([{"plan": stored}])
    sql = [condition(operator, values, p) for operator, values in wanted]
    both = [*map(by_index, sql), *map(row_by_row, sql)]
    columns = ", ".join(f"({each}) IS TRUE" for each in both)
    ((*held,),) = await database.rows(f"SELECT {columns} FROM {ROW}", *p.values)
    assert held[: len(sql)] == held[len(sql) :]
    return held[: len(sql)]


@given(STORED, st.lists(SCALARS, min_size=1, max_size=4), st.booleans())
def test_in_is_one_equality_or_another(
    database: Database,
    loop: asyncio.Runner,
    stored: Any,
    values: list[Any],
    is_among: bool,
) -> None:
    if is_among and not isinstance(stored, list | None):
        values = [*values, stored]
    wanted = [(Op.OPERATOR_EQ, [value]) for value in values]
    found, *each = loop.run(told(database, stored, [(Op.OPERATOR_IN, values), *wanted]))
    assert found == any(each)


@given(STORED, st.lists(TEXTS, min_size=1, max_size=4), st.booleans())
def test_any_of_and_all_of_ask_for_each_element(
    database: Database,
    loop: asyncio.Runner,
    stored: Any,
    values: list[str],
    is_among: bool,
) -> None:
    if is_among and isinstance(stored, list):
        values = [*values, *stored]
    wanted = [(Op.OPERATOR_ALL_OF, [value]) for value in values]
    several = [(Op.OPERATOR_ANY_OF, values), (Op.OPERATOR_ALL_OF, values)]
    found = loop.run(told(database, stored, [*several, *wanted]))
    assert found[0] == any(found[2:])
    assert found[1] == all(found[2:])


@pytest.mark.parametrize(
    ("stored", "operator", "values", "holds"),
    [
        ("Gold", Op.OPERATOR_IN, ["gOLD", 1, True], True),
        (-5, Op.OPERATOR_IN, [-5], True),
        (True, Op.OPERATOR_IN, ["true", 1], False),
        (1, Op.OPERATOR_IN, ["1", True], False),
        (["gold"], Op.OPERATOR_IN, ["gold"], False),
        (["Gold", "x"], Op.OPERATOR_ANY_OF, ["no", "GOLD"], True),
        ("gold", Op.OPERATOR_ANY_OF, ["gold"], False),
        (["Gold", "x"], Op.OPERATOR_ALL_OF, ["X", "GOLD"], True),
        (["Gold", "x"], Op.OPERATOR_ALL_OF, ["x", "y"], False),
        ("gold", Op.OPERATOR_ALL_OF, ["gold"], False),
        ('"\\', Op.OPERATOR_IN, ['" || @ != "', '"\\'], True),
        ("x", Op.OPERATOR_IN, ['" || @ != "'], False),
    ],
)
def test_several_values_are_compared_as_one_is(
    database: Database,
    loop: asyncio.Runner,
    stored: Any,
    operator: Op.ValueType,
    values: list[Any],
    holds: bool,
) -> None:
    assert loop.run(told(database, stored, [(operator, values)])) == [holds]


def test_a_thousand_values_are_no_more_than_postgresql_reads(
    database: Database, loop: asyncio.Runner
) -> None:
    many = [f"v{number}" for number in range(1_000)]
    wanted = [(Op.OPERATOR_IN, many), (Op.OPERATOR_IN, many[:-1])]
    assert loop.run(told(database, "V999", wanted)) == [True, False]
    wanted = [(Op.OPERATOR_ANY_OF, many), (Op.OPERATOR_ALL_OF, many)]
    assert loop.run(told(database, ["x", "V999"], wanted)) == [True, False]


@pytest.mark.parametrize(
    "operator", [Op.OPERATOR_IN, Op.OPERATOR_ANY_OF, Op.OPERATOR_ALL_OF]
)
def test_the_sql_is_the_same_for_two_values_and_for_nine_hundred(
    operator: Op.ValueType,
) -> None:
    few, many = Parameters(), Parameters()
    sql = condition(operator, ["a", "b"], few)
    assert condition(operator, [f"v{n}" for n in range(900)], many) == sql
    assert len(few.values) == len(many.values) <= 2
