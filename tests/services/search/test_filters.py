"""Filters become SQL that holds columns and places alone; values stay beside it."""

import re
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from hypothesis import given
from hypothesis import strategies as st
from prospectconnect.crm.v1.contacts_pb2 import Contact, SearchContactsRequest
from prospectconnect.type.v1.search_pb2 import Operator

from services.faults import Faults
from services.kinds.descriptors import record_type
from services.kinds.record_type import FieldType
from services.postgres.sql_parts import Parameters, by_index
from services.search.comparisons import NONE, SEVERAL, TAKES
from services.search.filters import FilterCompiler

CONTACT = record_type(Contact)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
VALUES: dict[FieldType, st.SearchStrategy[Any]] = {
    FieldType.STRING: TEXTS,
    FieldType.ID: TEXTS,
    FieldType.ENUM: st.sampled_from(["lead", "customer"]),
    FieldType.INTEGER: st.floats(allow_nan=False, allow_infinity=False),
    FieldType.TIMESTAMP: st.just("2026-06-17T14:30:00Z"),
    FieldType.TAGS: TEXTS,
}
LITERALS = {
    *("", "%", "{}", "[]", '""', "null", "infinity", "-infinity"),
    *("array", "string", "number", "boolean"),
}
LOWERED = ("tags_lower", "custom_fields_lower")
FIELDS = [f for f in CONTACT.fields if f.type in VALUES and f.policy.filterable]


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    """A condition that a field takes, with any value."""
    item = draw(st.sampled_from(FIELDS))
    operator = draw(st.sampled_from([*TAKES[item.type]]))
    made = {"field": item.name, "operator": Operator.Name(operator)}
    value = VALUES[item.type]
    if operator in NONE:
        return made
    if operator == Operator.OPERATOR_BETWEEN:
        return {**made, "values": sorted([draw(value), draw(value)])}
    if operator in SEVERAL:
        return {**made, "values": draw(st.lists(value, min_size=1, max_size=4))}
    return {**made, "value": draw(value)}


FILTERS = st.recursive(
    conditions(),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"not": inner}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
    ),
    max_leaves=8,
)


def compiled(*filters: Any) -> tuple[list[str], list[Any], Faults]:
    request = ParseDict({"filters": list(filters)}, SearchContactsRequest())
    faults, parameters = Faults(), Parameters()
    found = FilterCompiler(CONTACT, faults, parameters).all(request.filters)
    return [by_index(each.sql) for each in found], parameters.values, faults


def depth(each: Any) -> int:
    inner = [*each.get("any", ()), *each.get("all", ())]
    inner += [each["not"]] if "not" in each else []
    return 1 + max(map(depth, inner)) if inner else 0


@given(FILTERS.filter(lambda each: depth(each) <= 5))
def test_a_value_never_becomes_part_of_the_sql(each: Any) -> None:
    (sql,), values, faults = compiled(each)
    assert not faults.found
    places = [int(number) for number in re.findall(r"\$(\d+)", sql)]
    assert set(places) == set(range(1, len(values) + 1))
    assert sql.count("(") == sql.count(")")
    columns = set(re.findall(r"\br\.(\w+)", sql))
    known = {item.name for item in CONTACT.fields}
    assert columns <= known | {"search_text", "phone_digits", "tags_lower"}
    literals = set(re.findall(r"'([^']*)'", sql))
    assert literals <= {"", "%", "{}", "infinity", "-infinity"}


NOISE = st.fixed_dictionaries(
    {},
    optional={
        "field": st.one_of(
            TEXTS,
            TEXTS.map(lambda key: f"custom_fields.{key}"),
            st.sampled_from(["name", "tags", "lead_score", "custom_fields.a'b", "id"]),
        ),
        "operator": st.sampled_from(Operator.keys()),
        "value": st.one_of(TEXTS, st.floats(), st.booleans(), st.none()),
        "values": st.lists(st.one_of(TEXTS, st.floats()), max_size=3),
    },
)


@given(NOISE)
def test_noise_is_refused_or_kept_beside_the_sql(each: Any) -> None:
    sqls, values, faults = compiled(each)
    assert sqls or faults.found
    known = {item.name for item in CONTACT.fields}
    for sql in sqls:
        assert set(re.findall(r"'([^']*)'", sql)) <= LITERALS
        columns = set(re.findall(r"\br\.(\w+)", sql))
        assert columns <= known | {"search_text", "phone_digits", *LOWERED}
        if not faults.found:
            assert all(0 < int(n) <= len(values) for n in re.findall(r"\$(\d+)", sql))


@pytest.mark.parametrize(
    ("negative", "positive"),
    [
        ("NEQ", "EQ"),
        ("NOT_IN", "IN"),
        ("NOT_CONTAINS", "CONTAINS"),
    ],
)
def test_a_negative_operator_is_the_plain_complement(
    negative: str, positive: str
) -> None:
    several = positive == "IN"
    given_ = {"field": "city", **({"values": ["x"]} if several else {"value": "x"})}
    (no,), _, _ = compiled({**given_, "operator": f"OPERATOR_{negative}"})
    (yes,), _, _ = compiled({**given_, "operator": f"OPERATOR_{positive}"})
    (plain,), _, _ = compiled({"not": {**given_, "operator": f"OPERATOR_{positive}"}})
    assert no == plain == f"({yes}) IS NOT TRUE"


@pytest.mark.parametrize(
    ("operator", "value", "sql"),
    [
        ("GT", 5, "> $1::bigint"),
        ("GT", 5.5, "> $1::bigint"),
        ("GTE", 5.5, ">= $1::bigint"),
        ("LT", 5.5, "< $1::bigint"),
        ("LTE", 5.5, "<= $1::bigint"),
        ("LT", 1e300, "< $1::bigint"),
    ],
)
def test_whole_numbers_are_compared_with_whole_numbers(
    operator: str, value: float, sql: str
) -> None:
    condition = {"field": "lead_score", "operator": f"OPERATOR_{operator}"}
    (found,), (bound,), _ = compiled({**condition, "value": value})
    assert found == f"r.lead_score {sql}"
    assert isinstance(bound, int)
    assert abs(bound) < 2**63
    for score in range(101):
        holds = {"GT": score > value, "GTE": score >= value}
        holds |= {"LT": score < value, "LTE": score <= value}
        same = {"GT": score > bound, "GTE": score >= bound}
        same |= {"LT": score < bound, "LTE": score <= bound}
        assert holds[operator] == same[operator]


MORE = "999999999999999.99"
LARGE = {"field": "lead_score", "operator": "OPERATOR_LT", "value": float(MORE)}


def test_a_number_is_compared_with_all_its_digits() -> None:
    assert compiled({**LARGE, "exact_value": MORE})[1] == [10**15]
    less = {**LARGE, "operator": "OPERATOR_LTE", "exact_value": MORE}
    assert compiled(less)[1] == [10**15 - 1]
    several = {**LARGE, "operator": "OPERATOR_BETWEEN"}
    del several["value"]
    several |= {"values": [0, float(MORE)], "exact_values": ["", MORE]}
    assert compiled(several)[1] == [0, 10**15 - 1]
    custom = {**LARGE, "field": "custom_fields.size", "exact_value": MORE}
    assert compiled(custom) == compiled({**LARGE, "field": "custom_fields.size"})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "6"),
        (5, "five"),
        (5, "NaN"),
        (5, "5" * 1_001),
        (0, "1e-1001"),
        (0, "1e-999999999999999999"),
        (1e308, "1e309"),
        (float("inf"), "1e400"),
        (float("nan"), "NaN"),
    ],
)
def test_an_exact_number_is_the_one_of_the_value(value: float, text: str) -> None:
    one = {**LARGE, "value": 0, "exact_value": text}
    several = {
        **LARGE,
        "operator": "OPERATOR_IN",
        "values": [0],
        "exact_values": [text],
    }
    del several["value"]
    for each, at in ((one, "value"), (several, "values[0]")):
        request = ParseDict({"filters": [each]}, SearchContactsRequest())
        for found in (request.filters[0].value, *request.filters[0].values):
            found.number_value = value
        if at != "value":
            request.filters[0].ClearField("value")
        faults = Faults()
        FilterCompiler(CONTACT, faults, Parameters()).all(request.filters)
        assert [fault.field for fault in faults.found] == [f"filters[0].{at}"]


def test_there_are_as_many_exact_numbers_as_values() -> None:
    several = {"field": "lead_score", "operator": "OPERATOR_IN", "values": [1, 2]}
    _, _, faults = compiled({**several, "exact_values": [""]})
    assert [fault.field for fault in faults.found] == ["filters[0].values"]


def test_a_phone_is_compared_by_its_digits() -> None:
    condition = {"field": "phone", "operator": "OPERATOR_EQ", "value": "+1 (5) 5-5"}
    assert compiled(condition)[:2] == (["r.phone_digits = $1::text"], ["1555"])
    (sql,), _, _ = compiled({**condition, "value": "none"})
    assert sql == "false"


def test_a_hundred_conditions_are_counted_through_all_groups() -> None:
    one = {"field": "city", "operator": "OPERATOR_IS_EMPTY"}
    half = {"any": [{"not": {"all": [one] * 25}}, {"all": [one] * 25}]}
    assert not compiled(half, half)[2].found
    (fault,) = compiled(half, half, one)[2].found
    assert fault.field == "filters"
