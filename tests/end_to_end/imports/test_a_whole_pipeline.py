"""The sales of a real company move in: its accounts, then its opportunities."""

import csv
import io
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from prospectconnect.crm.v1.pipelines_pb2 import (
    STAGE_TYPE_LOST,
    STAGE_TYPE_OPEN,
    STAGE_TYPE_WON,
)

from services.crm.pipelines import NewStage, create_pipeline
from tests.client import Client
from tests.end_to_end.imports.sending import errors_of, imported, rows_of
from tests.end_to_end.imports.test_other_products import DATA
from tests.world import Tenant, administer

SALES = DATA / "crm-sales"
STAGES = (
    NewStage("Prospecting", 10, STAGE_TYPE_OPEN),
    NewStage("Engaging", 50, STAGE_TYPE_OPEN),
    NewStage("Won", 100, STAGE_TYPE_WON),
    NewStage("Lost", 0, STAGE_TYPE_LOST),
)
ACCOUNTS = {
    "account": ["name", "external_ids.maven"],
    "sector": "industry",
    "employees": "employee_count",
    "revenue": "annual_revenue",
    "office_location": "country",
}
DEALS = {
    "opportunity_id": ["name", "external_ids.maven"],
    "account": "company.name",
    "product": "custom_fields.product",
    "deal_stage": "stage.name",
    "engage_date": "created_at",
    "close_date": "closed_at",
    "close_value": "value",
}


def _sample(every: int) -> list[dict[str, str]]:
    with (SALES / "sales_pipeline.csv").open(newline="") as file:
        return list(csv.DictReader(file))[::every]


def _as_table(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _won_by_month(client: Client) -> dict[str, Decimal]:
    """The first figure of a new tenant's dashboard."""
    body = {
        "filters": [{"field": "status", "operator": "eq", "value": "won"}],
        "group_by": [{"field": "closed_at", "interval": "month"}],
        "measures": [{"op": "sum", "field": "value", "as": "worth"}],
    }
    found: dict[str, Decimal] = {}
    for each in client.post("/deals/aggregate", body).json["data"]:
        (worth,) = each["worth"].values()
        found[each["group"]["closed_at"]] = Decimal(str(worth))
    return found


@pytest.mark.parametrize(
    "every", [pytest.param(1, marks=pytest.mark.nightly), 44], ids=["whole", "sample"]
)
def test_sales_are_won_in_their_months(
    tenant: Tenant, owner: Client, every: int
) -> None:
    its = tenant.business_id, "Hardware", STAGES
    administer(
        tenant.stack.database_url, lambda database: create_pipeline(database, *its)
    )
    content = (SALES / "accounts.csv").read_bytes()
    given: dict[str, Any] = {"resource": "companies", "mapping": ACCOUNTS}
    accounts = imported(owner, content, **given)
    assert (accounts["created"], accounts["failed"]) == (84, 1), _said(owner, accounts)
    corrected = errors_of(owner, accounts["id"]).replace(b"Philipines", b"Philippines")
    assert imported(owner, corrected, **given)["created"] == 1
    rows = _sample(every)
    more: dict[str, Any] = {
        "resource": "deals",
        "mapping": DEALS,
        "defaults": {"pipeline.name": "Hardware"},
        "mode": "upsert",
        "match_on": "external_ids.maven",
    }
    tried = imported(owner, _as_table(rows), dry_run=True, **more)
    found = imported(owner, _as_table(rows), **more)
    assert (found["created"], found["failed"]) == (len(rows), 0), _said(owner, found)
    assert tried["created"] == len(rows)
    expected = defaultdict[str, Decimal](Decimal)
    for row in rows:
        if row["deal_stage"] == "Won":
            expected[row["close_date"][:7]] += Decimal(row["close_value"])
    assert _won_by_month(owner) == expected
    again = imported(owner, _as_table(rows), **more)
    assert again["unchanged"] == len(rows), _said(owner, again)


def _said(client: Client, found: Any) -> Any:
    rows = rows_of(client, found["id"], status="failed")[:3]
    return found["problem"], [each["problem"] for each in rows]
