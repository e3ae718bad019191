"""A database of its own: a relay follows all tenants that there are."""

from collections.abc import Callable

import pytest

from services.changes import order
from services.postgres.database import Database
from services.relay.leases import Leases
from tests.end_to_end.relay.following import new_tenant
from tests.world import administer


@pytest.fixture(scope="package")
def database_url(migrated_database: Callable[[str], str]) -> str:
    """A relay has run there, so that new tenants are told of from their first change.

    The first relay of all begins with now, which may be after that change.
    """
    url = migrated_database("relay")
    administer(url, _relayed)
    return url


async def _relayed(database: Database) -> None:
    call, leases = await new_tenant(database), Leases(database, "rly_before")
    business_id = call.caller.business_id
    await leases.claim(business_id, await order.horizon(database))
    await leases.release(business_id)
