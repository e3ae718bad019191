"""Charts of figures by themselves: rings, funnels, large numbers and tables."""

from dataclasses import replace
from decimal import Decimal

from edge.charts.colours import GROUND, INK, SERIES, SOFT
from edge.charts.parts import (
    MOST_BARS,
    MOST_NUMBERS,
    MOST_ROWS,
    MOST_SLICES,
    NAME_AXIS,
    OTHERS,
    Size,
    Spec,
    short,
)
from edge.charts.plotted import Plotted, Point, shown

_NONE: Spec = {"axis": None, "title": None}
_NUMBER: Spec = {"type": "quantitative", **_NONE}


def pie(figures: Plotted, size: Size) -> Spec:
    """A ring. Its legend has the figures, so that nobody needs its colours."""
    points = [each for each in figures.points if each.value > 0]
    rest = points[MOST_SLICES:]
    if rest:
        points.sort(key=lambda each: each.value, reverse=True)
        points, rest = points[:MOST_SLICES], points[MOST_SLICES:]
    if rest and figures.adds:
        total = sum((each.value for each in rest), Decimal())
        points.append(replace(rest[0], group=OTHERS, value=total))
    whole = sum((each.value for each in points), Decimal()) or Decimal(1)
    below = size.width < 480  # beside it there is no room for a legend
    room = size.width - 40 if below else size.width // 2
    # Where a reader's font is wider than the one here, the figures need some room.
    names = [_slice(each, whole, room if below else room - 48) for each in points]
    values = [
        {"name": name, "value": float(each.value), "place": place}
        for place, (name, each) in enumerate(zip(names, points, strict=True))
    ]
    legend: Spec = {"title": None, "orient": "right", "labelLimit": room}
    legend |= {"orient": "bottom", "columns": 1} if below else {"padding": 20}
    return {
        "width": size.width,
        "height": size.height,
        "data": {"values": values},
        "mark": {
            "type": "arc",
            "innerRadius": {"expr": "min(width, height) / 4.2"},
            "stroke": GROUND,
            "strokeWidth": 2,
        },
        "encoding": {
            "theta": {"field": "value", "type": "quantitative", "stack": True},
            "order": {"field": "place", "type": "quantitative"},
            "color": {
                "field": "name",
                "type": "nominal",
                "sort": names,
                "scale": {"domain": names, "range": list(SERIES)},
                "legend": legend,
            },
        },
        "view": {"stroke": None},
    }


def _slice(point: Point, whole: Decimal, room: int) -> str:
    """What the legend says: in its pixels, a long name gives way to the figure."""
    share = f"{round(100 * point.value / whole)} %"
    if share == "0 %":
        share = "< 1 %"
    elif share == "100 %" and point.value < whole:
        share = "> 99 %"
    figure = f" · {shown(point.value, point.unit)} · {share}"
    return short(point.group, min(40, max(6, room // 7 - len(figure)))) + figure


def funnel(figures: Plotted, size: Size) -> Spec:
    """Bars below each other, each in the middle. What is no step, as lost, is grey."""
    groups = figures.groups[:MOST_BARS]
    of = {each.group: each for each in figures.points}
    values: list[Spec] = [
        {
            "group": group,
            "from": -float(of[group].value) / 2,
            "to": float(of[group].value) / 2,
            "shown": shown(of[group].value, of[group].unit),
            "colour": SERIES[-1] if group in figures.behind else SERIES[0],
        }
        for group in groups
        if group in of
    ]
    y = {"field": "group", "type": "ordinal", "sort": list(groups), "title": None}
    bar = {"type": "bar", "cornerRadius": 4}
    end = {"x": {"field": "to", "type": "quantitative"}, "text": {"field": "shown"}}
    half = max((each["to"] for each in values), default=0.5)
    middle = {"domain": [-half, half * 1.3], "nice": False}
    text = {"type": "text", "align": "left", "dx": 6, "fontSize": 12, "color": INK}
    return {
        "width": size.width,
        "height": size.height,
        "data": {"values": values},
        "encoding": {"y": y | {"axis": NAME_AXIS, "scale": {"paddingInner": 0.15}}},
        "layer": [
            {
                "mark": bar,
                "encoding": {
                    "x": {"field": "from", "scale": middle, **_NUMBER},
                    "x2": {"field": "to"},
                    "color": {"field": "colour", "type": "nominal", "scale": None},
                },
            },
            {"mark": text, "encoding": end},
        ],
        "view": {"stroke": None},
    }


def numbers(figures: Plotted, size: Size) -> Spec:
    """Large numbers beside and below each other, with what they are below each."""
    points = figures.points[:MOST_NUMBERS]
    beside = min(len(points), 4) or 1
    values: list[Spec] = [
        {
            "column": place % beside,
            "line": place // beside,
            "shown": shown(each.value, each.unit),
            "name": each.of,
        }
        for place, each in enumerate(points)
    ]
    longest = max((len(each["shown"]) for each in values), default=1)
    room = size.width / beside
    large = max(10, min(56, int(room / (longest * 0.62))))
    x = {"field": "column", "type": "ordinal", **_NONE}
    y = {"field": "line", "type": "ordinal", **_NONE}
    number = {"type": "text", "fontSize": large, "fontWeight": 650, "color": INK}
    name = {"type": "text", "fontSize": 14, "dy": large // 2 + 16, "color": SOFT}
    name["limit"] = int(room) - 8
    return {
        "width": size.width,
        "height": size.height,
        "data": {"values": values},
        "encoding": {"x": x, "y": y},
        "layer": [
            {"mark": number, "encoding": {"text": {"field": "shown"}}},
            {"mark": name, "encoding": {"text": {"field": "name"}}},
        ],
        "view": {"stroke": None},
    }


def table(figures: Plotted, size: Size) -> Spec:
    """The first rows as texts. A report without figures has an empty one."""
    rows = [figures.heads, *figures.rows[:MOST_ROWS]]
    if not figures.rows:
        rows = [("There are no figures yet.",)]
    wide = max(8, size.width // max(len(rows[0]), 1) // 8)
    values = [
        {"row": row, "column": column, "text": short(text, wide), "head": row == 0}
        for row, cells in enumerate(rows)
        for column, text in enumerate(cells)
    ]
    weight = {"condition": {"test": "datum.head", "value": 650}, "value": 400}
    encoding = {
        "y": {"field": "row", "type": "ordinal", **_NONE},
        "x": {"field": "column", "type": "ordinal", **_NONE},
        "text": {"field": "text"},
    }
    return {
        "width": size.width,
        "height": max(120, min(size.height, 28 * len(rows) + 10)),
        "data": {"values": values},
        "mark": {"type": "text", "fontSize": 12, "fontWeight": weight, "color": INK},
        "encoding": encoding,
        "view": {"stroke": None},
    }
