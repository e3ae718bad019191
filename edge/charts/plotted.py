"""The figures of a report as points: what a chart, a table and a text alternative need.

Names come from records, so that they may hold anything: characters that XML does not
know, and those that turn the direction of a text, are taken out here.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from prospectconnect.crm.v1.deals_pb2 import Deal
from prospectconnect.options.v1 import options_pb2
from prospectconnect.reporting.v1 import reports_pb2 as pb
from prospectconnect.type.v1 import figures_pb2 as figures

from edge.charts.intervals import LINED, in_order, which, without_gaps

MOST_NAME = 120
NOTHING = "Not set"

# Control characters, halves of characters, and marks that override directions.
_UNTEXT = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]+"
)
_SUMS = (figures.MEASURE_OP_COUNT, figures.MEASURE_OP_SUM)
_COUNTS = (figures.MEASURE_OP_COUNT, figures.MEASURE_OP_COUNT_DISTINCT)
# The fields that hold amounts, with the fields that hold their currencies.
_CURRENCY_OF = {
    each.name: currency
    for each in Deal.DESCRIPTOR.fields
    if (currency := each.GetOptions().Extensions[options_pb2.field].currency_in)
}


@dataclass(frozen=True, slots=True)
class Point:
    """One figure: of a group, in a series. `unit` is a currency, or "".

    `of` is the measure. Points of different measures or units are never added.
    """

    group: str
    series: str
    of: str
    unit: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Plotted:
    """A report's figures.

    `groups` are the names of the first grouping, in their order. `is_time`: they follow
    each other in time. `adds`: figures of one measure and unit may be added.
    `is_whole`: none are missing between those that are here. `heads` and `rows` are the
    same as a table of texts; `numeric` tells its columns of numbers. `behind` are the
    groups without a place in the order of others, such as a stage of lost deals.
    `which` tells which intervals of more these are, such as `the latest` `months`.
    `undated`: some records have no time, so that they are in no interval. `sums` are
    those of all records by measure and unit; empty where not all groups were answered.
    """

    title: str
    chart: int
    by: str
    groups: tuple[str, ...]
    points: tuple[Point, ...]
    behind: frozenset[str]
    is_time: bool
    adds: bool
    is_whole: bool
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    has_more: bool
    which: tuple[str, str]
    undated: bool
    sums: Mapping[tuple[str, str], Decimal]

    @property
    def kinds(self) -> tuple[tuple[str, str], ...]:
        """What the points are figures of: measures with their units, most first.

        First come those of most groups; of as many groups, those of the largest sum.
        """
        found = Counter((e.of, e.unit) for e in self.points if e.value)
        size = _sums(self.points)
        return tuple(sorted(size, key=lambda e: (found[e], abs(size[e])), reverse=True))


def plotted(answer: pb.RunReportResponse) -> Plotted:
    """Reads the answer of a run."""
    look, asked = answer.look, answer.look.aggregate
    labels = {
        each: clean(value.string_value) for each, value in answer.labels.fields.items()
    }
    unit = _unit(asked)
    places = [n for n, _ in enumerate(asked.group_by) if n != unit] or [0]
    axis = places[0]
    is_time = bool(asked.group_by and asked.group_by[axis].interval)
    has_more = answer.meta.cursor.has_more
    # A page may end within the last group where each has several rows.
    is_cut = has_more and len(asked.group_by) > 1 and not axis and not asked.order_by
    rows = _in_order(answer.data, look.ordered, axis if is_time else None, is_cut)
    names = [[_name(value, labels, g) for value, g in _groups(e, asked)] for e in rows]
    # What was not answered is 0, unless a condition or a bound may have left it out.
    whole = not (asked.having or asked.order_by or (axis and has_more))
    of = [[each[n] for n in places] if each else [] for each in names]
    points = tuple(_points(rows, of, asked, unit))
    every = [["" for _ in places] for _ in answer.data]
    told = which(look, axis, has_more) if is_time else ("", "")
    heads, table, numeric = _table(rows, names, asked)
    return Plotted(
        title=clean(look.name) or "Report",
        chart=look.chart,
        by=_words(asked.group_by[axis].field) if asked.group_by else "",
        groups=_times(rows, look, axis)
        if is_time
        else tuple(dict.fromkeys(each[0] if each else "" for each in of)),
        points=points,
        behind=_behind(rows, of, look, axis),
        is_time=is_time,
        adds=all(each.op in _SUMS for each in asked.measures),
        is_whole=whole,
        heads=heads,
        rows=table,
        numeric=numeric,
        has_more=has_more and not told[0],
        which=told,
        undated=is_time and any(not each.group[axis].text for each in answer.data),
        sums={} if has_more else _sums(_points(answer.data, every, asked, unit)),
    )


def _times(rows: Sequence[Any], look: Any, axis: int) -> tuple[str, ...]:
    """The names of intervals; for what is drawn as one line, without gaps."""
    interval = look.aggregate.group_by[axis].interval
    texts = [row.group[axis].text for row in rows]
    lined = look.chart in LINED
    found = without_gaps(texts, interval) if lined else in_order(texts)
    return tuple(dict.fromkeys(_time(each, interval) for each in found))


def _behind(
    rows: Sequence[Any], names: Sequence[list[str]], look: Any, axis: int
) -> frozenset[str]:
    if not look.ordered:
        return frozenset()
    named = zip(rows, names, strict=True)
    return frozenset(
        name[0] for row, name in named if row.group[axis].text not in look.ordered
    )


def _unit(asked: figures.Aggregation) -> int | None:
    """Which grouping is the currency of an amount that is measured."""
    of = {_CURRENCY_OF.get(e.field) for e in asked.measures if e.op not in _COUNTS}
    fields = [each.field for each in asked.group_by]
    return next((n for n, each in enumerate(fields) if each in of), None)


def clean(text: str) -> str:
    """A text without what XML does not take, of one line, and not too long."""
    text = " ".join(_UNTEXT.sub(" ", text).split())
    return text if len(text) <= MOST_NAME else f"{text[: MOST_NAME - 1]}…"


def shown(value: Decimal, unit: str = "") -> str:
    """A number for people: `1,234.50 EUR`."""
    text = f"{value:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} {unit}" if unit else text


def _in_order(
    rows: Iterable[Any], ordered: Sequence[str], time: int | None, is_cut: bool
) -> list[Any]:
    """Rows whose groups have an order of their own in that, others after them.

    `time`: which of their groups is an interval that they follow each other by.
    """
    place = {each: number for number, each in enumerate(ordered)}
    found = list(rows)
    if time is not None:  # as it goes by, also where the latest were asked for first
        last = found[-1].group[time].text if is_cut and found else ""
        found = [each for each in found if each.group[time].text]
        whole = [each for each in found if each.group[time].text != last]
        found = sorted(whole or found, key=lambda row: row.group[time].text)
    if place:
        end = len(place)
        found.sort(key=lambda row: [place.get(each.text, end) for each in row.group])
    return found


def _groups(row: Any, asked: figures.Aggregation) -> Iterable[tuple[Any, Any]]:
    return zip(row.group, asked.group_by, strict=False)


def _name(value: Any, labels: Mapping[str, str], group: figures.GroupBy) -> str:
    kind = value.WhichOneof("kind")
    if kind is None:
        return NOTHING
    if kind == "boolean":
        return "Yes" if value.boolean else "No"
    if kind == "number":
        return shown(Decimal(value.number.value))
    if value.text in labels:
        return labels[value.text] or NOTHING
    if group.interval:
        return _time(value.text, group.interval)
    return clean(value.text) or NOTHING


def _time(text: str, interval: int) -> str:
    """An interval for people: `17 Jun 2026`, `Jun 2026`; others are so already."""
    try:
        if interval in (figures.INTERVAL_DAY, figures.INTERVAL_WEEK):
            day = date.fromisoformat(text)
            return f"{day.day} {day:%b %Y}"
        if interval == figures.INTERVAL_MONTH:
            return f"{date.fromisoformat(f'{text}-01'):%b %Y}"
    except ValueError:
        pass
    return clean(text).replace("-Q", " Q")


def _points(
    rows: Sequence[Any],
    names: Sequence[list[str]],
    asked: figures.Aggregation,
    unit: int | None,
) -> Iterable[Point]:
    """The figures. `unit` is the grouping that holds the currency of amounts."""
    amounts = [_CURRENCY_OF.get(e.field) for e in asked.measures]
    for row, name in zip(rows, names, strict=True):
        group, second = (*name, "", "")[:2]
        for each, asks, currency in zip(
            row.measures, asked.measures, amounts, strict=False
        ):
            of = _words(each.name)
            its = ""
            if unit is not None and currency and asks.op not in _COUNTS:
                its = clean(row.group[unit].text) or NOTHING
            for number, own in _numbers(each):
                yield Point(group, second or of, of, own or its, number)


def _sums(points: Iterable[Point]) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = {}
    for each in points:
        kind = each.of, each.unit
        found[kind] = found.get(kind, Decimal()) + each.value
    return found


def _numbers(value: Any) -> Iterable[tuple[Decimal, str]]:
    """The numbers of a figure, with their units."""
    kind = value.WhichOneof("kind")
    if kind == "number":
        yield Decimal(value.number.value), ""
    elif kind == "amounts":
        for each in value.amounts.amounts:
            if each.HasField("amount"):
                yield Decimal(each.amount.value), clean(each.currency)


def _table(
    rows: Sequence[Any], names: Sequence[list[str]], asked: figures.Aggregation
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], tuple[bool, ...]]:
    groups = [_words(each.field) for each in asked.group_by]
    measures = [_words(getattr(each, "as")) for each in asked.measures]
    told = tuple(
        (*name, *(_told(each) for each in row.measures))
        for row, name in zip(rows, names, strict=True)
    )
    numeric = (False,) * len(groups) + (True,) * len(measures)
    return (*groups, *measures), told, numeric


def _told(value: Any) -> str:
    if value.WhichOneof("kind") == "text":
        return clean(value.text)
    return ", ".join(shown(*each) for each in _numbers(value)) or "-"


def _words(name: str) -> str:
    """What a field or a figure is called: `custom_fields.plan` is `Plan`."""
    words = clean(name).rpartition(".")[2].removesuffix("_id").replace("_", " ").strip()
    return words[:1].upper() + words[1:]
