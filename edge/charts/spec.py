"""Charts as specifications of Vega-Lite. Each has one size, a ground, and no script.

Names and figures are data there: what they hold is drawn, and never evaluated.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from prospectconnect.reporting.v1 import reports_pb2 as pb

from edge.charts.colours import GROUND, INK, LINE, SOFT
from edge.charts.left_out import left_out
from edge.charts.over_groups import area, bars, lines
from edge.charts.parts import MOST_PARTS, Size, Spec
from edge.charts.plotted import Plotted
from edge.charts.shapes import funnel, numbers, pie, table

_FONT = "system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, sans-serif"


def spec_of(figures: Plotted, size: Size, *, titled: bool = True) -> Spec:
    """The specification of a report's chart; `titled`: its name stands above it."""
    made = _body(figures, size)
    if titled:
        made["title"] = {
            "text": figures.title,
            "anchor": "start",
            "fontSize": 16,
            "limit": size.width - 24,
            "offset": 12,
        }
        if note := left_out(figures):
            made["title"] |= {"subtitle": note, "subtitlePadding": 6}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": GROUND,
        # Where a reader's font is wider than the one here, names need some room.
        "padding": 12 if titled else {"left": 16, "top": 4, "right": 8, "bottom": 4},
        "autosize": {"type": "fit", "contains": "padding"},
        "config": _CONFIG,
        **made,
    }


def _body(figures: Plotted, size: Size) -> Spec:
    if figures.chart == pb.REPORT_CHART_TABLE or not figures.points:
        return table(figures, size)
    if figures.chart == pb.REPORT_CHART_NUMBER:
        return numbers(figures, size)
    draw = _DRAWN[figures.chart]
    parts = figures.kinds
    if len(parts) == 1:
        return draw(figures, size)
    # Figures of different units share no scale: each has a chart below the others.
    height = max(110, size.height // min(len(parts), MOST_PARTS) - 44)
    below = Size(size.width, height)
    charts = [
        _titled(draw(_only(figures, *each), below), *each)
        for each in parts[:MOST_PARTS]
    ]
    return {"vconcat": charts, "spacing": 16, "autosize": {"type": "pad"}}


def _titled(chart: Spec, of: str, unit: str) -> Spec:
    text = f"{of}, {unit}" if unit else of
    for axis in ("x", "y"):
        chart["encoding"].get(axis, {})["title"] = None  # which would say it again
    return {**chart, "title": {"text": text, "anchor": "start", "fontSize": 12}}


def _only(figures: Plotted, of: str, unit: str) -> Plotted:
    points = (each for each in figures.points if (each.of, each.unit) == (of, unit))
    return replace(figures, points=tuple(points))


_DRAWN: Mapping[int, Callable[[Plotted, Size], Spec]] = {
    pb.REPORT_CHART_BAR: bars,
    pb.REPORT_CHART_LINE: lines,
    pb.REPORT_CHART_AREA: area,
    pb.REPORT_CHART_PIE: pie,
    pb.REPORT_CHART_FUNNEL: funnel,
}
_CONFIG: Spec = {
    "aria": False,  # the whole has a text of its own
    "font": _FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": SOFT,
        "titleColor": SOFT,
        "gridColor": LINE,
        "domainColor": LINE,
        "tickColor": LINE,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": 500,
        "titlePadding": 8,
    },
    "axisQuantitative": {
        "tickCount": 5,
        "format": "~s",
        "domain": False,
        "ticks": False,
    },
    "legend": {"labelColor": INK, "labelFontSize": 12, "symbolType": "square"},
    "title": {"color": INK, "subtitleColor": SOFT, "subtitleFontSize": 12},
    "scale": {"bandPaddingInner": 0.25, "bandPaddingOuter": 0.1},
}
