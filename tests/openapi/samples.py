"""Values that read well, for the fields of all records.

A field without a value here gets one that is made from its rules.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from tests.promises.record_values import Maker
from tests.promises.records_suite import Field, Resource

# By field, or by resource and field where the resource matters.
VALUES: Mapping[str, Any] = MappingProxyType(
    {
        "first_name": "Ada",
        "with": "year",
        "wait_seconds": 5,
        "at": "2100-01-01T00:00:00Z",
        "from": "2026-11-25T00:00:00Z",
        "to": "2027-01-01T00:00:00Z",
        "last_name": "Lovelace",
        "email": "ada@engine.example",
        "phone": "+44 20 7946 0958",
        "job_title": "Analyst",
        "lifecycle_stage": "qualified",
        "lead_score": 80,
        "source": "Webinar",
        "tags": ["VIP"],
        "address1": "12 St James's Square",
        "city": "London",
        "state": "Greater London",
        "postal_code": "SW1Y 4JH",
        "country": "GB",
        "custom_fields": {"plan": "gold", "seats": 12},
        "external_ids": {"salesforce": "0035g00000XyZzAAQ"},
        "company.name": "Analytical Engines Ltd",
        "domain": "engine.example",
        "website": "https://engine.example",
        "industry": "Machinery",
        "employee_count": 120,
        "annual_revenue": 1250000.5,
        "description": "Engines that calculate by themselves.",
        "deal.name": "Difference Engine No. 2",
        "value": 12500.5,
        "currency": "GBP",
        "expected_close_date": "2026-12-18",
        "lost_reason": None,
        "reason": "Request of 2026-11-28, article 17 of the GDPR",
        "task.name": "Send the offer",
        "task.description": "With the drawings of October.",
        "priority": "high",
        "due_date": "2026-11-27",
        "note.body": "Prefers a call in the morning.",
        "type": "call",
        "subject": "First call",
        "activity.body": "Wants to see the engine at work.",
        "direction": "outbound",
        "occurred_at": "2026-11-02T09:30:00Z",
        "duration_seconds": 900,
        "association.type": "deal_contacts",
        "association.role": "Decision maker",
        "association_type.key": "referral",
        "association_type.from_object": "contacts",
        "association_type.to_object": "contacts",
        "association_type.label": "Referred by",
        "association_type.inverse_label": "Referrals",
        "association_type.cardinality": "many_to_many",
        "field.object": "contacts",
        "field.key": "contract",
        "field.type": "select",
        "field.label": "Contract",
        "field.description": "What the contact has signed.",
        "field.group": "Sales",
        "field.position": 1,
        "field.required": False,
        "field.unique": False,
        "field.searchable": False,
        "field.default_value": None,
        "field.options": [
            {"value": "none", "label": "No contract"},
            {"value": "year", "label": "One year", "color": "#1f77b4"},
        ],
        "field.max_length": None,
        "metadata": {"number": "+44 20 7946 0958"},
        "record.name": "Maintenance of engine No. 2",
        "object.slug": "projects",
        "object.singular_label": "Project",
        "object.plural_label": "Projects",
        "object.description": "What is built for customers.",
        "report.name": "Open deals by stage",
        "report.resource": "deals",
        "report.aggregate": {
            "filters": [{"field": "status", "operator": "eq", "value": "open"}],
            "group_by": [{"field": "stage_id"}],
            "measures": [{"op": "count", "as": "deals"}],
            "order_by": "deals",
        },
        "report.chart": "bar",
        "report.visibility": "tenant",
        "dashboard.name": "Monday morning",
        "duration": 30,
        "time_zone": "Europe/Paris",
        "schedule.name": "Afternoons",
        "schedule.time_zone": "Europe/London",
        "schedule.is_default": True,
        "schedule.intervals": [{"weekday": 0, "from": "13:00", "to": "17:30"}],
        "schedule.overrides": [{"date": "2027-01-04", "intervals": []}],
        "busy_time.starts_at": "2027-01-12T09:00:00Z",
        "busy_time.ends_at": "2027-01-12T10:30:00Z",
        "busy_time.source": "calendar",
        "busy_time.external_id": "0q8s7vkl2m",
        "meeting_type.name": "First call",
        "meeting_type.slug": "first-call",
        "meeting_type.description": "We look at what you calculate by hand.",
        "meeting_type.durations": [30, 45],
        "meeting_type.assignment": "one",
        "meeting_type.location": {"kind": "phone", "value": "+44 20 7946 0958"},
        "meeting_type.buffer_before": 0,
        "meeting_type.buffer_after": 10,
        "meeting_type.minimum_notice": 120,
        "meeting_type.slot_interval": 30,
        "meeting_type.window_days": 60,
        "email_template.name": "First answer",
        "email_template.subject": "Your question, {{ contact.first_name }}",
        "email_template.html": "<p>Hello {{ contact.first_name }},</p>",
        "email_template.text": "Hello {{ contact.first_name }},",
        "sandbox.name": "Trial of the new import",
        "sandbox.copy": "schema_and_sample",
        "sandbox.seed": 1815,
        "sandbox.sample": 500,
        "sandbox.expires_in_days": 14,
        "webhook.url": "https://hooks.example.com/crm",
        "webhook.description": "Tells our newsletter of new contacts.",
        "webhook.types": ["contact.created", "contact.updated"],
        "webhook.filters": [{"field": "lead_score", "operator": "gte", "value": 50}],
        "webhook.include": ["state"],
        "webhook.version": "2026-11-01",
    }
)

# What is changed by an update, by resource; else the first text of the record.
CHANGES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "contact": {"job_title": "Countess", "custom_fields": {"plan": None}},
        "company": {"employee_count": 150},
        "deal": {"value": 13000, "expected_close_date": None},
        "task": {"priority": "medium"},
        "note": {"body": "Prefers a call in the afternoon."},
        "field": {"label": "Contract signed", "position": 2},
        "object": {"description": "What customers pay for each year."},
        "record": {"custom_fields": {"seats": 15}},
        "activity": {"subject": "First call, and a demonstration"},
        "association": {"role": "Reviewer"},
        "association_type": {"label": "Recommended by"},
        "report": {"chart": "funnel"},
        "dashboard": {"name": "Every morning"},
        "schedule": {"name": "Late afternoons"},
        "busy_time": {"source": "phone"},
        "meeting_type": {"durations": [30], "buffer_after": 15},
        "email_template": {"subject": "An answer to your question"},
        "webhook": {"types": ["contact.*"], "include": ["changed"]},
    }
)


def sample(maker: Maker, resource: Resource, field: Field) -> Any:
    """The value of a field of a record; None where there is none to give."""
    for name in (f"{resource.name}.{field.name}", field.name):
        if name in VALUES:
            return VALUES[name]
    if field.policy.references:
        return None
    return maker.value(field, 0)
