"""Every field, operator and kind of value: a search is answered, or refused as wrong.

Values that JSON has and no field can hold are the edge's to refuse. The services see
the same search without them, to find what else is wrong.
"""

from itertools import product

import pytest

from tests.client import Client
from tests.promises.record_values import Maker
from tests.promises.records_suite import RESOURCES

OPERATORS = (
    *("eq", "neq", "in", "not_in", "gt", "gte", "lt", "lte", "between", "contains"),
    *("not_contains", "starts_with", "ends_with", "any_of", "all_of", "none_of"),
    *("is_empty", "is_not_empty"),
)
# As JSON, since Python would not write some of them.
VALUES = (
    *("null", "9007199254740993", "1e400", "-1e400", "1e-400", "NaN", '"\\u0000"'),
    *('"\\ud800"', "[]", "[null]", "{}", '{"a":1}', "true", '""', '" "', "0.1", '"1"'),
)
MOST_CONDITIONS = 100


SHAPES = ('"value":{}', '"values":[{}]', '"values":[{},1]')


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", RESOURCES)
def test_no_value_breaks_a_search(owner: Client, name: str) -> None:
    """One kind of value a request: some are no JSON, and hide all else in a body."""
    resource = RESOURCES[name]
    Maker(owner, {}).prepare(resource)
    names = [item.name for item in resource.fields if item.policy.filterable]
    names = ["custom_fields.a" if each == "custom_fields" else each for each in names]
    failed = []
    for value, shape in product(VALUES, SHAPES):
        given = shape.format(value)
        every = [
            f'{{"field":"{name}","operator":"{operator}",{given}}}'
            for name, operator in product(names, OPERATORS)
        ]
        for begin in range(0, len(every), MOST_CONDITIONS):
            some = every[begin : begin + MOST_CONDITIONS]
            if not ends_well(owner, resource.path, some):
                failed += [x for x in some if not ends_well(owner, resource.path, [x])]
    assert not failed


def ends_well(client: Client, path: str, filters: list[str]) -> bool:
    body = f'{{"filters":[{",".join(filters)}],"limit":1}}'
    answer = client.send("POST", f"{path}/search", body.encode())
    return answer.status in (200, 400, 422)
