"""The dashboard that each tenant begins with, and its four reports.

They are written beside the tenant, as its roles and its pipeline are. Tenants that were
there before get theirs from `give_missing`, a few at a time. Nobody gets it twice: a
deleted one stays away.
"""

from collections.abc import Sequence
from typing import Any

from prospectconnect.reporting.v1 import reports_pb2 as pb

from services.clock import now
from services.ids import new_id
from services.postgres.database import Database, Transaction
from services.records.statements import insert_one_sql

NAME = "Sales"

Json = dict[str, Any]

_OPEN = [{"field": "status", "operator": "eq", "value": "open"}]
_WON = [{"field": "status", "operator": "eq", "value": "won"}]
_BY_PEOPLE = [{"field": "type", "operator": "neq", "value": "system"}]


def _counted(name: str) -> Json:
    return {"op": "count", "as": name}


# Name, type of record, how it is drawn, the figures. Of times the latest come first.
REPORTS: Sequence[tuple[str, str, int, Json]] = (
    (
        "Pipeline by stage",
        "deals",
        pb.REPORT_CHART_BAR,
        {
            "filters": _OPEN,
            "group_by": [{"field": "stage_id"}],
            "measures": [_counted("open_deals")],
        },
    ),
    (
        "Won by month",
        "deals",
        pb.REPORT_CHART_BAR,
        {
            "filters": _WON,
            "group_by": [{"field": "closed_at", "interval": "month"}],
            "measures": [{"op": "sum", "field": "value", "as": "won"}],
            "sort_direction": "desc",
            "limit": 12,
            "fill": True,
        },
    ),
    (
        "Activities by user and week",
        "activities",
        pb.REPORT_CHART_BAR,
        {
            "filters": _BY_PEOPLE,
            "group_by": [
                {"field": "occurred_at", "interval": "week"},
                {"field": "actor_id"},
            ],
            "measures": [_counted("activities")],
            "sort_direction": "desc",
            "limit": 100,
        },
    ),
    (
        "New contacts by source",
        "contacts",
        pb.REPORT_CHART_BAR,
        {
            "group_by": [
                {"field": "created_at", "interval": "month"},
                {"field": "source"},
            ],
            "measures": [_counted("contacts")],
            "sort_direction": "desc",
            "limit": 100,
        },
    ),
)
# Where they are: x, y, width, height.
_PLACES = ((0, 0, 6, 4), (6, 0, 6, 4), (0, 4, 6, 4), (6, 4, 6, 4))

_REPORTS = insert_one_sql(
    "reports",
    {
        **{
            name: f"r.{name}"
            for name in ("id", "name", "resource", "aggregate", "chart")
        },
        "visibility": str(pb.REPORT_VISIBILITY_TENANT),
        "created_at": "$2::timestamptz",
        "updated_at": "$2::timestamptz",
    },
    source="given, unnest($3::text[], $4::text[], $5::text[], $6::jsonb[],"
    " $7::smallint[]) AS r (id, name, resource, aggregate, chart)",
)
_DASHBOARD = insert_one_sql(
    "dashboards",
    {
        "id": "$8",
        "name": "$9",
        "items": "$10::jsonb",
        "created_at": "$2::timestamptz",
        "updated_at": "$2::timestamptz",
    },
    source="given",
)
# Values: business, moment, the reports' columns, the dashboard's id, name and items.
_GIVE = f"""
WITH given AS (
  UPDATE tenants SET has_dashboard = true
  WHERE business_id = $1 AND NOT has_dashboard RETURNING business_id
), made AS ({_REPORTS})
{_DASHBOARD}
"""
_WITHOUT = "SELECT business_id FROM tenants WHERE NOT has_dashboard LIMIT $1"
AT_ONCE = 50


async def give_dashboard(database: Database | Transaction, business_id: str) -> None:
    """Gives a tenant its first dashboard, unless it has had one."""
    ids = [new_id("rpt_") for _ in REPORTS]
    columns = zip(*REPORTS, strict=True)
    names, resources, charts, bodies = map(list, columns)
    items = [
        {"report_id": id_, "x": x, "y": y, "w": w, "h": h}
        for id_, (x, y, w, h) in zip(ids, _PLACES, strict=True)
    ]
    reports = ids, names, resources, bodies, charts
    await database.run(_GIVE, business_id, now(), *reports, new_id("dsh_"), NAME, items)


async def give_missing(database: Database) -> None:
    """Gives some of the tenants without a dashboard theirs."""
    for row in await database.rows(_WITHOUT, AT_ONCE):
        await give_dashboard(database, row[0])
