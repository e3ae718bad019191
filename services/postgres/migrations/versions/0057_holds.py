"""Holds: slots that are kept for a few minutes, under the constraint of bookings.

What a hold takes of its hosts' time stands in `host_times` beside what bookings take:
there `booking_id` is then the hold's id, and the row ends with the hold.
"""

from alembic import op

revision = "0057"
down_revision = "0056"

STATEMENTS = (
    """
    CREATE TABLE holds (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      meeting_type_id text COLLATE "C" NOT NULL,
      user_id text COLLATE "C" NOT NULL,
      visitor bytea NOT NULL,
      host_ids text[] NOT NULL,
      starts_at timestamptz NOT NULL,
      ends_at timestamptz NOT NULL,
      created_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      PRIMARY KEY (business_id, id)
    )
    """,
    """
    CREATE UNIQUE INDEX holds_of_visitor ON holds
      (business_id, meeting_type_id, user_id, visitor)
    """,
    "CREATE INDEX holds_of_user ON holds (business_id, user_id, expires_at)",
    "ALTER TABLE host_times ADD COLUMN expires_at timestamptz",
    "ALTER TABLE host_times DROP CONSTRAINT host_times_business_id_booking_id_fkey",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
