"""Deletes everything that a tenant has, table by table, from the catalogue of tables.

Tables are read from the schema, so that a new one cannot be forgotten. Those that refer
to others come first.
"""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from services.postgres.database import Transaction

# So many rows of a table go in one statement.
AT_ONCE = 5_000
# What stays when a sandbox becomes what it was: its users, who may use it, and what the
# account tells of that.
STAYS = frozenset(
    (
        *("tenants", "roles", "users", "tokens", "pipelines", "addresses"),
        *("audit", "audit_heads", "audit_events", "usage_days", "recent_requests"),
        *("relay_positions",),
    )
)
TENANTS = "tenants"
# Confirmations that were spent stay spent. They are keys that begin with a space.
SPENT: Mapping[str, str] = {"idempotency_keys": "left(key, 1) <> ' '"}

_TABLES = """
SELECT t.relname::text, coalesce(array_agg(DISTINCT other.relname::text)
  FILTER (WHERE other.oid <> t.oid), '{}')
FROM pg_class AS t
JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attname = 'business_id'
LEFT JOIN pg_constraint AS f ON f.conrelid = t.oid AND f.contype = 'f'
LEFT JOIN pg_class AS other ON other.oid = f.confrelid
WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition AND NOT a.attisdropped
  AND t.relnamespace = current_schema()::regnamespace
GROUP BY t.relname
"""


async def tables(transaction: Transaction) -> list[str]:
    """The tables with rows of tenants, each before those that it refers to."""
    rows = await transaction.rows(_TABLES)
    return in_order({row[0]: row[1] for row in rows})


def in_order(refers: Mapping[str, Sequence[str]]) -> list[str]:
    """Tables, each before those that it refers to. No circle is among them."""
    ordered: dict[str, None] = {}

    def enter(table: str) -> None:
        if table in ordered:
            return
        for other in sorted(refers[table]):
            if other in refers:
                enter(other)
        ordered[table] = None

    for table in sorted(refers):
        enter(table)
    return list(reversed(ordered))


async def clear(
    transaction: Transaction,
    business_id: str,
    stays: Collection[str],
    which: Mapping[str, str] = MappingProxyType({}),
) -> bool:
    """Deletes a part of a tenant's rows. Returns whether some may be left.

    `which` says by table which rows go; of other tables, all.
    """
    for table in await tables(transaction):
        if table in stays:
            continue
        told = await transaction.run(
            clear_sql(table, which.get(table, "true")), business_id, AT_ONCE
        )
        if told == f"DELETE {AT_ONCE}":
            return True
    return False


def clear_sql(table: str, which: str = "true") -> str:
    """Deletes rows of a table. Values: business, how many at most."""
    return (
        f'DELETE FROM "{table}" WHERE business_id = $1 AND ctid = ANY(ARRAY('
        f'SELECT ctid FROM "{table}" WHERE business_id = $1 AND {which} LIMIT $2))'
    )
