"""Contacts and the timeline.

Each filterable field has an index of its own, each order one that a page reads
from end to end. Nullable orders stand on an expression that puts unset values
last, one a direction, so that a page's position is a single comparison.

PostgreSQL takes no statistics of an expression from a partial index; without the
statistics made here it would guess that one row in 200 has any given text.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

CONTACTS = """
CREATE TABLE contacts (
  business_id text COLLATE "C" NOT NULL REFERENCES tenants,
  id text COLLATE "C" NOT NULL,
  first_name text,
  last_name text,
  name text NOT NULL,
  email text,
  phone text,
  company_id text COLLATE "C",
  job_title text,
  lifecycle_stage smallint NOT NULL,
  lead_score integer NOT NULL,
  source text,
  owner_id text COLLATE "C",
  tags text[] NOT NULL,
  address1 text,
  city text,
  state text,
  postal_code text,
  country text,
  custom_fields jsonb NOT NULL,
  last_contacted_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  created_by text COLLATE "C",
  version integer NOT NULL DEFAULT 1,
  deleted_at timestamptz,
  external jsonb,
  phone_digits text GENERATED ALWAYS AS (digits(phone)) STORED,
  tags_lower text[] NOT NULL GENERATED ALWAYS AS (lower_all(tags)) STORED,
  custom_fields_lower jsonb NOT NULL
    GENERATED ALWAYS AS (lower_json(custom_fields)) STORED,
  search_text text NOT NULL GENERATED ALWAYS AS (fold(
    name || E'\\n' || coalesce(email, '') || E'\\n' || coalesce(phone, '') || E'\\n'
    || coalesce(digits(phone), '') || E'\\n' || coalesce(job_title, '')
  )) STORED,
  PRIMARY KEY (business_id, id),
  FOREIGN KEY (business_id, owner_id) REFERENCES users (business_id, id)
)
"""

ORDERS = {
    "created_at": "created_at",
    "updated_at": "updated_at",
    "name": '(lower(name) COLLATE "C")',
    "lead_score": "lead_score",
    "last_contacted_at_asc": "coalesce(last_contacted_at, 'infinity'::timestamptz)",
    "last_contacted_at_desc": "coalesce(last_contacted_at, '-infinity'::timestamptz)",
}

LOWERED = (
    "first_name",
    "last_name",
    "email",
    "job_title",
    "source",
    "address1",
    "city",
    "state",
    "postal_code",
    "country",
)

# Texts that are no part of `search_text`: their inner parts are found here.
PARTS = tuple(name for name in LOWERED if name not in ("email", "job_title"))

PLAIN = ("phone_digits", "company_id", "lifecycle_stage", "owner_id", "created_by")

INVERTED = {
    "tags": "tags_lower",
    "custom_fields": "custom_fields_lower jsonb_path_ops",
    "search_text": "search_text gin_trgm_ops",
}

ACTIVITIES = """
CREATE TABLE activities (
  business_id text COLLATE "C" NOT NULL REFERENCES tenants,
  id text COLLATE "C" NOT NULL,
  type smallint NOT NULL,
  subject text,
  body text,
  direction smallint,
  occurred_at timestamptz NOT NULL,
  duration_seconds integer,
  contact_id text COLLATE "C",
  company_id text COLLATE "C",
  deal_id text COLLATE "C",
  actor_id text COLLATE "C",
  source smallint NOT NULL,
  metadata jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  created_by text COLLATE "C",
  version integer NOT NULL DEFAULT 1,
  deleted_at timestamptz,
  external jsonb,
  PRIMARY KEY (business_id, id)
)
"""


def upgrade() -> None:
    op.execute(CONTACTS)
    for name, expression in ORDERS.items():
        _index(f"order_{name}", f"btree (business_id, {expression}, id)")
        if "(" in expression:
            _statistics(f"order_{name}", expression)
    for column in LOWERED:
        _index(column, f"btree (business_id, {_lowered(column)})")
        _statistics(column, _lowered(column))
    for column in PLAIN:
        _index(column, f"btree (business_id, {column})")
    for name, expression in INVERTED.items():
        _index(name, f"gin (business_id, {expression})")
    parts = ", ".join(f"{_lowered(column)} gin_trgm_ops" for column in PARTS)
    _index("parts", f"gin (business_id, {parts})")
    op.execute(ACTIVITIES)
    for column in ("contact_id", "company_id", "deal_id"):
        op.execute(
            f"CREATE INDEX activities_{column} ON activities"
            f" (business_id, {column}, occurred_at, id)"
            f" WHERE deleted_at IS NULL AND {column} IS NOT NULL"
        )


def _lowered(column: str) -> str:
    return f'(lower({column}) COLLATE "C")'


def _index(name: str, definition: str) -> None:
    op.execute(
        f"CREATE INDEX contacts_{name} ON contacts"
        f" USING {definition} WHERE deleted_at IS NULL"
    )


def _statistics(name: str, expression: str) -> None:
    op.execute(
        f"CREATE STATISTICS contacts_{name}_values ON ({expression}) FROM contacts"
    )
