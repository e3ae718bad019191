"""Deleted records in the order of their deletion, for searches of them."""

from alembic import op

revision = "0018"
down_revision = "0017"

# What follows the tenant in the index of each table.
COLUMNS = dict.fromkeys(
    (
        *("contacts", "companies", "deals", "tasks"),
        *("notes", "activities", "associations"),
    ),
    "deleted_at, id",
) | {"records": "object, deleted_at, id"}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for table, columns in COLUMNS.items():
            name = f"{table}_deleted"
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(
                f"CREATE INDEX CONCURRENTLY {name} ON {table} (business_id, {columns})"
                " WHERE deleted_at IS NOT NULL"
            )
