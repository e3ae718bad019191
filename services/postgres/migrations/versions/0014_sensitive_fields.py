"""Sensitive fields, which only some roles read, and formulas."""

from alembic import op

revision = "0014"
down_revision = "0013"

STATEMENTS = (
    "ALTER TABLE fields ADD COLUMN sensitive boolean NOT NULL DEFAULT false",
    "ALTER TABLE fields ADD COLUMN readable_by text[] NOT NULL DEFAULT '{}'",
    "ALTER TABLE fields ADD COLUMN expression text",
    "ALTER TABLE fields ADD COLUMN result smallint",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
