"""The period that a dashboard is looked at for: the choice of the page's query."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from urllib.parse import urlencode

from edge.web.visit import Visit

# What the page offers, in its order.
OFFERED: Mapping[str, str] = MappingProxyType(
    {
        "": "All time",
        "month": "This month",
        "quarter": "This quarter",
        "year": "This year",
        "12m": "Last 12 months",
    }
)
_CUSTOM = "custom"
_MOST_TYPED = 10


@dataclass(frozen=True, slots=True)
class Period:
    """Some days. `first` is None for all time; `until` is the day after the last one.

    `fault` says why a choice cannot be had; `typed` are the days that a form gave.
    """

    name: str = ""
    first: date | None = None
    until: date | None = None
    fault: str = ""
    typed: tuple[str, str] = ("", "")

    @property
    def last(self) -> date | None:
        """The last of its days."""
        return None if self.until is None else self.until - timedelta(days=1)

    @property
    def words(self) -> str:
        """Its days in words: `1 Oct 2026 to 31 Dec 2026`."""
        if self.first is None or self.last is None:
            return ""
        return " to ".join(f"{day.day} {day:%b %Y}" for day in (self.first, self.last))

    @property
    def query(self) -> dict[str, str]:
        """The parameters that choose it."""
        if self.name != _CUSTOM:
            return {"period": self.name} if self.name else {}
        days = {"from": self.first, "to": self.last}
        return {name: day.isoformat() for name, day in days.items() if day is not None}

    def address(self, **more: str) -> str:
        """The query of a page with it, with a question mark; empty if there is none."""
        found = {**self.query, **more}
        return f"?{urlencode(found)}" if found else ""


def period_of(visit: Visit) -> Period:
    """The period that the query chooses: by its name, or by two days."""
    given, today = visit.parameters, datetime.now(UTC).date()
    if given.get("from") or given.get("to"):
        return _custom(given.get("from"), given.get("to"), today)
    name = given.get("period")
    begins = {
        "month": today.replace(day=1),
        "quarter": today.replace(month=today.month - (today.month - 1) % 3, day=1),
        "year": today.replace(month=1, day=1),
        "12m": _month_after(today.replace(year=today.year - 1, day=1)),
    }
    if name not in begins:
        return Period()
    first, months = begins[name], {"month": 1, "quarter": 3}.get(name, 12)
    until = first
    for _ in range(months):
        until = _month_after(until)
    return Period(name, first, until)


def _custom(first: str, last: str, today: date) -> Period:
    typed = first[:_MOST_TYPED], last[:_MOST_TYPED]
    try:
        begin = date.fromisoformat(first) if first else date(1970, 1, 1)
        end = date.fromisoformat(last) if last else today
        until = end + timedelta(days=1)
    except (ValueError, OverflowError):
        return Period(_CUSTOM, fault="Give days such as 2026-12-01.", typed=typed)
    if until <= begin:
        told = "The period ends before it begins."
        return Period(_CUSTOM, fault=told, typed=typed)
    return Period(_CUSTOM, begin, until, typed=typed)


def _month_after(first: date) -> date:
    """The first day of the next month."""
    return (first + timedelta(days=31)).replace(day=1)
