"""What searches and figures of the documents ask for, by the resource.

Each finds something in the demonstration data.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_EMAIL = {"field": "email", "operator": "ends_with", "value": ".example"}
_PROMISING = {"field": "lead_score", "operator": "gte", "value": 50}
_VIP = {"field": "tags", "operator": "contains", "value": "VIP"}
_OLDEST = {"sort_direction": "asc", "limit": 1}

# What is searched for, by resource: what the demonstration data hold as well, because
# the reference sends a search as it is shown (`test_demo_searches.py`).
SEARCHES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "contact": {
            "filters": [_EMAIL, {"any": [_PROMISING, _VIP]}],
            "order_by": "name",
            **_OLDEST,
        },
        "company": {
            "filters": [{"field": "employee_count", "operator": "gte", "value": 100}],
            **_OLDEST,
        },
        "task": {
            "filters": [{"field": "priority", "operator": "eq", "value": "high"}],
            "order_by": "due_date",
            **_OLDEST,
        },
        "note": {"search_text": "prefers", **_OLDEST},
        "activity": {
            "filters": [{"field": "type", "operator": "eq", "value": "call"}],
            "order_by": "occurred_at",
            **_OLDEST,
        },
        "association": {
            "filters": [{"field": "type", "operator": "eq", "value": "deal_contacts"}],
            **_OLDEST,
        },
        "association_type": {
            "filters": [{"field": "from_object", "operator": "eq", "value": "deals"}],
            "order_by": "key",
            **_OLDEST,
        },
        "field": {
            "filters": [{"field": "type", "operator": "eq", "value": "select"}],
            "order_by": "position",
            **_OLDEST,
        },
        "object": {
            "filters": [{"field": "open", "operator": "eq", "value": True}],
            "order_by": "slug",
            **_OLDEST,
        },
        "record": {
            "filters": [{"field": "name", "operator": "is_not_empty"}],
            "order_by": "name",
            **_OLDEST,
        },
        "job": {
            "filters": [{"field": "state", "operator": "eq", "value": "succeeded"}],
            **_OLDEST,
        },
        "import": {
            "filters": [{"field": "mode", "operator": "eq", "value": "create"}],
            **_OLDEST,
        },
        "export": {
            "filters": [{"field": "format", "operator": "eq", "value": "csv"}],
            **_OLDEST,
        },
        "merge": {
            "filters": [{"field": "resource", "operator": "eq", "value": "contacts"}],
            **_OLDEST,
        },
        "report": {
            "filters": [{"field": "resource", "operator": "eq", "value": "deals"}],
            "order_by": "name",
            **_OLDEST,
        },
        "dashboard": {"search_text": "sales", **_OLDEST},
        "schedule": {
            "filters": [{"field": "is_default", "operator": "eq", "value": True}],
            **_OLDEST,
        },
        "busy_time": {
            "filters": [{"field": "source", "operator": "eq", "value": "calendar"}],
            "order_by": "starts_at",
            **_OLDEST,
        },
        "meeting_type": {
            "filters": [{"field": "active", "operator": "eq", "value": True}],
            "order_by": "name",
            **_OLDEST,
        },
        "booking": {
            "filters": [{"field": "status", "operator": "eq", "value": "confirmed"}],
            "order_by": "starts_at",
            **_OLDEST,
        },
        "email_template": {
            "filters": [{"field": "name", "operator": "contains", "value": "answer"}],
            "order_by": "name",
            **_OLDEST,
        },
        "sender": {
            "filters": [{"field": "verified_at", "operator": "is_not_empty"}],
            "order_by": "address",
            **_OLDEST,
        },
        "email": {
            "filters": [
                {"field": "status", "operator": "in", "values": ["queued", "sent"]}
            ],
            **_OLDEST,
        },
        "topic": {
            "filters": [{"field": "requires", "operator": "eq", "value": "granted"}],
            "order_by": "name",
            **_OLDEST,
        },
        "consent": {
            "filters": [{"field": "status", "operator": "eq", "value": "granted"}],
            **_OLDEST,
        },
        "suppression": {
            "filters": [{"field": "reason", "operator": "eq", "value": "bounced"}],
            **_OLDEST,
        },
        "sandbox": {
            "filters": [{"field": "state", "operator": "eq", "value": "ready"}],
            **_OLDEST,
        },
        "webhook": {
            "filters": [{"field": "active", "operator": "eq", "value": False}],
            **_OLDEST,
        },
        "audit": {
            "filters": [{"field": "event", "operator": "eq", "value": "field_created"}],
            **_OLDEST,
        },
        "pipeline": {
            "filters": [{"field": "is_default", "operator": "eq", "value": True}]
        },
        "user": {
            "filters": [{"field": "active", "operator": "eq", "value": True}],
            "order_by": "name",
            **_OLDEST,
        },
        "deal": {
            "filters": [
                {"field": "status", "operator": "eq", "value": "open"},
                {"field": "value", "operator": "between", "values": [10000, 20000]},
            ],
            "include_total": True,
        },
    }
)

# What is asked of the records of any type, and of some.
COUNTED: Mapping[str, Any] = MappingProxyType(
    {
        "group_by": [{"field": "created_at", "interval": "year"}],
        "measures": [{"op": "count", "as": "count"}],
    }
)
FIGURES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "deal": {
            "filters": [{"field": "status", "operator": "eq", "value": "open"}],
            "group_by": [{"field": "stage_id"}],
            "measures": [
                {"op": "count", "as": "count"},
                {"op": "sum", "field": "value", "as": "value_sum"},
            ],
            "order_by": "count",
        },
        "contact": {
            "group_by": [
                {
                    "field": "created_at",
                    "interval": "week",
                    "time_zone": "Europe/London",
                },
                {"field": "source"},
            ],
            "measures": [{"op": "count", "as": "contacts"}],
            "having": [{"field": "contacts", "operator": "gte", "value": 1}],
        },
    }
)
