"""What the feed tells, and when: it waits for each older transaction of its server."""

import asyncio

from services.changes import order
from services.postgres.database import Database

_PATIENCE_SECONDS = 60.0
_NEXT = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"


async def place_after(database: Database) -> int:
    """A place after all that was committed before the call, once all of it is told.

    Autovacuum's transactions count as well as those of other databases.
    """
    row = await database.row(_NEXT)
    assert row is not None
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while (told := (await order.horizon(database)).place) < int(row[0]):  # noqa: ASYNC110 - of others
            await asyncio.sleep(0.002)
    return told
