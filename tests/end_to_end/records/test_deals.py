"""Deals: what is set when they are made, and what they hold."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.scene import Pipeline, another_pipeline, pipeline
from tests.world import Tenant, administer

PUMP = {"name": "Pump"}
UNKNOWN_STAGE = "stg_0123456789abcdef01234567"


@pytest.fixture
def sales(owner: Client) -> Pipeline:
    """The tenant's default pipeline."""
    return pipeline(owner)


@pytest.fixture
def renewals(owner: Client, tenant: Tenant) -> Pipeline:
    """Another pipeline of the tenant."""
    return another_pipeline(tenant, owner)


def found(client: Client, *filters: Any, **query: Any) -> list[str]:
    page = client.search("/deals", filters=list(filters), **query)
    return [deal["name"] for deal in page["data"]]


def test_a_deal_begins_at_the_beginning(owner: Client, sales: Pipeline) -> None:
    deal = owner.create("/deals", PUMP)
    assert deal["pipeline_id"] == sales.id
    assert deal["stage_id"] == sales["New"]
    assert (deal["status"], deal["currency"]) == ("open", "USD")
    assert deal["stage_changed_at"] == deal["created_at"]
    for name in ("closed_at", "value", "lost_reason", "expected_close_date"):
        assert deal[name] is None


@pytest.mark.parametrize(
    ("stage", "status"),
    [("Negotiation", "open"), ("Won", "won"), ("Lost", "lost")],
)
def test_a_deal_may_begin_in_any_stage(
    owner: Client, sales: Pipeline, stage: str, status: str
) -> None:
    deal = owner.create("/deals", PUMP | {"stage_id": sales[stage]})
    assert (deal["stage_id"], deal["status"]) == (sales[stage], status)
    assert deal["stage_changed_at"] == deal["created_at"]
    assert deal["closed_at"] == (None if status == "open" else deal["created_at"])


def test_a_lost_deal_may_begin_with_its_reason(owner: Client, sales: Pipeline) -> None:
    body = PUMP | {"stage_id": sales["Lost"], "lost_reason": " Price "}
    assert owner.create("/deals", body)["lost_reason"] == "Price"


def test_a_deal_begins_in_the_pipeline_that_is_given(
    owner: Client, renewals: Pipeline
) -> None:
    deal = owner.create("/deals", PUMP | {"pipeline_id": renewals.id})
    assert (deal["pipeline_id"], deal["stage_id"]) == (renewals.id, renewals["New"])
    body = PUMP | {"pipeline_id": renewals.id, "stage_id": renewals["Won"]}
    assert owner.create("/deals", body)["status"] == "won"


def test_a_stage_belongs_to_its_pipeline(
    owner: Client, stranger: Client, sales: Pipeline, renewals: Pipeline
) -> None:
    theirs = pipeline(stranger)
    for given, codes in (
        ({"stage_id": renewals["New"]}, {"stage_id": "invalid"}),
        (
            {"pipeline_id": renewals.id, "stage_id": sales["New"]},
            {"stage_id": "invalid"},
        ),
        ({"stage_id": theirs["New"]}, {"stage_id": "not_found"}),
        ({"stage_id": UNKNOWN_STAGE}, {"stage_id": "not_found"}),
        ({"stage_id": sales.id}, {"stage_id": "not_found"}),
        ({"pipeline_id": theirs.id}, {"pipeline_id": "not_found"}),
        ({"pipeline_id": sales["New"]}, {"pipeline_id": "not_found"}),
        (
            {"pipeline_id": theirs.id, "stage_id": theirs["New"]},
            {"pipeline_id": "not_found", "stage_id": "not_found"},
        ),
    ):
        answer = owner.post("/deals", PUMP | given)
        assert (answer.status, answer.codes) == (422, codes), given
    assert found(owner) == []


def test_all_references_that_lead_nowhere_are_named_together(owner: Client) -> None:
    given = {
        "stage_id": UNKNOWN_STAGE,
        "contact_id": "con_0123456789abcdef01234567",
        "owner_id": "usr_0123456789abcdef01234567",
    }
    answer = owner.post("/deals", PUMP | given)
    assert answer.codes == dict.fromkeys(given, "not_found")


@pytest.mark.parametrize(
    ("field", "action"),
    [
        ("stage_id", "POST /v1/deals/{id}/stage"),
        ("pipeline_id", "POST /v1/deals/{id}/stage"),
        ("status", "POST /v1/deals/{id}/stage"),
    ],
)
@pytest.mark.parametrize("value", ["won", None, 5])
def test_a_patch_moves_no_deal_and_says_what_does(
    owner: Client, field: str, action: str, value: object
) -> None:
    made = owner.post("/deals", PUMP)
    path = f"/deals/{made.json['id']}"
    answer = owner.patch(path, {"name": "Other", field: value})
    assert (answer.status, answer.codes) == (422, {field: "read_only"})
    assert action in answer.json["errors"][0]["message"]
    assert owner.get(path).body == made.body


def test_a_currency_is_never_empty(tenant: Tenant, open_client: OpenClient) -> None:
    administer(
        tenant.stack.database_url,
        lambda database: database.run(
            "UPDATE tenants SET currency = 'BRL' WHERE business_id = $1",
            tenant.business_id,
        ),
    )
    client = open_client(tenant.token())
    path = f"/deals/{client.create('/deals', PUMP | {'currency': None})['id']}"
    assert client.get(path).json["currency"] == "BRL"
    assert client.patch(path, {"currency": " EUR "}).json["currency"] == "EUR"
    assert client.patch(path, {"currency": None}).json["currency"] == "BRL"
    for wrong in ("eur", "EURO", "XYZ", "EU"):
        answer = client.patch(path, {"currency": wrong})
        assert answer.codes == {"currency": "invalid_choice"}


def test_days_are_compared_as_days(owner: Client) -> None:
    days = ("0001-01-01", "2026-02-28", "2028-02-29", "9999-12-31", None)
    for day in days:
        body = {"name": str(day), "expected_close_date": day}
        assert owner.create("/deals", body)["expected_close_date"] == day
    field = "expected_close_date"
    between = {"field": field, "operator": "between"}
    for first, last, expected in (
        ("2026-02-28", "2028-02-29", {"2026-02-28", "2028-02-29"}),
        ("0001-01-01", "9999-12-31", set(days[:4])),
        ("2026-03-01", "2028-02-28", set[str]()),
    ):
        assert set(found(owner, between | {"values": [first, last]})) == expected
    backwards = between | {"values": ["2028-02-29", "2026-02-28"]}
    answer = owner.post("/deals/search", {"filters": [backwards]})
    assert answer.codes == {"filters[0].values": "invalid"}
    for direction in ("asc", "desc"):
        in_order = found(owner, order_by=field, sort_direction=direction)
        assert in_order[-1] == "None"
        assert sorted(in_order[:4], reverse=direction == "desc") == in_order[:4]


@pytest.mark.parametrize(
    "day",
    ["0000-01-01", "10000-01-01", "2026-02-29", "2026-2-1", "2026-06-17T00:00:00Z"],
)
def test_what_is_no_day_is_refused(owner: Client, day: str) -> None:
    answer = owner.post("/deals", PUMP | {"expected_close_date": day})
    assert answer.codes == {"expected_close_date": "invalid_format"}
    condition = {"field": "expected_close_date", "operator": "gte", "value": day}
    answer = owner.post("/deals/search", {"filters": [condition]})
    assert answer.codes == {"filters[0].value": "invalid_format"}


def test_deals_are_found_by_where_they_are(
    owner: Client, sales: Pipeline, renewals: Pipeline
) -> None:
    for name, stage in (("new", sales["New"]), ("won", sales["Won"])):
        owner.create("/deals", {"name": name, "stage_id": stage})
    owner.create("/deals", {"name": "renewal", "pipeline_id": renewals.id})
    for field, value, expected in (
        ("status", "open", {"new", "renewal"}),
        ("status", "won", {"won"}),
        ("pipeline_id", sales.id, {"new", "won"}),
        ("stage_id", renewals["New"], {"renewal"}),
        ("currency", "usd", {"new", "won", "renewal"}),
    ):
        condition = {"field": field, "operator": "eq", "value": value}
        assert set(found(owner, condition)) == expected
    is_closed = {"field": "closed_at", "operator": "is_not_empty"}
    assert found(owner, is_closed) == ["won"]
    assert found(owner, search_text="REN") == ["renewal"]
