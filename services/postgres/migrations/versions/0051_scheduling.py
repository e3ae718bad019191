"""Schedules, busy times and meeting types: their tables, indexes and statistics."""

from alembic import op

revision = "0051"
down_revision = "0050"

STATEMENTS = (
    """
    CREATE TABLE schedules (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      user_id text COLLATE "C",
      name text NOT NULL,
      time_zone text NOT NULL,
      intervals jsonb NOT NULL,
      overrides jsonb NOT NULL,
      is_default boolean NOT NULL,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      created_by text COLLATE "C",
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      search_text text NOT NULL
        GENERATED ALWAYS AS (fold(name)) STORED,
      PRIMARY KEY (business_id, id),
      FOREIGN KEY (business_id, user_id) REFERENCES users (business_id, id)
    )
    """,
    """
    CREATE INDEX schedules_order_name ON schedules
      (business_id, (lower(name) COLLATE "C"), id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX schedules_order_created_at ON schedules
      (business_id, created_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX schedules_order_updated_at ON schedules
      (business_id, updated_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX schedules_of_user ON schedules
      (business_id, user_id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX schedules_deleted ON schedules
      (business_id, deleted_at, id)
      WHERE deleted_at IS NOT NULL
    """,
    """
    CREATE INDEX schedules_inverted ON schedules USING gin (
      business_id,
      search_text gin_trgm_ops,
      coalesce(user_id, ''),
      (lower(time_zone) COLLATE "C"),
      is_default,
      coalesce(created_by, '')
    ) WITH (gin_pending_list_limit = 512)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE STATISTICS schedules_name_values
      ON ((lower(name) COLLATE "C"))
      FROM schedules
    """,
    """
    CREATE STATISTICS schedules_user_id_values
      ON (coalesce(user_id, ''))
      FROM schedules
    """,
    """
    CREATE STATISTICS schedules_time_zone_values
      ON ((lower(time_zone) COLLATE "C"))
      FROM schedules
    """,
    """
    CREATE STATISTICS schedules_created_by_values
      ON (coalesce(created_by, ''))
      FROM schedules
    """,
    """
    CREATE TABLE busy_times (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      user_id text COLLATE "C",
      starts_at timestamptz NOT NULL,
      ends_at timestamptz NOT NULL,
      source text NOT NULL,
      external_id text,
      external_ids jsonb,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      created_by text COLLATE "C",
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      search_text text NOT NULL
        GENERATED ALWAYS AS (fold(source)) STORED,
      PRIMARY KEY (business_id, id),
      FOREIGN KEY (business_id, user_id) REFERENCES users (business_id, id)
    )
    """,
    """
    CREATE INDEX busy_times_order_starts_at ON busy_times
      (business_id, starts_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX busy_times_order_ends_at ON busy_times
      (business_id, ends_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX busy_times_order_created_at ON busy_times
      (business_id, created_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX busy_times_order_updated_at ON busy_times
      (business_id, updated_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX busy_times_external_id ON busy_times
      (business_id, (coalesce(lower(external_id), '') COLLATE "C"))
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX busy_times_of_user ON busy_times
      (business_id, user_id, ends_at)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX busy_times_deleted ON busy_times
      (business_id, deleted_at, id)
      WHERE deleted_at IS NOT NULL
    """,
    """
    CREATE INDEX busy_times_inverted ON busy_times USING gin (
      business_id,
      search_text gin_trgm_ops,
      coalesce(user_id, ''),
      (lower(source) COLLATE "C"),
      coalesce(created_by, '')
    ) WITH (gin_pending_list_limit = 512)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE STATISTICS busy_times_external_id_values
      ON ((coalesce(lower(external_id), '') COLLATE "C"))
      FROM busy_times
    """,
    """
    CREATE STATISTICS busy_times_user_id_values
      ON (coalesce(user_id, ''))
      FROM busy_times
    """,
    """
    CREATE STATISTICS busy_times_source_values
      ON ((lower(source) COLLATE "C"))
      FROM busy_times
    """,
    """
    CREATE STATISTICS busy_times_created_by_values
      ON (coalesce(created_by, ''))
      FROM busy_times
    """,
    """
    CREATE TABLE meeting_types (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      name text NOT NULL,
      slug text NOT NULL,
      description text,
      durations integer[] NOT NULL,
      hosts jsonb NOT NULL,
      assignment smallint NOT NULL,
      location jsonb,
      buffer_before integer NOT NULL,
      buffer_after integer NOT NULL,
      minimum_notice integer NOT NULL,
      slot_interval integer,
      window_days integer,
      active boolean,
      external_ids jsonb,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      created_by text COLLATE "C",
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      search_text text NOT NULL
        GENERATED ALWAYS AS (fold(
          name ||
          E'\\n' || coalesce(description, '')
        )) STORED,
      PRIMARY KEY (business_id, id)
    )
    """,
    """
    CREATE INDEX meeting_types_order_name ON meeting_types
      (business_id, (lower(name) COLLATE "C"), id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX meeting_types_order_created_at ON meeting_types
      (business_id, created_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX meeting_types_order_updated_at ON meeting_types
      (business_id, updated_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX meeting_types_slug ON meeting_types
      (business_id, (lower(slug) COLLATE "C"))
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX meeting_types_deleted ON meeting_types
      (business_id, deleted_at, id)
      WHERE deleted_at IS NOT NULL
    """,
    """
    CREATE INDEX meeting_types_inverted ON meeting_types USING gin (
      business_id,
      search_text gin_trgm_ops,
      assignment,
      active,
      coalesce(created_by, '')
    ) WITH (gin_pending_list_limit = 512)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE STATISTICS meeting_types_name_values
      ON ((lower(name) COLLATE "C"))
      FROM meeting_types
    """,
    """
    CREATE STATISTICS meeting_types_slug_values
      ON ((lower(slug) COLLATE "C"))
      FROM meeting_types
    """,
    """
    CREATE STATISTICS meeting_types_created_by_values
      ON (coalesce(created_by, ''))
      FROM meeting_types
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
