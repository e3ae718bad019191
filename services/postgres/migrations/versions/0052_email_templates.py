"""Email templates: their table, its indexes and its statistics."""

from alembic import op

revision = "0052"
down_revision = "0051"

STATEMENTS = (
    """
    CREATE TABLE email_templates (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      name text NOT NULL,
      subject text NOT NULL,
      html text,
      text text,
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
          E'\\n' || subject
        )) STORED,
      PRIMARY KEY (business_id, id)
    )
    """,
    """
    CREATE INDEX email_templates_order_name ON email_templates
      (business_id, (lower(name) COLLATE "C"), id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX email_templates_order_created_at ON email_templates
      (business_id, created_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX email_templates_order_updated_at ON email_templates
      (business_id, updated_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX email_templates_subject ON email_templates
      (business_id, (lower(subject) COLLATE "C"))
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX email_templates_deleted ON email_templates
      (business_id, deleted_at, id)
      WHERE deleted_at IS NOT NULL
    """,
    """
    CREATE INDEX email_templates_inverted ON email_templates USING gin (
      business_id,
      search_text gin_trgm_ops,
      coalesce(created_by, '')
    ) WITH (gin_pending_list_limit = 512)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE STATISTICS email_templates_name_values
      ON ((lower(name) COLLATE "C"))
      FROM email_templates
    """,
    """
    CREATE STATISTICS email_templates_subject_values
      ON ((lower(subject) COLLATE "C"))
      FROM email_templates
    """,
    """
    CREATE STATISTICS email_templates_created_by_values
      ON (coalesce(created_by, ''))
      FROM email_templates
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
