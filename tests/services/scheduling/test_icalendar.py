"""Calendars that are written are read as they were meant, whatever they hold."""

import re
from datetime import timedelta
from typing import Any

import icalendar as reader
from hypothesis import given
from hypothesis import strategies as st

from services.clock import EPOCH, SECOND
from services.scheduling import icalendar

MOST_BYTES = 75
_ESCAPED = re.compile(r"\\(.)")
HOUR = 3_600 * SECOND
# From 1970 to 2200, in whole seconds.
moments = st.integers(-946_684_800, 6_311_000_000).map(lambda second: second * SECOND)
# What a text of the API may hold: no surrogate can be in a message.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def unescaped(found: re.Match[str]) -> str:
    """What a character after a backslash stands for (RFC 5545, section 3.3.11)."""
    return "\n" if found[1] in "nN" else found[1]


def read_back(text: str) -> str:
    """A text as it is read: without what no calendar may hold."""
    kept = (each for each in text if each in "\t\n" or ord(each) >= 32)
    return "".join(each for each in kept if each != "\x7f")


@given(
    name=texts,
    summary=texts,
    location=texts,
    description=texts,
    starts_at=moments,
    is_tentative=st.booleans(),
    sequence=st.integers(0, 2**31 - 1),
)
def test_another_program_reads_what_was_written(
    *,
    name: str,
    summary: str,
    location: str,
    description: str,
    starts_at: int,
    is_tentative: bool,
    sequence: int,
) -> None:
    event = icalendar.Event(
        uid="bkg_1@biz_1",
        sequence=sequence,
        starts_at=starts_at,
        ends_at=starts_at + HOUR,
        changed_at=starts_at - HOUR,
        summary=summary,
        is_tentative=is_tentative,
        location=location,
        description=description,
    )
    parts = icalendar.begin(name), icalendar.event(event), icalendar.end()
    written = b"".join(parts)
    lines = written.split(b"\r\n")
    assert lines.pop() == b""
    assert all(len(line) <= MOST_BYTES for line in lines)
    for line in lines:
        line.decode()  # none cuts a character
    calendar: Any = reader.Calendar.from_ical(written)
    (read,) = calendar.walk("VEVENT")
    # It does not know the property (RFC 7986), and leaves its text as it is written.
    assert _ESCAPED.sub(unescaped, str(calendar["NAME"])) == read_back(name)
    told = [str(read.get(each, "")) for each in ("SUMMARY", "LOCATION", "DESCRIPTION")]
    assert told == [read_back(each) for each in (summary, location, description)]
    at = EPOCH + timedelta(seconds=starts_at // SECOND)
    assert (read.start, read.end) == (at, at + timedelta(hours=1))
    assert read["SEQUENCE"] == sequence
    assert read["STATUS"] == ("TENTATIVE" if is_tentative else "CONFIRMED")
