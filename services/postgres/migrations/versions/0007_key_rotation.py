"""Several keys with one name: the newest, and older ones that still open seals.

`opens_until` is unset only for the newest key, so that an insert by the previous
version of the program still conflicts with it.
"""

from alembic import op

revision = "0007"
down_revision = "0006"

STATEMENTS = (
    "ALTER TABLE secrets ADD COLUMN seals_from timestamptz NOT NULL DEFAULT now()",
    "ALTER TABLE secrets ADD COLUMN opens_until timestamptz",
    "UPDATE secrets SET seals_from = created_at",
    "ALTER TABLE secrets DROP CONSTRAINT secrets_pkey",
    "ALTER TABLE secrets ADD PRIMARY KEY (name, seals_from)",
    "CREATE UNIQUE INDEX secrets_newest ON secrets (name) WHERE opens_until IS NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
