"""Deliveries as clients see them: found, told, and sent again."""

import pytest

from tests.client import Client
from tests.harness.people.a_webhook import put_webhook
from tests.world import Tenant, administer


@pytest.fixture
def delivered(tenant: Tenant) -> str:
    """The path of a webhook with one delivery, which was given up."""

    async def put(database):  # type: ignore[no-untyped-def]
        return await put_webhook(database, tenant.business_id, tenant.users["owner"])

    return f"/webhooks/{administer(tenant.stack.database_url, put)}"


def test_a_delivery_tells_its_change_and_its_attempts(
    owner: Client, delivered: str
) -> None:
    answer = owner.post(f"{delivered}/deliveries/search", {})
    assert answer.status == 200, answer.body
    answer = owner.post(f"{delivered}/deliveries/search", {"include_total": True})
    assert answer.status == 200, answer.body
    answer = owner.post(f"{delivered}/deliveries/search", {"states": ["given_up"]})
    assert answer.status == 200, answer.body
