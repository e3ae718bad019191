"""What the tests of the engine share: a tenant in which a scenario is played."""

import asyncio
from collections.abc import Callable

import pytest

from services.iam.tenants import create_user
from services.ids import new_id
from services.postgres.database import Database
from services.tenant_setup import create_tenant
from tests.services.callers import caller
from tests.services.records.processes import Scenario, process


@pytest.fixture
def play(database_url: str) -> Callable[[Scenario], None]:
    """Runs a scenario in a tenant of its own."""

    async def run(scenario: Scenario) -> None:
        database = await Database.open(database_url)
        try:
            name = new_id("schemas-")
            business_id = await create_tenant(database, name)
            user = await create_user(database, name, "one@x.example", "owner")
            await scenario(process(database), caller(business_id, user))
        finally:
            await database.close()

    return lambda scenario: asyncio.run(run(scenario))
