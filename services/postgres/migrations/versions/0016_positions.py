"""Fields without a position of their own."""

from alembic import op

revision = "0016"
down_revision = "0015"

STATEMENTS = ("ALTER TABLE fields ALTER COLUMN position DROP NOT NULL",)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
