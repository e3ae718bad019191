"""How many meetings of a type a host has on one day at most."""

from alembic import op

revision = "0056"
down_revision = "0055"

NAME = "bookings_days_of_type"


def upgrade() -> None:
    op.execute("ALTER TABLE meeting_types ADD COLUMN max_per_day integer")
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY {NAME} ON bookings"
            " (business_id, meeting_type_id, starts_at) WHERE deleted_at IS NULL"
        )
