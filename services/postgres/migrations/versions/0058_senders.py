"""Senders, their secrets, and the queue of all mail.

A mail is of a kind (`services/mailing/kinds.py`) and about the record `record_id`. What
it says and to whom is made when it is sent. `topic_id` is its topic, also once that is
deleted. `due_at` is when somebody looks at it next. While a process has it, the process
must have ended by then. It is in the time of the tenant, as is `begun_at`, when the
first attempt began.

A sender's queue rests until `rests_until`. On `day`, in UTC, it has sent `sent` mails.
"""

from alembic import op

revision = "0058"
down_revision = "0057"

# As `services/mailing/statements.py` numbers the states of mails that have not ended.
OPEN = "state <= 3"

STATEMENTS = (
    """
    CREATE TABLE senders (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      address text NOT NULL,
      name text,
      smtp jsonb,
      schedule_id text COLLATE "C",
      daily_limit integer,
      dkim jsonb,
      verified_at timestamptz,
      password_set_at timestamptz,
      private_key_set_at timestamptz,
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
    CREATE INDEX senders_order_address ON senders
      (business_id, (lower(address) COLLATE "C"), id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX senders_name ON senders
      (business_id, (coalesce(lower(name), '') COLLATE "C"))
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX senders_order_verified_at_asc ON senders
      (business_id, coalesce(verified_at, 'infinity'::timestamptz), id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX senders_order_verified_at_desc ON senders
      (business_id, coalesce(verified_at, '-infinity'::timestamptz), id)
      WHERE deleted_at IS NULL
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
    CREATE INDEX senders_deleted ON senders
      (business_id, deleted_at, id)
      WHERE deleted_at IS NOT NULL
    """,
    """
    CREATE INDEX senders_inverted ON senders USING gin (
      business_id,
      search_text gin_trgm_ops,
      schedule_id,
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
    CREATE STATISTICS senders_verified_at_asc_values
      ON (coalesce(verified_at, 'infinity'::timestamptz))
      FROM senders
    """,
    """
    CREATE STATISTICS senders_verified_at_desc_values
      ON (coalesce(verified_at, '-infinity'::timestamptz))
      FROM senders
    """,
    """
    CREATE STATISTICS senders_created_by_values
      ON (coalesce(created_by, ''))
      FROM senders
    """,
    """
    CREATE TABLE sender_secrets (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      sender_id text COLLATE "C" NOT NULL,
      password text,
      private_key text,
      PRIMARY KEY (business_id, sender_id)
    )
    """,
    """
    CREATE TABLE sender_queues (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      sender_id text COLLATE "C" NOT NULL,
      rests_until timestamptz,
      day date NOT NULL,
      sent integer NOT NULL DEFAULT 0,
      PRIMARY KEY (business_id, sender_id)
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE mails (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      sender_id text COLLATE "C" NOT NULL,
      kind smallint NOT NULL,
      record_id text COLLATE "C" NOT NULL,
      topic_id text COLLATE "C",
      state smallint NOT NULL,
      due_at timestamptz NOT NULL,
      lease text,
      begun_at timestamptz,
      attempts integer NOT NULL DEFAULT 0,
      code smallint,
      reason text,
      created_at timestamptz NOT NULL,
      ended_at timestamptz,
      PRIMARY KEY (business_id, id)
    ) WITH (fillfactor = 70)
    """,
    f"""
    CREATE INDEX mails_due ON mails
      (business_id, sender_id, due_at) WHERE {OPEN}
    """,
    """
    CREATE INDEX mails_of_record ON mails (business_id, record_id, created_at)
    """,
    f"""
    CREATE INDEX mails_ended ON mails (business_id, ended_at) WHERE NOT ({OPEN})
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
