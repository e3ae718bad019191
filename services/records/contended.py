"""Writes of a record that other calls change without pause.

A write reads the record, and is lost if another call changes it before it is written.
Where many write at once, the slower of them may lose for ever. After some lost attempts
such a write locks the record before it reads it. Those who wait for a lock take turns.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.postgres.bound import BoundDatabase, Scope
from services.postgres.database import Database
from services.records.statements import lock_sql

Result = TypeVar("Result")

MOST_ATTEMPTS = 60

# So many attempts may be lost before the record is locked.
PATIENCE = 8


async def holding(
    database: Database,
    table: str,
    key: tuple[str, str],
    work: Callable[[Database], Awaitable[Result]],
) -> Result:
    """Runs `work` in a transaction that has locked a record before all else.

    `key` is the record's business and id. `work` gets the database of the transaction,
    and must bear repetition.
    """
    bound = BoundDatabase(database)

    async def locked(_: Scope) -> Result:
        await bound.rows(lock_sql(table), *key)
        return await work(bound)

    done, _ = await bound.within(locked)
    return done
