"""How long charts take: each kind of chart, drawn so many times.

`python -m tests.scale.charts [TIMES]` prints for each kind the milliseconds of an SVG
(median and slowest), of a PNG, and the size of the SVG. The first chart, which
starts the process that draws, is not among them.
"""

import asyncio
import os
import sys
import time
from pathlib import Path
from statistics import median

from prospectconnect.reporting.v1 import reports_pb2 as pb

from edge.charts.alternative import described
from edge.charts.drawing import Drawing
from edge.charts.parts import Size
from edge.charts.plotted import plotted
from edge.charts.spec import spec_of
from edge.charts.svg import finished
from tests.edge.charts.answers import MONTH, answer

TIMES = 100
_MONTHS = [f"2026-{month:02d}" for month in range(1, 13)]
_SOURCES = ("website", "referral", "event", "cold call", "partner")


def samples() -> dict[str, pb.RunReportResponse]:
    """An answer for each kind of chart, as large as dashboards have them."""
    one = [([source], [n * 37 + 5]) for n, source in enumerate(_SOURCES)]
    two = [
        ([month, source], [n * 7 + m])
        for m, month in enumerate(_MONTHS)
        for n, source in enumerate(_SOURCES)
    ]
    over = (("created_at", MONTH), ("source", 0))
    return {
        "bar": answer(one),
        "stacked bar": answer(two, groups=over),
        "line": answer(two, pb.REPORT_CHART_LINE, groups=over),
        "area": answer(two, pb.REPORT_CHART_AREA, groups=over),
        "pie": answer(one, pb.REPORT_CHART_PIE),
        "funnel": answer(one, pb.REPORT_CHART_FUNNEL),
        "number": answer([([], [12_345])], pb.REPORT_CHART_NUMBER, groups=()),
        "table": answer(two, pb.REPORT_CHART_TABLE, groups=over),
    }


def processor_seconds(drawing: Drawing) -> float:
    """The processor time of the process that draws: the same on a busy machine."""
    fields = Path(f"/proc/{drawing._process.pid}/stat").read_text().rpartition(")")[2]
    ticks = sum(map(int, fields.split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


async def main(times: int) -> None:
    """Draws and prints."""
    drawing = Drawing()
    began = time.perf_counter()
    await drawing.svg(spec_of(plotted(samples()["bar"]), Size()))
    print(f"the first chart: {1_000 * (time.perf_counter() - began):.0f} ms")
    heads = ("svg ms", "slowest", "cpu ms", "png ms", "bytes")
    print(f"{'chart':12} {' '.join(f'{each:>8}' for each in heads)}")
    for name, each in samples().items():
        spent, size, svg = [], 0, ""
        used = processor_seconds(drawing)
        for _ in range(times):
            began = time.perf_counter()
            figures = plotted(each)
            svg = await drawing.svg(spec_of(figures, Size()))
            size = len(finished(svg, figures.title, described(figures)))
            spent.append(1_000 * (time.perf_counter() - began))
        used = 1_000 * (processor_seconds(drawing) - used) / times
        began = time.perf_counter()
        await drawing.png(svg)
        png = 1_000 * (time.perf_counter() - began)
        row = f"{median(spent):8.1f} {max(spent):8.1f} {used:8.1f} {png:8.1f} {size:8}"
        print(f"{name:12} {row}")
    await drawing.end()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else TIMES))
