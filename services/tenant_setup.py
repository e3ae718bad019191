"""Creates a tenant with its rate limit, roles, a first pipeline and a dashboard.

It is for the command line. No method of a service calls it.
"""

import asyncpg

from services.crm.pipelines import DEFAULT_NAME, DEFAULT_STAGES, create_pipeline
from services.errors import ServiceError
from services.iam.slugs import free_slug_sql, slug_of
from services.iam.tenants import checked_name
from services.ids import new_id
from services.postgres.database import Database
from services.reporting.first import give_dashboard
from services.roles import DEFAULT_ROLES

# The rate limit of a tenant, ten times that of one token.
DEFAULT_LIMIT = (1_000, 10)

_CREATE = f"""
WITH tenant AS (
  INSERT INTO tenants (business_id, name, limit_requests, limit_seconds, slug)
  VALUES ($1, $2, $3, $4, {free_slug_sql("$7::text", "$8::text")}) RETURNING business_id
)
INSERT INTO roles (business_id, name, grants)
SELECT business_id, role.name, role.grants FROM tenant,
  unnest($5::text[], $6::jsonb[]) AS role (name, grants)
"""


async def create_tenant(
    database: Database, name: str, rate_limit: tuple[int, int] | None = None
) -> str:
    """Creates a tenant and returns its id. Raises `ServiceError` for a used name."""
    business_id = new_id("biz_")
    limit = rate_limit or DEFAULT_LIMIT
    roles = list(DEFAULT_ROLES), list(DEFAULT_ROLES.values())
    try:
        async with database.transaction() as transaction:
            its = business_id, checked_name(name), *limit
            await transaction.run(_CREATE, *its, *roles, *slug_of(name, business_id))
            await create_pipeline(
                transaction, business_id, DEFAULT_NAME, DEFAULT_STAGES
            )
            await give_dashboard(transaction, business_id)
    except asyncpg.UniqueViolationError:
        raise ServiceError(f"There is a tenant {name!r} already.") from None
    return business_id
