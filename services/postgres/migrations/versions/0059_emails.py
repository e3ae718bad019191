"""Emails: their table, its indexes and its statistics."""

from alembic import op

revision = "0059"
down_revision = "0058"

STATEMENTS = (
    """
    CREATE TABLE emails (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      sender_id text COLLATE "C",
      to_contact_id text COLLATE "C",
      template_id text COLLATE "C",
      subject text,
      html text,
      text text,
      topic_id text COLLATE "C",
      send_at timestamptz,
      in_reply_to text COLLATE "C",
      status smallint NOT NULL,
      reason smallint,
      detail text,
      to_address text,
      message_id text,
      sent_at timestamptz,
      activity_id text COLLATE "C",
      owner_id text COLLATE "C",
      external_ids jsonb,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      created_by text COLLATE "C",
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      search_text text NOT NULL
        GENERATED ALWAYS AS (fold(
          coalesce(subject, '') ||
          E'\\n' || coalesce(to_address, '')
        )) STORED,
      PRIMARY KEY (business_id, id),
      FOREIGN KEY (business_id, in_reply_to) REFERENCES emails (business_id, id)
    )
    """,
    """
    CREATE INDEX emails_order_send_at_asc ON emails
      (business_id, coalesce(send_at, 'infinity'::timestamptz), id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX emails_order_send_at_desc ON emails
      (business_id, coalesce(send_at, '-infinity'::timestamptz), id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX emails_order_sent_at_asc ON emails
      (business_id, coalesce(sent_at, 'infinity'::timestamptz), id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX emails_order_sent_at_desc ON emails
      (business_id, coalesce(sent_at, '-infinity'::timestamptz), id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX emails_order_created_at ON emails
      (business_id, created_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX emails_order_updated_at ON emails
      (business_id, updated_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX emails_to_contact_id ON emails
      (business_id, to_contact_id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX emails_subject ON emails
      (business_id, (coalesce(lower(subject), '') COLLATE "C"))
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX emails_to_address ON emails
      (business_id, (coalesce(lower(to_address), '') COLLATE "C"))
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX emails_message_id ON emails
      (business_id, (coalesce(lower(message_id), '') COLLATE "C"))
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX emails_inverted ON emails USING gin (
      business_id,
      search_text gin_trgm_ops,
      sender_id,
      template_id,
      topic_id,
      in_reply_to,
      status,
      reason,
      activity_id,
      coalesce(owner_id, ''),
      coalesce(created_by, '')
    ) WITH (gin_pending_list_limit = 512)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE STATISTICS emails_send_at_asc_values
      ON (coalesce(send_at, 'infinity'::timestamptz))
      FROM emails
    """,
    """
    CREATE STATISTICS emails_send_at_desc_values
      ON (coalesce(send_at, '-infinity'::timestamptz))
      FROM emails
    """,
    """
    CREATE STATISTICS emails_sent_at_asc_values
      ON (coalesce(sent_at, 'infinity'::timestamptz))
      FROM emails
    """,
    """
    CREATE STATISTICS emails_sent_at_desc_values
      ON (coalesce(sent_at, '-infinity'::timestamptz))
      FROM emails
    """,
    """
    CREATE STATISTICS emails_subject_values
      ON ((coalesce(lower(subject), '') COLLATE "C"))
      FROM emails
    """,
    """
    CREATE STATISTICS emails_to_address_values
      ON ((coalesce(lower(to_address), '') COLLATE "C"))
      FROM emails
    """,
    """
    CREATE STATISTICS emails_message_id_values
      ON ((coalesce(lower(message_id), '') COLLATE "C"))
      FROM emails
    """,
    """
    CREATE STATISTICS emails_owner_id_values
      ON (coalesce(owner_id, ''))
      FROM emails
    """,
    """
    CREATE STATISTICS emails_created_by_values
      ON (coalesce(created_by, ''))
      FROM emails
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
