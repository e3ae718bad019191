"""The forms of text: what has them, what has not, and how time and digits are read."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prospectconnect.options.v1.options_pb2 import Format

from services.clock import EPOCH
from services.kinds.formats import FORMATS, digits, exact, timestamp


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.com",
        "a+b@x.co",
        "stanisław.wójcik@wp.pl",
        "o'neill@sub.domain.example",
        "a" * 64 + "@example.com",
    ],
)
def test_these_are_email_addresses(text: str) -> None:
    assert FORMATS[Format.FORMAT_EMAIL].matches(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "a@b",
        "a b@x.co",
        "a@x..co",
        "a@@x.co",
        "a@x.co\n",
        "a@.co",
        "a@x.co.",
        "a" * 65 + "@x.co",
    ],
)
def test_these_are_no_email_addresses(text: str) -> None:
    assert not FORMATS[Format.FORMAT_EMAIL].matches(text)


@pytest.mark.parametrize(
    "text", ["112", "+1 (780) 428-9482", "0711/28.42", "555-0100 x12", "#31#555"]
)
def test_these_are_telephone_numbers(text: str) -> None:
    assert FORMATS[Format.FORMAT_PHONE].matches(text)


@pytest.mark.parametrize(
    "text", ["", "12", "+-()", "1 2", "555 0100 ext. 5", "5" * 33, "٣٣٣٣", "555\n0100"]
)
def test_these_are_no_telephone_numbers(text: str) -> None:
    assert not FORMATS[Format.FORMAT_PHONE].matches(text)


@pytest.mark.parametrize(("text", "holds"), [("BR", 1), ("br", 0), ("XX", 0), ("", 0)])
def test_countries_are_those_of_iso_3166(text: str, holds: int) -> None:
    assert FORMATS[Format.FORMAT_COUNTRY].matches(text) == bool(holds)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("1", 1), ("-1.5", -1.5), ("+.5", 0.5), ("1.", 1), ("1E2", 100)),
        *(("", None), (".", None), ("1x", None), ("1e", None), ("--1", None)),
        *(("0" * 65_535 + "7", 7), ("0" * 65_536 + "7", None)),
        ("1" * 10**6 + "x", None),
    ],
)
def test_an_amount_is_read_exactly_or_not_at_all(
    text: str, number: float | None
) -> None:
    """A text of any length at once: see `tests/deploy/test_patterns.py`."""
    assert exact(text) == (None if number is None else Decimal(str(number)))


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("1e-999999999", "1e-65536"),
        ("-1.5e-999999999", "-1e-65536"),
        ("1e999999999", "1e65536"),
        ("-77e999999999", "-1e65536"),
    ],
)
def test_an_amount_that_no_field_takes_has_a_bounded_length(
    text: str, same: str
) -> None:
    assert exact(text) == Decimal(same)


@pytest.mark.parametrize("text", ["0e999999999", "-0e-999999999", "0.000e131073"])
def test_a_zero_has_no_exponent(text: str) -> None:
    """PostgreSQL refuses a large one; and zeros are equal whatever theirs is."""
    number = exact(text)
    assert number is not None
    assert number.as_tuple().exponent == 0


@given(st.text())
def test_digits_are_the_digits_in_their_order(text: str) -> None:
    assert digits(text) == "".join(each for each in text if each in "0123456789")


@given(
    st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)),
    st.integers(-23 * 60, 23 * 60),
)
def test_a_timestamp_is_read_with_its_offset(moment: datetime, minutes: int) -> None:
    sign, ahead = "-" if minutes < 0 else "+", abs(minutes)
    text = f"{moment.isoformat()}{sign}{ahead // 60:02d}:{ahead % 60:02d}"
    utc = moment.replace(tzinfo=UTC) - timedelta(minutes=minutes)
    assert timestamp(text) == (utc - EPOCH) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2000-01-01T00:00:00Z", 0),
        ("2000-01-01t00:00:00.5z", 500_000),
        ("2000-01-01T00:00:01.000001+00:00", 1_000_001),
        ("1999-12-31T23:59:59Z", -1_000_000),
        ("", None),
        ("1970-01-01", None),
        ("1970-01-01 00:00:00Z", None),
        ("1970-01-01T00:00:00", None),
        ("1970-01-01T00:00Z", None),
        ("1970-13-01T00:00:00Z", None),
        ("1970-02-29T00:00:00Z", None),
        ("1970-01-01T24:00:01Z", None),
        ("1970-01-01T00:00:00+25:00", None),
        ("1970-01-01T00:00:00Z\n", None),
        ("٢٠٢٦-01-01T00:00:00Z", None),
    ],
)
def test_a_timestamp_is_rfc_3339_or_none(text: str, expected: int | None) -> None:
    assert timestamp(text) == expected
