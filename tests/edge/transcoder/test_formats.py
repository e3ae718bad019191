"""Single values: what is written can be read again, and what is odd is refused."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import orjson
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as ExactNumber
from hypothesis import given
from hypothesis import strategies as st

from edge.transcoder.formats import (
    Unreadable,
    read_date,
    read_decimal,
    read_timestamp,
    write_date,
    write_decimal,
    write_timestamp,
)


@pytest.mark.parametrize(
    ("seconds", "nanos", "text"),
    [
        (0, 0, "1970-01-01T00:00:00Z"),
        (1781706600, 0, "2026-06-17T14:30:00Z"),
        (1781706600, 500_000_000, "2026-06-17T14:30:00.5Z"),
        (1781706600, 123_456_789, "2026-06-17T14:30:00.123456Z"),
        (1781706600, 999, "2026-06-17T14:30:00Z"),
        (-1, 0, "1969-12-31T23:59:59Z"),
        (-62135596800, 0, "0001-01-01T00:00:00Z"),
        (253402300799, 999_999_000, "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_timestamps_are_written(seconds: int, nanos: int, text: str) -> None:
    assert write_timestamp(Timestamp(seconds=seconds, nanos=nanos)) == text


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_timestamp_survives_both_ways(instant: datetime) -> None:
    message = read_timestamp(instant.isoformat())
    assert datetime.fromisoformat(write_timestamp(message)) == instant


@given(
    st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)),
    st.integers(-1439, 1439),
)
def test_an_offset_is_converted(local: datetime, minutes: int) -> None:
    instant = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    written = write_timestamp(read_timestamp(instant.isoformat()))
    assert datetime.fromisoformat(written) == instant


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-06-17t14:30:00z", "2026-06-17T14:30:00Z"),
        ("2026-06-17T14:30:00.1234567899Z", "2026-06-17T14:30:00.123456Z"),
        ("2026-06-17T14:30:00-00:00", "2026-06-17T14:30:00Z"),
        ("2026-06-17T00:30:00+01:00", "2026-06-16T23:30:00Z"),
    ],
)
def test_what_rfc_3339_allows_is_read(text: str, written: str) -> None:
    assert write_timestamp(read_timestamp(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-06-17",
        "2026-06-17T14:30:00",
        "2026-06-17 14:30:00Z",
        "2026-06-17T14:30Z",
        "2026-06-17T24:00:00Z",
        "2026-06-30T23:59:60Z",
        "2026-02-29T00:00:00Z",
        "2026-06-17T14:30:00.Z",
        "2026-06-17T14:30:00+0100",
        "2026-06-17T14:30:00+24:00",
        "2026-06-17T14:30:00Z\n",
        "٢٠٢٦-06-17T14:30:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    ],
)
def test_other_timestamps_are_refused(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_timestamp(text)
    assert caught.value.code == "invalid_format"


@given(st.dates())
def test_a_date_survives_both_ways(day: object) -> None:
    assert write_date(read_date(str(day))) == str(day)


@pytest.mark.parametrize(
    "text", ["2026-6-17", "2026-02-30", "0000-01-01", "20260617", "2026-06-17\n", ""]
)
def test_other_dates_are_refused(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_date(text)
    assert caught.value.code == "invalid_format"


@pytest.mark.parametrize("value", [5, True, 1.5, [], {}])
def test_a_date_or_timestamp_is_a_string(value: object) -> None:
    for read in (read_date, read_timestamp):
        with pytest.raises(Unreadable) as caught:
            read(value)
        assert caught.value.code == "invalid_type"


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (read_timestamp, "2026-02-30T00:00:00Z", "There is no day 2026-02-30."),
        (read_timestamp, "2026-13-01T99:00:00Z", "There is no day 2026-13-01."),
        (read_timestamp, "2026-06-17T24:00:00Z", "There is no time 24:00:00."),
        (read_timestamp, "2026-06-30T23:59:60Z", "There is no time 23:59:60."),
        (read_date, "2026-02-29", "There is no day 2026-02-29."),
    ],
)
def test_what_has_the_form_and_does_not_exist_is_told_so(
    read: Callable[[object], object], text: str, message: str
) -> None:
    with pytest.raises(Unreadable) as caught:
        read(text)
    assert (caught.value.code, caught.value.message) == ("invalid_format", message)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2))
def test_a_decimal_is_exact(number: Decimal) -> None:
    written = orjson.dumps(write_decimal(read_decimal(number))).decode()
    assert Decimal(written) == number


@pytest.mark.parametrize(
    ("text", "written"),
    [("10.50", "10.50"), ("+1", "1"), (".5", "0.5"), ("1.", "1"), ("-0", "-0")],
)
def test_a_decimal_is_written_as_json(text: str, written: str) -> None:
    assert orjson.dumps(write_decimal(ExactNumber(value=text))).decode() == written


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("1e999999999", "too_large"),
        ("-1e999999999", "too_small"),
        ("1e-999999999", "invalid"),
    ],
)
def test_an_absurd_exponent_is_refused_at_once(number: str, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_decimal(Decimal(number))
    assert caught.value.code == code


def test_a_date_message_has_three_numbers() -> None:
    assert read_date("2026-06-17") == Date(year=2026, month=6, day=17)
