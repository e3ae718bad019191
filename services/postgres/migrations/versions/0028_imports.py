"""Imports, and what became of their rows.

`client_id` and `token_id` say with which rights an import runs. `sendings` are the
parts of its content in the store of files; `has_files`: something of it may be there. A
row that was rejected is kept as it was sent.
"""

from alembic import op

revision = "0028"
down_revision = "0027"

STATEMENTS = (
    """
    CREATE TABLE imports (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      resource text NOT NULL,
      mode smallint NOT NULL,
      match_on text,
      format smallint NOT NULL,
      mapping jsonb,
      defaults jsonb,
      dry_run boolean NOT NULL,
      on_error smallint NOT NULL,
      locale text,
      charset text,
      create_missing boolean NOT NULL,
      empty smallint NOT NULL,
      state smallint NOT NULL,
      parts jsonb NOT NULL,
      job_id text,
      rows integer NOT NULL,
      created integer NOT NULL,
      updated integer NOT NULL,
      unchanged integer NOT NULL,
      deleted integer NOT NULL,
      failed integer NOT NULL,
      problem jsonb,
      result jsonb,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      created_by text COLLATE "C",
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      search_text text NOT NULL
        GENERATED ALWAYS AS (fold(resource)) STORED,
      client_id text,
      token_id text,
      sendings jsonb NOT NULL DEFAULT '{}',
      has_files boolean NOT NULL DEFAULT false,
      PRIMARY KEY (business_id, id)
    )
    """,
    """
    CREATE INDEX imports_order_created_at ON imports
      (business_id, created_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX imports_order_updated_at ON imports
      (business_id, updated_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX imports_resource ON imports
      (business_id, (lower(resource) COLLATE "C"))
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX imports_inverted ON imports USING gin (
      business_id,
      search_text gin_trgm_ops,
      mode,
      dry_run,
      state,
      coalesce(created_by, '')
    ) WITH (gin_pending_list_limit = 512)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE TABLE import_rows (
      business_id text COLLATE "C" NOT NULL,
      import_id text COLLATE "C" NOT NULL,
      row integer NOT NULL,
      status smallint NOT NULL,
      record_id text COLLATE "C",
      problem jsonb,
      sent bytea,
      PRIMARY KEY (business_id, import_id, row),
      FOREIGN KEY (business_id, import_id) REFERENCES imports (business_id, id)
        ON DELETE CASCADE
    )
    """,
    # Those that were rejected: status 5.
    """
    CREATE INDEX import_rows_failed ON import_rows (business_id, import_id, row)
      WHERE status = 5
    """,
    "CREATE INDEX imports_with_files ON imports (business_id, id) WHERE has_files",
    """
    CREATE STATISTICS imports_resource_values
      ON ((lower(resource) COLLATE "C"))
      FROM imports
    """,
    """
    CREATE STATISTICS imports_created_by_values
      ON (coalesce(created_by, ''))
      FROM imports
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
