"""Tenants that are copies of another: all its records, under an id of their own."""

from services.ids import new_id
from services.postgres.database import Database

# In an order in which each refers to those before it.
_TABLES = (
    *("roles", "users", "pipelines", "companies", "contacts"),
    *("deals", "tasks", "notes", "activities"),
)
_TENANT = """
INSERT INTO tenants (business_id, name, limit_requests, limit_seconds)
SELECT $2, $3, limit_requests, limit_seconds FROM tenants WHERE business_id = $1
"""
# What PostgreSQL computes by itself cannot be copied.
_COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
  AND attgenerated = '' AND attname <> 'business_id'
"""


async def copy_tenant(database: Database, business_id: str, name: str) -> None:
    """Makes a tenant with a name that holds what another does."""
    own = new_id("biz_")
    async with database.transaction() as transaction:
        await transaction.run(_TENANT, business_id, own, name)
        for table in _TABLES:
            row = await transaction.row(_COLUMNS, table)
            assert row is not None
            await transaction.run(
                f"INSERT INTO {table} (business_id, {row[0]})"
                f" SELECT $2, {row[0]} FROM {table} WHERE business_id = $1",
                business_id,
                own,
            )
