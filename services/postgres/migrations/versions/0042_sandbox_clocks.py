"""The clocks of sandboxes: how far each is ahead of the real time, in microseconds.

`resets` is how often a sandbox was reset. While it is, `resetting_since` is set.
"""

from alembic import op

revision = "0042"
down_revision = "0041"

# Constant defaults: no row is written.
STATEMENTS = (
    "ALTER TABLE tenants ADD COLUMN clock_ahead bigint NOT NULL DEFAULT 0",
    "ALTER TABLE tenants ADD COLUMN resets integer NOT NULL DEFAULT 0",
    "ALTER TABLE tenants ADD COLUMN resetting_since timestamptz",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
