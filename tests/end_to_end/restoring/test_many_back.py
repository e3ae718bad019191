"""Ten thousand links come back by as many statements as one does."""

import time

import pytest

from tests.client import Client
from tests.end_to_end.scene import dangling, linked_records, many_activities
from tests.world import Tenant

MANY = 10_000


@pytest.mark.parametrize("others", [False, True], ids=("alone", "with another link"))
def test_ten_thousand_links_come_back(
    tenant: Tenant, owner: Client, others: bool
) -> None:
    links = linked_records(owner)
    names = ("contact_id", "deal_id") if others else ("contact_id",)
    many_activities(tenant, {name: links[name] for name in names}, MANY)
    contact = links["contact_id"]
    own = [{"field": "contact_id", "operator": "eq", "value": contact}]
    before = owner.search("/activities", filters=own, include_total=True)
    assert owner.delete(f"/contacts/{contact}").status == 204
    begun = time.monotonic()
    answer = owner.post(f"/contacts/{contact}/restore")
    print(f"{time.monotonic() - begun:.1f} s")
    assert answer.status == 200, answer.body
    after = owner.search("/activities", filters=own, include_total=True)
    assert after["meta"]["total"] == before["meta"]["total"] + 1  # `restored`
    assert answer.json["last_contacted_at"] is not None
    assert dangling(tenant) == []
