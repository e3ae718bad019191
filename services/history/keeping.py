"""Forgets changes that are kept no longer, a few at a time."""

from services.clock import DAY, now
from services.postgres.database import Database

# So many at once lock nothing for long, and so often a sweep takes some seconds.
AT_ONCE, MOST_TIMES = 1_000, 200

# Transactions are numbered in the order of time. A dump that is restored into a new
# cluster begins anew: its changes are then kept longer, and none is forgotten early.
_SWEEP = f"""
DELETE FROM changes WHERE business_id = $1 AND at < $2 AND (record_id, at) IN (
  SELECT record_id, at FROM changes WHERE business_id = $1 ORDER BY xid LIMIT {AT_ONCE}
)
"""


async def sweep(database: Database, business_id: str, keep_days: int) -> None:
    """Deletes a tenant's changes that are older than so many days."""
    for _ in range(MOST_TIMES):
        told = await database.run(_SWEEP, business_id, now() - keep_days * DAY)
        if told != f"DELETE {AT_ONCE}":
            return
