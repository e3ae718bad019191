"""Figures of fields of the tenant's own, of amounts, and of free keys."""

import json
from collections import Counter
from decimal import Decimal
from statistics import median
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.figures.asking import COUNT, counts, measured, rows
from tests.end_to_end.schema.defining import contact, define
from tests.end_to_end.schema.search_oracle import VALUES
from tests.end_to_end.schema.sensitive.keeping import MASKED
from tests.promises.figures_oracle import exact
from tests.world import Tenant

IT = "custom_fields.it"
NUMBERS = ("integer", "decimal")
DAYS = {"interval": "month"}


@pytest.mark.parametrize("kind", VALUES)
def test_every_type_of_field_makes_groups(owner: Client, kind: str) -> None:
    held = [*VALUES[kind], *VALUES[kind][:2], None]
    define(owner, kind)
    for value in held:
        owner.create("/contacts", contact(it=value))
    if kind in ("date", "timestamp"):
        expected = Counter(month(value) for value in held)
        assert counts(owner, "contacts", IT, group=DAYS) == expected
    elif kind == "multi_select":
        each = [one for value in held for one in value or [None]]
        assert counts(owner, "contacts", IT) == Counter(each)
    else:
        assert counts(owner, "contacts", IT) == Counter(map(exact, held))
    told = measured(owner, "contacts", ("count", IT))
    assert told == {"count": len(held) - 1}
    if kind in NUMBERS:
        check_numbers(owner, [exact(value) for value in held[:-1]])


def month(value: str | None) -> str | None:
    return None if value is None else value[:7]


def check_numbers(owner: Client, numbers: list[Any]) -> None:
    ops = ("sum", "min", "max", "median", "count_distinct")
    told = measured(owner, "contacts", *((op, IT) for op in ops))
    distinct = {number.normalize() for number in numbers}
    assert told == {
        "sum": sum(numbers),
        "min": min(numbers),
        "max": max(numbers),
        "median": median(numbers),
        "count_distinct": len(distinct),
    }


def test_values_from_before_a_definition_break_nothing(owner: Client) -> None:
    odd: list[Any] = ["x", 7, True, ["a"], "2026-13-45", None]
    for value in odd:
        owner.create("/contacts", contact(free=value))
    assert counts(owner, "contacts", "custom_fields.free") == {
        "2026-13-45": 1,
        "a": 1,
        "x": 1,
        7: 1,
        True: 1,
        None: 1,
    }
    key = "custom_fields.free"
    told = measured(owner, "contacts", ("sum", key), ("avg", key), ("count", key))
    assert told == {"sum": 7, "avg": 7, "count": 5}


def test_a_sensitive_field_is_refused_to_who_may_not_read_it(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    manager = open_client(tenant.tokens["manager"])
    define(owner, "integer", sensitive=True)
    owner.create("/contacts", contact(it=7))
    asked: list[dict[str, Any]] = [
        {"group_by": [{"field": MASKED[0]}]},
        {"measures": [{"op": "sum", "field": MASKED[0], "as": "n"}]},
        {"filters": [{"field": MASKED[0], "operator": "eq", "value": 7}]},
    ]
    for asked_for in asked:
        body = {"measures": [COUNT], **asked_for}
        assert owner.post("/contacts/aggregate", body).status == 200
        refused = manager.post("/contacts/aggregate", body)
        assert list(refused.codes.values()) == ["invalid_choice"]
        other = json.loads(json.dumps(body).replace(MASKED[0], "custom_fields.no"))
        unknown = manager.post("/contacts/aggregate", other)
        assert unknown.status == 200  # a free key, which nobody has a value in


def test_amounts_of_several_currencies_are_never_mixed(owner: Client) -> None:
    amounts = [
        (0.1, "EUR"),
        (0.2, "EUR"),
        (10**13, "USD"),
        (0.01, "USD"),
        (None, "JPY"),
    ]
    for value, currency in amounts:
        body = {"name": "Deal", "value": value, "currency": currency}
        owner.create("/deals", body)
    ops = ("sum", "avg", "median", "min", "count", "count_distinct")
    told = measured(owner, "deals", *((op, "value") for op in ops))
    assert told == {
        "sum": {"EUR": Decimal("0.3"), "USD": Decimal("10000000000000.01")},
        "avg": {"EUR": Decimal("0.15"), "USD": Decimal("5000000000000.005")},
        "median": {"EUR": Decimal("0.15"), "USD": Decimal("5000000000000.005")},
        "min": {"EUR": Decimal("0.1"), "USD": Decimal("0.01")},
        "count": 4,
        "count_distinct": 4,
    }
    total = {"op": "sum", "field": "value", "as": "total"}
    found = rows(
        owner,
        "deals",
        measures=[total],
        group_by=[{"field": "currency"}],
        having=[{"field": "total", "operator": "lt", "value": 1}],
        order_by="total",
    )
    assert found == [{"group": {"currency": "EUR"}, "total": Decimal("0.3")}]


def test_numbers_of_any_size_are_summed(owner: Client) -> None:
    for value in (1.7e308, 1.7e308, 5e-324):  # doubles would overflow
        owner.create("/contacts", contact(free=value))
    told = measured(owner, "contacts", ("sum", "custom_fields.free"))
    assert told["sum"] > Decimal("3.3e308")


def test_who_may_not_read_is_told_nothing(
    tenant: Tenant, open_client: OpenClient
) -> None:
    client = open_client(tenant.token(scopes=["deal.read"]))
    body = {"measures": [{"op": "count", "as": "n"}]}
    assert client.post("/deals/aggregate", body).status == 200
    assert client.post("/contacts/aggregate", body).status == 403
