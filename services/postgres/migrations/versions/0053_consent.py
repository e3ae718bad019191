"""Topics, consents and suppressions: their tables, indexes and statistics."""

from alembic import op

revision = "0053"
down_revision = "0052"

STATEMENTS = (
    """
    CREATE TABLE topics (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      name text NOT NULL,
      description text,
      requires smallint NOT NULL,
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
    CREATE INDEX topics_order_name ON topics
      (business_id, (lower(name) COLLATE "C"), id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX topics_order_created_at ON topics
      (business_id, created_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX topics_order_updated_at ON topics
      (business_id, updated_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX topics_deleted ON topics
      (business_id, deleted_at, id)
      WHERE deleted_at IS NOT NULL
    """,
    """
    CREATE INDEX topics_inverted ON topics USING gin (
      business_id,
      search_text gin_trgm_ops,
      requires,
      coalesce(created_by, '')
    ) WITH (gin_pending_list_limit = 512)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE STATISTICS topics_name_values
      ON ((lower(name) COLLATE "C"))
      FROM topics
    """,
    """
    CREATE STATISTICS topics_created_by_values
      ON (coalesce(created_by, ''))
      FROM topics
    """,
    """
    CREATE TABLE consents (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      contact_id text COLLATE "C",
      topic_id text COLLATE "C",
      status smallint NOT NULL,
      basis text,
      source text,
      text text,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      created_by text COLLATE "C",
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      search_text text NOT NULL
        GENERATED ALWAYS AS (fold(
          coalesce(basis, '') ||
          E'\\n' || coalesce(source, '')
        )) STORED,
      PRIMARY KEY (business_id, id)
    )
    """,
    """
    CREATE INDEX consents_order_created_at ON consents
      (business_id, created_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX consents_order_updated_at ON consents
      (business_id, updated_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX consents_contact_id ON consents
      (business_id, contact_id, topic_id, created_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX consents_inverted ON consents USING gin (
      business_id,
      search_text gin_trgm_ops,
      topic_id,
      status,
      (coalesce(lower(basis), '') COLLATE "C"),
      (coalesce(lower(source), '') COLLATE "C"),
      coalesce(created_by, '')
    ) WITH (gin_pending_list_limit = 512)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE STATISTICS consents_basis_values
      ON ((coalesce(lower(basis), '') COLLATE "C"))
      FROM consents
    """,
    """
    CREATE STATISTICS consents_source_values
      ON ((coalesce(lower(source), '') COLLATE "C"))
      FROM consents
    """,
    """
    CREATE STATISTICS consents_created_by_values
      ON (coalesce(created_by, ''))
      FROM consents
    """,
    """
    CREATE TABLE suppressions (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      address text NOT NULL,
      reason smallint NOT NULL,
      external_ids jsonb,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      created_by text COLLATE "C",
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      search_text text NOT NULL
        GENERATED ALWAYS AS (fold(address)) STORED,
      PRIMARY KEY (business_id, id)
    )
    """,
    """
    CREATE INDEX suppressions_order_created_at ON suppressions
      (business_id, created_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX suppressions_order_updated_at ON suppressions
      (business_id, updated_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX suppressions_address ON suppressions
      (business_id, (lower(address) COLLATE "C"))
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX suppressions_digest ON suppressions
      (business_id, (external ->> 'digest'))
      WHERE deleted_at IS NULL AND external IS NOT NULL
    """,
    """
    CREATE INDEX suppressions_deleted ON suppressions
      (business_id, deleted_at, id)
      WHERE deleted_at IS NOT NULL
    """,
    """
    CREATE INDEX suppressions_inverted ON suppressions USING gin (
      business_id,
      search_text gin_trgm_ops,
      reason,
      coalesce(created_by, '')
    ) WITH (gin_pending_list_limit = 512)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE STATISTICS suppressions_address_values
      ON ((lower(address) COLLATE "C"))
      FROM suppressions
    """,
    """
    CREATE STATISTICS suppressions_created_by_values
      ON (coalesce(created_by, ''))
      FROM suppressions
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
