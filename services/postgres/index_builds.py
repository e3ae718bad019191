"""Drops the indexes of empty tables before a large load, and builds them again.

A dropped index is listed in the table `missing_indexes`, in the same transaction, until
it is built again. If a load is interrupted, the next start builds what is listed.
"""

import asyncio
from collections.abc import Sequence

from services.postgres.database import Database, Transaction

BUILDERS = 2
_MEMORY = "SET LOCAL maintenance_work_mem = '512MB'"

# Unique indexes stay, because they decide what may be written.
_SECONDARY = """
SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indexrelid
WHERE i.indrelid = ANY($1::text[]::regclass[]) AND NOT i.indisunique
"""
_SIZE = "SELECT sum(pg_relation_size(name::regclass)) FROM unnest($1::text[]) AS name"
_NOTE = "INSERT INTO missing_indexes SELECT * FROM unnest($1::text[], $2::text[])"
_NEXT = """
SELECT name, definition FROM missing_indexes LIMIT 1 FOR UPDATE SKIP LOCKED
"""


async def set_aside(database: Database, tables: Sequence[str]) -> None:
    """Drops the secondary indexes of tables if all the tables are empty."""

    async def drop(transaction: Transaction) -> None:
        size = await transaction.row(_SIZE, tables)
        if size is None or size[0]:
            return
        found = await transaction.rows(_SECONDARY, tables)
        names = [name for name, _ in found]
        await transaction.run(_NOTE, names, [definition for _, definition in found])
        if names:
            await transaction.run(f"DROP INDEX {', '.join(names)}")

    await database.in_transaction(drop)


async def build_missing(database: Database) -> None:
    """Builds the indexes that are listed as missing. Usually there are none."""
    await asyncio.gather(*(_build_all(database) for _ in range(BUILDERS)))


async def _build_all(database: Database) -> None:
    while await database.in_transaction(_build_next):
        pass


async def _build_next(transaction: Transaction) -> bool:
    row = await transaction.row(_NEXT)
    if row is None:
        return False
    await transaction.run(_MEMORY)
    await transaction.run(row["definition"])
    await transaction.run("DELETE FROM missing_indexes WHERE name = $1", row["name"])
    return True
