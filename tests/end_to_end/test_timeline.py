"""The timeline: what happened to a contact is told once, with what was and what is.

Read from the database, because no public method shows it yet.
"""

from typing import Any

from tests.client import Client
from tests.world import Tenant, administer

ADA = {"email": "ada@example.com", "tags": ["VIP"]}
EVENTS = """
SELECT metadata, actor_id, occurred_at FROM activities
WHERE business_id = $1 AND contact_id = $2 AND type = 4 AND source = 2
ORDER BY occurred_at, id
"""


def events(tenant: Tenant, contact_id: str) -> list[dict[str, Any]]:
    """What is told of a contact, oldest first; each must name who caused it."""
    rows = administer(
        tenant.stack.database_url,
        lambda database: database.rows(EVENTS, tenant.business_id, contact_id),
    )
    assert {row[1] for row in rows} <= {tenant.users["owner"]}
    return [row[0] for row in rows]


def test_a_contact_is_created_once(owner: Client, tenant: Tenant) -> None:
    answers = [owner.post("/contacts", ADA, idempotency_key="k") for _ in range(3)]
    assert events(tenant, answers[0].json["id"]) == [{"event": "created"}]


def test_an_upsert_creates_too(owner: Client, tenant: Tenant) -> None:
    made = owner.post("/contacts/upsert", ADA).json["data"]["id"]
    owner.post("/contacts/upsert", ADA)
    assert events(tenant, made) == [{"event": "created"}]


def test_owner_and_tags_are_told_with_both_values(
    owner: Client, tenant: Tenant
) -> None:
    path = f"/contacts/{owner.create('/contacts', ADA)['id']}"
    me, viewer = tenant.users["owner"], tenant.users["viewer"]
    owner.patch(path, {"owner_id": viewer})
    owner.patch(path, {"owner_id": None, "city": "Rome"})
    owner.post(f"{path}/tags", {"tags": ["new"]}, idempotency_key="k")
    owner.delete(f"{path}/tags/vip")
    assert events(tenant, path.rpartition("/")[2]) == [
        {"event": "created"},
        {"event": "owner_changed", "from": me, "to": viewer},
        {"event": "owner_changed", "from": viewer},
        {"event": "tags_changed", "from": ["VIP"], "to": ["VIP", "new"]},
        {"event": "tags_changed", "from": ["VIP", "new"], "to": ["new"]},
    ]


def test_what_changes_nothing_tells_nothing(owner: Client, tenant: Tenant) -> None:
    path = f"/contacts/{owner.create('/contacts', ADA)['id']}"
    same = {"tags": ["VIP"], "owner_id": tenant.users["owner"]}
    owner.patch(path, same | {"city": "Rome"})
    owner.post(f"{path}/tags", {"tags": ["vip"]})
    owner.delete(f"{path}/tags/none")
    owner.patch(path, {"tags": [5]})
    owner.patch(path, {"tags": ["other"]}, if_match='"0"')
    assert events(tenant, path.rpartition("/")[2]) == [{"event": "created"}]
