"""The facts of the records that people work with: the contract's section 8."""

from tests.promises.record_facts import (
    ADDRESS,
    EVERY,
    LINKS,
    TIMES,
    RecordFacts,
    kinds_of,
)

CONTACTS = RecordFacts(
    kinds=kinds_of(
        string="first_name last_name name email phone job_title source time_zone "
        + ADDRESS,
        id="id company_id owner_id created_by lifecycle_stage",
        number="lead_score",
        timestamp="last_contacted_at " + TIMES,
        tags="tags",
    ),
    choices={
        "lifecycle_stage": (
            *("subscriber", "lead", "qualified"),
            *("opportunity", "customer", "other"),
        )
    },
    orders=(*EVERY, "name", "lead_score", "last_contacted_at"),
    searched=("name", "email", "phone", "job_title"),
    owner="owner_id",
    has_external_ids=True,
)

COMPANIES = RecordFacts(
    kinds=kinds_of(
        string="name domain website industry phone " + ADDRESS,
        id="id owner_id created_by",
        number="employee_count annual_revenue",
        timestamp=TIMES,
        tags="tags",
    ),
    orders=(*EVERY, "name"),
    searched=("name", "domain", "website", "industry"),
    owner="owner_id",
    has_external_ids=True,
)

DEALS = RecordFacts(
    kinds=kinds_of(
        string="name currency source lost_reason",
        id="id pipeline_id stage_id status contact_id company_id owner_id created_by",
        number="value",
        date="expected_close_date",
        timestamp="stage_changed_at closed_at " + TIMES,
        tags="tags",
    ),
    choices={"status": ("open", "won", "lost")},
    orders=(*EVERY, "name", "value", "expected_close_date"),
    searched=("name",),
    owner="owner_id",
    has_external_ids=True,
)

PIPELINES = RecordFacts(
    kinds=kinds_of(
        string="name",
        id="id created_by",
        number="position",
        boolean="is_default",
        timestamp=TIMES,
    ),
    orders=(*EVERY, "position", "name"),
    searched=("name",),
)

TASKS = RecordFacts(
    kinds=kinds_of(
        string="name",
        id="id priority status completed_by assignee_id created_by " + LINKS,
        links="record_id",
        date="due_date",
        timestamp="completed_at " + TIMES,
    ),
    choices={"priority": ("low", "medium", "high"), "status": ("open", "completed")},
    orders=(*EVERY, "name", "due_date"),
    searched=("name", "description"),
    owner="assignee_id",
    has_external_ids=True,
    by_links=True,
)

NOTES = RecordFacts(
    kinds=kinds_of(
        id="id author_id created_by " + LINKS,
        links="record_id",
        boolean="pinned",
        timestamp="pinned_at " + TIMES,
    ),
    orders=(*EVERY, "pinned_at"),
    searched=("body",),
    owner="author_id",
    has_external_ids=True,
    by_links=True,
)

ACTIVITIES = RecordFacts(
    kinds=kinds_of(
        string="subject",
        id="id type direction source actor_id created_by " + LINKS,
        links="record_id",
        number="duration_seconds",
        timestamp="occurred_at " + TIMES,
    ),
    choices={
        "type": ("email", "call", "meeting", "system"),
        "direction": ("inbound", "outbound"),
        "source": ("api", "system"),
    },
    orders=(*EVERY, "occurred_at"),
    searched=("subject", "body"),
    owner="actor_id",
    has_external_ids=True,
    by_links=True,
)

USERS = RecordFacts(
    kinds=kinds_of(
        string="name email role", id="id", boolean="active", timestamp=TIMES
    ),
    orders=(*EVERY, "name"),
    searched=("name", "email"),
)

CUSTOM_RECORDS = RecordFacts(
    kinds=kinds_of(
        string="name",
        id="id owner_id created_by",
        timestamp=TIMES,
        tags="tags",
    ),
    orders=(*EVERY, "name"),
    searched=("name",),
    owner="owner_id",
    has_external_ids=True,
)

ASSOCIATIONS = RecordFacts(
    kinds=kinds_of(
        string="type role",
        id="id from_id to_id created_by",
        links="record_id",
        timestamp=TIMES,
    ),
    orders=EVERY,
    searched=("role",),
    ends=("from_id", "to_id"),
)
