"""Custom objects: their records, and the links of tasks, notes and activities to these.

All indexes of `records` begin with tenant and object: an object is searched as if it
had a table of its own. Links that are not set cost nothing, so their indexes are
partial.
"""

from alembic import op

revision = "0012"
down_revision = "0011"

STATEMENTS = (
    """
    CREATE TABLE records (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      object text NOT NULL,
      name text NOT NULL,
      owner_id text COLLATE "C",
      tags text[] NOT NULL,
      custom_fields jsonb NOT NULL,
      external_ids jsonb,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      created_by text COLLATE "C",
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      tags_lower text[] NOT NULL
        GENERATED ALWAYS AS (lower_all(tags)) STORED,
      custom_fields_lower jsonb NOT NULL
        GENERATED ALWAYS AS (lower_json(custom_fields)) STORED,
      search_text text NOT NULL
        GENERATED ALWAYS AS (fold(name)) STORED,
      PRIMARY KEY (business_id, id),
      FOREIGN KEY (business_id, owner_id) REFERENCES users (business_id, id)
    )
    """,
    """
    CREATE INDEX records_order_name ON records
      (business_id, object, (lower(name) COLLATE "C"), id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX records_order_created_at ON records
      (business_id, object, created_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX records_order_updated_at ON records
      (business_id, object, updated_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX records_inverted ON records USING gin (
      business_id, object,
      search_text gin_trgm_ops,
      tags_lower,
      custom_fields_lower jsonb_path_ops,
      coalesce(owner_id, ''),
      coalesce(created_by, '')
    ) WITH (gin_pending_list_limit = 512)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE STATISTICS records_name_values
      ON ((lower(name) COLLATE "C"))
      FROM records
    """,
    """
    CREATE STATISTICS records_owner_id_values
      ON (coalesce(owner_id, ''))
      FROM records
    """,
    """
    CREATE STATISTICS records_created_by_values
      ON (coalesce(created_by, ''))
      FROM records
    """,
    "ALTER TABLE objects ADD COLUMN description text",
)

# What follows the tenant in the index of each table's link.
LINKED = {
    "tasks": "custom_record_id",
    "notes": "custom_record_id",
    "activities": "custom_record_id, occurred_at, id",
}


def upgrade() -> None:
    for table in LINKED:
        op.execute(
            f"ALTER TABLE {table}"
            ' ADD COLUMN IF NOT EXISTS custom_record_id text COLLATE "C"'
        )
    # This commits: what comes before may run again, should an index not get ready.
    with op.get_context().autocommit_block():
        for table, columns in LINKED.items():
            name = f"{table}_custom_record_id"
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(
                f"CREATE INDEX CONCURRENTLY {name} ON {table} (business_id, {columns})"
                " WHERE deleted_at IS NULL AND custom_record_id IS NOT NULL"
            )
    for statement in STATEMENTS:
        op.execute(statement)
