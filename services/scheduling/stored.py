"""The hours of a schedule, as its row in the database has them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.scheduling.hours import Hours, Interval, minutes
from services.scheduling.spans import joined

FIRST_DAY = date(1970, 1, 1).toordinal()


def hours_of(row: Any) -> Hours:
    """The hours of a row with `time_zone`, `intervals` and `overrides`."""
    week: dict[int, list[Interval]] = {}
    for each in row["intervals"]:
        week.setdefault(each.get("weekday", 0), []).append(_interval(each))
    # A day may have many intervals that meet: each is looked at for each day.
    week_days = {weekday: joined(intervals) for weekday, intervals in week.items()}
    overrides = {
        _day(each["date"]): joined(map(_interval, each.get("intervals", ())))
        for each in row["overrides"]
    }
    return Hours(row["time_zone"], week_days, overrides)


def _interval(told: Mapping[str, str]) -> Interval:
    return minutes(told["from"]), minutes(told["to"])


def _day(told: Mapping[str, int]) -> int:
    day = date(told["year"], told["month"], told["day"])
    return day.toordinal() - FIRST_DAY
