"""The log of changes: each change of a record is a row, written with the record.

`at` rises with each change of a record, as its version does. `xid` is the transaction:
what one transaction did has the same, and a feed reads in its order. The log holds what
happened after `changes_since` of the tenant.
"""

from alembic import op

revision = "0017"
down_revision = "0016"

STATEMENTS = (
    """
    CREATE TABLE changes (
      business_id text COLLATE "C" NOT NULL,
      record_id text COLLATE "C" NOT NULL,
      at timestamptz NOT NULL,
      version integer NOT NULL,
      object text NOT NULL,
      operation smallint NOT NULL,
      user_id text COLLATE "C" NOT NULL,
      client_id text COLLATE "C" NOT NULL,
      token_id text COLLATE "C" NOT NULL,
      trace_id text COLLATE "C" NOT NULL,
      xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
      was jsonb,
      now jsonb,
      image jsonb,
      PRIMARY KEY (business_id, record_id, at)
    )
    """,
    "CREATE INDEX changes_xid ON changes (business_id, xid)",
    """
    ALTER TABLE tenants
      ADD COLUMN changes_since timestamptz NOT NULL DEFAULT now()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
