"""A database in which no other process delivers."""

import asyncio
from collections.abc import Callable

import pytest

from services.delivering import plan
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


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other at once."""
    pauses = tuple(0.01 for _ in plan.PAUSES_SECONDS)
    monkeypatch.setattr(plan, "PAUSES_SECONDS", pauses)
    monkeypatch.setattr("services.delivering.serving._LOOK_SECONDS", 0.05)
