"""Sandboxes, and what tells a tenant that is one.

A sandbox is a row of its live tenant, and a tenant: `tenant_id`, null once it is gone.
`is_open`: something is left to do for it, `filled` says how many contacts were copied.
A tenant with a `sandbox_of` is a sandbox. From `ends_at` on nobody may use it.
"""

from alembic import op

revision = "0037"
down_revision = "0035"

STATEMENTS = (
    """
    CREATE TABLE sandboxes (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      name text NOT NULL,
      copy smallint NOT NULL,
      seed integer,
      sample integer,
      expires_in_days integer,
      expires_at timestamptz NOT NULL,
      state smallint NOT NULL,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      created_by text COLLATE "C",
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      search_text text NOT NULL
        GENERATED ALWAYS AS (fold(name)) STORED,
      tenant_id text COLLATE "C",
      is_open boolean NOT NULL DEFAULT false,
      filled integer NOT NULL DEFAULT 0,
      PRIMARY KEY (business_id, id)
    )
    """,
    "CREATE INDEX sandboxes_open ON sandboxes (business_id, id) WHERE is_open",
    "CREATE INDEX sandboxes_expires_at ON sandboxes (business_id, expires_at)",
    """
    ALTER TABLE tenants
      ADD COLUMN sandbox_of text COLLATE "C",
      ADD COLUMN ends_at timestamptz
    """,
    """
    CREATE INDEX sandboxes_order_created_at ON sandboxes
      (business_id, created_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX sandboxes_order_updated_at ON sandboxes
      (business_id, updated_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX sandboxes_name ON sandboxes
      (business_id, (lower(name) COLLATE "C"))
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX sandboxes_deleted ON sandboxes
      (business_id, deleted_at, id)
      WHERE deleted_at IS NOT NULL
    """,
    """
    CREATE INDEX sandboxes_inverted ON sandboxes USING gin (
      business_id,
      search_text gin_trgm_ops,
      copy,
      state,
      coalesce(created_by, '')
    ) WITH (gin_pending_list_limit = 512)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE STATISTICS sandboxes_name_values
      ON ((lower(name) COLLATE "C"))
      FROM sandboxes
    """,
    """
    CREATE STATISTICS sandboxes_created_by_values
      ON (coalesce(created_by, ''))
      FROM sandboxes
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
