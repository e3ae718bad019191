"""The examples of the documents are what the product answers today."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from edge.openapi import files
from tests import stacks
from tests.openapi.recording import HASTY, record
from tests.openapi.stable import as_if_today


@pytest.fixture(scope="module")
def recorded(migrated_database: Callable[[str], str]) -> Iterator[Any]:
    """A recording of now, on a database of its own."""
    url = migrated_database("openapi_examples")
    with stacks.running("together", url, HASTY) as stack:
        yield record(stack)


def test_operations_answer_as_the_examples_show(recorded: Any) -> None:
    kept = files.read_recording()["operations"]
    assert recorded["operations"].keys() == kept.keys()
    for version, operations in recorded["operations"].items():
        assert operations.keys() == kept[version].keys()
        for name, example in operations.items():
            assert example == kept[version][name], f"{version} {name}: make examples"


def test_problems_are_as_the_examples_show(recorded: Any) -> None:
    assert recorded["problems"] == files.read_recording()["problems"], "make examples"


def test_a_stale_example_is_noticed(recorded: Any) -> None:
    stale = deepcopy(files.read_recording())
    stale["problems"]["404"]["not_found"]["detail"] = "No such thing."
    assert recorded["problems"] != stale["problems"]


@pytest.mark.parametrize(
    ("today", "given", "told"),
    [
        (date(2026, 12, 3), "2026-11-30", "2026-11-30"),
        (date(2026, 12, 7), "2026-12-07", "2026-11-30"),
        (date(2027, 1, 3), "2026-12-28", "2026-11-30"),
        (date(2027, 1, 3), "2027-01-11", "2026-12-14"),
        (date(2027, 1, 3), "2027-01", "2026-12"),
        (date(2027, 1, 3), "2026-11-02", "2026-11-02"),  # a sample's own time
        (date(2027, 1, 3), None, None),
        (date(2027, 1, 3), "usr_1", "usr_1"),
    ],
)
def test_examples_do_not_depend_on_their_day(
    today: date, given: str | None, told: str | None
) -> None:
    assert as_if_today(given, today) == told
