"""Searches by money compare exact numbers; a deal without a value comes last."""

import pytest

from tests.client import Client

SET = (
    "0",
    "0.01",
    "1.1",
    "1.11",
    "100",
    "9999999999999.98",
    "9999999999999.99",
    "10000000000000",
)
UNSET = "null"


@pytest.fixture
def deals(owner: Client) -> Client:
    """A client that sees a deal for each value, called as the value is written."""
    for value in (*SET[::2], UNSET, *SET[1::2]):
        owner.create("/deals", {"name": value} | _value(value))
    return owner


def _value(text: str) -> dict[str, float]:
    return {} if text == UNSET else {"value": float(text)}


def query(condition: str) -> bytes:
    """A search by a condition on the value, which is given as JSON."""
    return (
        b'{"filters": [{"field": "value", %s}], "order_by": "value",'
        b' "sort_direction": "asc"}' % condition.encode()
    )


def found(client: Client, condition: str) -> list[str]:
    """The names of the deals for which a condition holds, by their values."""
    answer = client.post("/deals/search", query(condition))
    assert answer.status == 200, answer.body
    return [each["name"] for each in answer.json["data"]]


def test_a_condition_holds_for_exact_numbers(deals: Client) -> None:
    expected = {
        '"operator": "eq", "value": 1.10': ["1.1"],
        '"operator": "eq", "value": 1e2': ["100"],
        '"operator": "eq", "value": 1.105': [],
        '"operator": "eq", "value": -0.0': ["0"],
        '"operator": "eq", "value": 9999999999999.99': ["9999999999999.99"],
        '"operator": "neq", "value": 100': [*SET[:4], *SET[5:], UNSET],
        '"operator": "gt", "value": 9999999999999.98': [*SET[6:]],
        '"operator": "gte", "value": 9999999999999.98': [*SET[5:]],
        '"operator": "gt", "value": 1.105': [*SET[3:]],
        '"operator": "gt", "value": 1e300': [],
        '"operator": "gt", "value": -1': [*SET],
        '"operator": "lt", "value": 0.01': ["0"],
        '"operator": "lte", "value": 0.01': ["0", "0.01"],
        '"operator": "lt", "value": 1e300': [*SET],
        '"operator": "between", "values": [1.10, 100.00]': [*SET[2:5]],
        '"operator": "between", "values": [1.11, 1.11]': ["1.11"],
        '"operator": "in", "values": [0.010, 1e13, 7]': ["0.01", "10000000000000"],
        '"operator": "not_in", "values": [0, 1.1]': ["0.01", *SET[3:], UNSET],
        '"operator": "is_empty"': [UNSET],
        '"operator": "is_not_empty"': [*SET],
    }
    assert {condition: found(deals, condition) for condition in expected} == expected


@pytest.mark.parametrize(
    ("condition", "field", "code"),
    [
        ('"operator": "eq", "value": "5"', "value", "invalid_type"),
        ('"operator": "eq", "value": true', "value", "invalid_type"),
        ('"operator": "eq", "value": null', "value", "required"),
        ('"operator": "gt", "value": 1e400', "value", "too_large"),
        ('"operator": "lt", "value": -1e400', "value", "too_small"),
        ('"operator": "contains", "value": 5', "operator", "invalid_choice"),
        ('"operator": "between", "values": [2, 1]', "values", "invalid"),
        ('"operator": "between", "values": [1]', "values", "invalid"),
        ('"operator": "in", "values": [1, "2"]', "values[1]", "invalid_type"),
    ],
)
def test_a_condition_that_no_number_can_meet_is_refused(
    owner: Client, condition: str, field: str, code: str
) -> None:
    answer = owner.post("/deals/search", query(condition))
    assert answer.status == 422, answer.body
    assert answer.codes == {f"filters[0].{field}": code}


@pytest.mark.parametrize("limit", [2, 3, 100])
def test_values_are_in_order_and_none_comes_last(deals: Client, limit: int) -> None:
    for direction, expected in (("asc", SET), ("desc", SET[::-1])):
        query = {"order_by": "value", "sort_direction": direction, "limit": limit}
        names = [each["name"] for each in deals.pages("/deals", **query)]
        assert names == [*expected, UNSET]


def test_deals_of_one_value_are_in_order_of_their_ids(deals: Client) -> None:
    same = [deals.create("/deals", {"name": "1.1", "value": 1.1}) for _ in range(5)]
    condition = [{"field": "value", "operator": "eq", "value": 1.1}]
    for direction in ("asc", "desc"):
        query = {"filters": condition, "order_by": "value", "limit": 2}
        pages = deals.pages("/deals", **query, sort_direction=direction)
        ids = [each["id"] for each in pages]
        assert len(ids) == len(same) + 1
        assert ids == sorted(ids, reverse=direction == "desc")
