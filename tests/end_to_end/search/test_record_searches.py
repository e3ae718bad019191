"""What every resource owes to a search: each filterable field, and each order.

The expected page is worked out here, in Python, from the records themselves.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.client import Client
from tests.promises.record_values import SYSTEM, Maker
from tests.promises.records_suite import RESOURCES, Field, Resource
from tests.world import Tenant


@pytest.fixture
def maker(owner: Client, tenant: Tenant) -> Maker:
    """Makes records as the tenant's owner."""
    return Maker(owner, tenant.users)


def fields_with(option: str) -> Callable[..., Any]:
    """Repeats a test for every field that a search may use so."""
    return pytest.mark.parametrize(
        ("resource", "field"),
        [
            pytest.param(
                *(resource, field),
                id=f"{resource.name}.{field.name}",
                marks=pytest.mark.sampled(4, each="resource"),
            )
            for resource in RESOURCES.values()
            for field in resource.fields
            if getattr(field.policy, option)
        ],
    )


def conditions(field: Field, value: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What holds for records with a value, and what for all others."""
    name, equal, unequal = field.name, "eq", "neq"
    if field.policy.custom_fields:
        name, value = f"{name}.plan", value.get("plan")
    elif field.is_unique:
        name, value = f"{name}.{SYSTEM}", value.get(SYSTEM)
    elif field.policy.ids:
        value = (value or [None])[0]
    elif field.repeated:
        equal, unequal, value = "contains", "not_contains", (value or [None])[0]
    if value is None:
        return (
            {"field": name, "operator": "is_empty"},
            {"field": name, "operator": "is_not_empty"},
        )
    return (
        {"field": name, "operator": equal, "value": value},
        {"field": name, "operator": unequal, "value": value},
    )


@fields_with("filterable")
def test_a_filter_finds_the_records_with_a_value_and_its_opposite_the_others(
    resource: Resource, field: Field, maker: Maker, owner: Client
) -> None:
    records = maker.several(resource)
    everything = {record["id"] for record in records}
    for record in records:
        alike = {r["id"] for r in records if r[field.name] == record[field.name]}
        if field.repeated and not record[field.name]:
            alike = {r["id"] for r in records if not r[field.name]}
        positive, negative = conditions(field, record[field.name])
        assert _found(owner, resource, positive) == alike
        assert _found(owner, resource, negative) == everything - alike
        assert _found(owner, resource, {"not": positive}) == everything - alike


def _found(client: Client, resource: Resource, condition: Any) -> set[str]:
    page = client.search(resource.path, filters=[condition])
    return {record["id"] for record in page["data"]}


def _in_order(records: list[Any], field: Field, descending: bool) -> list[str]:
    """Ids by value, then by id; those without a value come last."""

    def key(record: Any) -> Any:
        value = record[field.name]
        if "Timestamp" in field.message:
            value = datetime.fromisoformat(value)
        return (value.lower() if isinstance(value, str) else value), record["id"]

    valued = [record for record in records if record[field.name] is not None]
    others = [record for record in records if record[field.name] is None]
    valued.sort(key=key, reverse=descending)
    others.sort(key=lambda record: record["id"], reverse=descending)
    return [record["id"] for record in valued + others]


@fields_with("sortable")
def test_a_search_is_ordered_in_both_directions_across_its_pages(
    resource: Resource, field: Field, maker: Maker, owner: Client
) -> None:
    records = maker.several(resource)
    for direction in ("asc", "desc"):
        order = {"order_by": field.name, "sort_direction": direction}
        expected = _in_order(records, field, direction == "desc")
        for limit in (1, 100):
            pages = owner.pages(resource.path, limit=limit, **order)
            assert [record["id"] for record in pages] == expected


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=str)
def test_a_search_shows_the_newest_first_and_whole_records(
    resource: Resource, maker: Maker, owner: Client
) -> None:
    records = {record["id"]: record for record in maker.several(resource)}
    created = next(f for f in resource.fields if f.name == "created_at")
    page = owner.search(resource.path)
    expected = _in_order(list(records.values()), created, descending=True)
    assert page["data"] == [records[each] for each in expected]
    assert page["meta"] == {"cursor": {"next": None, "has_more": False}}


WORDS = ("2026-06-17", "14:30", "+1", "3-4", "1.0", "(11)", "#12", "x9", "-", "7")


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=str)
def test_any_word_may_be_searched_for(
    resource: Resource, maker: Maker, owner: Client
) -> None:
    maker.several(resource)
    for text in (*WORDS, " ".join(WORDS)):
        page = owner.search(resource.path, search_text=text, include_total=True)
        assert page["meta"]["total"] == len(page["data"])


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=str)
def test_a_search_refuses_what_it_does_not_know(
    resource: Resource, maker: Maker, owner: Client
) -> None:
    maker.prepare(resource)
    sortable = {field.name for field in resource.fields if field.policy.sortable}
    for field in resource.fields:
        body = {"order_by": field.name}
        answer = owner.post(f"{resource.path}/search", body)
        if field.name in sortable:
            assert answer.status == 200
        else:
            assert answer.codes == {"order_by": "invalid_choice"}
        if not field.policy.filterable:
            condition = {"field": field.name, "operator": "is_empty"}
            answer = owner.post(f"{resource.path}/search", {"filters": [condition]})
            assert answer.codes == {"filters[0].field": "invalid_choice"}
