"""Bookings, and the times of hosts, no two of which overlap."""

from alembic import op

revision = "0055"
down_revision = "0054"

STATEMENTS = (
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    """
    ALTER TABLE meeting_types
      ADD COLUMN requires_confirmation boolean NOT NULL DEFAULT false
    """,
    """
    CREATE TABLE bookings (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      meeting_type_id text COLLATE "C",
      owner_id text COLLATE "C",
      host_ids text[] NOT NULL,
      contact_id text COLLATE "C",
      deal_id text COLLATE "C",
      starts_at timestamptz NOT NULL,
      ends_at timestamptz NOT NULL,
      time_zone text,
      status smallint NOT NULL,
      location jsonb,
      cancel_reason text,
      activity_id text COLLATE "C",
      external_ids jsonb,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      created_by text COLLATE "C",
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      search_text text GENERATED ALWAYS AS (fold(cancel_reason)) STORED,
      PRIMARY KEY (business_id, id)
    )
    """,
    """
    CREATE INDEX bookings_order_starts_at ON bookings
      (business_id, starts_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX bookings_order_ends_at ON bookings
      (business_id, ends_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX bookings_order_created_at ON bookings
      (business_id, created_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX bookings_order_updated_at ON bookings
      (business_id, updated_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX bookings_contact_id ON bookings
      (business_id, contact_id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX bookings_deal_id ON bookings
      (business_id, deal_id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX bookings_host_ids ON bookings USING gin (
      business_id, host_ids
    ) WITH (gin_pending_list_limit = 512)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX bookings_of_type ON bookings
      (business_id, meeting_type_id, owner_id, created_at)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX bookings_inverted ON bookings USING gin (
      business_id,
      search_text gin_trgm_ops,
      meeting_type_id,
      coalesce(owner_id, ''),
      (coalesce(lower(time_zone), '') COLLATE "C"),
      status,
      activity_id,
      coalesce(created_by, '')
    ) WITH (gin_pending_list_limit = 512)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE STATISTICS bookings_owner_id_values
      ON (coalesce(owner_id, ''))
      FROM bookings
    """,
    """
    CREATE STATISTICS bookings_time_zone_values
      ON ((coalesce(lower(time_zone), '') COLLATE "C"))
      FROM bookings
    """,
    """
    CREATE STATISTICS bookings_created_by_values
      ON (coalesce(created_by, ''))
      FROM bookings
    """,
    """
    CREATE TABLE host_times (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      booking_id text COLLATE "C" NOT NULL,
      host_id text COLLATE "C" NOT NULL,
      span tstzrange NOT NULL,
      buffer_before integer NOT NULL,
      buffer_after integer NOT NULL,
      PRIMARY KEY (business_id, booking_id, host_id),
      FOREIGN KEY (business_id, booking_id) REFERENCES bookings (business_id, id),
      CONSTRAINT host_times_apart EXCLUDE USING gist
        (business_id WITH =, host_id WITH =, span WITH &&)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
