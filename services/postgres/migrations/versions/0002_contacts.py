"""Contacts and the timeline."""

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
    op.execute(ACTIVITIES)
