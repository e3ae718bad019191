"""Deletes the files of exports that have expired, and at last the exports."""

from services.clock import DAY, now
from services.exports import statements
from services.exports.runner import folder_of
from services.files.stores import Files
from services.postgres.database import Database

# For how long an export is told, as long as its job.
KEEP = 30 * DAY


async def delete_files(database: Database, files: Files, business_id: str) -> None:
    """Deletes files of a tenant that nobody may download any more."""
    rows = await database.rows(statements.DOOMED, business_id, now())
    for row in rows:
        await files.delete(folder_of(business_id, row[0]))
    if rows:
        ids = [row[0] for row in rows]
        await database.run(statements.FORGET, business_id, ids)


async def sweep(database: Database, files: Files, business_id: str) -> None:
    """Deletes what a tenant's exports need no longer."""
    await delete_files(database, files, business_id)
    await database.run(statements.SWEEP, business_id, now() - KEEP)
