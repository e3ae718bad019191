"""Random values of the demonstration data: times, ids, days and small extras.

Times ("moments") are those of `services.clock`. Everything happens in office hours:
evenly spread times are mapped into the working days, in their order.
"""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import TypeVar

from google.type.date_pb2 import Date

from services.clock import DAY, EPOCH, EPOCH_SECONDS, SECOND

SEED = 20_260_601
SPAN = 2 * 365 * DAY  # all records were created within two years

_MONDAY = 2 * DAY  # the first one after 2000-01-01, a Saturday
_WEEK = 7 * DAY
_OPENS = 7 * 3_600 * SECOND
_SHIFT = 11 * 3_600 * SECOND
_SHIFTS = 5 * _SHIFT

Choice = TypeVar("Choice")


def moment_between(random: Random, start: int, end: int) -> int:
    """Draws a moment in office hours; both ends must be in office hours, too."""
    return _in_office_hours(random.randint(_spread(start), _spread(end)))


def moment_before(random: Random, moment: int) -> int:
    """Draws one of the last moments in office hours before a moment."""
    last = last_office_moment(moment)
    return moment_between(random, last_office_moment(last - _SHIFT), last)


def evenly(number: int, count: int, end: int) -> int:
    """The moment of item `number` of `count` items that are spread before `end`."""
    return _in_office_hours(_spread(end) - SPAN + SPAN * number // count)


def last_office_moment(moment: int) -> int:
    """The moment itself, or the end of the last office hours before it."""
    return _in_office_hours(_spread(moment))


def drawn_id(random: Random, prefix: str, moment: int) -> str:
    """An id in the format of `services.ids` for `moment`; the same in each run."""
    second = EPOCH_SECONDS + moment // SECOND
    return f"{prefix}{second:08x}{random.getrandbits(64):016x}"


def day_of(moment: int, later: int = 0) -> Date:
    """The day of a moment, or `later` days after it."""
    day = EPOCH + timedelta(microseconds=moment, days=later)
    return Date(year=day.year, month=day.month, day=day.day)


def some(
    random: Random, choices: Sequence[Choice], counts: Sequence[int]
) -> list[Choice]:
    """Draws distinct items of `choices`; their number is one of `counts`."""
    return random.sample(choices, random.choice(counts))


def _in_office_hours(spread: int) -> int:
    week, inside = divmod(spread - _MONDAY, _WEEK)
    day, worked = divmod(inside * _SHIFTS // _WEEK, _SHIFT)
    return _MONDAY + week * _WEEK + day * DAY + _OPENS + worked


def _spread(moment: int) -> int:
    """The inverse of `_in_office_hours`; closed hours map to the last moment before."""
    week, inside = divmod(moment - _MONDAY, _WEEK)
    day, time = divmod(inside, DAY)
    worked = min(max(time - _OPENS, -1), _SHIFT - 1) if day < 5 else -1
    shifts = min(day, 5) * _SHIFT + worked
    return _MONDAY + week * _WEEK - (-shifts * _WEEK // _SHIFTS)
