"""The contract's section 8 as data: the searchable fields of each kind of record.

Each field has a type; section 7 defines how fields of a type are compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """The properties of a kind of record for a search.

    `kinds` are the types of the filterable fields, `choices` the values of fields with
    fixed values. `searched` are the fields that are searched for words. `owner` is the
    field with the user that owns a record. `by_links`: users who see a linked record
    see this one as well. `has_external_ids`: filters find the record by its ids in
    other systems. `ends`: users who see both of these records, and only they, see this
    one.
    """

    kinds: Mapping[str, str]
    orders: tuple[str, ...]
    searched: tuple[str, ...]
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    owner: str = ""
    by_links: bool = False
    has_external_ids: bool = False
    ends: tuple[str, ...] = ()


def _kinds(**fields: str) -> dict[str, str]:
    """The type of each field, from the fields of each type."""
    return {name: kind for kind, names in fields.items() for name in names.split()}


_ADDRESS = "address1 city state postal_code country"
_TIMES = "created_at updated_at"
_LINKS = "contact_id company_id deal_id custom_record_id"
_EVERY = ("created_at", "updated_at")

CONTACTS = RecordFacts(
    kinds=_kinds(
        string="first_name last_name name email phone job_title source " + _ADDRESS,
        id="id company_id owner_id created_by lifecycle_stage",
        number="lead_score",
        timestamp="last_contacted_at " + _TIMES,
        tags="tags",
    ),
    choices={
        "lifecycle_stage": (
            *("subscriber", "lead", "qualified"),
            *("opportunity", "customer", "other"),
        )
    },
    orders=(*_EVERY, "name", "lead_score", "last_contacted_at"),
    searched=("name", "email", "phone", "job_title"),
    owner="owner_id",
    has_external_ids=True,
)

COMPANIES = RecordFacts(
    kinds=_kinds(
        string="name domain website industry phone " + _ADDRESS,
        id="id owner_id created_by",
        number="employee_count annual_revenue",
        timestamp=_TIMES,
        tags="tags",
    ),
    orders=(*_EVERY, "name"),
    searched=("name", "domain", "website", "industry"),
    owner="owner_id",
    has_external_ids=True,
)

DEALS = RecordFacts(
    kinds=_kinds(
        string="name currency source lost_reason",
        id="id pipeline_id stage_id status contact_id company_id owner_id created_by",
        number="value",
        date="expected_close_date",
        timestamp="stage_changed_at closed_at " + _TIMES,
        tags="tags",
    ),
    choices={"status": ("open", "won", "lost")},
    orders=(*_EVERY, "name", "value", "expected_close_date"),
    searched=("name",),
    owner="owner_id",
    has_external_ids=True,
)

PIPELINES = RecordFacts(
    kinds=_kinds(
        string="name",
        id="id created_by",
        number="position",
        boolean="is_default",
        timestamp=_TIMES,
    ),
    orders=(*_EVERY, "position", "name"),
    searched=("name",),
)

TASKS = RecordFacts(
    kinds=_kinds(
        string="name",
        id="id priority status completed_by assignee_id created_by " + _LINKS,
        links="record_id",
        date="due_date",
        timestamp="completed_at " + _TIMES,
    ),
    choices={"priority": ("low", "medium", "high"), "status": ("open", "completed")},
    orders=(*_EVERY, "name", "due_date"),
    searched=("name", "description"),
    owner="assignee_id",
    has_external_ids=True,
    by_links=True,
)

NOTES = RecordFacts(
    kinds=_kinds(
        id="id author_id created_by " + _LINKS,
        links="record_id",
        boolean="pinned",
        timestamp="pinned_at " + _TIMES,
    ),
    orders=(*_EVERY, "pinned_at"),
    searched=("body",),
    owner="author_id",
    has_external_ids=True,
    by_links=True,
)

ACTIVITIES = RecordFacts(
    kinds=_kinds(
        string="subject",
        id="id type direction source actor_id created_by " + _LINKS,
        links="record_id",
        number="duration_seconds",
        timestamp="occurred_at " + _TIMES,
    ),
    choices={
        "type": ("email", "call", "meeting", "system"),
        "direction": ("inbound", "outbound"),
        "source": ("api", "system"),
    },
    orders=(*_EVERY, "occurred_at"),
    searched=("subject", "body"),
    owner="actor_id",
    has_external_ids=True,
    by_links=True,
)

USERS = RecordFacts(
    kinds=_kinds(string="name email role", id="id", boolean="active", timestamp=_TIMES),
    orders=(*_EVERY, "name"),
    searched=("name", "email"),
)

FIELDS = RecordFacts(
    kinds=_kinds(
        string="object key label group target",
        id="id type state created_by",
        number="position",
        boolean="required unique searchable sensitive archived",
        timestamp=_TIMES,
    ),
    choices={
        "type": (
            *("timestamp", "date", "boolean", "integer", "decimal", "select"),
            *("multi_select", "user", "record", "long_text", "email", "phone"),
            *("country", "url", "text"),
        ),
        "state": ("active", "checking"),
    },
    orders=(*_EVERY, "key", "label", "position"),
    searched=("key", "label"),
)

CUSTOM_RECORDS = RecordFacts(
    kinds=_kinds(
        string="name",
        id="id owner_id created_by",
        timestamp=_TIMES,
        tags="tags",
    ),
    orders=(*_EVERY, "name"),
    searched=("name",),
    owner="owner_id",
    has_external_ids=True,
)

TYPES = RecordFacts(
    kinds=_kinds(
        string="slug singular_label plural_label",
        id="id created_by",
        boolean="open built_in archived",
        timestamp=_TIMES,
    ),
    orders=(*_EVERY, "slug", "plural_label"),
    searched=("slug", "singular_label", "plural_label"),
)

ASSOCIATION_TYPES = RecordFacts(
    kinds=_kinds(
        string="key from_object to_object label inverse_label",
        id="id cardinality created_by",
        boolean="built_in archived",
        timestamp=_TIMES,
    ),
    choices={
        "cardinality": ("many_to_many", "one_to_many", "one_to_one", "many_to_one")
    },
    orders=(*_EVERY, "key", "label"),
    searched=("key", "label", "inverse_label"),
)

ASSOCIATIONS = RecordFacts(
    kinds=_kinds(
        string="type role",
        id="id from_id to_id created_by",
        links="record_id",
        timestamp=_TIMES,
    ),
    orders=_EVERY,
    searched=("role",),
    ends=("from_id", "to_id"),
)

JOBS = RecordFacts(
    kinds=_kinds(
        id="id kind state subject_id created_by",
        timestamp="started_at finished_at " + _TIMES,
    ),
    choices={
        "kind": (
            *("create_field", "update_field", "change_field"),
            *("replace_field_option", "replay_webhook", "import", "export"),
        ),
        "state": ("waiting", "running", "succeeded", "failed", "cancelled"),
    },
    orders=_EVERY,
    searched=("subject_id",),
    owner="created_by",
)

IMPORTS = RecordFacts(
    kinds=_kinds(
        string="resource",
        id="id mode state created_by",
        boolean="dry_run",
        timestamp=_TIMES,
    ),
    choices={
        "mode": ("create", "update", "upsert", "delete"),
        "state": (
            *("waiting_for_content", "waiting", "running"),
            *("succeeded", "failed", "cancelled"),
        ),
    },
    orders=_EVERY,
    searched=("resource",),
    owner="created_by",
)

EXPORTS = RecordFacts(
    kinds=_kinds(id="id format state created_by", timestamp=_TIMES),
    choices={
        "format": ("csv", "ndjson", "parquet"),
        "state": ("waiting", "running", "succeeded", "failed", "cancelled"),
    },
    orders=_EVERY,
    searched=("resource",),
    owner="created_by",
)

WEBHOOKS = RecordFacts(
    kinds=_kinds(
        string="url client_id",
        id="id created_by disabled_reason",
        boolean="active",
        timestamp=_TIMES,
    ),
    choices={"disabled_reason": ("failing", "gone", "by_user", "forbidden")},
    orders=_EVERY,
    searched=("url", "description"),
)

REPORTS = RecordFacts(
    kinds=_kinds(
        string="name resource",
        id="id chart visibility created_by",
        timestamp=_TIMES,
    ),
    choices={
        "chart": ("bar", "line", "area", "pie", "number", "table", "funnel"),
        "visibility": ("private", "tenant"),
    },
    orders=(*_EVERY, "name"),
    searched=("name",),
)

DASHBOARDS = RecordFacts(
    kinds=_kinds(string="name", id="id created_by", timestamp=_TIMES),
    orders=(*_EVERY, "name"),
    searched=("name",),
)

MERGES = RecordFacts(
    kinds=_kinds(
        string="resource",
        id="id survivor_id user_id created_by merged_ids",
        links="record_id",
        timestamp="at undone_at " + _TIMES,
    ),
    orders=_EVERY,
    searched=("resource",),
    ends=("survivor_id",),
)

AUDIT = RecordFacts(
    kinds=_kinds(
        string="event client_id target",
        id="id user_id",
        timestamp="at " + _TIMES,
    ),
    orders=_EVERY,
    searched=("event", "target"),
)

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
}
