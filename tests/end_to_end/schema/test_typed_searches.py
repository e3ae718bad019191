"""Searches by fields of the tenant's own: an oracle knows what each condition finds.

Each condition is also run in both ways that it is written in: by index and row by row.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
from prospectconnect.type.v1.search_pb2 import Filter, Operator

from services.every_kind import compile_kinds
from services.faults import Faults
from services.postgres.database import Database
from services.postgres.sql_parts import Parameters, by_index, row_by_row
from services.records.schemas import Schemas
from services.search.filters import FilterCompiler
from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.schema.defining import contact, define, definition
from tests.end_to_end.schema.search_oracle import VALUES, comparable, conditions, holds
from tests.stacks import Stack
from tests.world import Tenant


@dataclass(frozen=True, slots=True)
class Crowd:
    """Contacts with a typed field, and what each has in it."""

    held: Mapping[str, Any]


def gather(client: Client, kind: str) -> Crowd:
    define(client, kind)
    held = {}
    for value in (*VALUES[kind], *VALUES[kind][:2], None):
        made = client.create("/contacts", contact(it=value))
        held[made["id"]] = made["custom_fields"].get("it")
    return Crowd(held)


@pytest.mark.parametrize("kind", VALUES)
def test_a_condition_finds_what_it_says(
    tenant: Tenant, owner: Client, stack: Stack, kind: str
) -> None:
    crowd = gather(owner, kind)
    asked = list(conditions(kind))
    both = asyncio.run(found_directly(stack, tenant.business_id, asked))
    for condition, (indexed, looked) in zip(asked, both, strict=True):
        given = condition.get("values", [condition.get("value")])
        expected = {
            each
            for each, held in crowd.held.items()
            if holds(kind, condition["operator"], held, given)
        }
        page = owner.search("/contacts", filters=[condition], limit=100)
        assert {each["id"] for each in page["data"]} == expected, condition
        assert (indexed, looked) == (expected, expected), condition


async def found_directly(
    stack: Stack, business_id: str, asked: Sequence[dict[str, Any]]
) -> list[tuple[set[str], set[str]]]:
    """What conditions find by index, and row by row."""
    database = await Database.open(stack.database_url)
    try:
        kinds = compile_kinds()
        schema = await Schemas(database, kinds["field"].kind).read(business_id)
        found = []
        for each in asked:
            rows = []
            for render in (by_index, row_by_row):
                p, faults = Parameters(), Faults()
                compiler = FilterCompiler(
                    kinds["contact"].kind, faults, p, schema.of("contacts")
                )
                (condition,) = compiler.all([_message(each)])
                assert not faults.found
                sql = (
                    "SELECT r.id FROM contacts AS r WHERE r.business_id = "
                    f"{p.place(business_id, 'text')} AND {render(condition.sql)}"
                )
                rows.append({row[0] for row in await database.rows(sql, *p.values)})
            found.append((rows[0], rows[1]))
        return found
    finally:
        await database.close()


def _message(condition: Mapping[str, Any]) -> Filter:
    made = Filter(
        field=condition["field"],
        operator=Operator.Value(f"OPERATOR_{condition['operator'].upper()}"),
    )
    for name, values in (("value", [condition.get("value")]), ("values", None)):
        for each in values if values is not None else condition.get("values", ()):
            if each is None:
                continue
            target = made.value if name == "value" else made.values.add()
            if isinstance(each, bool):
                target.bool_value = each
            elif isinstance(each, str):
                target.string_value = each
            else:
                target.number_value = each
    return made


async def analyze(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("ANALYZE contacts; ANALYZE typed_values")
    await connection.close()


@pytest.mark.sampled(4)
@pytest.mark.parametrize("kind", [each for each in VALUES if each != "multi_select"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_an_order_has_unset_values_last_and_pages_meet(
    owner: Client, kind: str, direction: str, database_url: str
) -> None:
    crowd = gather(owner, kind)
    asyncio.run(analyze(database_url))  # other plans are made then
    for _ in range(2):
        made = owner.create("/contacts", contact())
        crowd = Crowd({**crowd.held, made["id"]: None})
    upward = direction == "asc"
    is_set = [each for each, held in crowd.held.items() if held is not None]
    unset = [each for each, held in crowd.held.items() if held is None]
    expected = sorted(
        is_set,
        key=lambda each: (comparable(kind, crowd.held[each]), each),
        reverse=not upward,
    ) + sorted(unset, reverse=not upward)
    for limit in (1, 2, 3, 100):
        pages = owner.pages(
            "/contacts",
            order_by="custom_fields.it",
            sort_direction=direction,
            limit=limit,
        )
        assert [each["id"] for each in pages] == expected, limit


def test_an_order_goes_with_filters_and_totals(owner: Client) -> None:
    define(owner, "integer")
    numbers = random.Random(7).sample(range(100), 30)
    for number in numbers:
        body = contact(it=number) | {"city": "Bonn" if number % 2 else "Köln"}
        owner.create("/contacts", body)
    owner.create("/contacts", contact() | {"city": "Bonn"})
    page = owner.search(
        "/contacts",
        filters=[{"field": "city", "operator": "eq", "value": "Bonn"}],
        order_by="custom_fields.it",
        include_total=True,
        limit=5,
    )
    odd = sorted((each for each in numbers if each % 2), reverse=True)
    assert [each["custom_fields"]["it"] for each in page["data"]] == odd[:5]
    assert page["meta"]["total"] == len(odd) + 1


@pytest.mark.parametrize(
    ("kind", "condition", "field", "code"),
    [
        ("long_text", {"operator": "eq", "value": "x"}, "field", "invalid_choice"),
        ("integer", {"operator": "contains", "value": "x"}, "operator", ""),
        ("integer", {"operator": "gt", "value": "x"}, "value", "invalid_type"),
        ("date", {"operator": "gt", "value": "soon"}, "value", "invalid_format"),
        ("select", {"operator": "eq", "value": "lead"}, "value", "invalid_choice"),
        ("boolean", {"operator": "is_empty"}, "operator", "invalid_choice"),
        ("text", {"operator": "gt", "value": "x"}, "operator", "invalid_choice"),
    ],
)
def test_a_type_takes_its_operators_alone(
    owner: Client, kind: str, condition: dict[str, Any], field: str, code: str
) -> None:
    define(owner, kind)
    asked = {"field": "custom_fields.it", **condition}
    answer = owner.post("/contacts/search", {"filters": [asked]})
    assert answer.codes == {f"filters[0].{field}": code or "invalid_choice"}


@pytest.mark.parametrize("kind", ["long_text", "multi_select"])
def test_no_order_goes_by_what_has_none(owner: Client, kind: str) -> None:
    define(owner, kind)
    for name in ("it", "free"):
        answer = owner.post("/contacts/search", {"order_by": f"custom_fields.{name}"})
        assert answer.codes == {"order_by": "invalid_choice"}


def test_a_refused_order_names_those_that_there_are(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    for key, kind in (("size", "integer"), ("city", "text"), ("notes", "long_text")):
        define(owner, kind, key=key)
    define(owner, "integer", key="salary", sensitive=True)
    for role, keys in (
        ("owner", {"city", "size", "salary"}),
        ("member", {"city", "size"}),
    ):
        client = open_client(tenant.tokens[role])
        told = client.post("/contacts/search", {"order_by": "x"}).json["detail"]
        named = told.removeprefix("Give one of ").removesuffix(".").split(", ")
        assert "name" in named
        own = {each for each in named if each.startswith("custom_fields.")}
        assert own == {f"custom_fields.{key}" for key in keys}


def test_an_archived_field_is_none_to_a_search(owner: Client) -> None:
    made = define(owner, "integer")
    owner.delete(f"/fields/{made['id']}")
    asked = {"field": "custom_fields.it", "operator": "gt", "value": 1}
    answer = owner.post(
        "/contacts/search", {"filters": [asked], "order_by": "custom_fields.it"}
    )
    assert answer.codes == {
        "filters[0].field": "invalid_choice",
        "order_by": "invalid_choice",
    }


def test_values_from_before_a_definition_are_found(owner: Client) -> None:
    ids = [owner.create("/contacts", contact(it=n))["id"] for n in (3, 1, 2)]
    owner.create("/fields", definition("integer"))
    pages = owner.pages("/contacts", order_by="custom_fields.it", sort_direction="asc")
    assert [each["id"] for each in pages] == [ids[1], ids[2], ids[0]]
