"""Charts of figures over groups: bars, lines and areas."""

from dataclasses import replace
from decimal import Decimal

from edge.charts.colours import INK, SERIES
from edge.charts.parts import (
    MOST_BARS,
    MOST_COLUMNS,
    MOST_LEGEND,
    MOST_SERIES,
    MOST_TIMES,
    NAME_AXIS,
    OTHERS,
    TIME_AXIS,
    VALUE_AXIS,
    Size,
    Spec,
)
from edge.charts.plotted import Plotted, Point, shown


def bars(figures: Plotted, size: Size) -> Spec:
    """Bars: upright over times, else lying, with room for the names."""
    first = figures.groups[:MOST_BARS]
    groups = figures.groups[-MOST_COLUMNS:] if figures.is_time else first
    figures, series = _few_series(figures, groups)
    stacked = "zero" if figures.adds and len(series) > 1 else None
    names: Spec = {"field": "group", "type": "ordinal", "sort": list(groups)}
    if figures.is_time:  # those without a figure too, so that charts stand aligned
        names["scale"] = {"domain": list(groups)}
    values: Spec = {"field": "value", "type": "quantitative", "stack": stacked}
    values |= {"title": _title_of(figures), "axis": VALUE_AXIS}
    encoding: Spec = {"color": _colour(series, size)}
    encoding["order"] = {"field": "rank", "type": "quantitative"}
    beside = len(series) > 1 and stacked is None
    mark: Spec = {"type": "bar"}
    if figures.is_time:
        encoding |= {"x": names | {"title": None, "axis": TIME_AXIS}, "y": values}
        mark |= {"cornerRadiusEnd": 0 if stacked else 3}
        if beside:
            encoding["xOffset"] = {"field": "series", "sort": list(series)}
        return _chart(figures, groups, size, mark, encoding)
    encoding |= {"y": names | {"title": None, "axis": NAME_AXIS}, "x": values}
    if beside:
        encoding["yOffset"] = {"field": "series", "sort": list(series)}
    mark |= {"cornerRadiusEnd": 0 if stacked else 3}
    bars = _chart(figures, groups, size, mark, encoding)
    if len(series) > 1:
        return bars
    label = {"type": "text", "align": "left", "dx": 5, "fontSize": 12, "color": INK}
    ends = {"mark": label, "encoding": {"text": {"field": "shown"}}}
    shared = bars.pop("encoding")
    layer = [{"mark": bars.pop("mark"), "encoding": {"color": shared.pop("color")}}]
    largest = max((float(each.value) for each in figures.points), default=0.0)
    if largest > 0:  # and room for a number behind the longest bar
        most = largest * _room_behind(figures, size)
        shared["x"] = {**values, "scale": {"domainMax": most, "nice": False}}
    return bars | {"encoding": shared, "layer": [*layer, ends]}


def _room_behind(figures: Plotted, size: Size) -> float:
    """How much longer than the longest bar an axis is, for the numbers behind bars."""
    name = max((len(each.group) for each in figures.points), default=0)
    label = max((len(shown(e.value, e.unit)) for e in figures.points), default=0)
    limit = int(NAME_AXIS["labelLimit"])
    plot = max(60, size.width - min(limit, 7 * name) - 40)
    return max(1.12, plot / max(plot * 0.3, plot - 7 * label - 8))


def lines(figures: Plotted, size: Size) -> Spec:
    mark = {"type": "line", "strokeWidth": 2.5, "point": {"size": 40, "filled": True}}
    return _over(figures, size, mark)


def area(figures: Plotted, size: Size) -> Spec:
    mark = {"type": "area", "line": {"strokeWidth": 2}, "fillOpacity": 0.35}
    return _over(figures, size, mark)


def _over(figures: Plotted, size: Size, mark: Spec) -> Spec:
    """Marks over the groups, in their order."""
    groups = figures.groups[-MOST_TIMES:]
    figures, series = _few_series(figures, groups)
    stacked = figures.adds and mark["type"] == "area"
    encoding = {
        "x": {
            "field": "group",
            "type": "ordinal",
            "sort": list(groups),
            "title": None,
            "axis": TIME_AXIS,
            "scale": {"type": "point", "padding": 0.3, "domain": list(groups)},
        },
        "y": {
            "field": "value",
            "type": "quantitative",
            "title": _title_of(figures),
            "stack": "zero" if stacked else None,
            "axis": VALUE_AXIS,
        },
        "color": _colour(series, size),
        "order": {"field": "rank", "type": "quantitative"},
    }
    if not stacked:
        del encoding["order"]  # which would be the way that lines go
    if figures.is_time:
        figures = _with_gaps(figures, groups, series)
    return _chart(figures, groups, size, mark, encoding)


def _with_gaps(
    figures: Plotted, groups: tuple[str, ...], series: tuple[str, ...]
) -> Plotted:
    """Points where there are none: 0 if that is known, else a line is broken there."""
    there = {(each.group, each.series) for each in figures.points}
    first = next(iter(figures.points), None)
    if first is None:
        return figures
    value = Decimal(0 if figures.adds and figures.is_whole else "NaN")
    gaps = (
        replace(first, group=group, series=each, value=value)
        for group in groups
        for each in series
        if (group, each) not in there
    )
    return replace(figures, points=(*figures.points, *gaps))


def _few_series(
    figures: Plotted, groups: tuple[str, ...]
) -> tuple[Plotted, tuple[str, ...]]:
    """The points of some groups, those of small series in one that is last."""
    kept = set(groups)
    points = [each for each in figures.points if each.group in kept]
    total: dict[str, Decimal] = {}
    for each in points:
        total[each.series] = total.get(each.series, Decimal()) + abs(each.value)
    if len(total) <= len(SERIES):
        return replace(figures, points=tuple(points)), tuple(total)
    large = set(sorted(total, key=lambda each: total[each], reverse=True)[:MOST_SERIES])
    series = tuple(each for each in total if each in large)
    found = [each for each in points if each.series in large]
    if figures.adds:
        rest: dict[str, Point] = {}
        for each in (each for each in points if each.series not in large):
            before = rest.get(each.group)
            value = each.value + (before.value if before is not None else 0)
            rest[each.group] = replace(each, series=OTHERS, value=value)
        found, series = [*found, *rest.values()], (*series, OTHERS)
    return replace(figures, points=tuple(found)), series


def _colour(series: tuple[str, ...], size: Size) -> Spec:
    legend = None
    if len(series) > 1:
        room = 9 * min(max(map(len, series)), MOST_LEGEND)
        columns = max(1, size.width // (room + 36))
        legend = {"title": None, "orient": "top", "columns": columns}
        legend |= {"labelLimit": room, "columnPadding": 18}
    return {
        "field": "series",
        "type": "nominal",
        "sort": list(series),
        "scale": {"domain": list(series), "range": list(SERIES)},
        "legend": legend,
    }


def _chart(
    figures: Plotted,
    groups: tuple[str, ...],
    size: Size,
    mark: Spec,
    encoding: Spec,
) -> Spec:
    place = {each: number for number, each in enumerate(groups)}
    rank = {each: number for number, each in enumerate(encoding["color"]["sort"])}
    values = [
        {
            "group": each.group,
            "series": each.series,
            "rank": rank.get(each.series, 0),
            "value": None if each.value.is_nan() else float(each.value),
            "shown": shown(each.value, each.unit),
        }
        for each in sorted(figures.points, key=lambda each: place[each.group])
    ]
    return {
        "width": size.width,
        "height": size.height,
        "data": {"values": values},
        "mark": mark,
        "encoding": encoding,
    }


def _title_of(figures: Plotted) -> str | None:
    """What the axis of the figures says: the currency, if there is one."""
    return next((each.unit for each in figures.points if each.unit), None)
