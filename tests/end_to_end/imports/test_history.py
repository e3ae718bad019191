"""A customer brings the past along: when records were made, and when deals were won."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.imports.sending import (
    NDJSON,
    imported,
    lines,
    rows_of,
    table,
)

Json = dict[str, Any]


def _stages(client: Client) -> Json:
    """The stages of the default pipeline, by their types: the first of each."""
    pipelines = client.pages("/pipelines")
    stages = next(each for each in pipelines if each["is_default"])["stages"]
    return {each["type"]: each["id"] for each in reversed(stages)}


def _records(client: Client, found: Json, path: str) -> list[Json]:
    rows = rows_of(client, found["id"])
    return [client.get(f"{path}/{each['id']}").json for each in rows]


def _faults(client: Client, found: Json) -> list[list[tuple[str, str]]]:
    rows = rows_of(client, found["id"])
    return [
        [(e["field"], e["code"]) for e in (row["problem"] or {}).get("errors", [])]
        for row in rows
    ]


def test_deals_are_won_in_the_month_in_which_they_were_won(owner: Client) -> None:
    stages = _stages(owner)
    found = imported(
        owner,
        table(
            "name,value,stage_id,created_at,closed_at",
            f"One,100,{stages['won']},2024-01-10,2024-03-05T10:00:00Z",
            f"Two,50,{stages['won']},2024-02-01,2024-03-31",
            f"Three,7,{stages['lost']},2024-02-01,2024-05-01",
            f"Four,9,{stages['open']},2024-02-01,2099-05-01",
        ),
        resource="deals",
    )
    assert (found["created"], found["failed"]) == (4, 0), _faults(owner, found)
    one, _, three, four = _records(owner, found, "/deals")
    assert one["created_at"] == "2024-01-10T00:00:00Z"
    assert one["closed_at"] == one["stage_changed_at"] == "2024-03-05T10:00:00Z"
    assert three["closed_at"] == "2024-05-01T00:00:00Z"
    assert (four["closed_at"], four["stage_changed_at"]) == (None, four["created_at"])
    figures = owner.post(
        "/deals/aggregate",
        {
            "filters": [{"field": "status", "operator": "eq", "value": "won"}],
            "group_by": [{"field": "closed_at", "interval": "month"}],
            "measures": [{"op": "sum", "field": "value", "as": "value"}],
        },
    ).json["data"]
    assert [each["group"]["closed_at"] for each in figures] == ["2024-03"]
    assert [*figures[0]["value"].values()] == [150]


def test_the_timeline_begins_when_the_record_was_made(owner: Client) -> None:
    row = "Ana,ana@p.example,2021-06-17T08:30:00+02:00"
    found = imported(owner, table("first_name,email,Created At", row))
    (ana,) = _records(owner, found, "/contacts")
    assert ana["created_at"] == "2021-06-17T06:30:00Z"
    assert ana["updated_at"] > "2026"
    asked = {"field": "contact_id", "operator": "eq", "value": ana["id"]}
    (made,) = owner.search("/activities", filters=[asked])["data"]
    assert (made["metadata"]["event"], made["occurred_at"]) == (
        "created",
        "2021-06-17T06:30:00Z",
    )
    # Its history says when it came, and before that nothing else is known of it.
    told = owner.post(f"/contacts/{ana['id']}/history", {}).json["data"]
    assert min(each["at"] for each in told) > "2026"


def test_before_its_import_a_record_is_as_it_was_imported(owner: Client) -> None:
    made = owner.create("/contacts", {"email": "now@p.example"})["created_at"]
    found = imported(owner, table("email,created_at", f"eva@p.example,{made}"))
    (eva,) = _records(owner, found, "/contacts")
    owner.patch(f"/contacts/{eva['id']}", {"first_name": "Eva"})
    then = owner.post(f"/contacts/{eva['id']}/as_of", {"at": made})
    assert (then.status, then.json["first_name"]) == (200, None), then.body
    assert then.json["email"] == "eva@p.example"


def test_the_funnel_says_when_an_imported_deal_reached_its_stage(
    owner: Client,
) -> None:
    stages = _stages(owner)
    made = owner.create("/deals", {"name": "Clock"})["created_at"]
    row = f"D,{stages['won']},2024-01-01,{made}"
    header = "name,stage_id,created_at,closed_at"
    found = imported(owner, table(header, row), resource="deals")
    assert found["created"] == 1, _faults(owner, found)
    period = {"from": made, "to": "2031-01-01T00:00:00Z"}
    told = owner.post("/deals/funnel", period).json["data"]
    entered = {each["stage_id"]: each["entered"] for each in told}
    assert (entered[stages["won"]], entered[stages["open"]]) == (1, 1)


def test_tasks_are_done_and_activities_occur_when_they_were(owner: Client) -> None:
    rows = [
        {"name": "Call", "created_at": "2023-01-01T00:00:00Z"},
        {"name": "Mail", "completed_at": "2023-01-05T00:00:00Z"},
    ]
    found = imported(owner, lines(rows), resource="tasks", format=NDJSON)
    assert found["created"] == 2, _faults(owner, found)
    call, mail = _records(owner, found, "/tasks")
    assert (call["status"], call["completed_at"]) == ("open", None)
    assert (mail["status"], mail["completed_at"]) == (
        "completed",
        "2023-01-05T00:00:00Z",
    )
    assert mail["created_at"] == "2023-01-05T00:00:00Z"
    contact = owner.create("/contacts", {"email": "bo@p.example"})["id"]
    note = {"contact_id": contact, "body": "Hi", "created_at": "2023-01-02T03:04:05Z"}
    found = imported(owner, lines([note]), resource="notes", format=NDJSON)
    (kept,) = _records(owner, found, "/notes")
    assert kept["created_at"] == "2023-01-02T03:04:05Z"


@pytest.mark.parametrize(
    ("moments", "faults"),
    [
        ({"created_at": "2099-01-01T00:00:00Z"}, [("created_at", "too_large")]),
        ({"created_at": "1969-12-31T23:59:59Z"}, [("created_at", "too_small")]),
        ({"created_at": "0001-01-01T00:00:00Z"}, [("created_at", "too_small")]),
        ({"created_at": "yesterday"}, [("created_at", "invalid_format")]),
        ({"created_at": 5, "shoe": 1}, None),
        (
            {"created_at": "2024-02-02T00:00:00Z", "closed_at": "2024-02-01T00:00:00Z"},
            [("closed_at", "too_small")],
        ),
        ({"created_at": "2024-02-02T10:00:00Z", "closed_at": "2024-02-02"}, None),
    ],
)
def test_moments_that_cannot_be_are_their_rows_fault(
    owner: Client, moments: Json, faults: Any
) -> None:
    stage = _stages(owner)["won"]
    body = {"name": "D", "stage_id": stage, **moments}
    found = imported(owner, lines([body]), resource="deals", format=NDJSON)
    if faults is not None:
        assert _faults(owner, found) == [faults]
    assert (found["created"], found["failed"]) == (0, 1)


def test_a_day_without_a_time_is_not_before_its_creation(owner: Client) -> None:
    row = f"D,{_stages(owner)['won']},2024-02-02T10:00:00Z,2024-02-02"
    header = "name,stage_id,created_at,closed_at"
    found = imported(owner, table(header, row), resource="deals")
    (deal,) = _records(owner, found, "/deals")
    assert deal["closed_at"] == deal["created_at"] == "2024-02-02T10:00:00Z"


def test_only_administrators_bring_the_past_along(
    owner: Client, member: Client
) -> None:
    body = {
        "resource": "contacts",
        "mode": "create",
        "format": "csv",
        "mapping": {"Made": "created_at"},
    }
    answer = member.post("/imports", body)
    assert (answer.status, answer.json["detail"]) == (
        403,
        "Only an owner or an admin may set created_at by an import.",
    )
    found = imported(member, table("email,created_at", "ana@q.example,2020-01-01"))
    assert found["result"]["unmapped"] == ["created_at"]
    (ana,) = _records(member, found, "/contacts")
    assert ana["created_at"] > "2026"
    update = {**body, "mode": "update", "match_on": "external_ids.x"}
    assert owner.post("/imports", update).status == 422


def test_records_that_are_there_keep_their_past(owner: Client) -> None:
    row = {"external_ids": {"sap": "1"}, "created_at": "2020-01-01T00:00:00Z"}
    more = {"mode": "upsert", "match_on": "external_ids.sap", "format": NDJSON}
    first = imported(owner, lines([{**row, "email": "a@r.example"}]), **more)
    (made,) = _records(owner, first, "/contacts")
    assert made["created_at"] == row["created_at"]
    row["created_at"] = "2019-01-01T00:00:00Z"
    again = imported(owner, lines([{**row, "email": "b@r.example"}]), **more)
    assert again["updated"] == 1
    (kept,) = _records(owner, again, "/contacts")
    assert (kept["email"], kept["created_at"]) == (
        "b@r.example",
        made["created_at"],
    )


def test_an_export_comes_back_as_an_import(owner: Client) -> None:
    told = owner.create("/contacts", {"email": "a@s.example", "first_name": "Ana"})
    known = {**told, "external_ids": {"old": told["id"]}}
    more = {"match_on": "id", "mode": "update", "format": NDJSON}
    known["first_name"] = "Anna"
    found = imported(owner, lines([known]), **more)
    assert (found["updated"], found["failed"]) == (1, 0), _faults(owner, found)
    assert found["result"]["ignored"]["created_at"] == 1
    assert found["result"]["ignored"]["created_by"] == 1
    moved = {**known, "email": "z@s.example", "external_ids": {"new": told["id"]}}
    found = imported(owner, lines([moved]), mode="create", format=NDJSON)
    assert (found["created"], found["failed"]) == (1, 0), _faults(owner, found)
    assert found["result"]["ignored"]["id"] == 1
    (copy,) = _records(owner, found, "/contacts")
    assert copy["created_at"] == told["created_at"]
    found = imported(owner, lines([{**moved, "shoe": 1}]), mode="create", format=NDJSON)
    assert _faults(owner, found) == [[("shoe", "unknown_field")]]
