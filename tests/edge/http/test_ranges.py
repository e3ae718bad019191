"""Ranges of files: what is asked for, and which bytes of a file that is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.http.ranges import Range, is_same, read_range

NUMBERS = st.integers(min_value=0, max_value=2**40)


@given(NUMBERS, NUMBERS, st.binary(min_size=1, max_size=64))
def test_a_range_is_the_slice_of_python(first: int, last: int, data: bytes) -> None:
    first, last = first % 80, last % 80
    wanted = read_range([f"bytes={first}-{last}"])
    if last < first:
        assert wanted is None
        return
    assert wanted is not None
    found = wanted.within(len(data))
    cut = data[first : last + 1]
    assert (b"" if found is None else data[slice(*found)]) == cut


@given(NUMBERS, st.binary(max_size=64))
def test_a_range_without_a_begin_is_the_end(length: int, data: bytes) -> None:
    length %= 80
    wanted = read_range([f"bytes=-{length}"])
    assert wanted == Range(None, length)
    found = wanted.within(len(data))
    cut = data[-length:] if length else b""
    assert (b"" if found is None else data[slice(*found)]) == cut


@given(NUMBERS)
def test_a_range_without_an_end_goes_to_the_end(first: int) -> None:
    wanted = read_range([f"bytes={first}-"])
    assert wanted is not None
    assert wanted.within(first) is None
    assert wanted.within(first + 7) == (first, first + 7)


@pytest.mark.parametrize("digits", [19, 20, 5_000])
def test_a_long_number_is_beyond_the_end(digits: int) -> None:
    wanted = read_range(["bytes=" + "9" * digits + "-"])
    assert wanted is not None
    assert wanted.within(2**50) is None
    last = read_range(["bytes=7-" + "9" * digits])
    assert last is not None
    assert last.within(2**50) == (7, 2**50)


@given(st.text(max_size=40))
def test_whatever_is_no_range_is_no_fault(text: str) -> None:
    read_range([text])
    read_range([f"bytes={text}"])


def test_several_ranges_and_other_units_are_the_whole_file() -> None:
    for headers in (
        [],
        ["bytes=0-1,3-4"],
        ["bytes=0-1", "bytes=3-4"],
        ["lines=1-2"],
        ["bytes=-"],
        ["bytes=٣-"],
    ):
        assert read_range(headers) is None


def test_a_part_is_sent_only_of_the_same_file() -> None:
    assert is_same([], "a")
    assert is_same(['"a"'], "a")
    for other in (['W/"a"'], ['"b"'], ["Tue, 01 Dec 2026 10:00:00 GMT"], ['"a"'] * 2):
        assert not is_same(other, "a")
