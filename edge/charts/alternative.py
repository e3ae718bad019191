"""What a chart says to those who do not see it: a title and a description."""

from collections.abc import Iterable, Mapping

from prospectconnect.reporting.v1 import reports_pb2 as pb

from edge.charts.plotted import Plotted, Point, shown

# Screen readers read all of it at once; the table has the rest.
MOST_TOLD = 24

_KINDS: Mapping[int, str] = {
    pb.REPORT_CHART_BAR: "Bar chart",
    pb.REPORT_CHART_LINE: "Line chart",
    pb.REPORT_CHART_AREA: "Area chart",
    pb.REPORT_CHART_PIE: "Ring chart",
    pb.REPORT_CHART_NUMBER: "Number",
    pb.REPORT_CHART_TABLE: "Table",
    pb.REPORT_CHART_FUNNEL: "Funnel",
}


def described(figures: Plotted) -> str:
    """The kind of the chart, and its figures as sentences."""
    kind = _KINDS.get(figures.chart, "Chart")
    if not figures.rows:
        return f"{kind} without figures."
    measures = ", ".join(dict.fromkeys(each.of for each in figures.points))
    of = f" of {measures.lower()}" if measures else ""
    by = f" by {figures.by.lower()}" if figures.by else ""
    return f"{kind}{of}{by}. {' '.join(_told(figures.points))}".strip()


def _told(points: Iterable[Point]) -> list[str]:
    found = list(points)
    several = len({each.series for each in found}) > 1
    told = []
    for each in found[:MOST_TOLD]:
        names = [each.group] if each.group else []
        if several or not names:
            names.append(each.series)
        told.append(f"{', '.join(names)}: {shown(each.value, each.unit)}.")
    if len(found) > MOST_TOLD:
        told.append(f"And {len(found) - MOST_TOLD} more.")
    return told
