"""What tests of webhooks do again and again."""

from itertools import count
from typing import Any

from services.postgres.database import Database
from tests.client import Client
from tests.harness.people.a_webhook import put_webhook
from tests.world import Tenant, administer

_numbers = count()


def body(**fields: Any) -> dict[str, Any]:
    """A webhook with a URL that no other one has."""
    url = f"https://example.com/changes/{next(_numbers)}"
    return {"url": url, "types": ["contact.*"], **fields}


def path(webhook: Any) -> str:
    return f"/webhooks/{webhook['id']}"


def delivered(tenant: Tenant) -> str:
    """The path of a webhook with one delivery, which was given up."""

    async def put(database: Database) -> str:
        return await put_webhook(database, tenant.business_id, tenant.users["owner"])

    return f"/webhooks/{administer(tenant.stack.database_url, put)}"


def deliveries(client: Client, at: str, **asked: Any) -> list[Any]:
    found: list[Any] = client.search(f"{at}/deliveries", **asked)["data"]
    return found
