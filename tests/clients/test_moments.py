"""No value of an answer is turned into another one.

The oracle is the text of the answer: what the client made of it, written again, says
the same. Values are converted at the places that the document names, and only there.
"""

import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prospectconnect_client import Answer, Call, instant
from prospectconnect_client.bodies import json_of
from prospectconnect_client.own_fields import read

# Texts that are dates, those that nearly are, and any others.
DAYS = st.dates().map(date.isoformat)
NEARLY = st.from_regex(r"\A[0-9\u0660-\u0669]{4}-[0-9]{2}-[0-9]{2}\n?\Z")
VALUES: st.SearchStrategy[Any] = st.one_of(
    DAYS,
    NEARLY,
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.none() | st.booleans(),
    st.lists(DAYS, max_size=2),
)
RECORDS = st.dictionaries(st.sampled_from(["day", "name", "worth", "data"]), VALUES)
ANSWERS = RECORDS | st.fixed_dictionaries({"data": RECORDS | st.lists(RECORDS)})

CALL = Call(
    method="GET",
    path="/v1/x",
    body=None,
    headers={},
    amounts=[("worth",), ("data", "worth")],
    dates=[("day",), ("data", "day")],
)


@given(ANSWERS)
def test_what_was_read_is_written_as_it_came(answer: dict[str, Any]) -> None:
    sent = json_of(answer)
    told = Answer(200, {}, sent).to(CALL)
    assert numbers_as_text(json_of(told.data)) == numbers_as_text(sent)
    assert told.body == sent


@given(RECORDS)
def test_dates_are_dates_and_nothing_else_is_one(record: dict[str, Any]) -> None:
    answer = Answer(200, {}, json_of(record))
    data = answer.to(CALL).data
    assert (type(data.get("day")) is date) == is_day(record.get("day"))
    assert type(data.get("worth")) is not int
    assert type(data.get("name")) is not date


@given(RECORDS)
def test_own_fields_are_read_into_a_copy(record: dict[str, Any]) -> None:
    before = dict(record)
    made = read(record, decimals=["worth", "none"], dates=["day", "none"])
    assert record == before
    assert made.keys() == record.keys()
    assert (type(made.get("day")) is date) == is_day(record.get("day"))
    assert numbers_as_text(json_of(made)) == numbers_as_text(json_of(record))


@given(st.datetimes(), st.integers(0, 6))
def test_a_timestamp_is_read_with_all_its_digits(at: datetime, places: int) -> None:
    fraction = f"{at.microsecond:06d}"[:places]
    text = at.strftime("%H:%M:%S") + (f".{fraction}" if fraction else "")
    kept = timedelta(microseconds=int(fraction.ljust(6, "0")))
    expected = at.replace(microsecond=0, tzinfo=UTC) + kept
    assert instant(f"{at.date().isoformat()}T{text}Z") == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-06-17",
        "2026-06-17T16:30:00",
        "2026-06-17T16:30:00+00:00",
        "2026-06-17T16:30:00.1234567Z",
        "2026-06-17T24:00:00Z",
        "2026-02-30T10:00:00Z",
        "2026-06-17T16:30:00Z\n",
        "\uff12\uff10\uff12\uff16-06-17T16:30:00Z",
    ],
)
def test_what_is_no_timestamp_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        instant(text)


def numbers_as_text(body: bytes) -> Any:
    """JSON with each number as its digits: 1 and 1.0 are different then."""
    return json.loads(body, parse_float=str, parse_int=Decimal)


def is_day(value: object) -> bool:
    """Whether a value is a date by the calendar, in ASCII digits."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9-]{10}", value):
        return False
    try:
        datetime.strptime(value, "%Y-%m-%d")
    except ValueError:
        return False
    return True
