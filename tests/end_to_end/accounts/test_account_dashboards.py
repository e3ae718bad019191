"""Dashboards by the pages: periods, their reports, and who may change them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prospectconnect.reporting.v1.dashboards_pb2 import DashboardItem

from edge.account.dashboard_layout import HEIGHTS, WIDTHS, packed
from services.reporting import grid
from tests.client import Client
from tests.end_to_end.accounts.seen import user
from tests.harness.people.account import form_at, opened, sent
from tests.harness.people.oauth_scene import Scene
from tests.harness.people.person import Form, Page, Person

DASHBOARDS = "/account/dashboards"


def new(person: Person) -> str:
    """Makes a dashboard by the form, and returns the address of its page."""
    form = form_at(person, f"{DASHBOARDS}/new")
    page = sent(person, form, name=f"Mine {time.monotonic_ns()}")
    return page.path.removesuffix("/layout")


def layout(person: Person, at: str) -> Form:
    """The form that arranges a dashboard."""
    return form_at(person, f"{at}/layout")


def with_report(person: Person, at: str, name: str, **more: str) -> Page:
    """Makes a report of deals by the form of a dashboard."""
    form = form_at(person, f"{at}/new-report?resource=deals")
    given_fields = {"name": name, "op": "count", "chart": "number", **more}
    return sent(person, form, **given_fields)


def test_a_period_filters_every_report(person: Person, client: Client) -> None:
    at = new(person)
    pipeline = client.pages("/pipelines")[0]
    won = next(e["id"] for e in pipeline["stages"] if e["type"] == "won")
    deal = client.create("/deals", {"name": "A", "stage_id": won, "value": 7})
    client.create("/deals", {"name": "B", "expected_close_date": "2019-05-31"})
    with_report(person, at, "All deals")
    closed = {"chart": "table", "group": "@closed_at", "interval": "month"}
    with_report(person, at, "Won", **closed)
    dated = {"chart": "table", "group": "@expected_close_date", "interval": "year"}
    page = with_report(person, at, "Expected", **dated)
    assert page.path == at
    month = deal["closed_at"][:4]
    now = opened(person, f"{at}?period=month").text
    assert now.count("by created at") == 1
    assert "by closed at" in now
    assert month in now
    assert "There is nothing to count in these days" in now, "none is expected"
    then = opened(person, f"{at}?from=2019-05-31&to=2019-05-31").text
    assert "31 May 2019 to 31 May 2019" in then
    assert "by expected close date" in then
    assert ">2019<" in then
    assert then.count("There is nothing to count in these days") == 1


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("from=2020-02-30", "Give days such as"),
        ("from=x&to=y", "Give days such as"),
        ("from=2020-02-02&to=2020-01-01", "ends before it begins"),
        ("to=9999-12-31", "Give days such as"),
        ("period=century", "As of"),
        ("from=0001-01-01&to=0001-01-01", "As of"),
    ],
)
def test_no_period_breaks_a_page(person: Person, query: str, told: str) -> None:
    texts = opened(person, DASHBOARDS).text.split('"')
    first = next(each for each in texts if "/dsh_" in each)
    page = opened(person, f"{first}?{query}").text
    assert told in page
    for each in query.split("&"):
        assert f'value="{each.partition("=")[2]}"' in page or "period" in each


def test_reports_are_moved_sized_and_removed(person: Person, client: Client) -> None:
    at = new(person)
    for name in ("One", "Two", "Three"):
        with_report(person, at, name)
    path = at.replace("/account", "")
    names = {e["id"]: e["name"] for e in client.pages("/reports")}

    def told() -> list[tuple[str, int, int, int]]:
        items = client.get(path).json["items"]
        return [(names[e["report_id"]], e["x"], e["y"], e["w"]) for e in items]

    assert told() == [("One", 0, 0, 6), ("Two", 0, 4, 6), ("Three", 0, 8, 6)]
    sent(person, layout(person, at), do="up:2", w0="12")
    assert told() == [("One", 0, 0, 12), ("Three", 0, 4, 6), ("Two", 6, 4, 6)]
    stale = layout(person, at)
    sent(person, layout(person, at), do="remove:0", name="Renamed")
    assert [each[0] for each in told()] == ["Three", "Two"]
    assert client.get(path).json["name"] == "Renamed"
    late = sent(person, stale, do="remove:0")
    assert late.answer.status == 412, "somebody else has changed it meanwhile"
    added = sent(person, layout(person, at), do="add", report="rpt_" + "0" * 24)
    assert added.answer.status == 400
    for place in ("remove:9", "up:x", "down:-1", "up:99999"):
        sent(person, layout(person, at), do=place)
    assert [each[0] for each in told()] == ["Three", "Two"]
    gone = sent(person, form_at(person, f"{at}/delete"))
    assert gone.path == f"{DASHBOARDS}?done=deleted"
    assert client.get(path).status == 404


def test_a_report_is_changed_and_deleted(person: Person, client: Client) -> None:
    at = new(person)
    by = {"group": "@created_at", "interval": "month", "chart": "table"}
    for name in ("Kept", "Wrong"):
        with_report(person, at, name, **by)
    ids = {e["name"]: e["id"] for e in client.pages("/reports")}
    place = f"{at}/reports/{ids['Wrong']}"
    assert f'href="{place}"' in opened(person, at).text
    stale = form_at(person, place)
    assert stale.fields["name"] == "Wrong"
    changed = sent(person, form_at(person, place), name="Right", chart="bar")
    assert changed.path == at
    report = client.get(f"/reports/{ids['Wrong']}").json
    told = (report["name"], report["chart"], report["visibility"])
    assert told == ("Right", "bar", "tenant")
    assert report["aggregate"]["group_by"][0]["field"] == "created_at"
    assert sent(person, stale, name="Late").answer.status == 412
    empty = sent(person, form_at(person, place), name="", chart="pie")
    assert empty.answer.status == 400
    gone = sent(person, form_at(person, f"{place}/delete"))
    assert gone.path == at
    assert client.get(f"/reports/{ids['Wrong']}").status == 404
    items = client.get(at.replace("/account", "")).json["items"]
    assert [each["report_id"] for each in items] == [ids["Kept"]]
    assert opened(person, place).answer.status == 404
    other = new(person)
    kept = f"{other}/reports/{ids['Kept']}"
    assert sent(person, form_at(person, f"{kept}/delete")).path == other
    assert "Kept" not in opened(person, at).text
    assert client.get(f"/reports/{ids['Kept']}").status == 404


def test_viewers_look_and_change_nothing(desk: Scene, person: Person) -> None:
    at, viewer = new(person), user(desk, "viewer")
    with_report(person, at, "For all")
    with_report(person, at, "Mine alone", private="on")
    page = opened(viewer, at).text
    asked = "/reports/rpt_"
    assert asked not in page
    (mine, *_) = [e for e in opened(person, at).text.split('"') if asked in e]
    looked = opened(viewer, mine).text
    assert "Save and show" not in looked
    assert "Delete this report" not in looked
    assert "For all" in page
    assert "Mine alone" not in page
    assert "New report" not in page
    assert "New dashboard" not in opened(viewer, DASHBOARDS).text
    token = form_at(viewer, f"{at}/layout").fields
    for target, fields in (
        (f"{DASHBOARDS}/new", {"name": "x"}),
        (f"{at}/layout", {"name": "x", "do": "save"}),
        (f"{at}/delete", {}),
        (mine, form_at(viewer, mine).fields),
        (f"{mine}/delete", {}),
        (f"{at}/new-report", {"name": "x", "resource": "deals", "chart": "number"}),
    ):
        refused = viewer.post(target, {**token, **fields})
        assert isinstance(refused, Page)
        assert refused.answer.status == 403, target


ITEMS = st.lists(
    st.builds(
        DashboardItem,
        report_id=st.just("rpt_1"),
        w=st.one_of(st.sampled_from(sorted(WIDTHS)), st.integers(1, 12)),
        h=st.one_of(st.sampled_from(sorted(HEIGHTS)), st.integers(1, 12)),
    ),
    max_size=12,
)


@given(items=ITEMS)
def test_what_is_packed_fits_the_grid(items: list[DashboardItem]) -> None:
    found = packed(items)
    bounded = [each for each in grid.faults_of(found) if ".y" not in each.field]
    assert bounded == []
    assert [(e.w, e.h) for e in found] == [(e.w, e.h) for e in items]
    places = [(each.y, each.x) for each in found]
    assert places == sorted(places), "they follow each other as they are read"
