"""Dashboards: the list, and one of them with the charts of its reports.

The server draws the charts as parts of the page, in two widths; the style
shows one: a page has neither scripts nor styles of its own.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup
from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.reporting.v1 import dashboards_pb2, own_dashboards_pb2
from prospectconnect.reporting.v1 import reports_pb2 as pb
from sanic import HTTPResponse

from edge.account.periods import OFFERED, Period, period_of
from edge.account.user import ask
from edge.charts.alternative import described
from edge.charts.drawing import Drawing, can_draw
from edge.charts.left_out import left_out, times_of
from edge.charts.parts import MOST_NUMBERS, Size
from edge.charts.plotted import Plotted, plotted, shown
from edge.charts.spec import spec_of
from edge.charts.svg import finished
from edge.problems import ProblemError
from edge.state import Edge
from edge.web.render import page
from edge.web.visit import Visit

# The pixels of a column and of a row, where the page is wide; and on a telephone.
_COLUMN, _ROW, _GAP = 98, 72, 42
_NARROW = 300
# So often a page loads itself again for those who ask for it.
LIVE_SECONDS = 300
# These are text on the page, and no picture.
_TEXTS = (pb.REPORT_CHART_NUMBER, pb.REPORT_CHART_TABLE)
MOST_TOTALS = 2


@dataclass(frozen=True, slots=True)
class Card:
    """A report on the page. `wide` and `narrow` are its charts, if it has some.

    `totals` are pairs of a number and what it counts. `left_out` tells what the chart
    has not; a table has all. `report_id` is empty for a report that the user does not
    see.
    """

    item: dashboards_pb2.DashboardItem
    name: str
    problem: str
    figures: Plotted | None = None
    period_field: str = ""
    totals: tuple[tuple[str, str], ...] = ()
    wide: Markup | None = None
    narrow: Markup | None = None
    left_out: str = ""
    report_id: str = ""

    @property
    def is_table(self) -> bool:
        """Whether the figures are shown as a table from the start."""
        return self.wide is None and not self.is_number

    @property
    def is_number(self) -> bool:
        """Whether the figures are large numbers."""
        chart = self.figures.chart if self.figures is not None else 0
        return chart == pb.REPORT_CHART_NUMBER


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Lists the dashboards."""
    found = await ask(edge, visit, own_dashboards_pb2.ListOwnDashboardsRequest())
    return page(
        "account/dashboards",
        who=who,
        here="dashboards",
        dashboards=found.dashboards,
        may_make=found.may_make,
        done=visit.parameters.get("done"),
    )


async def show_one(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows a dashboard for the period of the query.

    With `live` in the query, the page loads itself again.
    """
    dashboard_id, period = visit.path_values["dashboard_id"], period_of(visit)
    found = await ask(edge, visit, _running(dashboard_id, period))
    results = sorted(found.data, key=lambda each: (each.item.y, each.item.x))
    cards = await asyncio.gather(
        *(_card(edge.drawing, number, each) for number, each in enumerate(results))
    )
    live = bool(visit.parameters.get("live"))
    answer = page(
        "account/dashboard",
        who=who,
        here="dashboards",
        id=dashboard_id,
        name=found.name,
        cards=cards,
        live=live,
        period=period,
        periods=OFFERED,
        may_change=found.may_change,
        draws=can_draw(),
        at_time=datetime.now(UTC),
    )
    if live:
        answer.headers["Refresh"] = str(LIVE_SECONDS)
    return answer


def _running(
    dashboard_id: str, period: Period
) -> own_dashboards_pb2.RunOwnDashboardRequest:
    days: dict[str, str] = {}
    if period.first is not None and period.until is not None:
        days["from"] = period.first.isoformat()
        days["until"] = period.until.isoformat()
    return own_dashboards_pb2.RunOwnDashboardRequest(id=dashboard_id, **days)


async def _card(drawing: Drawing, number: int, result: Any) -> Card:
    seen = result.item.report_id if result.name else ""
    if not result.HasField("figures"):
        problem = result.problem.detail or "The report could not be run."
        name = result.name or "A report"
        return Card(result.item, name, problem, report_id=seen)
    figures = plotted(result.figures)
    totals = _totals(figures)
    wide = narrow = None
    if figures.chart not in _TEXTS and figures.points:
        width, height = _COLUMN * result.item.w - _GAP, _ROW * result.item.h
        wide = await _chart(drawing, figures, Size(width, height), f"c{number}w-")
        small = Size(_NARROW, min(height, 260))
        narrow = await _chart(drawing, figures, small, f"c{number}n-")
    is_number = figures.chart == pb.REPORT_CHART_NUMBER
    note = left_out(figures) if wide or is_number else times_of(figures)
    by = result.period_field.replace("_", " ")
    texts = (by, totals, wide, narrow, note, seen)
    return Card(result.item, figures.title, "", figures, *texts)


async def _chart(
    drawing: Drawing, figures: Plotted, size: Size, name: str
) -> Markup | None:
    """A chart as a part of the page; None where it cannot be drawn: the table is."""
    try:
        svg = await drawing.svg(spec_of(figures, size, titled=False))
    except ProblemError:
        return None
    text = finished(svg, figures.title, described(figures), name=name)
    return Markup(text)  # noqa: S704 - the library has escaped all texts in it


def _totals(figures: Plotted) -> tuple[tuple[str, str], ...]:
    """The sums of figures that may be added; of a large number, this itself.

    None where not all groups were answered: a part would be taken for the whole.
    """
    if not figures.adds and figures.chart != pb.REPORT_CHART_NUMBER:
        return ()
    most = MOST_NUMBERS if figures.chart == pb.REPORT_CHART_NUMBER else MOST_TOTALS
    return tuple(
        (shown(round(figures.sums[of, unit], 2), unit), of.lower())
        for of, unit in figures.kinds[:most]
        if (of, unit) in figures.sums
    )
