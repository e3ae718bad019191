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


# As doubles they are one number.
REVENUES = ("999999999999999.98", "999999999999999.99", "1000000000000000")


@pytest.fixture
def companies(owner: Client) -> Client:
    """A client that sees a company for each revenue, called as it is written."""
    for text in REVENUES:
        body = f'{{"name": "{text}", "annual_revenue": {text}}}'
        assert owner.post("/companies", body.encode()).status == 201
    return owner


def query(condition: str, field: str = "value", order: str = "value") -> bytes:
    """A search by a condition on a field, which is given as JSON."""
    return (
        f'{{"filters": [{{"field": "{field}", {condition}}}], "order_by": "{order}",'
        ' "sort_direction": "asc"}'
    ).encode()


def found(client: Client, condition: str) -> list[str]:
    """The names of the deals for which a condition holds, by their values."""
    return names(client, "/deals", query(condition))


def names(client: Client, path: str, body: bytes) -> list[str]:
    answer = client.post(f"{path}/search", body)
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


def test_a_condition_keeps_more_digits_than_a_double(companies: Client) -> None:
    less, more, most = REVENUES
    expected = {
        f'"operator": "eq", "value": {less}': [less],
        f'"operator": "eq", "value": {more}00': [more],
        '"operator": "eq", "value": 99999999999999999e-2': [more],
        f'"operator": "eq", "value": {most}': [most],
        f'"operator": "eq", "value": {more}5': [],
        f'"operator": "neq", "value": {more}': [most, less],
        f'"operator": "gt", "value": {less}': [most, more],
        f'"operator": "gte", "value": {more}': [most, more],
        f'"operator": "lt", "value": {more}': [less],
        f'"operator": "lte", "value": {more}': [less, more],
        f'"operator": "lt", "value": {more}{"9" * 900}': [less, more],
        f'"operator": "between", "values": [{less}, {more}]': [less, more],
        f'"operator": "in", "values": [7, {more}, {less}]': [less, more],
        f'"operator": "not_in", "values": [{more}, 7.5]': [most, less],
        '"operator": "lt", "value": 1e-400': [],
        '"operator": "gt", "value": 1e-999999': [*sorted(REVENUES)],
    }
    searches = {each: query(each, "annual_revenue", "name") for each in expected}
    told = {each: names(companies, "/companies", searches[each]) for each in expected}
    assert told == {each: sorted(expected[each]) for each in expected}


def test_a_range_of_which_the_ends_are_one_double_has_an_order(owner: Client) -> None:
    less, more, _ = REVENUES
    condition = f'"operator": "between", "values": [{more}, {less}]'
    answer = owner.post("/companies/search", query(condition, "annual_revenue", "name"))
    assert answer.status == 422, answer.body
    assert answer.codes == {"filters[0].values": "invalid"}


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
