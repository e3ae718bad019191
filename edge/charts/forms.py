"""The forms of a run besides JSON: the chart as SVG or PNG, and the table as CSV."""

from collections.abc import Mapping
from typing import Any

from edge.charts.alternative import described
from edge.charts.csv_table import as_csv
from edge.charts.drawing import Drawing, can_draw, refuse_to_draw
from edge.charts.parts import Size
from edge.charts.plotted import plotted
from edge.charts.spec import spec_of
from edge.charts.svg import finished
from edge.operations import MadeForm

SVG, PNG, CSV = "image/svg+xml", "image/png", "text/csv"

# A browser that opens a chart loads and runs nothing, even if a name in it is hostile.
_SHELTERED = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}


def chart_forms(drawing: Drawing) -> Mapping[str, MadeForm]:
    """The forms, by media type."""

    async def svg(answer: Any) -> bytes:
        figures = plotted(answer)
        drawn = await drawing.svg(spec_of(figures, Size()))
        return finished(drawn, figures.title, described(figures)).encode()

    async def png(answer: Any) -> bytes:
        return await drawing.png(await drawing.svg(spec_of(plotted(answer), Size())))

    async def csv(answer: Any) -> bytes:
        return as_csv(answer)

    return {
        SVG: MadeForm(SVG, svg, _check, _SHELTERED),
        PNG: MadeForm(PNG, png, _check, _SHELTERED),
        CSV: MadeForm(CSV, csv, lambda: None, _SHELTERED),
    }


def _check() -> None:
    if not can_draw():
        raise refuse_to_draw()
