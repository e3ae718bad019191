"""A search finds what the contract says, told by an oracle that knows only that."""

from dataclasses import replace
from random import Random

import pytest

from tests.end_to_end.search import queries
from tests.end_to_end.search.crowd import NAMES, Crowd
from tests.promises.oracle import OPERATORS, fold

ROUNDS = 2
SEEDS = range(10)
FILTERS_A_SEED = 30


@pytest.mark.sampled(3)
@pytest.mark.parametrize("field", queries.FIELDS)
def test_every_operator_finds_what_the_contract_says(crowd: Crowd, field: str) -> None:
    random = Random(field)
    values = queries.values_of(crowd.records, field)
    for _ in range(ROUNDS):
        for condition in queries.conditions(values, random):
            crowd.check({"filters": [condition]})


@pytest.mark.parametrize("seed", SEEDS)
def test_filters_of_any_shape_find_what_the_contract_says(
    crowd: Crowd, seed: int
) -> None:
    random = Random(seed)
    everything = [queries.values_of(crowd.records, f) for f in queries.FIELDS]
    for _ in range(FILTERS_A_SEED):
        count = random.choice((1, 1, 2))
        filters = [queries.nested(everything, random) for _ in range(count)]
        query = {"filters": filters, "search_text": random.choice(("", "", "a", "é o"))}
        crowd.check(query)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("operator", ["eq", "contains", "starts_with", "ends_with"])
@pytest.mark.parametrize("name", NAMES)
def test_no_character_of_a_value_is_special(
    crowd: Crowd, name: str, operator: str
) -> None:
    for value in (name, name.upper(), name.lower()):
        condition = {"field": "city", "operator": operator, "value": value}
        crowd.check({"filters": [condition]})
        if value == name:
            assert crowd.find({"filters": [condition]})


@pytest.mark.sampled(3)
@pytest.mark.parametrize("character", ["%", "_", "\\", "'", '"', "$1", "{}"])
@pytest.mark.parametrize(
    "field", ["name", "city", "email", "custom_fields.plan", "tags", "phone"]
)
def test_wildcards_are_plain_characters(
    crowd: Crowd, field: str, character: str
) -> None:
    kind = queries.kinds(field)[0]
    for operator in OPERATORS[kind]:
        if "contains" in operator or operator.endswith("_with"):
            condition = {"field": field, "operator": operator, "value": character}
            crowd.check({"filters": [condition]})


TEXTS = (
    *NAMES,
    "goncalves",
    "GONÇALVES",
    "sao",
    "köhler leonie",
    "Kohler  \t LEONIE",
    "buyer corp",
    "embraer.com",
    "@",
    "%",
    "_",
    "\\",
    "general manager adams",
    "adams nobody",
    "+55 (12) 3923-5555",
    "551239235555",
    "3923-5555",
    "(780)",
    "780-428",
    "428",
    "+1",
    "tm",
    "finance",
    "x",
    "-",
    "",
    "   ",
)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("text", TEXTS)
def test_every_word_of_a_text_occurs_in_what_it_finds(crowd: Crowd, text: str) -> None:
    for each in (text, text.upper(), fold(text)):
        crowd.check({"search_text": each})


def test_odd_names_are_found_by_their_text(crowd: Crowd) -> None:
    for name in NAMES:
        for text in (name, name.upper(), fold(name)):
            found = crowd.find({"search_text": text})
            by_id = {record["id"]: record["city"] for record in crowd.records}
            assert name in [by_id[each] for each in found], text


def test_the_oracle_would_notice(crowd: Crowd) -> None:
    """Planted: an API that forgets one filter, or one record."""
    condition = {"field": "country", "operator": "eq", "value": "br"}
    with pytest.raises(AssertionError):
        assert crowd.find({}) == crowd.find({"filters": [condition]})
    some = replace(crowd, records=crowd.records[1:])
    with pytest.raises(AssertionError):
        some.check({})
