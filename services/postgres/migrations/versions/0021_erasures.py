"""Erasures: tombstones, and what finds the texts that are linked to an erased record.

The indexes of links leave deleted records out. An erasure looks for these too, so that
deleted records which still have a link get indexes of their own. Only deletions write
them.
"""

from alembic import op

revision = "0021"
down_revision = "0020"

TOMBSTONES = """
CREATE TABLE erasures (
  business_id text COLLATE "C" NOT NULL REFERENCES tenants,
  record_id text COLLATE "C" NOT NULL,
  owner_id text COLLATE "C",
  at timestamptz NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  client_id text COLLATE "C" NOT NULL,
  trace_id text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (business_id, record_id)
)
"""

# The record that an answer was about, if that was erased: the answer is then empty.
ANSWERS = 'ALTER TABLE idempotency_keys ADD COLUMN erased_id text COLLATE "C"'

LINKED = (
    ("tasks", "contact_id"),
    ("notes", "contact_id"),
    ("activities", "contact_id"),
    ("associations", "from_id"),
    ("associations", "to_id"),
)


def upgrade() -> None:
    # First, as this commits: it may run again, should an index not get ready.
    with op.get_context().autocommit_block():
        for table, column in LINKED:
            name = f"{table}_deleted_{column}"
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(
                f"CREATE INDEX CONCURRENTLY {name} ON {table} (business_id, {column})"
                f" WHERE deleted_at IS NOT NULL AND {column} IS NOT NULL"
            )
    op.execute(TOMBSTONES)
    op.execute(ANSWERS)
