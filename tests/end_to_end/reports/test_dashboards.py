"""Dashboards: where reports stand, and what becomes of each when all are run."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.reports.kept import contacts, counted, dashboard, report
from tests.world import Tenant


@pytest.fixture
def made(owner: Client) -> Any:
    return owner.create("/reports", report())


def item(made: Any, **place: int) -> dict[str, Any]:
    return {"report_id": made["id"], "x": 0, "y": 0, "w": 4, "h": 2} | place


@pytest.mark.parametrize(
    ("places", "codes"),
    [
        ([{"x": 12}], {"items[0].x": "too_large"}),
        ([{"x": -1}], {"items[0].x": "too_small"}),
        ([{"w": 0}], {"items[0].w": "too_small"}),
        ([{"w": 13}], {"items[0].w": "too_large"}),
        ([{"x": 9, "w": 4}], {"items[0].w": "too_large"}),
        ([{"y": 100}], {"items[0].y": "too_large"}),
        ([{"h": 13}], {"items[0].h": "too_large"}),
        ([{}, {"x": 3}], {"items[1]": "invalid"}),
        ([{}, {"y": 1}, {"x": 8}], {"items[1]": "invalid"}),
        ([{"y": row * 3} for row in range(21)], {"items": "too_many"}),
    ],
)
def test_items_stand_on_the_grid_and_not_over_each_other(
    owner: Client, made: Any, places: list[dict[str, int]], codes: dict[str, str]
) -> None:
    given = {"name": "Ours", "items": [item(made, **each) for each in places]}
    answer = owner.post("/dashboards", given)
    assert answer.status == 422, answer.body
    assert answer.codes == codes
    kept = owner.create("/dashboards", {"name": "Ours"})
    changed = owner.patch(f"/dashboards/{kept['id']}", {"items": given["items"]})
    assert changed.codes == codes


def test_items_side_by_side_are_kept_as_they_are(owner: Client, made: Any) -> None:
    places = [{}, {"x": 4}, {"x": 8}, {"y": 2, "w": 12, "h": 12}]
    given = {"name": "Ours", "items": [item(made, **each) for each in places]}
    kept = owner.create("/dashboards", given)
    assert kept["items"] == given["items"]
    assert owner.get(f"/dashboards/{kept['id']}").json == kept


def test_what_is_no_report_stands_on_no_dashboard(owner: Client, made: Any) -> None:
    given = dashboard(made, {"id": "rpt_0123456789abcdef01234567"}, {"id": "nothing"})
    assert owner.post("/dashboards", given).codes == {
        "items[1].report_id": "not_found",
        "items[2].report_id": "not_found",
    }


def test_a_report_that_fails_has_its_problem_beside_the_others(
    owner: Client, member: Client, made: Any
) -> None:
    contacts(owner, web=1)
    private = owner.create("/reports", report(visibility="private", name="Mine"))
    gone = owner.create("/reports", report(name="Gone"))
    kept = owner.create("/dashboards", dashboard(private, made, gone))
    owner.delete(f"/reports/{gone['id']}")
    path = f"/dashboards/{kept['id']}/run"
    first, second, third = owner.post(path, {}).json["data"]
    assert first["item"] == kept["items"][0]
    assert counted(first["figures"]) == counted(second["figures"]) == {"web": 1}
    assert (third["figures"], third["name"]) == (None, None)
    assert (third["problem"]["status"], third["problem"]["type"]) == (404, "not-found")
    hidden, shown, _ = member.post(path, {}).json["data"]
    assert hidden == {**third, "item": hidden["item"]}, "as if it had never been"
    assert counted(shown["figures"]) == {}


def test_each_report_takes_the_right_to_read_its_records(
    owner: Client, made: Any, tenant: Tenant, open_client: OpenClient
) -> None:
    deals = {"measures": [{"op": "count", "as": "deals"}]}
    other = report(resource="deals", chart="number", aggregate=deals)
    kept = owner.create("/dashboards", dashboard(made, owner.create("/reports", other)))
    client = open_client(tenant.token(["report.read", "deal.read"]))
    first, second = client.post(f"/dashboards/{kept['id']}/run", {}).json["data"]
    assert first["problem"]["status"] == 403
    assert second["figures"]["data"] == [{"group": {}, "deals": 0}]


def test_twenty_reports_run_at_once_and_leave_turns_to_others(
    owner: Client, made: Any
) -> None:
    places = [{"x": 4 * (n % 3), "y": 2 * (n // 3)} for n in range(20)]
    given = {"name": "Full", "items": [item(made, **each) for each in places]}
    kept = owner.create("/dashboards", given)
    answer = owner.post(f"/dashboards/{kept['id']}/run", {})
    assert answer.status == 200, answer.body
    assert [each["problem"] for each in answer.json["data"]] == [None] * 20
