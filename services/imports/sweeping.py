"""Deletes what imports leave behind: contents that never came whole, and old rows."""

from services.clock import DAY, now
from services.files.stores import Files
from services.imports import statements as sql
from services.imports.contents import folder_of
from services.imports.taking import FOLDER
from services.postgres.database import Database

# So long an import waits for its content, and so long it is kept after its end.
WAIT, KEEP = 7 * DAY, 30 * DAY
# So long the content of a dry run is there to be imported.
KEEP_TRIED = DAY


async def sweep(
    database: Database, files: Files, business_id: str, keep: int = KEEP
) -> None:
    """Deletes a tenant's imports that ended long ago, with their files."""
    moment = now()
    await database.run(sql.EXPIRE, business_id, moment - WAIT, moment)
    ended = moment - keep, moment - KEEP_TRIED
    for row in await database.rows(sql.LEFT, business_id, *ended):
        taken = {each.get(FOLDER) for each in row["sendings"].values()} - {None}
        for folder in (folder_of(business_id, row["id"]), *sorted(taken)):
            await files.delete(folder)
        await database.run(sql.NO_FILES, business_id, row["id"])
    await database.run(sql.SWEEP, business_id, moment - keep)
