"""A search that cannot be meant is refused, with every fault and where it is."""

from typing import Any

import pytest

from tests.client import Answer, Client
from tests.end_to_end.search.crowd import Crowd
from tests.promises.oracle import KINDS, OPERATORS, SEVERAL

ALL_OPERATORS = tuple(dict.fromkeys(o for each in OPERATORS.values() for o in each))
FITTING = {
    "string": "x",
    "id": "con_000000000000000000000000",
    "number": 5,
    "timestamp": "2026-01-01T00:00:00Z",
    "tags": "x",
}
ONE = {"field": "email", "operator": "eq", "value": "x"}


def refuse(client: Client, filters: Any, **more: Any) -> Answer:
    answer = client.post("/contacts/search", {"filters": filters, **more})
    assert answer.status == 422, answer.body
    assert answer.json["type"].endswith("/validation")
    return answer


def codes(client: Client, *filters: Any) -> dict[str, str]:
    return refuse(client, list(filters)).codes


def condition(field: str, operator: str, *values: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"field": field, "operator": operator}
    if operator in SEVERAL:
        return {**made, "values": list(values)}
    return {**made, "value": values[0]} if values else made


@pytest.mark.parametrize("field", KINDS)
def test_an_operator_of_another_kind_is_refused(crowd: Crowd, field: str) -> None:
    kind = KINDS[field]
    wrong = [each for each in ALL_OPERATORS if each not in OPERATORS[kind]]
    value = "lead" if field == "lifecycle_stage" else FITTING[kind]
    made = [condition(field, each, value, value) for each in wrong]
    found = refuse(crowd.client, made)
    assert found.codes == {
        f"filters[{index}].operator": "invalid_choice" for index in range(len(wrong))
    }
    assert all(each in found.json["errors"][0]["message"] for each in OPERATORS[kind])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"operator": "eq", "value": "x"}, {"field": "required"}),
        ({"field": "", "operator": "eq", "value": "x"}, {"field": "required"}),
        ({"field": None, "operator": "eq", "value": "x"}, {"field": "required"}),
        ({"field": 5, "operator": "eq", "value": "x"}, {"field": "invalid_type"}),
        ({"field": "email", "value": "x"}, {"operator": "required"}),
        ({"field": "email", "operator": None, "value": "x"}, {"operator": "required"}),
        (condition("email", "like", "x"), {"operator": "invalid_choice"}),
        (condition("email", "EQ", "x"), {"operator": "invalid_choice"}),
        (condition("email", "unspecified", "x"), {"operator": "invalid_choice"}),
        ({"field": "email", "operator": 1, "value": 1}, {"operator": "invalid_type"}),
        ({}, {"field": "required", "operator": "required"}),
        ({"any": []}, {"field": "required", "operator": "required"}),
        (condition("email", "is_empty", False), {"value": "invalid"}),
        (condition("email", "is_not_empty", ""), {"value": "invalid"}),
        (
            {"field": "email", "operator": "is_empty", "values": ["a"]},
            {"values": "invalid"},
        ),
        (condition("nope", "eq", "x"), {"field": "invalid_choice"}),
        (condition("business_id", "eq", "x"), {"field": "invalid_choice"}),
        (condition("search_text", "eq", "x"), {"field": "invalid_choice"}),
        (condition("deleted_at", "is_empty"), {"field": "invalid_choice"}),
        (condition("etag", "eq", "x"), {"field": "invalid_choice"}),
        (condition("custom_fields", "is_empty"), {"field": "invalid_choice"}),
        (condition("custom_fields.", "is_empty"), {"field": "invalid_choice"}),
        (condition("external_ids", "is_empty"), {"field": "invalid_choice"}),
        (condition("external_ids.Erp", "is_empty"), {"field": "invalid_choice"}),
        (condition("external_ids." + 33 * "a", "eq", "x"), {"field": "invalid_choice"}),
        (
            condition("external_ids.erp", "contains", "x"),
            {"operator": "invalid_choice"},
        ),
        (condition("external_ids.erp", "eq", 5), {"value": "invalid_type"}),
        (condition("custom_fields.Plan", "is_empty"), {"field": "invalid_choice"}),
        (condition("custom_fields.a'b", "eq", "x"), {"field": "invalid_choice"}),
        (condition("custom_fields.a.b", "eq", "x"), {"field": "invalid_choice"}),
        (condition("email.x", "eq", "x"), {"field": "invalid_choice"}),
        (condition("email; --", "eq", "x"), {"field": "invalid_choice"}),
        (condition(" ", "eq", "x"), {"field": "invalid_choice"}),
        (condition(" email", "eq", "x"), {"field": "invalid_choice"}),
        (condition("email", "eq"), {"value": "required"}),
        (condition("email", "eq", None), {"value": "required"}),
        (condition("email", "eq", 5), {"value": "invalid_type"}),
        (condition("email", "eq", True), {"value": "invalid_type"}),
        (condition("email", "eq", ["x"]), {"value": "invalid_type"}),
        (condition("email", "eq", {"x": 1}), {"value": "invalid_type"}),
        (condition("email", "eq", "a\0b"), {"value": "invalid"}),
        (condition("id", "eq", 5), {"value": "invalid_type"}),
        (condition("tags", "contains", 5), {"value": "invalid_type"}),
        (condition("lead_score", "eq", "5"), {"value": "invalid_type"}),
        (condition("lead_score", "gt", False), {"value": "invalid_type"}),
        (condition("created_at", "gt", 5), {"value": "invalid_type"}),
        (condition("created_at", "gt", "2026-01-01"), {"value": "invalid_format"}),
        (
            condition("created_at", "gt", "2026-02-30T00:00:00Z"),
            {"value": "invalid_format"},
        ),
        (
            condition("created_at", "gt", "2026-01-01T00:00:00"),
            {"value": "invalid_format"},
        ),
        (condition("lifecycle_stage", "eq", "vip"), {"value": "invalid_choice"}),
        (condition("lifecycle_stage", "eq", "LEAD"), {"value": "invalid_choice"}),
        (condition("lifecycle_stage", "eq", 2), {"value": "invalid_type"}),
        (condition("custom_fields.x", "gt", "5"), {"value": "invalid_type"}),
        (condition("custom_fields.x", "contains", 5), {"value": "invalid_type"}),
        ({**ONE, "values": ["x"]}, {"values": "invalid"}),
        ({**ONE, "operator": "in"}, {"value": "invalid"}),
        (condition("email", "in"), {"values": "required"}),
        (condition("email", "in", "x", 5), {"values[1]": "invalid_type"}),
        (condition("email", "in", "x", None), {"values[1]": "invalid_type"}),
        (condition("tags", "any_of", "x", True), {"values[1]": "invalid_type"}),
        (condition("email", "not_in", *"x" * 1_001), {"values": "too_many"}),
        (condition("lead_score", "between", 5), {"values": "invalid"}),
        (condition("lead_score", "between", 1, 2, 3), {"values": "invalid"}),
        (condition("lead_score", "between", 2, 1), {"values": "invalid"}),
        (condition("lead_score", "between"), {"values": "required"}),
        ({**ONE, "any": [ONE]}, {"": "invalid"}),
        ({"any": [ONE], "all": [ONE]}, {"": "invalid"}),
        ({"not": ONE, "all": [ONE]}, {"": "invalid"}),
        ({**ONE, "nope": 1}, {"nope": "unknown_field"}),
        ({"any": ONE}, {"any": "invalid_type"}),
        ({"not": [ONE]}, {"not": "invalid_type"}),
        ({"any": [5]}, {"any[0]": "invalid_type"}),
    ],
)
def test_each_fault_is_told_where_it_is(
    crowd: Crowd, given: Any, expected: dict[str, str]
) -> None:
    paths = {f"filters[1].{at}".rstrip("."): code for at, code in expected.items()}
    assert codes(crowd.client, ONE, given) == paths
    inside = {
        f"filters[0].any[0].not.all[1].{at}".rstrip("."): code
        for at, code in expected.items()
    }
    assert codes(crowd.client, {"any": [{"not": {"all": [ONE, given]}}]}) == inside


def test_all_faults_come_at_once(crowd: Crowd) -> None:
    filters = [
        condition("nope", "eq", "x"),
        {"any": [condition("lead_score", "eq", "5"), {"field": 5, "operator": "eq"}]},
        condition("email", "gt", "x"),
    ]
    more = {"order_by": "email", "limit": 0, "search_text": "x" * 201, "nope": 1}
    assert refuse(crowd.client, filters, **more).codes == {
        "filters[0].field": "invalid_choice",
        "filters[1].any[0].value": "invalid_type",
        "filters[1].any[1].field": "invalid_type",
        "filters[2].operator": "invalid_choice",
        "order_by": "invalid_choice",
        "limit": "too_small",
        "search_text": "too_long",
        "nope": "unknown_field",
    }


def _groups(depth: int, group: str, inner: Any = ONE) -> Any:
    for _ in range(depth):
        inner = {"not": inner} if group == "not" else {group: [inner]}
    return inner


@pytest.mark.parametrize("group", ["any", "all", "not"])
def test_groups_nest_five_deep_and_no_deeper(crowd: Crowd, group: str) -> None:
    crowd.check({"filters": [_groups(5, group), ONE]})
    step = ".not" if group == "not" else f".{group}[0]"
    assert codes(crowd.client, ONE, _groups(6, group)) == {
        f"filters[1]{step * 5}": "invalid"
    }


@pytest.mark.parametrize("group", ["any", "all", "not"])
def test_groups_past_what_can_be_read_are_refused(crowd: Crowd, group: str) -> None:
    step = ".not" if group == "not" else f".{group}[0]"
    for depth in range(7, 20):
        for inside in (ONE, 5, None):
            found = codes(crowd.client, ONE, _groups(depth, group, inside))
            assert f"filters[1]{step * 5}" in found


def test_a_hundred_conditions_pass_and_one_more_does_not(crowd: Crowd) -> None:
    hundred = [{"any": [ONE] * 40}, {"not": {"all": [ONE] * 59}}, ONE]
    crowd.check({"filters": hundred})
    assert codes(crowd.client, *hundred, ONE) == {"filters": "too_many"}


def test_a_thousand_values_pass(crowd: Crowd) -> None:
    crowd.check({"filters": [condition("email", "in", *map(str, range(1_000)))]})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"limit": 0}, "too_small"),
        ({"limit": -1}, "too_small"),
        ({"limit": 101}, "too_large"),
        ({"limit": 2**40}, "too_large"),
        ({"limit": "5"}, "invalid_type"),
        ({"limit": 2.5}, "invalid_type"),
        ({"order_by": "email"}, "invalid_choice"),
        ({"order_by": "id"}, "invalid_choice"),
        ({"order_by": "name desc"}, "invalid_choice"),
        ({"order_by": " "}, "invalid_choice"),
        ({"order_by": " name"}, "invalid_choice"),
        ({"order_by": 1}, "invalid_type"),
        ({"sort_direction": "up"}, "invalid_choice"),
        ({"sort_direction": "DESC"}, "invalid_choice"),
        ({"search_text": "x" * 201}, "too_long"),
        ({"search_text": "a\0"}, "invalid"),
        ({"search_text": 5}, "invalid_type"),
        ({"include_total": "yes"}, "invalid_type"),
        ({"filters": ONE}, "invalid_type"),
        ({"filters": [ONE, None]}, "invalid_type"),
        ({"cursor": 5}, "invalid_type"),
        ({"offset": 5}, "unknown_field"),
    ],
)
def test_the_rest_of_a_search_has_its_rules(
    crowd: Crowd, body: dict[str, Any], expected: str
) -> None:
    answer = crowd.client.post("/contacts/search", body)
    (name,) = body
    path = "filters[1]" if body == {"filters": [ONE, None]} else name
    assert (answer.status, answer.codes) == (422, {path: expected})


def test_what_is_null_or_empty_counts_as_not_given(crowd: Crowd) -> None:
    names = ("search_text", "order_by", "sort_direction", "limit", "cursor")
    crowd.check({"filters": []})
    nothing = dict.fromkeys((*names, "filters", "include_total"))
    assert crowd.client.search("/contacts", **nothing) == crowd.client.search(
        "/contacts"
    )
    assert crowd.client.search("/contacts", search_text="x" * 200)["data"] == []
