"""The facts of what tenants set up, and of what goes on: the contract's section 8."""

from tests.promises.record_facts import EVERY, TIMES, RecordFacts, kinds_of

FIELDS = RecordFacts(
    kinds=kinds_of(
        string="object key label group target",
        id="id type state created_by",
        number="position",
        boolean="required unique searchable sensitive archived",
        timestamp=TIMES,
    ),
    choices={
        "type": (
            *("timestamp", "date", "boolean", "integer", "decimal", "select"),
            *("multi_select", "user", "record", "long_text", "email", "phone"),
            *("country", "url", "text"),
        ),
        "state": ("active", "checking"),
    },
    orders=(*EVERY, "key", "label", "position"),
    searched=("key", "label"),
)

TYPES = RecordFacts(
    kinds=kinds_of(
        string="slug singular_label plural_label",
        id="id created_by",
        boolean="open built_in archived",
        timestamp=TIMES,
    ),
    orders=(*EVERY, "slug", "plural_label"),
    searched=("slug", "singular_label", "plural_label"),
)

ASSOCIATION_TYPES = RecordFacts(
    kinds=kinds_of(
        string="key from_object to_object label inverse_label",
        id="id cardinality created_by",
        boolean="built_in archived",
        timestamp=TIMES,
    ),
    choices={
        "cardinality": ("many_to_many", "one_to_many", "one_to_one", "many_to_one")
    },
    orders=(*EVERY, "key", "label"),
    searched=("key", "label", "inverse_label"),
)

JOBS = RecordFacts(
    kinds=kinds_of(
        id="id kind state subject_id created_by",
        timestamp="started_at finished_at " + TIMES,
    ),
    choices={
        "kind": (
            *("create_field", "update_field", "change_field"),
            *("replace_field_option", "replay_webhook", "import", "export"),
        ),
        "state": ("waiting", "running", "succeeded", "failed", "cancelled"),
    },
    orders=EVERY,
    searched=("subject_id",),
    owner="created_by",
)

IMPORTS = RecordFacts(
    kinds=kinds_of(
        string="resource",
        id="id mode state created_by",
        boolean="dry_run",
        timestamp=TIMES,
    ),
    choices={
        "mode": ("create", "update", "upsert", "delete"),
        "state": (
            *("waiting_for_content", "waiting", "running"),
            *("succeeded", "failed", "cancelled"),
        ),
    },
    orders=EVERY,
    searched=("resource",),
    owner="created_by",
)

EXPORTS = RecordFacts(
    kinds=kinds_of(id="id format state created_by", timestamp=TIMES),
    choices={
        "format": ("csv", "ndjson", "parquet"),
        "state": ("waiting", "running", "succeeded", "failed", "cancelled"),
    },
    orders=EVERY,
    searched=("resource",),
    owner="created_by",
)

WEBHOOKS = RecordFacts(
    kinds=kinds_of(
        string="url client_id",
        id="id created_by disabled_reason",
        boolean="active",
        timestamp=TIMES,
    ),
    choices={"disabled_reason": ("failing", "gone", "by_user", "forbidden")},
    orders=EVERY,
    searched=("url", "description"),
)

REPORTS = RecordFacts(
    kinds=kinds_of(
        string="name resource",
        id="id chart visibility created_by",
        timestamp=TIMES,
    ),
    choices={
        "chart": ("bar", "line", "area", "pie", "number", "table", "funnel"),
        "visibility": ("private", "tenant"),
    },
    orders=(*EVERY, "name"),
    searched=("name",),
)

DASHBOARDS = RecordFacts(
    kinds=kinds_of(string="name", id="id created_by", timestamp=TIMES),
    orders=(*EVERY, "name"),
    searched=("name",),
)

SCHEDULES = RecordFacts(
    kinds=kinds_of(
        string="name time_zone",
        id="id user_id created_by",
        boolean="is_default",
        timestamp=TIMES,
    ),
    orders=(*EVERY, "name"),
    searched=("name",),
    owner="user_id",
)

BUSY_TIMES = RecordFacts(
    kinds=kinds_of(
        string="source external_id",
        id="id user_id created_by",
        timestamp="starts_at ends_at " + TIMES,
    ),
    orders=(*EVERY, "starts_at", "ends_at"),
    searched=("source",),
    owner="user_id",
    has_external_ids=True,
)

MEETING_TYPES = RecordFacts(
    kinds=kinds_of(
        string="name slug",
        id="id assignment created_by",
        boolean="active",
        timestamp=TIMES,
    ),
    choices={"assignment": ("one", "round_robin", "collective")},
    orders=(*EVERY, "name"),
    searched=("name", "description"),
    has_external_ids=True,
)

BOOKINGS = RecordFacts(
    kinds=kinds_of(
        string="time_zone",
        id="id meeting_type_id owner_id host_ids contact_id deal_id activity_id status"
        " created_by",
        links="record_id",
        timestamp="starts_at ends_at " + TIMES,
    ),
    choices={
        "status": ("pending", "confirmed", "cancelled", "declined", "no_show", "held")
    },
    orders=(*EVERY, "starts_at", "ends_at"),
    searched=("cancel_reason",),
    owner="owner_id",
    by_links=True,
    has_external_ids=True,
)

EMAIL_TEMPLATES = RecordFacts(
    kinds=kinds_of(string="name subject", id="id created_by", timestamp=TIMES),
    orders=(*EVERY, "name"),
    searched=("name", "subject"),
    has_external_ids=True,
)

TOPICS = RecordFacts(
    kinds=kinds_of(string="name", id="id requires created_by", timestamp=TIMES),
    choices={"requires": ("granted", "legitimate_interest")},
    orders=(*EVERY, "name"),
    searched=("name", "description"),
    has_external_ids=True,
)

CONSENTS = RecordFacts(
    kinds=kinds_of(
        string="basis source",
        id="id contact_id topic_id status created_by",
        timestamp=TIMES,
    ),
    choices={"status": ("granted", "denied")},
    orders=EVERY,
    searched=("basis", "source"),
    seen_by="contact_id",
)

SUPPRESSIONS = RecordFacts(
    kinds=kinds_of(string="address", id="id reason created_by", timestamp=TIMES),
    choices={"reason": ("unsubscribed", "bounced", "complained", "manual")},
    orders=EVERY,
    searched=("address",),
    has_external_ids=True,
)

SENDERS = RecordFacts(
    kinds=kinds_of(
        string="address name",
        id="id schedule_id created_by",
        timestamp="verified_at " + TIMES,
    ),
    orders=(*EVERY, "address", "verified_at"),
    searched=("address", "name"),
    has_external_ids=True,
)

EMAILS = RecordFacts(
    kinds=kinds_of(
        string="subject to_address message_id",
        id="id sender_id to_contact_id template_id topic_id in_reply_to status reason"
        " activity_id owner_id created_by",
        links="record_id",
        timestamp="send_at sent_at " + TIMES,
    ),
    choices={
        "status": (
            *("queued", "sent", "uncertain", "bounced"),
            *("suppressed", "failed", "cancelled"),
        ),
        "reason": (
            *("no_email", "suppressed", "denied", "not_granted", "contact_deleted"),
            *("topic_deleted", "address_refused", "message_refused"),
            *("sender_deleted", "sender_unverified", "given_up"),
        ),
    },
    orders=(*EVERY, "send_at", "sent_at"),
    searched=("subject", "to_address"),
    owner="owner_id",
    by_links=True,
    has_external_ids=True,
)

SANDBOXES = RecordFacts(
    kinds=kinds_of(string="name", id="id copy state created_by", timestamp=TIMES),
    choices={
        "copy": ("nothing", "schema", "schema_and_sample"),
        "state": ("filling", "ready", "resetting"),
    },
    orders=EVERY,
    searched=("name",),
)

MERGES = RecordFacts(
    kinds=kinds_of(
        string="resource",
        id="id survivor_id user_id created_by merged_ids",
        links="record_id",
        timestamp="at undone_at " + TIMES,
    ),
    orders=EVERY,
    searched=("resource",),
    ends=("survivor_id",),
)

AUDIT = RecordFacts(
    kinds=kinds_of(
        string="event client_id target",
        id="id user_id",
        timestamp="at " + TIMES,
    ),
    orders=EVERY,
    searched=("event", "target"),
)
