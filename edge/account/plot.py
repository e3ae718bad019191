"""The plot of requests by day: columns of outcomes, in the units of an SVG.

The server draws it, because a page has neither scripts nor styles of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from prospectconnect.iam.v1.usage_pb2 import DayUsage, Outcomes

HEIGHT, STEP, WIDTH = 200.0, 20.0, 14.0

# A part of a column is at least this high, so that it is visible.
_LEAST = 3.0

# The parts of a column from the bottom up, with their names.
PARTS = (
    ("good", "went well"),
    ("client_errors", "client errors"),
    ("limited", "rate limited"),
    ("server_errors", "server errors"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """A day. `label` describes it as text."""

    x: float
    day: date
    label: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """The plot; `top` is the number of requests at its full height."""

    columns: tuple[Column, ...]
    top: int
    width: float


def plot_of(days: Sequence[DayUsage]) -> Plot:
    """The plot of some days, in their order."""
    top = round_up(max((total(each.outcomes) for each in days), default=0))
    columns = tuple(_column(index, each, top) for index, each in enumerate(days))
    return Plot(columns, top, STEP * len(days))


def total(outcomes: Outcomes) -> int:
    """The number of requests."""
    return sum(int(getattr(outcomes, kind)) for kind, _ in PARTS)


def round_up(most: int) -> int:
    """Rounds up to 1, 2, 4 or 5 with zeros; at least 4."""
    power = 1
    while True:
        for first in (1, 2, 4, 5):
            if first * power >= max(most, 4):
                return first * power
        power *= 10


def _column(index: int, usage: DayUsage, top: int) -> Column:
    parts, y = [], HEIGHT
    for kind, _ in PARTS:
        requests = getattr(usage.outcomes, kind)
        if requests:
            height = round(max(HEIGHT * requests / top, _LEAST), 1)
            y = round(max(y - height, 0.0), 1)
            parts.append(Part(kind, y, height))
    day = date(usage.day.year, usage.day.month, usage.day.day)
    x = STEP * index + (STEP - WIDTH) / 2
    return Column(x, day, _label(day, usage.outcomes), tuple(parts))


def _label(day: date, outcomes: Outcomes) -> str:
    told = [
        f"{requests:,} {words.removesuffix('s') if requests == 1 else words}"
        for kind, words in PARTS
        if (requests := getattr(outcomes, kind))
    ]
    return f"{day.day} {day:%B}: {', '.join(told) or 'no requests'}"
