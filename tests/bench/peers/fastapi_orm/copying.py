"""The peer's tables, filled with the rows of the product's tenants."""

import asyncio
from collections.abc import Iterable

import asyncpg
from sqlalchemy import text

from tests.bench.peers.fastapi_orm.database import open_engine
from tests.bench.peers.fastapi_orm.models import SCHEMA, Base

_ROLE = "business_id, name, grants"
_USER = "business_id, id, email, active"
_TOKEN = "business_id, hash, user_id, scopes"
_CONTACT = (
    "business_id, id, first_name, last_name, name, email, phone, company_id, job_title,"
    " lead_score, source, owner_id, tags, address1, city, state, postal_code, country,"
    " time_zone, custom_fields, external_ids, last_contacted_at, created_at,"
    " updated_at, created_by, version"
)
_STAGES = "'{subscriber,lead,qualified,opportunity,customer,other}'::text[]"

# The columns and their names in the product, with referenced tables first.
_COPIES = {
    "roles": (_ROLE, _ROLE),
    "users": (f"{_USER}, role_name", f"{_USER}, role"),
    "tokens": (_TOKEN, _TOKEN),
    "contacts": (
        f"{_CONTACT}, lifecycle_stage",
        f"{_CONTACT}, ({_STAGES})[lifecycle_stage]",
    ),
}


def copy_tenants(database_url: str, business_ids: Iterable[str]) -> None:
    """Creates the tables if they do not exist, and copies tenants into them."""
    asyncio.run(_copy(database_url, business_ids))


async def _copy(database_url: str, business_ids: Iterable[str]) -> None:
    engine = open_engine(database_url)
    async with engine.begin() as transaction:
        await transaction.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        await transaction.run_sync(Base.metadata.create_all)
    await engine.dispose()
    link = await asyncpg.connect(database_url)
    for business_id in business_ids:
        for table, (columns, values) in _COPIES.items():
            await link.execute(
                f"INSERT INTO {SCHEMA}.{table} ({columns})"
                f" SELECT {values} FROM public.{table} WHERE business_id = $1",
                business_id,
            )
    for table in _COPIES:
        await link.execute(f"ANALYZE {SCHEMA}.{table}")
    await link.close()
