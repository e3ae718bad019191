"""Companies, pipelines, deals, tasks and notes; the timeline as a record of its own."""

from alembic import op

revision = "0003"
down_revision = "0002"

# What every record table begins and ends with.
HEAD = """
  business_id text COLLATE "C" NOT NULL REFERENCES tenants,
  id text COLLATE "C" NOT NULL,
"""
TAIL = """
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  created_by text COLLATE "C",
  version integer NOT NULL DEFAULT 1,
  deleted_at timestamptz,
  external jsonb,
  PRIMARY KEY (business_id, id)
"""
OWNED = """
  tags text[] NOT NULL,
  custom_fields jsonb NOT NULL,
  tags_lower text[] NOT NULL GENERATED ALWAYS AS (lower_all(tags)) STORED,
  custom_fields_lower jsonb NOT NULL
    GENERATED ALWAYS AS (lower_json(custom_fields)) STORED,
"""
LINKS = """
  contact_id text COLLATE "C",
  company_id text COLLATE "C",
  deal_id text COLLATE "C",
"""

COMPANIES = f"""
CREATE TABLE companies ({HEAD}
  name text NOT NULL,
  domain text,
  website text,
  industry text,
  phone text,
  employee_count integer,
  annual_revenue numeric,
  description text,
  owner_id text COLLATE "C",
  address1 text,
  city text,
  state text,
  postal_code text,
  country text,
  phone_digits text GENERATED ALWAYS AS (digits(phone)) STORED,
  search_text text NOT NULL GENERATED ALWAYS AS (fold(
    name || E'\\n' || coalesce(domain, '') || E'\\n' || coalesce(website, '')
    || E'\\n' || coalesce(industry, '')
  )) STORED,
  name_folded text NOT NULL GENERATED ALWAYS AS (fold(name)) STORED, {OWNED} {TAIL},
  FOREIGN KEY (business_id, owner_id) REFERENCES users (business_id, id)
)
"""

PIPELINES = f"""
CREATE TABLE pipelines ({HEAD}
  name text NOT NULL,
  is_default boolean NOT NULL,
  position integer NOT NULL,
  stages jsonb NOT NULL,
  search_text text NOT NULL GENERATED ALWAYS AS (fold(name)) STORED, {TAIL}
)
"""

DEALS = f"""
CREATE TABLE deals ({HEAD}
  name text NOT NULL,
  pipeline_id text COLLATE "C" NOT NULL,
  stage_id text COLLATE "C" NOT NULL,
  status smallint NOT NULL,
  value numeric,
  currency text NOT NULL,
  expected_close_date date,
  contact_id text COLLATE "C",
  company_id text COLLATE "C",
  owner_id text COLLATE "C",
  source text,
  lost_reason text,
  stage_changed_at timestamptz NOT NULL,
  closed_at timestamptz,
  search_text text NOT NULL GENERATED ALWAYS AS (fold(name)) STORED, {OWNED} {TAIL},
  FOREIGN KEY (business_id, pipeline_id) REFERENCES pipelines (business_id, id),
  FOREIGN KEY (business_id, owner_id) REFERENCES users (business_id, id)
)
"""

TASKS = f"""
CREATE TABLE tasks ({HEAD}
  name text NOT NULL,
  description text,
  priority smallint NOT NULL,
  due_date date,
  status smallint NOT NULL,
  completed_at timestamptz,
  completed_by text COLLATE "C",
  assignee_id text COLLATE "C",
  search_text text NOT NULL
    GENERATED ALWAYS AS (fold(name || E'\\n' || coalesce(description, ''))) STORED,
  {LINKS} {TAIL},
  FOREIGN KEY (business_id, assignee_id) REFERENCES users (business_id, id)
)
"""

NOTES = f"""
CREATE TABLE notes ({HEAD}
  body text NOT NULL,
  pinned boolean NOT NULL,
  pinned_at timestamptz,
  author_id text COLLATE "C",
  search_text text NOT NULL GENERATED ALWAYS AS (fold(body)) STORED, {LINKS} {TAIL}
)
"""

# Null in most, which have neither: the server's own.
ACTIVITIES = """
ALTER TABLE activities ADD COLUMN search_text text GENERATED ALWAYS AS (
  fold(nullif(coalesce(subject, '') || E'\\n' || coalesce(body, ''), E'\\n'))
) STORED
"""

CURRENCY = "ALTER TABLE tenants ADD COLUMN currency text NOT NULL DEFAULT 'USD'"

# The tenants that are there already get the pipeline of a new one.
DEFAULT_PIPELINES = """
INSERT INTO pipelines (business_id, id, name, is_default, position, stages,
  created_at, updated_at)
SELECT t.business_id,
  'pip_' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 24),
  'Sales', true, 1, (
    SELECT jsonb_agg(jsonb_build_object(
      'id', 'stg_' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 24),
      'name', s.name, 'position', s.position, 'probability', s.probability,
      'type', s.type
    ) ORDER BY s.position)
    FROM (VALUES
      (1, 'New', 10, 1), (2, 'Qualified', 30, 1), (3, 'Proposal', 60, 1),
      (4, 'Negotiation', 80, 1), (5, 'Won', 100, 2), (6, 'Lost', 0, 3)
    ) AS s (position, name, probability, type)
    WHERE t.business_id IS NOT NULL
  ), now(), now()
FROM tenants AS t
"""


def upgrade() -> None:
    for statement in (
        CURRENCY,
        COMPANIES,
        PIPELINES,
        DEALS,
        TASKS,
        NOTES,
        ACTIVITIES,
        DEFAULT_PIPELINES,
    ):
        op.execute(statement)
