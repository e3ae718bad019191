"""Changes a tenant's rows behind the program's back, as time would."""

import asyncio

import asyncpg

from tests.world import Tenant


def change(tenant: Tenant, sql: str, *values: object) -> None:
    """Runs a statement on the database; the tenant is its first value."""

    async def run() -> None:
        link = await asyncpg.connect(tenant.stack.database_url)
        try:
            await link.execute(sql, tenant.business_id, *values)
        finally:
            await link.close()

    asyncio.run(run())
