"""Names that no custom object gets: those of the API's own records, now and to come.

An object of a tenant under the name of a record that comes later would be in its way.
"""

RESERVED = frozenset(
    (
        *("account", "activities", "aggregate", "apps", "association_types"),
        *("associations", "audit", "batch", "bookings", "business", "busy_times"),
        *("calendars", "changes", "companies", "consents", "contacts", "contracts"),
        *("credit_notes", "custom_records", "dashboards", "deals", "deliveries"),
        *("documents", "duplicates", "email_templates", "emails", "enrollments"),
        *("events", "exports", "fields", "files", "forecast", "forecasts", "forms"),
        *("history", "holds", "hooks", "imports", "invoices", "jobs", "limits"),
        *("line_items", "lists", "me", "meeting_types", "meetings", "members"),
        *("merges", "messages", "notes", "oauth", "objects", "orders", "outbox"),
        *("pages", "payment_providers", "payments", "permissions", "pipelines"),
        *("prices", "products", "quotes", "record", "records", "reports", "roles"),
        *("runs", "sandboxes", "schedules", "schema", "search", "senders", "sequences"),
        *("stages", "submissions", "subscriptions", "suppressions", "tags", "tasks"),
        *("tax_rates", "templates", "timeline", "tokens", "topics", "usage", "users"),
        *("versions", "webhooks", "workflow_templates", "workflows"),
    )
)
