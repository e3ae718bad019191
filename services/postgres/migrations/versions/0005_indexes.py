"""The indexes of all records, and the statistics of their expressions.

Each order has an index, in whose order a page is read. An order by a nullable column
uses an expression that puts unset values last, one for each direction, so that a page's
position is a single comparison. Filters compare an unset text or user as the empty one.

A column with selective values has an index of its own. Values that many records share
are selective only together with other conditions: those columns share one inverted
index, because PostgreSQL never combines two indexes that both begin with the tenant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from alembic import op

revision = "0005"
down_revision = "0004"


def text(column: str) -> str:
    """The expression of a nullable text in filters."""
    return f"(coalesce(lower({column}), '') COLLATE \"C\")"


def user(column: str) -> str:
    """The expression of a user's id in filters."""
    return f"coalesce({column}, '')"


def texts(*columns: str) -> dict[str, str]:
    return {column: text(column) for column in columns}


def users(*columns: str) -> dict[str, str]:
    return {column: user(column) for column in columns}


def plain(*columns: str) -> dict[str, str]:
    return {column: column for column in columns}


NAME = '(lower(name) COLLATE "C")'
CURRENCY = '(lower(currency) COLLATE "C")'
PARTS = ("search_text gin_trgm_ops",)
ARRAYS = ("tags_lower", "custom_fields_lower jsonb_path_ops")

# What is pending is read by every search and put in its place by an unlucky writer:
# at PostgreSQL's 4 MB that took up to 9 and 230 ms, at 512 kB 1 and 80.
PENDING = "WITH (gin_pending_list_limit = 512)"


@dataclass(frozen=True, slots=True)
class Indexes:
    """The indexed expressions for orders and filters of a table, as SQL by name.

    `open_orders` are columns that may be unset, with their types. `seldom` has columns
    that most records leave unset, with the condition for records that set them: the
    others cost nothing, such as the activities that report each change. `parts` are
    texts and arrays that are matched in part; `told_by` is the condition for records
    that have any.
    """

    orders: Mapping[str, str] = field(default_factory=dict)
    open_orders: Mapping[str, str] = field(default_factory=dict)
    rare: Mapping[str, str] = field(default_factory=dict)
    seldom: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    common: Mapping[str, str] = field(default_factory=dict)
    parts: Sequence[str] = PARTS
    told_by: str = ""


TABLES = {
    "contacts": Indexes(
        orders={"name": NAME, "lead_score": "lead_score"},
        open_orders={"last_contacted_at": "timestamptz"},
        rare=texts(
            "first_name", "last_name", "email", "address1", "city", "postal_code"
        )
        | plain("phone_digits", "company_id")
        | {"stage_and_score": "lifecycle_stage, lead_score"},
        common=texts("job_title", "source", "state", "country")
        | users("owner_id", "created_by")
        | plain("lifecycle_stage"),
        parts=PARTS + ARRAYS,
    ),
    "companies": Indexes(
        orders={"name": NAME},
        rare=texts("domain", "address1", "city", "postal_code")
        | plain("phone_digits", "employee_count", "annual_revenue"),
        common=texts("industry", "state", "country") | users("owner_id", "created_by"),
        parts=(*PARTS, *ARRAYS, f"{text('website')} gin_trgm_ops"),
    ),
    "deals": Indexes(
        orders={"name": NAME},
        open_orders={"value": "numeric", "expected_close_date": "date"},
        rare=plain("contact_id", "company_id", "stage_changed_at", "closed_at"),
        common=texts("source")
        | users("owner_id", "created_by")
        | plain("pipeline_id", "stage_id", "status")
        | {"currency": CURRENCY},
        parts=(*PARTS, *ARRAYS, f"{text('lost_reason')} gin_trgm_ops"),
    ),
    "tasks": Indexes(
        orders={"name": NAME},
        open_orders={"due_date": "date"},
        rare=plain("contact_id", "company_id", "deal_id", "completed_at"),
        common=users("assignee_id", "completed_by", "created_by")
        | plain("priority", "status"),
    ),
    "notes": Indexes(
        open_orders={"pinned_at": "timestamptz"},
        rare=plain("contact_id", "company_id", "deal_id"),
        seldom={"pinned": ("created_at, id", "pinned")},
        common=users("author_id", "created_by"),
    ),
    "activities": Indexes(
        orders=plain("occurred_at"),
        rare=users("actor_id"),
        seldom={
            "contact_id": ("contact_id, occurred_at, id", "contact_id IS NOT NULL"),
            "company_id": ("company_id, occurred_at, id", "company_id IS NOT NULL"),
            "deal_id": ("deal_id, occurred_at, id", "deal_id IS NOT NULL"),
            "type": ("type", "type <> 4"),
            "subject": (text("subject"), f"{text('subject')} <> ''"),
            "direction": ("direction", "direction IS NOT NULL"),
            "duration_seconds": ("duration_seconds", "duration_seconds IS NOT NULL"),
            "created_by": (
                "coalesce(created_by, '')",
                "coalesce(created_by, '') <> ''",
            ),
        },
        told_by="search_text IS NOT NULL",
    ),
}


def upgrade() -> None:
    for table, indexes in TABLES.items():
        for name, order in _orders(indexes).items():
            _index(f"{table}_order_{name}", table, f"btree (business_id, {order}, id)")
        for name, columns in indexes.rare.items():
            _index(f"{table}_{name}", table, f"btree (business_id, {columns})")
        for name, (columns, told_by) in indexes.seldom.items():
            definition = f"btree (business_id, {columns})"
            _index(f"{table}_{name}", table, definition, told_by)
        inverted = ", ".join([*indexes.parts, *indexes.common.values()])
        definition = f"gin (business_id, {inverted}) {PENDING}"
        _index(f"{table}_inverted", table, definition, indexes.told_by)
        _keep_statistics(table, indexes)


def _orders(indexes: Indexes) -> dict[str, str]:
    orders = plain("created_at", "updated_at") | dict(indexes.orders)
    for column, kind in indexes.open_orders.items():
        orders[f"{column}_asc"] = f"coalesce({column}, 'infinity'::{kind})"
        orders[f"{column}_desc"] = f"coalesce({column}, '-infinity'::{kind})"
    return orders


def _index(name: str, table: str, definition: str, told_by: str = "") -> None:
    where = " AND ".join(filter(None, ("deleted_at IS NULL", told_by)))
    op.execute(f"CREATE INDEX {name} ON {table} USING {definition} WHERE {where}")


def _keep_statistics(table: str, indexes: Indexes) -> None:
    """Creates statistics of expressions: PostgreSQL collects none for a partial index.
    Without them it would estimate that one record in 200 has any given value."""
    held = _orders(indexes) | dict(indexes.rare) | dict(indexes.common)
    held |= {name: columns for name, (columns, _) in indexes.seldom.items()}
    for name, expression in held.items():
        if "(" in expression:
            statistics = f"{table}_{name}_values"
            op.execute(f"CREATE STATISTICS {statistics} ON ({expression}) FROM {table}")
