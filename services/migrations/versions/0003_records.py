"""Companies, pipelines, deals, tasks and notes; the timeline as a record of its own.

Indexes follow the rules of 0002: one for each filterable field and each order.
"""

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
  )) STORED, {OWNED} {TAIL},
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

ACTIVITIES = """
ALTER TABLE activities ADD COLUMN search_text text NOT NULL GENERATED ALWAYS AS (
  fold(coalesce(subject, '') || E'\\n' || coalesce(body, ''))
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

# By table: texts, other columns, and orders beside those by time.
LOWERED = {
    "companies": [
        "name",
        "domain",
        "industry",
        "address1",
        "city",
        "state",
        "postal_code",
        "country",
    ],
    "deals": ["name", "currency", "source"],
    "tasks": ["name"],
    "activities": ["subject"],
}
# Texts that may be longer than a row of a btree.
LONG = {"companies": ["website"], "deals": ["lost_reason"]}
PLAIN = {
    "companies": ["phone_digits", "employee_count", "annual_revenue", "owner_id"],
    "deals": [
        "pipeline_id",
        "stage_id",
        "status",
        "contact_id",
        "company_id",
        "owner_id",
        "stage_changed_at",
        "closed_at",
    ],
    "tasks": [
        "priority",
        "status",
        "completed_at",
        "completed_by",
        "assignee_id",
        "contact_id",
        "company_id",
        "deal_id",
    ],
    "notes": ["pinned", "author_id", "contact_id", "company_id", "deal_id"],
    "activities": ["type", "direction", "duration_seconds", "actor_id", "source"],
}
TEXT_ORDERS = {"companies": "name", "deals": "name", "tasks": "name"}
OPEN_ORDERS = {
    "deals": {"value": "numeric", "expected_close_date": "date"},
    "tasks": {"due_date": "date"},
    "notes": {"pinned_at": "timestamptz"},
}
TABLES = ("companies", "deals", "tasks", "notes", "activities")


def upgrade() -> None:
    for statement in (
        CURRENCY,
        COMPANIES,
        PIPELINES,
        DEALS,
        TASKS,
        NOTES,
        ACTIVITIES,
    ):
        op.execute(statement)
    op.execute(DEFAULT_PIPELINES)
    for table in TABLES:
        _index_orders(table)
        _index_filters(table)


def _index_orders(table: str) -> None:
    for column in ("created_at", "updated_at"):
        _index(table, f"order_{column}", f"btree (business_id, {column}, id)")
    if text := TEXT_ORDERS.get(table):
        _index(table, f"order_{text}", f"btree (business_id, {_lower(text)}, id)")
    for column, kind in OPEN_ORDERS.get(table, {}).items():
        for direction, end in (("asc", "infinity"), ("desc", "-infinity")):
            order = f"coalesce({column}, '{end}'::{kind})"
            name = f"order_{column}_{direction}"
            _index(table, name, f"btree (business_id, {order}, id)")
    if table == "activities":
        _index(table, "order_occurred_at", "btree (business_id, occurred_at, id)")


def _index_filters(table: str) -> None:
    for column in LOWERED.get(table, ()):
        if column != TEXT_ORDERS.get(table):
            _index(table, column, f"btree (business_id, {_lower(column)})")
        op.execute(
            f"CREATE STATISTICS {table}_{column}_values"
            f" ON {_lower(column)} FROM {table}"
        )
    for column in LONG.get(table, ()):
        _index(table, column, f"gin (business_id, {_lower(column)} gin_trgm_ops)")
    for column in (*PLAIN[table], "created_by"):
        _index(table, column, f"btree (business_id, {column})")
    _index(table, "search_text", "gin (business_id, search_text gin_trgm_ops)")
    if table in ("companies", "deals"):
        _index(table, "tags", "gin (business_id, tags_lower)")
        custom = "gin (business_id, custom_fields_lower jsonb_path_ops)"
        _index(table, "custom_fields", custom)


def _lower(column: str) -> str:
    return f'(lower({column}) COLLATE "C")'


def _index(table: str, name: str, definition: str) -> None:
    op.execute(
        f"CREATE INDEX {table}_{name} ON {table} USING {definition}"
        " WHERE deleted_at IS NULL"
    )
