"""Moments as visitors read them: by the clocks of their zone, in their language."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from edge.web.visit import Visit

_REGIONS = (
    *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia"),
    *("Europe", "Indian", "Pacific"),
)
_UTC = "Etc/UTC"
# English with these regions writes hours up to 12.
_TWELVE = ("en-us", "en-ca", "en-au", "en-nz", "en-in", "en-ph")
WEEKDAYS = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)


@dataclass(frozen=True, slots=True)
class Clock:
    """How moments are told to one visitor."""

    zone: str
    twelve: bool

    def at(self, second: int) -> datetime:
        """A moment by the visitor's clocks."""
        return datetime.fromtimestamp(second, UTC).astimezone(ZoneInfo(self.zone))

    def time(self, second: int) -> str:
        """`14:30`, or `2:30 PM`."""
        found = self.at(second)
        if not self.twelve:
            return f"{found:%H:%M}"
        return f"{found.hour % 12 or 12}:{found:%M} {'AM' if found.hour < 12 else 'PM'}"

    def day(self, second: int) -> str:
        """`Monday, 7 December 2026`."""
        return day_name(self.at(second).date())

    def span(self, start: int, end: int) -> str:
        """`14:30 to 15:00`, with the day where it ends on another one."""
        told = f"{self.time(start)} to {self.time(end)}"
        same = self.at(start).date() == self.at(end).date()
        return told if same else f"{told} on {self.day(end)}"

    def offset(self, second: int) -> str:
        """`UTC+01:00`."""
        found = self.at(second).utcoffset() or timedelta()
        minutes = round(found.total_seconds() / 60)
        if not minutes:
            return "UTC"
        sign = "+" if minutes > 0 else "-"
        return f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"

    def times(self, seconds: Sequence[int]) -> list[tuple[int, str]]:
        """Moments of one day, each with its time; where clocks repeat it, with the
        difference from UTC."""
        told = [self.time(each) for each in seconds]
        twice = {text for text, count in Counter(told).items() if count > 1}
        return [
            (each, f"{text} ({self.offset(each)})" if text in twice else text)
            for each, text in zip(seconds, told, strict=True)
        ]


def clock_of(visit: Visit, zone: str) -> Clock:
    """How moments are told to this visitor."""
    language = ",".join(visit.header("accept-language"))[:100].lower()
    return Clock(zone, language.startswith(_TWELVE))


def day_name(day: date) -> str:
    """`Monday, 7 December 2026`."""
    return f"{WEEKDAYS[day.weekday()]}, {day.day} {day:%B %Y}"


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a month as the calendar shows it."""

    date: str
    number: int
    name: str
    is_free: bool


def weeks_of(month: date, free: Iterable[str]) -> list[list[Day | None]]:
    """The weeks of a month, Monday first; None for days of other months."""
    known = set(free)
    days: list[Day | None] = [None] * month.weekday()
    each = month
    while each.month == month.month:
        text = each.isoformat()
        days.append(Day(text, each.day, day_name(each), text in known))
        each += timedelta(days=1)
    days += [None] * (-len(days) % 7)
    return [days[at : at + 7] for at in range(0, len(days), 7)]


def next_month(month: date, step: int) -> str:
    """The month after one, or before it, as addresses have it."""
    number = month.year * 12 + month.month - 1 + step
    return f"{number // 12:04}-{number % 12 + 1:02}"


@cache
def zones() -> dict[str, list[str]]:
    """The zones that can be chosen, by their regions."""
    found: dict[str, list[str]] = {"UTC": [_UTC]}
    for name in sorted(available_timezones()):
        region = name.partition("/")[0]
        if region in _REGIONS:
            found.setdefault(region, []).append(name)
    return found
