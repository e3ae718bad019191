"""What is drawn: charts of any figures and names, within bounds."""

import asyncio
import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prospectconnect.reporting.v1 import reports_pb2 as pb

from edge.charts import drawing as module
from edge.charts.alternative import described
from edge.charts.colours import DARK
from edge.charts.drawing import Drawing
from edge.charts.parts import Size
from edge.charts.plotted import plotted
from edge.charts.spec import spec_of
from edge.charts.svg import finished
from edge.figures import Figures
from edge.problems import ProblemError
from edge.web.files import read_files
from tests.edge.charts.answers import MONTH, answer

T = TypeVar("T")
SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {"svg", "title", "desc", "style", "rect", "g", "path", "line", "text", "tspan"}
CHARTS = [each for each in pb.ReportChart.values() if each]
OF_ONE = (pb.REPORT_CHART_PIE, pb.REPORT_CHART_FUNNEL)

HOSTILE = st.sampled_from(["<b>", "&amp;", "{{x}}"])
NAMES = st.one_of(st.none(), st.text(max_size=30), HOSTILE)
NUMBERS = st.decimals(-(10**13), 10**13, places=2)
AMOUNTS = st.dictionaries(st.sampled_from(["EUR", "USD", "JPY"]), NUMBERS, max_size=3)


def drawing(work: Callable[[Drawing], Awaitable[T]], figures: Any = None) -> T:
    """Runs something with a drawing of its own."""

    async def run() -> T:
        made = Drawing(figures)
        try:
            return await work(made)
        finally:
            await made.end()

    return asyncio.run(run())


@st.composite
def answers(draw: Callable[..., Any]) -> pb.RunReportResponse:
    """Answers that reports of each chart may have."""
    chart = draw(st.sampled_from(CHARTS))
    most = 0 if chart == pb.REPORT_CHART_NUMBER else 1 if chart in OF_ONE else 2
    groups = [("source", 0), ("closed_at", draw(st.sampled_from([0, MONTH])))]
    groups = groups[: draw(st.integers(min(most, 1), most))]
    measures = [(f"m{n}", 1) for n in range(1 if most else draw(st.integers(1, 3)))]
    value = st.one_of(st.none(), NUMBERS, AMOUNTS)
    row = st.tuples(
        st.tuples(*[NAMES for _ in groups]), st.tuples(*[value for _ in measures])
    )
    rows = draw(st.lists(row, max_size=1 if not most else 40))
    return answer(rows, chart, groups, measures, name=draw(st.text(max_size=300)))


@pytest.fixture(scope="module")
def drawn() -> Iterator[Callable[[Any], str]]:
    """Draws with one process for all examples of a property."""
    made = Drawing()
    with asyncio.Runner() as runner:
        yield lambda spec: runner.run(made.svg(spec))
        runner.run(made.end())


@settings(deadline=None)
@given(answers())
def test_whatever_was_counted_is_drawn_as_text_and_shapes(
    drawn: Callable[[Any], str], given_answer: pb.RunReportResponse
) -> None:
    figures = plotted(given_answer)
    chart = drawn(spec_of(figures, Size()))
    whole = finished(chart, figures.title, described(figures))
    root = ET.fromstring(whole)  # noqa: S314 - our own
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= DRAWN
    spoken = [name for each in root.iter() for name in each.attrib if "aria" in name]
    assert spoken == ["aria-labelledby"]


def test_a_name_that_is_cut_within_a_character_is_drawn() -> None:
    figures = plotted(answer([(["a"], [1])], name="\N{GRINNING FACE}" * 300))

    async def work(made: Drawing) -> str:
        return str(await made.svg(spec_of(figures, Size())))

    assert "<svg" in drawing(work)


def test_a_process_that_hangs_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = spec_of(plotted(answer([(["a"], [1])])), Size())

    async def work(made: Drawing) -> int:
        assert await made.svg(spec)
        first = made._process
        first.send_signal(19)  # it is stopped, and answers nothing
        monkeypatch.setattr(module, "DRAW_SECONDS", 0.2)
        with pytest.raises(ProblemError):
            await made.svg(spec)
        assert first.returncode is not None, "nobody waits for it any more"
        monkeypatch.setattr(module, "DRAW_SECONDS", 60.0)
        assert await made.svg(spec)
        return int(made._process.pid != first.pid)

    assert drawing(work)


def test_a_process_that_was_killed_is_replaced() -> None:
    spec = spec_of(plotted(answer([(["a"], [1])])), Size())

    async def work(made: Drawing) -> None:
        assert await made.svg(spec)
        made._process.kill()
        await made._process.wait()
        with pytest.raises(ProblemError):
            await made.svg(spec)
        assert await made.svg(spec)

    drawing(work)


def test_few_charts_wait_and_more_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    spec, figures = spec_of(plotted(answer([(["a"], [1])])), Size()), Figures()

    async def work(made: Drawing) -> list[Any]:
        asked = [made.svg(spec) for _ in range(5)]
        return await asyncio.gather(*asked, return_exceptions=True)

    found = drawing(work, figures)
    refused = [each for each in found if isinstance(each, ProblemError)]
    assert [each.kind.status for each in refused] == [503, 503]
    assert figures.charts["svg"] == 3
    assert figures.chart_seconds > 0


def test_without_the_library_a_chart_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_LIBRARY", "no_such_library")

    async def work(made: Drawing) -> None:
        with pytest.raises(ProblemError) as refused:
            await made.svg({})
        assert refused.value.kind.status == 406
        assert "draws no charts" in refused.value.detail

    drawing(work)


def test_the_pages_know_the_same_dark_colours() -> None:
    style = read_files()["charts.css"].stored.content.decode()
    for light, dark in DARK.items():
        for kind in ("fill", "stroke"):
            both = f"light-dark({light}, {dark})"
            assert f'.chart [{kind}="{light}"] {{ {kind}: {both}; }}' in style
