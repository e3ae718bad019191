"""Time zones of contacts. Only those that have one are in the index."""

from alembic import op

revision = "0054"
down_revision = "0053"

NAME = "contacts_time_zone"
ZONE = "(coalesce(lower(time_zone), '') COLLATE \"C\")"


def upgrade() -> None:
    op.execute("ALTER TABLE contacts ADD COLUMN time_zone text")
    op.execute(f"CREATE STATISTICS {NAME}_values ON ({ZONE}) FROM contacts")
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY {NAME} ON contacts (business_id, {ZONE})"
            f" WHERE deleted_at IS NULL AND {ZONE} <> ''"
        )
