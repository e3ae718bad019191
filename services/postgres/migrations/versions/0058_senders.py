"""Senders: their table, its indexes and its statistics."""

from alembic import op

revision = "0058"
down_revision = "0057"

STATEMENTS = (
    """
    CREATE TABLE senders (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      address text NOT NULL,
      name text,
      verified_at timestamptz,
      external_ids jsonb,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      created_by text COLLATE "C",
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      search_text text NOT NULL
        GENERATED ALWAYS AS (fold(
          address ||
          E'\\n' || coalesce(name, '')
        )) STORED,
      PRIMARY KEY (business_id, id)
    )
    """,
    """
    CREATE INDEX senders_order_created_at ON senders
      (business_id, created_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX senders_order_updated_at ON senders
      (business_id, updated_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX senders_address ON senders
      (business_id, (lower(address) COLLATE "C"))
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX senders_name ON senders
      (business_id, (coalesce(lower(name), '') COLLATE "C"))
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX senders_verified_at ON senders
      (business_id, verified_at)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX senders_deleted ON senders
      (business_id, deleted_at, id)
      WHERE deleted_at IS NOT NULL
    """,
    """
    CREATE INDEX senders_inverted ON senders USING gin (
      business_id,
      search_text gin_trgm_ops,
      coalesce(created_by, '')
    ) WITH (gin_pending_list_limit = 512)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE STATISTICS senders_address_values
      ON ((lower(address) COLLATE "C"))
      FROM senders
    """,
    """
    CREATE STATISTICS senders_name_values
      ON ((coalesce(lower(name), '') COLLATE "C"))
      FROM senders
    """,
    """
    CREATE STATISTICS senders_created_by_values
      ON (coalesce(created_by, ''))
      FROM senders
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
