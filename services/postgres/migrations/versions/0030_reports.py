"""Reports and dashboards: their tables, indexes and statistics.

A tenant gets its first dashboard with `has_dashboard` (`services/reporting/first.py`).
"""

from alembic import op

revision = "0030"
down_revision = "0029"

STATEMENTS = (
    """
    CREATE TABLE reports (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      name text NOT NULL,
      resource text NOT NULL,
      aggregate jsonb NOT NULL,
      chart smallint NOT NULL,
      visibility smallint NOT NULL,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      created_by text COLLATE "C",
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      search_text text NOT NULL
        GENERATED ALWAYS AS (fold(name)) STORED,
      PRIMARY KEY (business_id, id)
    )
    """,
    """
    CREATE INDEX reports_order_name ON reports
      (business_id, (lower(name) COLLATE "C"), id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX reports_order_created_at ON reports
      (business_id, created_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX reports_order_updated_at ON reports
      (business_id, updated_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX reports_deleted ON reports
      (business_id, deleted_at, id)
      WHERE deleted_at IS NOT NULL
    """,
    """
    CREATE INDEX reports_inverted ON reports USING gin (
      business_id,
      search_text gin_trgm_ops,
      (lower(resource) COLLATE "C"),
      chart,
      visibility,
      coalesce(created_by, '')
    ) WITH (gin_pending_list_limit = 512)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE STATISTICS reports_name_values
      ON ((lower(name) COLLATE "C"))
      FROM reports
    """,
    """
    CREATE STATISTICS reports_resource_values
      ON ((lower(resource) COLLATE "C"))
      FROM reports
    """,
    """
    CREATE STATISTICS reports_created_by_values
      ON (coalesce(created_by, ''))
      FROM reports
    """,
    """
    CREATE TABLE dashboards (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      name text NOT NULL,
      items jsonb NOT NULL,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      created_by text COLLATE "C",
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      search_text text NOT NULL
        GENERATED ALWAYS AS (fold(name)) STORED,
      PRIMARY KEY (business_id, id)
    )
    """,
    """
    CREATE INDEX dashboards_order_name ON dashboards
      (business_id, (lower(name) COLLATE "C"), id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX dashboards_order_created_at ON dashboards
      (business_id, created_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX dashboards_order_updated_at ON dashboards
      (business_id, updated_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX dashboards_deleted ON dashboards
      (business_id, deleted_at, id)
      WHERE deleted_at IS NOT NULL
    """,
    """
    CREATE INDEX dashboards_inverted ON dashboards USING gin (
      business_id,
      search_text gin_trgm_ops,
      coalesce(created_by, '')
    ) WITH (gin_pending_list_limit = 512)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE STATISTICS dashboards_name_values
      ON ((lower(name) COLLATE "C"))
      FROM dashboards
    """,
    """
    CREATE STATISTICS dashboards_created_by_values
      ON (coalesce(created_by, ''))
      FROM dashboards
    """,
)

COLUMN = """
ALTER TABLE tenants
  ADD COLUMN IF NOT EXISTS has_dashboard boolean NOT NULL DEFAULT false
"""
INDEX = """
CREATE INDEX CONCURRENTLY tenants_without_dashboard ON tenants (business_id)
  WHERE NOT has_dashboard
"""


def upgrade() -> None:
    # This commits, and it comes first: it may run again, should the index not get
    # ready, while the tables may not.
    with op.get_context().autocommit_block():
        op.execute(COLUMN)
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS tenants_without_dashboard")
        op.execute(INDEX)
    for statement in STATEMENTS:
        op.execute(statement)
