"""Webhooks, where each of them is in the feed of changes, and what they deliver.

A webhook reads the feed from its `position` on (`services/changes/order.py`). The
process that serves it has its `lease` until `leased_until`. `secrets` are sealed, the
newest first. A delivery is one change for one webhook: `record_id` and `change_at` are
the key of its row of the log, from which each attempt is made. One that waits for
another of its record has no `due_at`. Attempts end 72 hours after `begun_at`. The `at`
of an attempt is a moment (`services/clock.py`).
"""

from alembic import op

revision = "0024"
down_revision = "0023"

# As `DeliveryState` numbers it.
PENDING = 1

STATEMENTS = (
    """
    CREATE TABLE webhooks (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      url text NOT NULL,
      description text,
      types text[] NOT NULL,
      filters jsonb NOT NULL,
      include text[] NOT NULL,
      contract text,
      ordered boolean,
      active boolean,
      disabled_reason smallint,
      client_id text,
      token_id text,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      created_by text COLLATE "C",
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      search_text text NOT NULL
        GENERATED ALWAYS AS (fold(
          url ||
          E'\\n' || coalesce(description, '')
        )) STORED,
      PRIMARY KEY (business_id, id)
    )
    """,
    """
    CREATE INDEX webhooks_order_created_at ON webhooks
      (business_id, created_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE UNIQUE INDEX webhooks_same ON webhooks
      (business_id, coalesce(client_id, ''), md5(url))
      WHERE deleted_at IS NULL
    """,
    """
    CREATE TABLE webhook_queues (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      webhook_id text COLLATE "C" NOT NULL,
      secrets jsonb NOT NULL,
      position text NOT NULL,
      lease text,
      leased_until timestamptz,
      due_at timestamptz NOT NULL,
      failing_since timestamptz,
      delivered bigint NOT NULL DEFAULT 0,
      given_up bigint NOT NULL DEFAULT 0,
      last_success_at timestamptz,
      last_failure_at timestamptz,
      PRIMARY KEY (business_id, webhook_id)
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE deliveries (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      webhook_id text COLLATE "C" NOT NULL,
      change_id text COLLATE "C" NOT NULL,
      change_type text NOT NULL,
      resource text NOT NULL,
      record_id text COLLATE "C" NOT NULL,
      record_version integer NOT NULL,
      change_at timestamptz NOT NULL,
      state smallint NOT NULL,
      due_at timestamptz,
      attempts jsonb NOT NULL DEFAULT '[]',
      attempt_count integer NOT NULL DEFAULT 0,
      created_at timestamptz NOT NULL,
      begun_at timestamptz NOT NULL DEFAULT now(),
      ended_at timestamptz,
      PRIMARY KEY (business_id, id)
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE UNIQUE INDEX deliveries_change ON deliveries
      (business_id, webhook_id, change_id)
    """,
    """
    CREATE INDEX deliveries_order ON deliveries
      (business_id, webhook_id, change_at, id)
    """,
    f"""
    CREATE INDEX deliveries_due ON deliveries
      (business_id, webhook_id, due_at) WHERE state = {PENDING}
    """,
    f"""
    CREATE INDEX deliveries_of_record ON deliveries
      (business_id, webhook_id, record_id, record_version) WHERE state = {PENDING}
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
