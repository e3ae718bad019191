"""The contract's section 8 as data: the searchable fields of each kind of record.

Each field has a type; section 7 defines how fields of a type are compared.
"""

from collections.abc import Mapping

from tests.promises.facts_of_crm import (
    ACTIVITIES,
    ASSOCIATIONS,
    COMPANIES,
    CONTACTS,
    CUSTOM_RECORDS,
    DEALS,
    NOTES,
    PIPELINES,
    TASKS,
    USERS,
)
from tests.promises.facts_of_setup import (
    ASSOCIATION_TYPES,
    AUDIT,
    BOOKINGS,
    BUSY_TIMES,
    CONSENTS,
    DASHBOARDS,
    EMAIL_TEMPLATES,
    EMAILS,
    EXPORTS,
    FIELDS,
    IMPORTS,
    JOBS,
    MEETING_TYPES,
    MERGES,
    REPORTS,
    SANDBOXES,
    SCHEDULES,
    SENDERS,
    SUPPRESSIONS,
    TOPICS,
    TYPES,
    WEBHOOKS,
)
from tests.promises.record_facts import RecordFacts

RECORDS: Mapping[str, RecordFacts] = {
    "contacts": CONTACTS,
    "companies": COMPANIES,
    "deals": DEALS,
    "pipelines": PIPELINES,
    "tasks": TASKS,
    "notes": NOTES,
    "activities": ACTIVITIES,
    "users": USERS,
    "fields": FIELDS,
    "objects": TYPES,
    "objects/licenses/records": CUSTOM_RECORDS,
    "association_types": ASSOCIATION_TYPES,
    "associations": ASSOCIATIONS,
    "jobs": JOBS,
    "imports": IMPORTS,
    "exports": EXPORTS,
    "merges": MERGES,
    "audit": AUDIT,
    "webhooks": WEBHOOKS,
    "reports": REPORTS,
    "dashboards": DASHBOARDS,
    "sandboxes": SANDBOXES,
    "schedules": SCHEDULES,
    "busy_times": BUSY_TIMES,
    "meeting_types": MEETING_TYPES,
    "bookings": BOOKINGS,
    "email_templates": EMAIL_TEMPLATES,
    "senders": SENDERS,
    "emails": EMAILS,
    "topics": TOPICS,
    "consents": CONSENTS,
    "suppressions": SUPPRESSIONS,
}
