"""The order of the feed of changes: by transaction, and for each record by version.

`place` is the transaction in whose place the feed tells a change. It is null for that
of the change itself, which nearly all have, and 0 until it is settled.
"""

from alembic import op

revision = "0023"
down_revision = "0022"

COLUMN = "ALTER TABLE changes ADD COLUMN IF NOT EXISTS place xid8"

INDEX = """
CREATE INDEX CONCURRENTLY changes_place ON changes (business_id, place)
  WHERE place IS NOT NULL
"""


def upgrade() -> None:
    # This commits: it may run again, should the index not get ready.
    with op.get_context().autocommit_block():
        op.execute(COLUMN)
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS changes_place")
        op.execute(INDEX)
