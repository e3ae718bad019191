"""Merges: records that became part of others.

`merged_records` leads from each of these to the record that stands for it today, its
`survivor_id`; `into_id` is the record that it was merged into. The log of changes tells
by `xid` what a merge changed, and by `undone_xid` what its undoing did. The column of
the record tables has the ids once more, so that no read of a record looks for them.
"""

from alembic import op

revision = "0019"
down_revision = "0018"

STATEMENTS = (
    """
    CREATE TABLE merges (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      resource text NOT NULL,
      survivor_id text COLLATE "C" NOT NULL,
      merged_ids text[] NOT NULL,
      user_id text COLLATE "C",
      at timestamptz NOT NULL,
      undone_at timestamptz,
      xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
      undone_xid xid8,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      created_by text COLLATE "C",
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      search_text text NOT NULL
        GENERATED ALWAYS AS (fold(resource)) STORED,
      PRIMARY KEY (business_id, id)
    )
    """,
    """
    CREATE INDEX merges_order_created_at ON merges
      (business_id, created_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX merges_order_updated_at ON merges
      (business_id, updated_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX merges_survivor_id ON merges
      (business_id, survivor_id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX merges_at ON merges
      (business_id, at)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX merges_undone_at ON merges
      (business_id, undone_at)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX merges_inverted ON merges USING gin (
      business_id,
      search_text gin_trgm_ops,
      (lower(resource) COLLATE "C"),
      coalesce(user_id, ''),
      coalesce(created_by, '')
    ) WITH (gin_pending_list_limit = 512)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE STATISTICS merges_resource_values
      ON ((lower(resource) COLLATE "C"))
      FROM merges
    """,
    """
    CREATE STATISTICS merges_user_id_values
      ON (coalesce(user_id, ''))
      FROM merges
    """,
    """
    CREATE STATISTICS merges_created_by_values
      ON (coalesce(created_by, ''))
      FROM merges
    """,
    """
    CREATE TABLE merged_records (
      business_id text COLLATE "C" NOT NULL,
      record_id text COLLATE "C" NOT NULL,
      survivor_id text COLLATE "C" NOT NULL,
      into_id text COLLATE "C" NOT NULL,
      merge_id text COLLATE "C" NOT NULL,
      at timestamptz NOT NULL,
      PRIMARY KEY (business_id, record_id)
    )
    """,
    """
    CREATE INDEX merged_records_survivor ON merged_records (business_id, survivor_id)
    """,
    "ALTER TABLE tenants ADD COLUMN has_merges boolean NOT NULL DEFAULT false",
    *(
        f"ALTER TABLE {table} ADD COLUMN merged_ids text[] NOT NULL DEFAULT '{{}}'"
        for table in ("contacts", "companies", "deals", "records")
    ),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
