"""What tests of linked records share: pipelines, timelines and roles of a tenant."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prospectconnect.crm.v1.activities_pb2 import (
    ACTIVITY_SOURCE_API,
    ACTIVITY_TYPE_CALL,
    Activity,
)

from services.clock import now, to_timestamp
from services.crm.pipelines import DEFAULT_STAGES, create_pipeline
from services.iam import tenants, tokens
from services.postgres.database import Database
from services.records.bulk import copy_records
from tests.client import Client
from tests.promises.record_values import Maker
from tests.promises.records_suite import LINKS, RESOURCES, WRITTEN
from tests.world import ALL_SCOPES, NO_LIMIT, Tenant, administer

# Where the records are to which links lead, by the field that holds the link.
PATHS = {column: RESOURCES[name].path for name, column in LINKS.items()}

_LINKING = [
    (resource.policy.plural, item.name, RESOURCES[item.policy.references].policy.plural)
    for resource in WRITTEN
    for item in resource.fields
    if item.policy.references in LINKS
]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline and its stages, id by name."""

    id: str
    stages: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.stages[name]


def pipeline(client: Client, pipeline_id: str = "") -> Pipeline:
    """The pipeline with an id, or the default one."""
    found = next(
        each
        for each in client.search("/pipelines")["data"]
        if pipeline_id == each["id"] or (each["is_default"] and not pipeline_id)
    )
    return Pipeline(found["id"], {each["name"]: each["id"] for each in found["stages"]})


def another_pipeline(tenant: Tenant, client: Client) -> Pipeline:
    """A second pipeline of the tenant, with stages that are called like the first's."""
    made = administer(
        tenant.stack.database_url,
        lambda database: create_pipeline(
            database, tenant.business_id, "Renewals", DEFAULT_STAGES
        ),
    )
    return pipeline(client, made)


def linked_records(client: Client) -> dict[str, str]:
    """A company, a contact of it, a deal with both, and a record of a custom object.

    Returns their ids, as links.
    """
    company = client.create("/companies", {"name": "Acme"})["id"]
    about = {"company_id": company}
    contact = client.create("/contacts", {"email": "a@b.example", **about})["id"]
    about["contact_id"] = contact
    deal = client.create("/deals", {"name": "Pump", **about})["id"]
    record = Maker(client, {}).create(RESOURCES["record"])["id"]
    links = {"contact_id": contact, "company_id": company, "deal_id": deal}
    return {**links, "custom_record_id": record}


def dangling(tenant: Tenant) -> list[tuple[str, str]]:
    """The links of a tenant's records to records that are not there."""
    sql = " UNION ALL ".join(
        f"SELECT '{table}.{column}', r.{column} FROM {table} AS r"
        f" LEFT JOIN {other} AS o ON o.business_id = r.business_id"
        f" AND o.id = r.{column} AND o.deleted_at IS NULL"
        f" WHERE r.business_id = $1 AND r.deleted_at IS NULL"
        f" AND r.{column} IS NOT NULL AND o.id IS NULL"
        for table, column, other in _LINKING
    )
    rows = administer(
        tenant.stack.database_url,
        lambda database: database.rows(sql, tenant.business_id),
    )
    return [(row[0], row[1]) for row in rows]


def many_activities(tenant: Tenant, links: dict[str, str], count: int) -> None:
    """Loads calls with these links, in no order of time."""

    def activity(n: int) -> Activity:
        made = Activity(
            type=ACTIVITY_TYPE_CALL,
            source=ACTIVITY_SOURCE_API,
            actor_id=tenant.users["owner"],
            subject=f"Call {n}",
            occurred_at=to_timestamp(now() - n * 7_919 % count),
        )
        for column, each in links.items():
            setattr(made, column, each)
        return made

    records = (activity(n) for n in range(count))
    made = administer(
        tenant.stack.database_url,
        lambda database: copy_records(database, Activity, tenant.business_id, records),
    )
    assert made == count


def timeline(client: Client, record_id: str) -> list[Any]:
    """All activities of a record, oldest first."""
    of_record = {"field": "record_id", "operator": "eq", "value": record_id}
    return client.pages(
        "/activities",
        filters=[of_record],
        order_by="occurred_at",
        sort_direction="asc",
        limit=100,
    )


def told(client: Client, record_id: str) -> list[dict[str, Any]]:
    """What the server tells of a record, oldest first."""
    return [
        activity["metadata"]
        for activity in timeline(client, record_id)
        if activity["source"] == "system"
    ]


def grant(tenant: Tenant, grants: Mapping[str, Any]) -> tuple[str, str]:
    """A user with a role of the tenant's own: their id, and a token for everything."""
    role = f"role-{secrets.token_hex(4)}"
    email = f"{role}@{tenant.name}.example"

    async def make(database: Database) -> tuple[str, str]:
        await database.run(
            "INSERT INTO roles (business_id, name, grants) VALUES ($1, $2, $3)",
            tenant.business_id,
            role,
            grants,
        )
        user = await tenants.create_user(database, tenant.name, email, role)
        token = await tokens.issue_token(
            database, tenant.name, email, ALL_SCOPES, rate_limit=NO_LIMIT
        )
        return user, token

    return administer(tenant.stack.database_url, make)
