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
        few = _told(len(figures.rows), MOST_ROWS, figures.has_more)
        return "; ".join(filter(None, (few, times_of(figures))))
    shown = _told(len(figures.groups), _most(figures), figures.has_more)
    if figures.is_time and not figures.has_more:
        shown = times_of(figures, _most(figures))
    lines = [shown, _kinds(figures)]
    if figures.undated:
        lines.append("without those that have no date")
    return "; ".join(filter(None, lines))


def times_of(figures: Plotted, most: int | None = None) -> str:
    """Which intervals of all are here, such as `the latest 12 months`; empty if all.

    A picture has `most` of them, the last ones.
    """
    (order, name), found = figures.which, len(figures.groups)
    if most is not None and found > most:
        more = "more than " if order == "the first" else ""
        return f"{most} of {more}{found} shown" if more else f"the latest {most} {name}"
    return f"{order} {found} {name}" if order else ""


def _kinds(figures: Plotted) -> str:
    """The currencies and measures that a picture of a few of them has not."""
    rest = figures.kinds[MOST_PARTS:6]
    if not rest:
        return ""
    more = ", …" if len(figures.kinds) > 6 else ""
    if len({of for of, _ in figures.kinds}) == 1:
        return f"also in {', '.join(unit for _, unit in rest)}{more}"
    names = [f"{of} in {unit}" if unit else of for of, unit in rest]
    return f"also {', '.join(names)}{more}"


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
