"""Reads ISO 8601 durations, such as `P1M`, and adds them to moments."""

import calendar
import re
from datetime import datetime, timedelta

from services.clock import EPOCH

_FORM = re.compile(
    r"P(?=[0-9T])(?:([0-9]{1,6})Y)?(?:([0-9]{1,6})M)?(?:([0-9]{1,6})W)?"
    r"(?:([0-9]{1,6})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?",
    re.ASCII,
)
_MICROSECOND = timedelta(microseconds=1)

# Months, and the rest.
Duration = tuple[int, timedelta]


def read_duration(text: str) -> Duration | None:
    """Reads a duration of whole numbers. None if the text is none."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    years, months, weeks, days, hours, minutes, seconds = (
        int(each or 0) for each in found.groups()
    )
    rest = timedelta(
        weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds
    )
    return 12 * years + months, rest


def later_by(moment: int, duration: Duration) -> int | None:
    """The moment that is later by a duration. None if it is out of all calendars.

    Months are those of the calendar in UTC: a day that a month lacks becomes its last.
    """
    months, rest = duration
    try:
        begun = EPOCH + timedelta(microseconds=moment)
        ends = _months_later(begun, months) + rest
    except (ValueError, OverflowError):
        return None
    return (ends - EPOCH) // _MICROSECOND


def _months_later(begun: datetime, months: int) -> datetime:
    years, month = divmod(begun.month - 1 + months, 12)
    year = begun.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return begun.replace(year=year, month=month + 1, day=min(begun.day, last))
