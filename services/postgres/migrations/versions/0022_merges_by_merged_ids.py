"""Merges are found by the ids of the records that were merged, also undone ones."""

from alembic import op

revision = "0022"
down_revision = "0021"

NAME = "merges_merged_ids"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY {NAME} ON merges USING gin"
            " (business_id, merged_ids) WITH (gin_pending_list_limit = 512)"
            " WHERE deleted_at IS NULL"
        )
