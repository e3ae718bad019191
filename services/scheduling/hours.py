"""The hours of a schedule as spans of time.

A second belongs to the hours if the clocks of the zone then show a time that is in an
interval of that day. So an hour that the clocks skip is in none, and one that they show
twice is in the hours twice. Intervals that follow each other without a gap are one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from services.scheduling.spans import Span, joined
from services.scheduling.zones import DAY, stretches

# A part of a day, in minutes by the clock: from, and before.
Interval = tuple[int, int]
MINUTES = 1_440
_WHOLE = [(0, MINUTES)]  # a day
# The day 0, 1970-01-01, was a Thursday; Monday is 0.
_FIRST_WEEKDAY = 3


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of each weekday by the clocks of a zone. Monday is 0.

    The intervals of a day are in order, and none of them overlap or meet. `overrides`
    are the hours of days that differ, by the days since 1970-01-01.
    """

    zone: str
    week: Mapping[int, Sequence[Interval]]
    overrides: Mapping[int, Sequence[Interval]] = field(default_factory=dict)

    @property
    def is_endless(self) -> bool:
        """Whether the hours never end, in any week and on any day that differs."""
        days = [self.week.get(weekday, ()) for weekday in range(7)]
        return all(list(day) == _WHOLE for day in (*days, *self.overrides.values()))

    def of_day(self, day: int) -> Sequence[Interval]:
        """The intervals of a day."""
        own = self.overrides.get(day)
        if own is not None:
            return own
        return self.week.get((day + _FIRST_WEEKDAY) % 7, ())


def minutes(clock: str) -> int:
    """The minutes of a day before a time of day, e.g. 570 for `09:30`."""
    return int(clock[:2]) * 60 + int(clock[3:5])


def spans(hours: Hours, start: int, end: int) -> list[Span]:
    """The hours between two moments, cut there."""
    found: list[Span] = []
    for each in stretches(hours.zone, start, end):
        first, last = each.start + each.offset, each.end + each.offset
        for day in range(first // DAY, (last - 1) // DAY + 1):
            midnight = day * DAY
            for begin, before in hours.of_day(day):
                shown = max(midnight + begin * 60, first)
                until = min(midnight + before * 60, last)
                if shown < until:
                    found.append((shown - each.offset, until - each.offset))
    return joined(found)


def overlap(intervals: Sequence[Interval]) -> int | None:
    """The place of an interval that begins before an earlier one ends; None if none."""
    order = sorted(range(len(intervals)), key=lambda index: intervals[index])
    for one, other in pairwise(order):
        if intervals[other][0] < intervals[one][1]:
            return other
    return None
