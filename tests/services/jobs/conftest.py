"""A database in which no other process runs jobs."""

import asyncio
from collections.abc import Callable

import pytest

from services.postgres.database import Database
from tests.services.jobs.queued import Scenario, playing


@pytest.fixture(scope="module")
def url(migrated_database: Callable[[str], str]) -> str:
    """The database, with a table for what jobs of tests write."""
    url = migrated_database("jobs")

    async def prepare(database: Database) -> None:
        await database.run(
            'CREATE TABLE numbers (business_id text COLLATE "C", number integer,'
            " PRIMARY KEY (business_id, number))"
        )

    asyncio.run(playing(url, prepare))
    return url


@pytest.fixture
def play(url: str) -> Callable[[Scenario], None]:
    return lambda scenario: asyncio.run(playing(url, scenario))
