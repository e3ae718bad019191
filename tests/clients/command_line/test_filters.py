"""A filter means what it says, and makes what a search takes."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcrm import catalog
from pcrm.catalog import Compared
from pcrm.filters import language
from pcrm.filters.language import filters_of
from pcrm.filters.words import FilterError
from prospectconnect_client import VERSION
from tests.clients.command_line.filter_texts import Written, written
from tests.clients.command_line.shell import Shell
from tests.rounds import rounds

DOCUMENT = json.loads(Path(f"gen/openapi/{VERSION}.json").read_text())
FIELDS: Mapping[str, Mapping[str, Compared]] = {
    name: catalog.command(name, "search").filters
    for name, each in catalog.resources().items()
    if "search" in each.commands and catalog.command(name, "search").filters
}
# Between them they have every kind of field.
DRAWN = st.one_of(
    [
        st.tuples(st.just(name), written(FIELDS[name]))
        for name in ("contacts", "deals", "notes")
    ]
)


@settings(max_examples=rounds("COMMAND_FILTERS"), deadline=None, database=None)
@given(DRAWN)
def test_a_text_makes_its_filter_and_a_search_takes_it(
    drawn: tuple[str, Written],
) -> None:
    resource, wanted = drawn
    found = filters_of(wanted.text, FIELDS[resource])
    expected = wanted.filter.get("all", [wanted.filter])
    assert found == expected, wanted.text
    assert typed(found) == typed(expected), "1 is not true, and 3 is not 3.0"
    judge = JUDGES[resource]
    for each in found:
        judge.validate(as_json(each))


@pytest.mark.canary
def test_a_wrong_operator_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(language._OPERATORS, "!=", "eq")
    with pytest.raises(AssertionError):
        test_a_text_makes_its_filter_and_a_search_takes_it()


def judge_of(resource: str) -> Any:
    """What checks a filter of a search by the OpenAPI document."""
    command = catalog.command(resource, "search")
    body = DOCUMENT["paths"][command.path]["post"]["requestBody"]["content"]
    name = body["application/json"]["schema"]["$ref"].rpartition("/")[2]
    items = DOCUMENT["components"]["schemas"][name]["properties"]["filters"]["items"]
    schemas = DOCUMENT["components"]["schemas"]
    needed = {"$schema": "https://json-schema.org/draft/2020-12/schema", **items}
    return jsonschema_rs.validator_for({**needed, "components": {"schemas": schemas}})


JUDGES = {name: judge_of(name) for name in ("contacts", "deals", "notes")}


def as_json(value: Any) -> Any:
    """A filter as the parsed JSON that a server sees."""
    return json.loads(json.dumps(value, default=float))


def typed(value: Any) -> Any:
    """A value with the types of all that is in it."""
    if isinstance(value, dict):
        return {name: typed(each) for name, each in value.items()}
    return [typed(each) for each in value] if isinstance(value, list) else type(value)


@settings(max_examples=rounds("COMMAND_FILTERS"), deadline=None, database=None)
@given(st.one_of(st.text(), st.text("()=<>~!,'\"\\ \n.andorinotiscity0")))
def test_any_text_is_a_filter_or_an_error_with_its_place(text: str) -> None:
    error = None
    try:
        found = filters_of(text, FIELDS["contacts"])
    except FilterError as raised:
        error = raised
    if error is None:
        assert found
        return
    assert 0 <= error.place <= len(text)
    message, line, caret = str(error).rsplit("\n", 2)
    assert message
    assert len(caret) - 3 == error.place
    assert len(line) == len(text) + 2


@settings(max_examples=rounds("COMMAND_FILTERS"), deadline=None, database=None)
@given(DRAWN, st.integers(0, 200))
def test_a_text_that_is_cut_off_never_means_something_of_another_field(
    drawn: tuple[str, Written], end: int
) -> None:
    resource, wanted = drawn
    try:
        found = filters_of(wanted.text[:end], FIELDS[resource])
    except FilterError:
        return
    whole = json.dumps(wanted.filter, default=str)
    for each in found:
        for name in fields_in(each):
            assert name.partition(".")[0] in whole


def fields_in(node: Any) -> list[str]:
    """The names of all fields in a filter."""
    if isinstance(node, list):
        return [name for each in node for name in fields_in(each)]
    if "field" in node:
        return [node["field"]]
    return [
        name
        for each in node.values()
        for name in fields_in(each if isinstance(each, list) else [each])
    ]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("city = New York", 11, "Quote a value"),
        ("cty = Berlin", 0, "did you mean city"),
        ("city > Berlin", 5, "does not take >"),
        ("tags ~ VIP", 5, "compared as a whole"),
        ("lead_score >= many", 14, "holds numbers"),
        ("lifecycle_stage = custmer", 18, "one of: subscriber"),
        ("created_at > yesterday", 13, "holds times"),
        ("created_at > 2026-02-30", 13, "holds times"),
        ("city = null", 7, "is empty"),
        ("(city = Berlin", 14, "`)` is expected"),
        ("city = Berlin)", 13, "Not expected"),
        ("city = Berlin and", 17, "A field is expected"),
        ("city in ()", 9, "A value is expected"),
        ("city = 'Berlin", 7, "no end"),
        ("", 0, "A field is expected"),
        ("custom_fields. = 3", 0, "There is no field"),
        ("(" * 5_000, 51, "levels"),
    ],
)
def test_an_error_points_to_its_place(text: str, place: int, message: str) -> None:
    with pytest.raises(FilterError) as raised:
        filters_of(text, FIELDS["contacts"])
    assert raised.value.place == place
    assert message in raised.value.message


def test_and_binds_closer_than_or() -> None:
    found = filters_of("city = A or city = B and not name ~ x", FIELDS["contacts"])
    a, b = ({"field": "city", "operator": "eq", "value": each} for each in "AB")
    x = {"field": "name", "operator": "contains", "value": "x"}
    assert found == [{"any": [a, {"all": [b, {"not": x}]}]}]


def test_quotes_make_a_text_of_a_number() -> None:
    texts = ("custom_fields.a = 3", 'custom_fields.a = "3"', "custom_fields.a = 0.10")
    found = [filters_of(text, FIELDS["contacts"])[0]["value"] for text in texts]
    assert found == [3, "3", Decimal("0.10")]


@pytest.mark.parametrize(
    "text",
    [
        'city = "München" and not (lead_score >= 50 or tags = VIP)',
        "lifecycle_stage in (lead, customer) and created_at >= 2020-01-01",
        "custom_fields.seats > 3 or external_ids.crm is empty",
        "created_at between 2020-01-01 and 2099-12-31 and phone is empty",
    ],
)
def test_the_api_takes_it(shell: Shell, text: str) -> None:
    for name in ("München", "Bonn"):
        shell.run(
            "contacts",
            "create",
            "--email",
            f"{name}@engine.example".lower(),
            "--city",
            name,
        )
    done = shell.run("contacts", "search", "--filter", text)
    assert done.code == 0, done.err
    assert "München" in {each["city"] for each in done.json}
