"""Exports: what to export, and the files that have been written.

The job of an export writes its state and its result. `has_files`: something of it may
be in the store of files.
"""

from alembic import op

revision = "0029"
down_revision = "0028"

STATEMENTS = (
    """
    CREATE TABLE exports (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      resource text,
      resources text[] NOT NULL,
      filters jsonb NOT NULL,
      paths text[] NOT NULL,
      expand text[] NOT NULL,
      format smallint NOT NULL,
      compression smallint NOT NULL,
      contract text,
      job_id text NOT NULL,
      state smallint NOT NULL,
      problem jsonb,
      result jsonb,
      expires_at timestamptz,
      client_id text,
      token_id text,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      created_by text COLLATE "C",
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      search_text text NOT NULL
        GENERATED ALWAYS AS (fold(coalesce(resource, ''))) STORED,
      has_files boolean NOT NULL DEFAULT false,
      PRIMARY KEY (business_id, id)
    )
    """,
    """
    CREATE INDEX exports_order_created_at ON exports
      (business_id, created_at, id)
      WHERE deleted_at IS NULL
    """,
    # The few that have files: those that expire, and those that an erasure destroys.
    "CREATE INDEX exports_with_files ON exports (business_id, id) WHERE has_files",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
