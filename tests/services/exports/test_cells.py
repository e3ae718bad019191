"""Cells of tables: no spreadsheet runs one, and each says what its value was."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.exports.cells import Number, as_json, cell, parsed
from services.exports.guarding import RUNS, unguarded

# Many of these texts begin with what a spreadsheet runs.
HOSTILE = st.builds(
    "{}{}".format,
    st.text("'" + RUNS, max_size=3),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)


@given(HOSTILE)
def test_no_cell_is_run_and_none_is_lost(text: str) -> None:
    written = cell(text)
    assert written[:1] not in {*RUNS}
    assert unguarded(written) == text


@given(st.lists(HOSTILE, min_size=1, max_size=5))
def test_a_row_is_read_as_it_was_written(texts: list[str]) -> None:
    texts = [each.replace("\r", "") for each in texts]
    out = io.StringIO()
    csv.writer(out).writerow([*map(cell, texts), "end"])
    (row,) = csv.reader(io.StringIO(out.getvalue(), newline=""))
    assert list(map(unguarded, row)) == [*texts, "end"]


@given(st.lists(HOSTILE, max_size=4))
def test_a_list_is_a_list_again(texts: list[str]) -> None:
    told = unguarded(cell(texts))
    if told.startswith("["):
        assert json.loads(told) == texts
    else:
        assert (told.split("|") if told else []) == texts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-5, "'-5"),
        (Number("90310.50"), "90310.50"),
        ([], ""),
        ({}, ""),
        (["a", "b"], "a|b"),
        (["a|b"], '["a|b"]'),
        ({"a": Number("1.10")}, '{"a":1.10}'),
    ],
)
def test_each_kind_of_value_has_a_text(value: object, text: str) -> None:
    assert cell(value) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_numbers_keep_their_digits(number: object) -> None:
    line = f'{{"value":{number:f},"in":{{"it":{number:f}}}}}'.encode()
    record = parsed(line)
    assert str(record["value"]) == f"{number:f}"
    assert as_json(record["in"]) == f'{{"it":{number:f}}}'
