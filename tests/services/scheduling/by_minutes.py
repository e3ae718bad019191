"""What slots must be, minute by minute: slow, and without a thought.

It shares nothing with `services/scheduling` but the question: each minute is converted
to the time that the clocks show, and looked up in the hours.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 1_440
# Hours that last longer without a pause have no beginning.
LONGEST = 16 * DAY


@dataclass(frozen=True)
class Asked:
    """A host's hours by weekday and day, what is taken, and the meeting, in minutes.

    `begun` are the beginnings of meetings that count for days, which have `most`.
    """

    zone: str
    week: Mapping[int, Sequence[tuple[int, int]]]
    days: Mapping[date, Sequence[tuple[int, int]]]
    taken: Sequence[tuple[int, int, int, int]]
    duration: int
    interval: int
    buffer_before: int = 0
    buffer_after: int = 0
    begun: Sequence[int] = ()
    most: int | None = None


def is_open(asked: Asked, zone: ZoneInfo, minute: int) -> bool:
    """Whether the clocks show a time within the hours."""
    shown = datetime.fromtimestamp(minute * 60, zone)
    intervals = asked.days.get(shown.date(), asked.week.get(shown.weekday(), ()))
    of_day = shown.hour * 60 + shown.minute
    return any(begin <= of_day < end for begin, end in intervals)


def beginnings(asked: Asked, start: int, end: int) -> Iterator[int]:
    """The minutes from `start` on and before `end` at which a slot begins."""
    zone, first = ZoneInfo(asked.zone), start
    while is_open(asked, zone, first - 1) and start - first < LONGEST:
        first -= 1
    runs = [is_open(asked, zone, e) for e in range(first, end + asked.duration)]
    opened: int | None = None
    for minute in range(first, end):
        if not runs[minute - first]:
            opened = None
            continue
        opened = minute if opened is None else opened
        if minute < start or (minute - opened) % asked.interval:
            continue
        lasts = runs[minute - first : minute - first + asked.duration]
        if all(lasts) and _is_free(asked, minute) and not _is_full(asked, minute):
            yield minute


def _is_full(asked: Asked, minute: int) -> bool:
    """Whether the day that the clocks show has as many meetings as it may."""
    if asked.most is None:
        return False
    zone = ZoneInfo(asked.zone)
    day = datetime.fromtimestamp(minute * 60, zone).date()
    shown = [datetime.fromtimestamp(each * 60, zone).date() for each in asked.begun]
    return shown.count(day) >= asked.most


def _is_free(asked: Asked, minute: int) -> bool:
    """Whether a meeting keeps its distance from all that is taken."""
    until = minute + asked.duration
    for begin, end, before, after in asked.taken:
        apart_later = begin - until >= max(asked.buffer_after, before)
        apart_earlier = minute - end >= max(asked.buffer_before, after)
        if not (apart_later or apart_earlier):
            return False
    return True
