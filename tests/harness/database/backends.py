"""The state of the database's processes for its clients."""

import asyncpg


async def states(url: str) -> list[str]:
    """The states of all other connections to a database, e.g. `idle`."""
    link = await asyncpg.connect(url)
    try:
        rows = await link.fetch(
            "SELECT state FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    finally:
        await link.close()
    return [row["state"] for row in rows]
