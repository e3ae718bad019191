"""Every wrong request for figures gets a clear refusal that names the place."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.figures.asking import COUNT, rows

TOTAL = {"op": "sum", "field": "value", "as": "total"}
WRONG: tuple[tuple[str, dict[str, Any], dict[str, str]], ...] = (
    ("no measures", {"measures": []}, {"measures": "required"}),
    (
        "11 measures",
        {"measures": [{"op": "count", "as": f"n{n}"} for n in range(11)]},
        {"measures": "too_many"},
    ),
    ("no name", {"measures": [{"op": "count"}]}, {"measures[0].as": "required"}),
    (
        "a name in capitals",
        {"measures": [{"op": "count", "as": "Total"}]},
        {"measures[0].as": "invalid_format"},
    ),
    (
        "a name that is 65 long",
        {"measures": [{"op": "count", "as": "n" * 65}]},
        {"measures[0].as": "invalid_format"},
    ),
    (
        "the name of the group",
        {"measures": [{"op": "count", "as": "group"}]},
        {"measures[0].as": "invalid"},
    ),
    ("a name twice", {"measures": [COUNT, COUNT]}, {"measures[1].as": "not_unique"}),
    ("no operation", {"measures": [{"as": "n"}]}, {"measures[0].op": "required"}),
    (
        "an operation that is none",
        {"measures": [{"op": "mode", "as": "n"}]},
        {"measures[0].op": "invalid_choice"},
    ),
    (
        "a sum of nothing",
        {"measures": [{"op": "sum", "as": "n"}]},
        {"measures[0].field": "required"},
    ),
    (
        "a sum of texts",
        {"measures": [{"op": "sum", "field": "name", "as": "n"}]},
        {"measures[0].field": "invalid_choice"},
    ),
    (
        "the least text",
        {"measures": [{"op": "min", "field": "name", "as": "n"}]},
        {"measures[0].field": "invalid_choice"},
    ),
    (
        "different lists",
        {"measures": [{"op": "count_distinct", "field": "tags", "as": "n"}]},
        {"measures[0].field": "invalid_choice"},
    ),
    (
        "an unknown field",
        {"measures": [{"op": "sum", "field": "nothing", "as": "n"}]},
        {"measures[0].field": "invalid_choice"},
    ),
    (
        "a text that is too long",
        {"group_by": [{"field": "x" * 201}]},
        {"group_by[0].field": "too_long"},
    ),
    ("no group", {"group_by": [{}]}, {"group_by[0].field": "required"}),
    (
        "4 groups",
        {"group_by": [{"field": n} for n in ("name", "status", "source", "id")]},
        {"group_by": "too_many"},
    ),
    (
        "a group twice",
        {"group_by": [{"field": "status"}, {"field": "status"}]},
        {"group_by[1].field": "not_unique"},
    ),
    (
        "a group by an unknown field",
        {"group_by": [{"field": "nothing"}]},
        {"group_by[0].field": "invalid_choice"},
    ),
    (
        "a group by all custom fields",
        {"group_by": [{"field": "custom_fields"}]},
        {"group_by[0].field": "invalid_choice"},
    ),
    (
        "a group by an id elsewhere",
        {"group_by": [{"field": "external_ids.erp"}]},
        {"group_by[0].field": "invalid_choice"},
    ),
    (
        "a group by an unknown association",
        {"group_by": [{"field": "associations.nothing"}]},
        {"group_by[0].field": "invalid_choice"},
    ),
    (
        "moments without an interval",
        {"group_by": [{"field": "created_at"}]},
        {"group_by[0].interval": "required"},
    ),
    (
        "an interval of texts",
        {"group_by": [{"field": "name", "interval": "day"}]},
        {"group_by[0].interval": "invalid"},
    ),
    (
        "an interval that is none",
        {"group_by": [{"field": "created_at", "interval": "hour"}]},
        {"group_by[0].interval": "invalid_choice"},
    ),
    (
        "a zone that is none",
        {"group_by": [{"field": "created_at", "interval": "day", "time_zone": "CEST"}]},
        {"group_by[0].time_zone": "invalid_choice"},
    ),
    *(
        (
            f"the setting {zone} of a system as a zone",
            {
                "group_by": [
                    {"field": "created_at", "interval": "day", "time_zone": zone}
                ]
            },
            {"group_by[0].time_zone": "invalid_choice"},
        )
        for zone in ("localtime", "Factory")
    ),
    (
        "a zone without an interval",
        {"group_by": [{"field": "status", "time_zone": "UTC"}]},
        {"group_by[0].time_zone": "invalid"},
    ),
    ("nothing to fill", {"fill": True}, {"fill": "invalid"}),
    ("an unknown order", {"order_by": "nothing"}, {"order_by": "invalid_choice"}),
    (
        "an order by several currencies",
        {"measures": [TOTAL], "order_by": "total"},
        {"order_by": "invalid"},
    ),
    (
        "a condition on several currencies",
        {
            "measures": [TOTAL],
            "having": [{"not": {"field": "total", "operator": "gt", "value": 1}}],
        },
        {"having[0].not.field": "invalid"},
    ),
    (
        "a condition on a field",
        {"having": [{"field": "value", "operator": "gt", "value": 1}]},
        {"having[0].field": "invalid_choice"},
    ),
    (
        "a condition of another kind",
        {"having": [{"field": "n", "operator": "contains", "value": "1"}]},
        {"having[0].operator": "invalid_choice"},
    ),
    ("a limit of 0", {"limit": 0}, {"limit": "too_small"}),
    ("a limit of 1,001", {"limit": 1_001}, {"limit": "too_large"}),
    ("an unknown member", {"sums": []}, {"sums": "unknown_field"}),
    (
        "a filter by an unknown field",
        {"filters": [{"field": "nothing", "operator": "eq", "value": 1}]},
        {"filters[0].field": "invalid_choice"},
    ),
)


@pytest.mark.parametrize(("what", "body", "codes"), WRONG, ids=[e[0] for e in WRONG])
def test_a_wrong_request_is_refused(
    owner: Client, what: str, body: dict[str, Any], codes: dict[str, str]
) -> None:
    answer = owner.post("/deals/aggregate", {"measures": [COUNT], **body})
    assert answer.status == 422, (what, answer.body)
    assert answer.codes == codes, answer.body


def test_all_faults_come_in_one_answer(owner: Client) -> None:
    body = {
        "filters": [{"field": "no", "operator": "eq", "value": 1}],
        "group_by": [{"field": "created_at"}, {"field": "no"}],
        "measures": [{"op": "sum", "as": "Sum"}, {"op": "avg", "field": "no"}],
        "order_by": "no",
    }
    answer = owner.post("/deals/aggregate", body)
    assert set(answer.codes) == {
        "filters[0].field",
        "group_by[0].interval",
        "group_by[1].field",
        "measures[0].as",
        "measures[0].field",
        "measures[1].as",
        "measures[1].field",
        "order_by",
    }


def test_a_foreign_cursor_is_refused(owner: Client, member: Client) -> None:
    for n in range(2):
        owner.create("/deals", {"name": f"Deal {n}"})
    body = {"measures": [COUNT], "group_by": [{"field": "name"}], "limit": 1}
    page = owner.post("/deals/aggregate", body).json
    cursor = page["meta"]["cursor"]["next"]
    following = owner.post("/deals/aggregate", {**body, "cursor": cursor})
    assert following.json["data"] == [{"group": {"name": "Deal 1"}, "n": 1}]
    for client, other in (
        (owner, {**body, "cursor": cursor[:-1]}),
        (owner, {**body, "cursor": "no"}),
        (owner, {**body, "cursor": cursor, "order_by": "n"}),
        (member, {**body, "cursor": cursor}),
    ):
        assert client.post("/deals/aggregate", other).status == 400


def test_too_many_groups_are_refused(owner: Client) -> None:
    for day in ("0001-01-01", "9999-12-31"):
        owner.create("/deals", {"name": "Deal", "expected_close_date": day})
    group = {"field": "expected_close_date", "interval": "day"}
    body = {"measures": [COUNT], "group_by": [group], "fill": True}
    answer = owner.post("/deals/aggregate", body)
    assert answer.codes == {"group_by": "too_many"}
    years = {**group, "interval": "year"}
    filled = rows(owner, "deals", group_by=[years], fill=True, limit=2)
    assert [row["group"]["expected_close_date"] for row in filled] == ["0001", "0002"]
    assert [row["n"] for row in filled] == [1, 0]


def test_nothing_comes_to_nothing(owner: Client) -> None:
    """No division by nothing: what there is none of is null, and counts are 0."""
    measures = [
        {"op": op, "field": "lead_score", "as": op}
        for op in ("sum", "avg", "min", "max", "median", "count", "count_distinct")
    ]
    (row,) = rows(owner, "contacts", measures=measures)
    counted = {"count": 0, "count_distinct": 0}
    nothing = dict.fromkeys(("sum", "avg", "min", "max", "median"))
    assert row == {"group": {}, **nothing, **counted}
    assert rows(owner, "deals", measures=[TOTAL]) == [{"group": {}, "total": {}}]
    assert rows(owner, "deals", group_by=[{"field": "status"}]) == []
