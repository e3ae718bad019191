"""The dashboard that each tenant has: also those from before, and each once."""

from services.reporting.first import give_missing
from tests.client import Client
from tests.world import Tenant, administer

_AS_BEFORE = "UPDATE tenants SET has_dashboard = false WHERE business_id = $1"


def test_a_tenant_from_before_gets_its_dashboard_and_none_gets_it_twice(
    owner: Client, tenant: Tenant
) -> None:
    database_url = tenant.stack.database_url
    (first,) = owner.search("/dashboards")["data"]
    assert owner.delete(f"/dashboards/{first['id']}").status == 204
    administer(database_url, give_missing)
    assert owner.search("/dashboards")["data"] == [], "a deleted one stays away"

    administer(
        database_url, lambda database: database.run(_AS_BEFORE, tenant.business_id)
    )
    for _ in range(2):
        administer(database_url, give_missing)
    (given,) = owner.search("/dashboards")["data"]
    assert len(given["items"]) == 4
    assert len(owner.pages("/reports")) == 8, "those of the first are still there"
