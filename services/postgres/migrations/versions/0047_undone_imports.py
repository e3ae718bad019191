"""Undoing of imports, delimiters of tables, and exports for people to read."""

from alembic import op

revision = "0047"
down_revision = "0042"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE imports ADD COLUMN delimiter text, ADD COLUMN undoes text,"
        " ADD COLUMN undone_by text"
    )
    op.execute(
        "ALTER TABLE exports ADD COLUMN names boolean NOT NULL DEFAULT false,"
        " ADD COLUMN byte_order_mark boolean NOT NULL DEFAULT false"
    )
