"""Opens the database of a command: one named by its URL, or the embedded one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar

from deploy.embedded import postgres
from deploy.embedded.watch import kept_up
from deploy.errors import DeployError
from deploy.progress import note
from deploy.settings import Settings
from services.postgres.database import Database
from services.postgres.schema import is_current, migrate

Result = TypeVar("Result")


@contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """Yields the URL. The embedded PostgreSQL runs until the block ends."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    with postgres.running(settings.data_dir, note) as url:
        yield url


@contextmanager
def kept_database_url(settings: Settings) -> Iterator[str]:
    """Yields the URL for a server. The embedded PostgreSQL is restarted if it ends."""
    with database_url(settings) as url:
        if settings.database_url is not None:
            yield url
            return
        with kept_up(settings.data_dir):
            yield url


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """Opens a database for a few statements."""
    database = await Database.open(url)
    try:
        yield database
    finally:
        await database.close()


def administer(
    settings: Settings, work: Callable[[Database], Awaitable[Result]]
) -> Result:
    """Runs an administration task, with or without running servers.

    The embedded database is migrated first. For another database, DeployError is raised
    if its schema is not current; its operator must migrate it.
    """

    async def do(url: str) -> Result:
        if settings.database_url is None:
            await migrate(url, note)
        async with opened(url) as database:
            if not await is_current(database):
                text = "The database's schema is not current: prospectconnect migrate"
                raise DeployError(text)
            return await work(database)

    with database_url(settings) as url:
        return asyncio.run(do(url))
