"""The intervals between the first and the last one of a chart over time."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from prospectconnect.reporting.v1 import reports_pb2 as pb
from prospectconnect.type.v1 import figures_pb2 as figures
from prospectconnect.type.v1.search_pb2 import SORT_DIRECTION_DESC

# No chart draws more; further back, only those that have figures are told.
MOST_INTERVALS = 1_000
# The charts that have all intervals between the first and the last one.
LINED = (pb.REPORT_CHART_LINE, pb.REPORT_CHART_AREA)


def which(look: Any, axis: int, has_more: bool) -> tuple[str, str]:
    """Which intervals an answer has, and what they are called.

    Such as `the latest` `months`; the first text is empty where all are here, or where
    they have another order. `look` is that of the run's answer, `axis` the place of the
    grouping.
    """
    asked = look.aggregate
    name = figures.Interval.Name(asked.group_by[axis].interval)
    names = f"{name.removeprefix('INTERVAL_').lower()}s"
    if not asked.fill and look.chart not in LINED:
        names += " with figures"
    if not has_more or axis or asked.order_by:
        return "", names
    is_turned = asked.sort_direction == SORT_DIRECTION_DESC
    return "the latest" if is_turned else "the first", names


def in_order(texts: Iterable[str]) -> list[str]:
    """Intervals once each, as they follow each other."""
    return sorted(set(texts))


def without_gaps(texts: Iterable[str], interval: int) -> list[str]:
    """Intervals as answers write them, with those that lie between them."""
    given = in_order(texts)
    try:
        found = given[:1]
        while found and found[-1] < given[-1]:
            if len(found) >= MOST_INTERVALS:
                return given
            found.append(_next(found[-1], interval))
    except (ValueError, OverflowError):
        return given
    return found if set(given) <= set(found) else given


def _next(text: str, interval: int) -> str:
    if interval in (figures.INTERVAL_DAY, figures.INTERVAL_WEEK):
        days = 1 if interval == figures.INTERVAL_DAY else 7
        return (date.fromisoformat(text) + timedelta(days)).isoformat()
    year, _, part = text.partition("-")
    if interval == figures.INTERVAL_YEAR:
        return f"{int(text) + 1:04}"
    if interval == figures.INTERVAL_QUARTER:
        months = 4 * int(year) + int(part.removeprefix("Q"))
        return f"{months // 4:04}-Q{months % 4 + 1}"
    months = 12 * int(year) + int(part)
    return f"{months // 12:04}-{months % 12 + 1:02}"
