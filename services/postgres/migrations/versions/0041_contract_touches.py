"""The requests that a newer contract would change, by day, caller and operation.

Of each kind the latest is an example. No value of a request is kept.
"""

from alembic import op

revision = "0041"
down_revision = "0038"


def upgrade() -> None:
    op.execute("""
    CREATE TABLE contract_touches (
      business_id text COLLATE "C" NOT NULL,
      day date NOT NULL,
      user_id text COLLATE "C" NOT NULL,
      holder_id text COLLATE "C" NOT NULL,
      operation text COLLATE "C" NOT NULL,
      version text COLLATE "C" NOT NULL,
      changed_by text COLLATE "C" NOT NULL,
      requests bigint NOT NULL,
      at timestamptz NOT NULL,
      trace_id text COLLATE "C" NOT NULL,
      members text[] NOT NULL,
      PRIMARY KEY
        (business_id, day, user_id, holder_id, operation, version, changed_by)
    )
    """)
