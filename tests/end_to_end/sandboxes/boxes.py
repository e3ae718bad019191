"""What tests of sandboxes do again and again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from services.postgres.database import Database
from services.records.copying.clearing import tables
from tests.client import Client
from tests.harness.promptly import within
from tests.world import Tenant, administer

_TENANT_OF = "SELECT tenant_id FROM sandboxes WHERE business_id = $1 AND id = $2"


def make(client: Client, copy: str = "schema", **given: Any) -> Any:
    """A new sandbox, with its token and all that it is filled with."""
    made = client.create("/sandboxes", {"name": "Trial", "copy": copy, **given})
    assert within(60, lambda: state(client, made) != "filling")
    return made


@contextmanager
def inside(client: Client, sandbox: Any) -> Iterator[Client]:
    """A client of a sandbox, with its first token."""
    its = Client(client.address, token=sandbox["token"])
    try:
        yield its
    finally:
        its.close()


def state(client: Client, sandbox: Any) -> Any:
    """The state of a sandbox now."""
    return client.get(f"/sandboxes/{sandbox['id']}").json["state"]


def tenant_of(tenant: Tenant, sandbox: Any) -> str:
    """The id of the tenant that a sandbox is."""

    async def find(database: Database) -> str:
        row = await database.row(_TENANT_OF, tenant.business_id, sandbox["id"])
        assert row is not None
        return str(row[0])

    return administer(tenant.stack.database_url, find)


def tenant_name(sandbox: Any) -> str:
    """The name of the tenant that a sandbox is, as operators know it."""
    return f"{sandbox['name']} ({sandbox['id']})"


def rows(tenant: Tenant, business_id: str) -> dict[str, list[str]]:
    """All rows of a tenant as text, by table: of each table that has tenants."""

    async def read(database: Database) -> dict[str, list[str]]:
        async with database.transaction() as transaction:
            found: dict[str, list[str]] = {}
            for table in await tables(transaction):
                sql = f"SELECT to_jsonb(t)::text FROM {table} AS t"
                told = await transaction.rows(
                    f"{sql} WHERE t.business_id = $1", business_id
                )
                found[table] = [row[0] for row in told]
            return found

    return administer(tenant.stack.database_url, read)


def everything(client: Client, *paths: str) -> str:
    """All records of some types as public JSON, but for when they were copied."""
    return json.dumps([client.pages(each) for each in paths])
