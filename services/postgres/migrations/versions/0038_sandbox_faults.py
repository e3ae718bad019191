"""Faults of sandboxes, which belong to the tenants that these are.

`remaining` is how many requests or deliveries still have the fault, null for a time;
`seen` how many have matched it.
"""

from alembic import op

revision = "0038"
down_revision = "0037"

STATEMENTS = (
    """
    CREATE TABLE sandbox_faults (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      of_deliveries boolean NOT NULL,
      operation text,
      share numeric NOT NULL,
      answer text NOT NULL,
      done_first boolean NOT NULL,
      remaining integer,
      seen bigint NOT NULL DEFAULT 0,
      ends_at timestamptz,
      planted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (business_id, id)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
