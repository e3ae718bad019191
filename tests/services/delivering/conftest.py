"""A database in which no other process delivers."""

import asyncio
from collections.abc import Callable

import pytest

from services.postgres.database import Database
from tests.services.delivering.scene import Scenario

_END_ALL = "UPDATE webhooks SET active = false WHERE business_id = $1"


@pytest.fixture(scope="package")
def url(migrated_database: Callable[[str], str]) -> str:
    return migrated_database("delivering")


@pytest.fixture
def play(url: str) -> Callable[[Scenario], None]:
    """Runs a scenario. Later ones do not find its webhooks."""

    async def playing(scenario: Scenario) -> None:
        database = await Database.open(url)
        try:
            await scenario(database)
        finally:
            for row in await database.rows("SELECT business_id FROM tenants"):
                await database.run(_END_ALL, row[0])
            await database.close()

    return lambda scenario: asyncio.run(playing(scenario))
