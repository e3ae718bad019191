"""The last use of tokens, the owners of apps, usage by day, and recent requests.

Usage is counted by caller (`holder_id`): a personal access token, or an app with any of
its tokens. Its rows have no foreign keys, so that they outlive tokens and apps.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS = (
    "ALTER TABLE tokens ADD COLUMN last_used_at timestamptz",
    # Who may edit an app. No foreign key: apps belong to no tenant.
    'ALTER TABLE apps ADD COLUMN owner_business_id text COLLATE "C"',
    'ALTER TABLE apps ADD COLUMN owner_id text COLLATE "C"',
    """
    CREATE INDEX apps_owner ON apps (owner_business_id, owner_id, created_at)
      WHERE owner_id IS NOT NULL
    """,
    """
    CREATE TABLE usage_days (
      business_id text COLLATE "C" NOT NULL,
      day date NOT NULL,
      user_id text COLLATE "C" NOT NULL,
      holder_id text COLLATE "C" NOT NULL,
      operation text COLLATE "C" NOT NULL,
      problem text COLLATE "C" NOT NULL,
      requests bigint NOT NULL,
      PRIMARY KEY (business_id, day, user_id, holder_id, operation, problem)
    )
    """,
    """
    CREATE TABLE recent_requests (
      business_id text COLLATE "C" NOT NULL,
      id text COLLATE "C" NOT NULL,
      at timestamptz NOT NULL,
      user_id text COLLATE "C" NOT NULL,
      holder_id text COLLATE "C" NOT NULL,
      operation text NOT NULL,
      status smallint NOT NULL,
      problem text COLLATE "C" NOT NULL,
      reason text NOT NULL,
      detail text NOT NULL,
      trace_id text COLLATE "C" NOT NULL,
      milliseconds real NOT NULL,
      PRIMARY KEY (business_id, id)
    )
    """,
    "CREATE INDEX recent_requests_at ON recent_requests (business_id, at, id)",
    "CREATE INDEX recent_requests_trace ON recent_requests (business_id, trace_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
