"""The threat model names tests that are there, for every threat that it names."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/security.md").read_text()
TESTS = re.findall(r"`([\w/]+\.py)::(test_\w+)`", PAGE)
TABLE = PAGE.partition("| threat |")[2].partition("\n\n")[0].splitlines()[2:]
MOST_LINES = 200


@pytest.mark.parametrize(("file", "name"), TESTS, ids=[name for _, name in TESTS])
def test_a_test_that_is_named_is_there(file: str, name: str) -> None:
    source = (ROOT / "tests" / file).read_text()
    assert re.search(rf"^(async )?def {name}\(", source, re.MULTILINE)


@pytest.mark.parametrize("row", TABLE, ids=range(len(TABLE)))
def test_each_threat_has_a_defence_and_a_test(row: str) -> None:
    threat, defence, tests = (cell.strip() for cell in row.strip("|").split("|"))
    assert threat
    assert defence
    assert re.search(r"`[\w/]+\.py::test_\w+`", tests), threat


def test_the_page_stays_short_enough_to_be_read() -> None:
    assert len(PAGE.splitlines()) <= MOST_LINES
    assert len(TABLE) > 20
