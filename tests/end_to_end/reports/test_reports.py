"""Reports as a resource: what they take, and what running one answers."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.reports.kept import contacts, counted, report
from tests.end_to_end.schema.custom import define_field

FIRST = {
    "Pipeline by stage",
    "Won by month",
    "Activities by user and week",
    "New contacts by source",
}


def test_a_report_comes_back_as_it_was_given(owner: Client) -> None:
    aggregate = {
        "filters": [{"any": [{"field": "lead_score", "operator": "gte", "value": 5}]}],
        "search_text": "example",
        "group_by": [{"field": "created_at", "interval": "month", "time_zone": "UTC"}],
        "measures": [{"op": "avg", "field": "lead_score", "as": "score"}],
        "having": [{"field": "score", "operator": "gt", "value": 1}],
        "order_by": "score",
        "sort_direction": "asc",
        "limit": 7,
        "fill": True,
    }
    made = owner.create("/reports", report(aggregate=aggregate, chart="line"))
    told = {k: v for k, v in made["aggregate"].items() if k in aggregate}
    assert told == aggregate
    assert made["visibility"] == "tenant"
    assert owner.get(f"/reports/{made['id']}").json == made
    history = owner.post(f"/reports/{made['id']}/history", {}).json["data"]
    (first,) = (each for each in history if each["field"] == "aggregate")
    assert first["to"] == aggregate


def test_a_report_is_private_unless_it_says_otherwise(owner: Client) -> None:
    given = report()
    del given["visibility"]
    assert owner.create("/reports", given)["visibility"] == "private"


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"resource": "unicorns"}, {"resource": "invalid_choice"}),
        ({"resource": "contacts", "aggregate": None}, {"aggregate": "required"}),
        ({"chart": "globe"}, {"chart": "invalid_choice"}),
        ({"aggregate": {"measures": []}}, {"aggregate.measures": "required"}),
        (
            {"aggregate": {"measures": [{"op": "sum", "field": "email", "as": "x"}]}},
            {"aggregate.measures[0].field": "invalid_choice"},
        ),
        (
            {
                "aggregate": {
                    "measures": [{"op": "count", "as": "n"}],
                    "filters": [{"field": "nothing", "operator": "eq", "value": 1}],
                }
            },
            {"aggregate.filters[0].field": "invalid_choice"},
        ),
        ({"chart": "number"}, {"chart": "invalid"}),
        (
            {"chart": "pie", "aggregate": {"measures": [{"op": "count", "as": "n"}]}},
            {"chart": "invalid"},
        ),
    ],
)
def test_a_report_obeys_the_rules_of_its_figures(
    owner: Client, change: dict[str, Any], codes: dict[str, str]
) -> None:
    answer = owner.post("/reports", report(**change))
    assert answer.status == 422, answer.body
    found = {path.partition("group_by")[0]: code for path, code in answer.codes.items()}
    assert found == codes


def test_a_change_is_checked_as_what_the_report_becomes(owner: Client) -> None:
    made = owner.create("/reports", report())
    path = f"/reports/{made['id']}"
    refused = owner.patch(path, {"chart": "number"})
    assert (refused.status, refused.codes) == (422, {"chart": "invalid"})
    assert owner.patch(path, {"resource": "deals"}).codes == {"resource": "read_only"}
    total = {"measures": [{"op": "count", "as": "all"}]}
    changed = owner.patch(path, {"chart": "number", "aggregate": total})
    assert changed.status == 200, changed.body
    assert changed.json["aggregate"]["measures"][0]["as"] == "all"
    gone = owner.patch("/reports/rpt_0123456789abcdef01234567", {"chart": "bar"})
    assert gone.status == 404


def test_a_run_answers_the_figures_with_further_filters(owner: Client) -> None:
    contacts(owner, web=3, fair=1)
    made = owner.create("/reports", report())
    path = f"/reports/{made['id']}/run"
    assert counted(owner.post(path, {}).json) == {"web": 3, "fair": 1}
    filters = [{"field": "source", "operator": "eq", "value": "fair"}]
    assert counted(owner.post(path, {"filters": filters}).json) == {"fair": 1}
    wrong = [{"field": "nothing", "operator": "eq", "value": 1}]
    refused = owner.post(path, {"filters": wrong})
    assert refused.codes == {"filters[0].field": "invalid_choice"}


def test_a_report_whose_field_has_gone_says_so(owner: Client) -> None:
    field = define_field(owner, "plan", "text", "contacts")
    grouped = {
        "group_by": [{"field": "custom_fields.plan"}],
        "measures": [{"op": "count", "as": "n"}],
    }
    made = owner.create("/reports", report(aggregate=grouped))
    path = f"/reports/{made['id']}/run"
    assert owner.post(path, {}).status == 200
    archived = owner.delete(f"/fields/{field['id']}")
    assert archived.status == 204, archived.body
    refused = owner.post(path, {})
    assert refused.status == 422
    assert list(refused.codes) == ["aggregate.group_by[0].field"]


def test_ids_among_the_groups_have_names(owner: Client) -> None:
    stages = owner.search("/pipelines")["data"][0]["stages"]
    owner.create("/deals", {"name": "One"})
    grouped = {
        "group_by": [{"field": "stage_id"}, {"field": "owner_id"}],
        "measures": [{"op": "count", "as": "deals"}],
    }
    made = owner.create("/reports", report(resource="deals", aggregate=grouped))
    answer = owner.post(f"/reports/{made['id']}/run", {}).json
    me = owner.get("/me").json["user"]
    assert answer["labels"] == {stages[0]["id"]: "New", me["id"]: me["name"]}


def test_a_new_tenant_has_a_dashboard_with_four_reports_that_run(
    owner: Client,
) -> None:
    contacts(owner, web=1)
    owner.create("/deals", {"name": "One", "value": 5})
    (board,) = owner.search("/dashboards")["data"]
    answer = owner.post(f"/dashboards/{board['id']}/run", {}).json
    assert {each["name"] for each in answer["data"]} == FIRST
    assert [each["problem"] for each in answer["data"]] == [None] * 4
    by_name = {each["name"]: each["figures"]["data"] for each in answer["data"]}
    assert [row["open_deals"] for row in by_name["Pipeline by stage"]] == [1]
    assert [row["contacts"] for row in by_name["New contacts by source"]] == [1]
