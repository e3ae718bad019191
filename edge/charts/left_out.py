"""What a picture leaves out, as a line that stands with it."""

from prospectconnect.reporting.v1 import reports_pb2 as pb

from edge.charts.parts import (
    MOST_BARS,
    MOST_COLUMNS,
    MOST_NUMBERS,
    MOST_PARTS,
    MOST_ROWS,
    MOST_SLICES,
    MOST_TIMES,
)
from edge.charts.plotted import Plotted


def left_out(figures: Plotted) -> str:
    """Such as `24 of 86 shown`; empty where the picture has everything."""
    if figures.chart == pb.REPORT_CHART_NUMBER:
        rest = len(figures.points) - MOST_NUMBERS
        return f"and {rest} more" if rest > 0 else ""
    if figures.chart == pb.REPORT_CHART_TABLE or not figures.points:
        return _told(len(figures.rows), MOST_ROWS, figures.has_more)
    lines = [_told(len(figures.groups), _most(figures), figures.has_more)]
    kinds = figures.kinds
    if len(kinds) > MOST_PARTS:
        names = [f"{of}, {unit}" if unit else of for of, unit in kinds[MOST_PARTS:6]]
        more = ", …" if len(kinds) > 6 else ""
        lines.append(f"not shown: {', '.join(names)}{more}")
    return "; ".join(filter(None, lines))


def _most(figures: Plotted) -> int:
    if figures.chart in (pb.REPORT_CHART_LINE, pb.REPORT_CHART_AREA):
        return MOST_TIMES
    if figures.chart == pb.REPORT_CHART_PIE:  # others are a slice, if they add up
        return len(figures.groups) if figures.adds else MOST_SLICES
    if figures.chart == pb.REPORT_CHART_BAR and figures.is_time:
        return MOST_COLUMNS
    return MOST_BARS


def _told(found: int, most: int, has_more: bool) -> str:
    if found <= most and not has_more:
        return ""
    return f"{min(found, most)} of {'more than ' * has_more}{found} shown"
