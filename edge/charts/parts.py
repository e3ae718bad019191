"""What all charts are made with: their sizes, their bounds, and the axes of names."""

from dataclasses import dataclass
from typing import Any

from edge.charts.colours import INK

Spec = dict[str, Any]

# More than these cannot be told apart; the table has all of them.
MOST_BARS, MOST_TIMES, MOST_SLICES, MOST_SERIES, MOST_ROWS = 24, 120, 7, 7, 15
MOST_COLUMNS, MOST_PARTS, MOST_NUMBERS = 26, 2, 8
# The characters of a name in a legend.
MOST_LEGEND = 20
OTHERS = "Others"

TIME_AXIS: Spec = {
    "labelAngle": 0,
    "labelOverlap": "greedy",
    "labelSeparation": 14,
    "grid": False,
}
# The zero has no thousands: it is "0", never "0k".
VALUE_AXIS: Spec = {"labelExpr": "datum.value == 0 ? '0' : datum.label"}
NAME_AXIS: Spec = {
    "labelLimit": 150,
    "grid": False,
    "domain": False,
    "ticks": False,
    "labelPadding": 8,
    "labelColor": INK,
}


@dataclass(frozen=True, slots=True)
class Size:
    """How large a chart is, in CSS pixels."""

    width: int = 720
    height: int = 360


def short(text: str, most: int) -> str:
    """A text of so many characters at most."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
