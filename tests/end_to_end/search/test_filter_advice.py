"""The refusal of a filter says what would do instead: for this field, of this kind."""

from typing import Any

import pytest

from tests.client import Client
from tests.promises.oracle import KINDS, OPERATORS


def told(client: Client, *filters: Any) -> dict[str, str]:
    """The messages about filters, by their fields."""
    answer = client.post("/contacts/search", {"filters": list(filters)})
    assert answer.status == 422, answer.body
    return {each["field"]: each["message"] for each in answer.json["errors"]}


@pytest.mark.parametrize("operator", ["equals", "EQ", 7, None, "unspecified"])
def test_an_operator_that_does_not_exist_is_told_those_of_the_field(
    owner: Client, operator: Any
) -> None:
    """As an operator of another kind is; a text would take no `gt`."""
    for field in KINDS:
        wrong = {"field": field, "operator": operator, "value": "x"}
        messages = told(owner, wrong, {"any": [{"not": wrong}]})
        assert messages.keys() == {
            "filters[0].operator",
            "filters[1].any[0].not.operator",
        }
        for message in messages.values():
            taken = message.removeprefix("Give an operator: ").removesuffix(".")
            name, _, operators = taken.partition(" takes ")
            assert name == field
            assert set(operators.split(", ")) == set(OPERATORS[KINDS[field]])


def test_many_wrong_filters_are_all_told_and_none_is_counted_twice(
    owner: Client,
) -> None:
    """The first wrong names and operators are explained, all are there."""
    wrong = [
        {"field": "custom_fields.plan", "operator": "equals", "value": 1},
        {"field": "emial", "operator": "eq", "value": "x"},
    ]
    answer = owner.post("/contacts/search", {"filters": wrong * 15})
    assert answer.json["detail"] == "30 fields failed validation."
    messages = [each["message"] for each in answer.json["errors"]]
    assert len(messages) == 30
    assert sum(each.startswith("custom_fields.plan takes") for each in messages) >= 5
    nearest = "There is no field 'emial' to filter by. The nearest are email, "
    assert sum(each.startswith(nearest) for each in messages) == 15
    assert sum("Give one of id, " in each for each in messages) == 1


def test_a_wrong_name_is_told_the_right_ones_the_nearest_first(owner: Client) -> None:
    orders = set[str]()
    for wrong, right in (
        ("emial", "email"),
        ("Email", "email"),
        ("firstname", "first_name"),
        ("owner", "owner_id"),
        ("company.id", "company_id"),
        ("tag", "tags"),
        ("custom_field", "custom_fields.<key>"),
    ):
        condition = {"field": wrong, "operator": "eq", "value": "x"}
        message = told(owner, condition)["filters[0].field"]
        start, _, names = message.removesuffix(".").partition(". Give one of ")
        told_first = f"There is no field '{wrong}' to filter by. The nearest are "
        assert start.startswith(f"{told_first}{right}, ")
        # All names come in one order, so that two messages can be compared.
        assert {*KINDS} - {each for each in KINDS if "." in each} <= {
            *names.split(", ")
        }
        orders.add(names)
    assert len(orders) == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("custom_fields", "Name the key after a dot, e.g. custom_fields.plan."),
        (
            "custom_fields.Seats",
            "Keys of custom_fields are lower case: custom_fields.seats.",
        ),
        (
            "custom_fields.1st",
            "A key of custom_fields is a lower-case letter, then up to 63 of a-z, 0-9"
            " and _.",
        ),
    ],
)
def test_a_key_that_cannot_be_is_told_what_a_key_is(
    owner: Client, name: str, message: str
) -> None:
    condition = {"field": name, "operator": "eq", "value": "x"}
    assert told(owner, condition) == {"filters[0].field": message}


@pytest.mark.parametrize(
    ("field", "value"),
    [("created_at", "2026-02-30T00:00:00Z"), ("created_at", "2026-02-30")],
)
def test_a_day_that_does_not_exist_is_told_so(
    owner: Client, field: str, value: str
) -> None:
    condition = {"field": field, "operator": "gt", "value": value}
    assert told(owner, condition) == {"filters[0].value": "There is no day 2026-02-30."}
