"""What is read of a run's answer: names, points, and the table."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prospectconnect.reporting.v1 import reports_pb2 as pb
from prospectconnect.type.v1.search_pb2 import SORT_DIRECTION_DESC

from edge.charts.colours import SERIES
from edge.charts.left_out import left_out
from edge.charts.parts import Size
from edge.charts.plotted import MOST_NAME, clean, plotted, shown
from edge.charts.spec import spec_of
from tests.edge.charts.answers import AVG, COUNT, MONTH, SUM, answer

FORBIDDEN = {0xFFFE, 0xFFFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}


@given(st.text())
def test_a_clean_text_is_one_that_xml_takes(text: str) -> None:
    found = clean(text)
    assert len(found) <= MOST_NAME
    assert found == found.strip()
    for each in map(ord, found):
        assert each >= 0x20
        assert not 0xD800 <= each <= 0xDFFF
        assert each not in FORBIDDEN


def test_numbers_are_shown_exactly() -> None:
    assert shown(Decimal("1234567.80"), "EUR") == "1,234,567.8 EUR"
    assert shown(Decimal("1E+3")) == "1,000"
    assert shown(Decimal("-0.10")) == "-0.1"
    assert shown(Decimal(0)) == "0"


def test_groups_have_names_for_people() -> None:
    made = answer(
        [(["stg_1", "2026-06"], [1]), ([None, "2026-07"], [2]), (["x", None], [3])],
        groups=(("stage_id", 0), ("closed_at", MONTH)),
        labels={"stg_1": "New"},
    )
    found = plotted(made)
    assert found.rows == (
        ("New", "Jun 2026", "1"),
        ("Not set", "Jul 2026", "2"),
        ("x", "Not set", "3"),
    )
    assert found.heads == ("Stage", "Closed at", "Contacts")
    assert [each.series for each in found.points] == ["Jun 2026", "Jul 2026", "Not set"]


def test_times_go_by_even_where_the_latest_were_asked_for_first() -> None:
    rows = [([month], [1]) for month in ("2026-03", "2026-02", "2026-01")]
    made = answer(rows, groups=(("created_at", MONTH),))
    made.look.aggregate.sort_direction = SORT_DIRECTION_DESC
    assert plotted(made).groups == ("Jan 2026", "Feb 2026", "Mar 2026")
    made.meta.cursor.has_more = True
    whole = plotted(made)
    assert whole.groups == ("Jan 2026", "Feb 2026", "Mar 2026"), "each is one row"
    assert not whole.has_more
    assert left_out(whole) == "the latest 3 months with figures"
    made.look.aggregate.ClearField("sort_direction")
    made.look.aggregate.fill = True
    assert left_out(plotted(made)) == "the first 3 months"


def test_a_total_is_of_all_records_or_is_none() -> None:
    rows = [("2026-02", 2), ("2026-01", 1), (None, 4)]
    made = answer([([month], [n]) for month, n in rows], groups=(("closed_at", MONTH),))
    found = plotted(made)
    assert found.sums == {("Contacts", ""): 7}, "with those that have no date"
    assert left_out(found) == "without those that have no date"
    made.meta.cursor.has_more = True
    assert plotted(made).sums == {}


def test_the_currency_of_most_groups_and_then_of_most_money_comes_first() -> None:
    worth = {"BRL": "5", "EUR": "0", "GBP": "7", "SEK": "1", "USD": "900"}
    rows = [(["a"], [worth]), (["b"], [{"USD": "9", "BRL": "2", "EUR": "0"}])]
    found = plotted(answer(rows, measures=(("worth", SUM),)))
    assert [unit for _, unit in found.kinds] == ["USD", "BRL", "GBP", "SEK", "EUR"]
    assert left_out(found) == "also in GBP, SEK, EUR"


def test_a_time_whose_series_may_be_cut_is_left_out_unless_it_is_the_only_one() -> None:
    by = (("created_at", MONTH), ("source", 0))
    months = ("2026-02", "2026-02", "2026-01")
    made = answer(
        [([month, f"s{n}"], [1]) for n, month in enumerate(months)], groups=by
    )
    made.look.aggregate.sort_direction = SORT_DIRECTION_DESC
    made.meta.cursor.has_more = True
    assert plotted(made).groups == ("Feb 2026",)
    del made.data[2]
    assert plotted(made).groups == ("Feb 2026",)


def test_ids_with_an_order_stand_in_it() -> None:
    made = answer([([each], [1]) for each in "cab"], groups=(("stage_id", 0),))
    made.look.ordered.extend("abc")
    assert plotted(made).groups == ("a", "b", "c")


def test_amounts_are_never_mixed() -> None:
    worth = {"EUR": "0.10", "USD": "7"}
    found = plotted(answer([(["a"], [worth]), (["b"], [{"EUR": "0.20"}])]))
    assert found.kinds == (("Contacts", "EUR"), ("Contacts", "USD"))
    assert found.sums["Contacts", "EUR"] == Decimal("0.30")
    assert found.rows[0] == ("a", "0.1 EUR, 7 USD")


@pytest.mark.parametrize("turned", [False, True])
def test_a_currency_that_is_grouped_by_is_the_unit_of_amounts(turned: bool) -> None:
    rows = [(["new", "EUR"], [5]), (["new", "USD"], [7]), (["won", "EUR"], [2])]
    by = [("stage_id", 0), ("currency", 0)]
    if turned:
        rows, by = [(g[::-1], m) for g, m in rows], by[::-1]
    found = plotted(answer(rows, groups=by, measures=(("worth", SUM),)))
    assert found.kinds == (("Worth", "EUR"), ("Worth", "USD"))
    assert found.sums["Worth", "EUR"] == Decimal(7)
    assert found.groups == ("new", "won")
    assert found.by == "Stage"
    parts = spec_of(found, Size())["vconcat"]
    assert [each["title"]["text"] for each in parts] == ["Worth, EUR", "Worth, USD"]
    counted = plotted(answer(rows, groups=by))
    assert counted.kinds == (("Contacts", ""),), "counts are of no currency"
    alone = answer(
        [(["EUR"], [5])], groups=(("currency", 0),), measures=(("worth", SUM),)
    )
    assert [(e.group, e.unit) for e in plotted(alone).points] == [("EUR", "EUR")]


def test_averages_are_never_added() -> None:
    measures = (("score", AVG),)
    assert not plotted(answer([(["a"], [1])], measures=measures)).adds
    assert plotted(answer([(["a"], [1])], measures=(("n", COUNT),))).adds


def test_no_figures_are_no_fault() -> None:
    found = plotted(answer([], chart=pb.REPORT_CHART_PIE))
    assert (found.points, found.rows, found.groups) == ((), (), ())


def values_of(made: pb.RunReportResponse) -> list[Any]:
    return [each["value"] for each in spec_of(plotted(made), Size())["data"]["values"]]


@pytest.mark.parametrize(("op", "gap"), [(COUNT, 0), (AVG, None)])
def test_a_line_does_not_pass_over_intervals_without_records(
    op: int, gap: int | None
) -> None:
    rows = [(["2025-11"], [4]), (["2026-02"], [6])]
    by, line = (("created_at", MONTH),), pb.REPORT_CHART_LINE
    made = answer(rows, line, by, (("contacts", op),))
    assert values_of(made) == [4, gap, gap, 6]
    made.look.aggregate.order_by = "contacts"
    assert values_of(made) == [4, None, None, 6], "they may have others"


def test_a_picture_tells_what_it_leaves_out() -> None:
    many = [([f"g{n:02}"], [n]) for n in range(60)]
    for chart, text in (
        (pb.REPORT_CHART_BAR, "24 of 60 shown"),
        (pb.REPORT_CHART_TABLE, "15 of 60 shown"),
        (pb.REPORT_CHART_PIE, ""),
        (pb.REPORT_CHART_LINE, ""),
    ):
        figures = plotted(answer(many, chart))
        assert left_out(figures) == text
        assert spec_of(figures, Size())["title"].get("subtitle", "") == text


def test_a_number_shows_each_figure_up_to_a_bound() -> None:
    names = [(f"m{n}", COUNT) for n in range(10)]
    made = answer([([], [1] * 5)], pb.REPORT_CHART_NUMBER, (), names[:5])
    assert len(spec_of(plotted(made), Size())["data"]["values"]) == 5
    assert left_out(plotted(made)) == ""
    made = answer([([], [1] * 10)], pb.REPORT_CHART_NUMBER, (), names)
    assert left_out(plotted(made)) == "and 2 more"


def test_a_small_share_is_not_nothing() -> None:
    pie = answer([(["a"], [8760]), (["b"], [40])], pb.REPORT_CHART_PIE)
    found = [each["name"] for each in spec_of(plotted(pie), Size())["data"]["values"]]
    assert found == ["a · 8,760 · > 99 %", "b · 40 · < 1 %"]


def test_a_funnel_ends_with_lost_deals_in_grey() -> None:
    rows = [([each], [1]) for each in ("lost", "won", "new")]
    made = answer(rows, pb.REPORT_CHART_FUNNEL, (("stage_id", 0),))
    made.look.ordered.extend(["new", "won"])
    found = spec_of(plotted(made), Size())["data"]["values"]
    colours = [each["colour"] for each in found]
    assert [each["group"] for each in found] == ["new", "won", "lost"]
    assert colours == [SERIES[0], SERIES[0], SERIES[-1]]
