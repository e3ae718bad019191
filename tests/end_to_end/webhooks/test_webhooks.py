"""Webhooks as a resource: what a tenant keeps, and how it changes."""

import base64
from typing import Any

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.webhooks.kept import body, path
from tests.harness.at_once import at_once
from tests.world import Tenant, let_transactions_end

SECRET_BYTES = 32


def secret_of(answer: Any) -> bytes:
    prefix, _, text = answer["secret"].partition("_")
    assert prefix == "whsec"
    return base64.b64decode(text, validate=True)


def test_a_webhook_is_made_with_a_secret_that_is_shown_once(owner: Client) -> None:
    given = body(description="CRM")
    made = owner.create("/webhooks", given)
    assert len(secret_of(made)) == SECRET_BYTES
    del made["secret"]
    assert made == made | given | {
        "filters": [],
        "include": [],
        "version": "2026-11-01",
        "ordered": True,
        "active": True,
        "disabled_reason": None,
        "client_id": None,
        "pending": 0,
        "oldest_pending_at": None,
        "delivered": 0,
        "given_up": 0,
        "failing_since": None,
    }
    assert owner.get(path(made)).json == made
    assert owner.search("/webhooks")["data"] == [made]
    changed = owner.patch(path(made), {"description": "Mail"}).json
    assert "secret" not in changed
    assert changed["description"] == "Mail"


def test_the_contract_is_that_of_the_request(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    old = open_client(tenant.tokens["owner"], "2026-10-31")
    assert old.create("/webhooks", body())["version"] == "2026-06-01"
    later = owner.create("/webhooks", body(version="2026-11-30"))
    assert later["version"] == "2026-11-01"
    cleared = owner.patch(path(later), {"version": None}).json
    assert cleared["version"] == "2026-11-01"


def test_filters_come_back_as_they_were_given(owner: Client) -> None:
    filters = [
        {"field": "lead_score", "operator": "gte", "value": 50},
        {
            "any": [
                {"field": "tags", "operator": "any_of", "values": ["VIP", "Press"]},
                {"not": {"field": "city", "operator": "is_empty"}},
            ]
        },
    ]
    made = owner.create("/webhooks", body(filters=filters))
    assert made["filters"] == filters
    assert owner.get(path(made)).json["filters"] == filters
    history = owner.post(f"{path(made)}/history", {}).json["data"]
    (told,) = (each for each in history if each["field"] == "filters")
    assert told["to"] == filters


def test_a_second_webhook_of_the_same_url_is_the_first_one_changed(
    owner: Client,
) -> None:
    given = body(include=["state"])
    made = owner.create("/webhooks", given)
    other = {"types": ["deal.won"], "include": ["changed"]}
    again = owner.post("/webhooks", given | other)
    assert again.status == 200
    assert again.json == again.json | {
        "id": made["id"],
        **other,
    }
    assert "secret" not in again.json
    assert len(owner.pages("/webhooks")) == 1


def test_of_those_who_make_the_same_at_once_one_makes_it(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    given, clients = body(), [tenant.client() for _ in range(6)]
    answers = at_once(lambda client: client.post("/webhooks", given), clients)
    for client in clients:
        client.close()
    assert sorted(each.status for each in answers) == [200] * 5 + [201]
    assert len({each.json["id"] for each in answers}) == 1
    assert sum("secret" in each.json for each in answers) == 1


def test_a_url_belongs_to_one_webhook(owner: Client) -> None:
    first, second = (owner.create("/webhooks", body()) for _ in range(2))
    refused = owner.patch(path(second), {"url": first["url"]})
    assert (refused.status, refused.codes) == (422, {"url": "not_unique"})
    assert owner.delete(path(first)).status == 204
    assert owner.patch(path(second), {"url": first["url"]}).status == 200


def test_a_tenant_has_at_most_20(owner: Client) -> None:
    made = [owner.create("/webhooks", body()) for _ in range(20)]
    (limit,) = (
        each for each in owner.get("/limits").json["data"] if each["name"] == "webhooks"
    )
    assert (limit["limit"], limit["used"]) == (20, 20)
    refused = owner.post("/webhooks", body())
    assert (refused.status, refused.codes) == (422, {"url": "too_many"})
    assert owner.delete(path(made[0])).status == 204
    assert owner.post("/webhooks", body()).status == 201


def test_a_secret_is_rotated(owner: Client) -> None:
    made = owner.create("/webhooks", body())
    rotated = owner.post(f"{path(made)}/rotate_secret", {"overlap_hours": 0})
    assert rotated.status == 200
    assert secret_of(rotated.json) != secret_of(made)
    assert secret_of(owner.post(f"{path(made)}/rotate_secret", {}).json)
    assert "secret" not in owner.get(path(made)).json
    refused = owner.post(f"{path(made)}/rotate_secret", {"overlap_hours": 73})
    assert (refused.status, refused.codes) == (422, {"overlap_hours": "too_large"})


def test_who_switches_it_off_is_told_so(owner: Client) -> None:
    made = owner.create("/webhooks", body())
    off = owner.patch(path(made), {"active": False}).json
    assert (off["active"], off["disabled_reason"]) == (False, "by_user")
    on = owner.patch(path(made), {"active": None}).json
    assert (on["active"], on["disabled_reason"]) == (True, None)


def test_no_idempotency_key_has_a_secret_shown_again(owner: Client) -> None:
    given = body()
    made = owner.post("/webhooks", given, idempotency_key="once")
    again = owner.post("/webhooks", given, idempotency_key="once")
    assert (made.status, again.status) == (201, 200)
    assert "secret" in made.json
    assert "secret" not in again.json


def test_the_feed_tells_that_a_webhook_was_disabled(owner: Client) -> None:
    made = owner.create("/webhooks", body())
    owner.patch(path(made), {"active": False})
    owner.patch(path(made), {"active": True})
    asked = {"start": "earliest", "resources": ["webhooks"], "include": ["changed"]}
    let_transactions_end()
    told = owner.post("/changes/read", asked).json["data"]
    types = ["webhook.created", "webhook.disabled", "webhook.updated"]
    assert [each["type"] for each in told] == types
    assert told[1]["changed"]["disabled_reason"] == {"from": None, "to": "by_user"}
    assert made["secret"] not in str(told)
