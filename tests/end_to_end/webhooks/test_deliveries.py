"""Deliveries as clients see them: found, told, sent again, and replayed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.webhooks.kept import body, delivered, deliveries, path
from tests.promises.record_values import UNKNOWN_DIGITS
from tests.world import Tenant, administer, let_transactions_end

AGO = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat()


@pytest.fixture
def at(tenant: Tenant) -> str:
    """The path of a webhook with one delivery, which was given up."""
    return delivered(tenant)


def replayed(client: Client, at: str, **asked: Any) -> Any:
    """What a replay has done."""
    begun = client.post(f"{at}/replay", {"from": AGO, **asked})
    assert (begun.status, begun.json["kind"]) == (202, "replay_webhook"), begun.body
    job = client.post(f"/jobs/{begun.json['id']}/wait", {}).json
    assert job["state"] == "succeeded", job
    return job["result"]["changes"]


def test_a_delivery_tells_its_change_and_its_attempts(owner: Client, at: str) -> None:
    (found,) = deliveries(owner, at)
    assert found == found | {
        "type": "contact.created",
        "resource": "contacts",
        "record_version": "1",
        "state": "given_up",
        "due_at": None,
        "attempts": [
            {
                "at": "2026-12-07T23:06:40Z",
                "status": 410,
                "duration_ms": 84,
                "answer": "Gone",
                "error": None,
            }
        ],
    }


def test_deliveries_are_found_by_what_they_are(owner: Client, at: str) -> None:
    (found,) = deliveries(owner, at)
    for good, bad in (
        ({"states": ["given_up", "delivered"]}, {"states": ["pending"]}),
        ({"types": [found["type"]]}, {"types": ["deal.won"]}),
        ({"record_id": found["record_id"]}, {"record_id": f"con_{UNKNOWN_DIGITS}"}),
        ({"from": found["at"]}, {"to": found["at"]}),
    ):
        assert deliveries(owner, at, **good) == [found]
        assert deliveries(owner, at, **bad) == []
    page = owner.search(f"{at}/deliveries", include_total=True, limit=1)
    assert page["meta"] == {"cursor": {"next": None, "has_more": False}, "total": 1}


def test_deliveries_come_page_by_page(owner: Client) -> None:
    made = owner.create("/webhooks", body(active=False))
    for n in range(3):
        owner.create("/contacts", {"email": f"ada{n}@example.com"})
    assert replayed(owner, path(made)) == 3
    pages = owner.pages(f"{path(made)}/deliveries", limit=2)
    moments = [each["at"] for each in pages]
    assert len(moments) == 3
    assert moments == sorted(moments, reverse=True)


def test_a_delivery_begins_anew(owner: Client, at: str) -> None:
    (found,) = deliveries(owner, at)
    again = owner.post(f"{at}/deliveries/{found['id']}/redeliver", {})
    assert (again.status, again.json["state"]) == (200, "pending")
    assert again.json["attempts"] == found["attempts"]
    webhook = owner.get(at).json
    assert webhook["pending"] == 1
    assert webhook["oldest_pending_at"] == found["at"]
    other = owner.create("/webhooks", body())
    for wrong in (found["id"], f"dlv_{UNKNOWN_DIGITS}", "x"):
        path_of_other = f"{path(other)}/deliveries/{wrong}/redeliver"
        assert owner.post(path_of_other, {}).status == 404


def test_what_was_given_up_is_replayed(owner: Client, at: str) -> None:
    assert replayed(owner, at, only="failed", types=["contact.updated"]) == 0
    assert replayed(owner, at, only="failed") == 1
    assert [each["state"] for each in deliveries(owner, at)] == ["pending"]
    assert replayed(owner, at, only="failed") == 0


def test_what_was_never_sent_is_replayed(owner: Client) -> None:
    made = owner.create("/webhooks", body(types=["contact.created"], active=False))
    contact = owner.create("/contacts", {"email": "ada@example.com"})
    owner.patch(f"/contacts/{contact['id']}", {"first_name": "Grace"})
    assert replayed(owner, path(made), only="missing") == 1
    (found,) = deliveries(owner, path(made))
    assert (found["record_id"], found["type"]) == (contact["id"], "contact.created")
    let_transactions_end()
    told = owner.post(
        "/changes/read", {"start": "earliest", "types": ["contact.created"]}
    ).json["data"]
    assert found["change_id"] in [each["id"] for each in told]
    assert replayed(owner, path(made)) == 0, "it waits already"


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ({"from": "2026-01-01T00:00:00Z"}, {"from": "too_small"}),
        ({"from": AGO, "to": AGO}, {"to": "too_small"}),
        ({"from": TOMORROW}, {"from": "too_large"}),
        ({"from": AGO, "types": ["deal.won"]}, {"types[0]": "invalid_choice"}),
        ({"from": AGO, "only": "all"}, {"only": "invalid_choice"}),
        ({}, {"from": "required"}),
    ],
)
def test_a_replay_is_refused(
    owner: Client, at: str, asked: Any, codes: dict[str, str]
) -> None:
    refused = owner.post(f"{at}/replay", asked)
    assert (refused.status, refused.codes) == (422, codes)


def test_a_webhook_with_filters_replays_what_fulfils_them(owner: Client) -> None:
    filters = [{"field": "lead_score", "operator": "gte", "value": 50}]
    made = owner.create("/webhooks", body(filters=filters, active=False))
    low = owner.create("/contacts", {"email": "ada@x.example", "lead_score": 9})
    high = owner.create("/contacts", {"email": "grace@x.example", "lead_score": 90})
    owner.patch(f"/contacts/{low['id']}", {"lead_score": 50})
    owner.patch(f"/contacts/{high['id']}", {"lead_score": 10})
    owner.patch(f"/contacts/{high['id']}", {"first_name": "Grace"})
    assert replayed(owner, path(made), only="failed") == 0
    assert replayed(owner, path(made), only="missing") == 2
    found = {
        (e["record_id"], e["record_version"]) for e in deliveries(owner, path(made))
    }
    assert found == {(high["id"], "1"), (low["id"], "2")}


def test_a_replay_whose_filters_are_gone_says_so(owner: Client) -> None:
    field = {"object": "contacts", "label": "Plan", "key": "plan", "type": "text"}
    made = owner.create("/fields", field)
    filters = [{"field": "custom_fields.plan", "operator": "eq", "value": "gold"}]
    webhook = owner.create("/webhooks", body(filters=filters, active=False))
    plan = {"custom_fields": {"plan": "gold"}}
    owner.create("/contacts", {"email": "ada@x.example", **plan})
    assert replayed(owner, path(webhook)) == 1
    assert owner.delete(f"/fields/{made['id']}").status == 204
    begun = owner.post(f"{path(webhook)}/replay", {"from": AGO})
    job = owner.post(f"/jobs/{begun.json['id']}/wait", {}).json
    assert (job["state"], job["problem"]["type"]) == ("failed", "conflict"), job


def test_a_replay_finds_nothing_that_its_caller_may_not_read(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    owner.create("/contacts", {"email": "ada@example.com"})
    narrow = open_client(tenant.token(["webhook.read", "webhook.write"]))
    made = narrow.create("/webhooks", body(types=["*"], active=False))
    assert replayed(narrow, path(made)) == 1
    (found,) = deliveries(narrow, path(made))
    assert found["type"] == "webhook.created"


def test_what_endpoints_answer_is_shown_to_who_may_read_the_records(
    tenant: Tenant, at: str, open_client: OpenClient
) -> None:
    reads = ["webhook.read", "webhook.write"]
    for scopes, shown in (([*reads, "contact.read"], "Gone"), (reads, None)):
        (found,) = deliveries(open_client(tenant.token(scopes)), at)
        assert found["attempts"][0]["answer"] == shown
    writes = open_client(tenant.token(["webhook.write", "contact.read"]))
    again = writes.post(f"{at}/deliveries/{found['id']}/redeliver", {})
    assert again.status == 200
    assert "Gone" not in again.body.decode()


def test_an_erasure_forgets_what_endpoints_answered(
    tenant: Tenant, owner: Client, at: str
) -> None:
    made = owner.create("/contacts", {"email": "ada@example.com"})
    sql = "UPDATE deliveries SET record_id = $2 WHERE business_id = $1"
    given = tenant.business_id, made["id"]
    administer(tenant.stack.database_url, lambda database: database.run(sql, *given))
    assert (
        owner.post(f"/contacts/{made['id']}/erase", {"reason": "asked"}).status == 200
    )
    (found,) = deliveries(owner, at)
    assert found["attempts"][0]["answer"] is None


def test_a_second_create_changes_what_it_names_alone(owner: Client) -> None:
    given = body(description="Mine", include=["state"], ordered=False, active=False)
    made = owner.create("/webhooks", given)
    again = owner.post("/webhooks", {"url": given["url"], "types": ["deal.*"]})
    assert again.status == 200
    kept = {"description", "include", "ordered", "active", "disabled_reason"}
    assert {k: again.json[k] for k in kept} == {k: made[k] for k in kept}
    assert again.json["types"] == ["deal.*"]


def test_a_delivery_sent_again_takes_those_before_it_along(
    tenant: Tenant, owner: Client, at: str
) -> None:
    """And once the order is given up, nothing waits for another."""
    (first,) = deliveries(owner, at)
    for statement in (_WAITS, _FOLLOWS):
        _run(tenant, statement)
    second = next(e for e in deliveries(owner, at) if e["record_version"] == "2")
    assert second["due_at"] is None
    owner.post(f"{at}/deliveries/{second['id']}/redeliver", {})
    due = {e["record_version"]: e["due_at"] for e in deliveries(owner, at)}
    assert due["1"] < datetime.now(UTC).isoformat(), first
    _run(tenant, _HELD)
    assert owner.patch(at, {"ordered": False}).status == 200
    assert all(each["due_at"] for each in deliveries(owner, at))


_WAITS = """
UPDATE deliveries SET state = 1, ended_at = NULL, due_at = now() + interval '1 hour'
WHERE business_id = $1
"""
_FOLLOWS = """
INSERT INTO deliveries (business_id, webhook_id, state, due_at, created_at, id,
  change_id, change_type, resource, record_id, record_version, change_at)
SELECT business_id, webhook_id, 1, NULL, now(), 'dlv_' || repeat('a', 24),
  'chg_' || repeat('a', 24), change_type, resource, record_id, 2, now()
FROM deliveries WHERE business_id = $1
"""
_HELD = "UPDATE deliveries SET due_at = NULL WHERE business_id = $1"


def _run(tenant: Tenant, statement: str) -> None:
    administer(
        tenant.stack.database_url,
        lambda database: database.run(statement, tenant.business_id),
    )
