"""A webhook whose filter left an erased person out is switched off, and stays so."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from prospectconnect.events.v1.webhooks_pb2 import DisabledReason

from services.postgres.database import Database
from tests.client import Client
from tests.end_to_end.changes.following import Reader
from tests.end_to_end.erasure.erasing import erased
from tests.end_to_end.erasure.test_stored_filters import (
    EMAIL,
    GONE,
    condition,
    is_without,
    someone,
)
from tests.end_to_end.webhooks.kept import body as webhook
from tests.harness.database.row_lock import held, until
from tests.world import Tenant, administer


@pytest.fixture
def person(owner: Client) -> str:
    return someone(owner)


@pytest.mark.parametrize(
    ("one", "is_active"),
    [
        (condition("email", "eq", EMAIL), True),
        (condition("email", "in", ["other@x.example", EMAIL]), True),
        (condition("email", "neq", EMAIL), False),
        (condition("email", "not_in", [EMAIL]), False),
        (condition("phone", "not_contains", "5550142"), False),
        ({"not": condition("email", "eq", EMAIL)}, False),
        ({"not": {"not": condition("email", "eq", EMAIL)}}, True),
        ({"not": condition("email", "neq", EMAIL)}, True),
    ],
    ids=str,
)
def test_a_webhook_never_sends_more_than_before(
    owner: Client, person: str, one: Any, is_active: bool
) -> None:
    given = webhook(types=["contact.updated"], filters=[one])
    hook = owner.create("/webhooks", given)["id"]
    erased(owner, person)
    left = owner.get(f"/webhooks/{hook}").json
    assert left["active"] is is_active
    assert left.get("disabled_reason") == (None if is_active else "erasure")


def test_a_webhook_that_an_erasure_ends_is_told_of_as_any_other(
    owner: Client, person: str
) -> None:
    without = condition("email", "neq", EMAIL)
    given = webhook(types=["contact.updated"], filters=[without])
    hook = owner.create("/webhooks", given)
    place = f"/webhooks/{hook['id']}"
    kept = owner.create("/webhooks", webhook(types=["deal.won"]))
    reader = Reader(owner, types=["webhook.disabled"])
    erased(owner, person)
    left = owner.get(place).json
    assert (left["active"], left["disabled_reason"]) == (False, "erasure")
    assert left["filters"][0]["value"] == GONE
    assert owner.get(f"/webhooks/{kept['id']}").json["active"] is True

    told = [e for e in owner.search("/audit")["data"] if e["target"] == hook["id"]]
    assert [each["event"] for each in told] == ["webhook_disabled", "webhook_created"]
    assert told[0]["details"] == {"url": hook["url"], "reason": "erasure"}
    assert told[0]["user_id"] == told[1]["user_id"], "who erased did it"
    (change,) = reader.read()
    assert change["record"]["id"] == hook["id"]
    history = owner.post(f"{place}/history", {"limit": 100})
    assert is_without(history.body)

    again = owner.post("/webhooks", {**given, "filters": []})
    assert again.status in (200, 201)
    assert again.json["active"] is False, "who makes it again has not looked at it"
    on = owner.patch(place, {"filters": [], "active": True}).json
    assert (on["active"], on["disabled_reason"]) == (True, None)


@pytest.mark.parametrize("reason", DisabledReason.keys()[1:])
def test_what_ended_otherwise_does_not_go_on_after_an_erasure(
    owner: Client, tenant: Tenant, person: str, reason: str
) -> None:
    without = condition("email", "neq", EMAIL)
    given = webhook(types=["contact.updated"], filters=[without])
    hook = owner.create("/webhooks", given)
    number = DisabledReason.Value(reason)

    async def end(database: Database) -> None:
        await database.run(_END, tenant.business_id, hook["id"], number)

    administer(tenant.stack.database_url, end)
    erased(owner, person)
    left = owner.get(f"/webhooks/{hook['id']}").json
    is_by_user = reason == "DISABLED_REASON_BY_USER"
    told = "by_user" if is_by_user else "erasure"
    assert (left["active"], left["disabled_reason"]) == (False, told)
    events = [e for e in owner.search("/audit")["data"] if e["target"] == hook["id"]]
    is_ended = reason not in ("DISABLED_REASON_BY_USER", "DISABLED_REASON_ERASURE")
    assert (events[0]["event"] == "webhook_disabled") is is_ended
    again = owner.post("/webhooks", {**given, "filters": []})
    assert again.json["active"] is False, "it would send more than before"


def test_an_erasure_waits_for_queues_before_it_tells_of_any(
    owner: Client, tenant: Tenant, person: str
) -> None:
    """Who renews a secret holds the queue of a webhook, and then tells the audit."""
    without = condition("email", "neq", EMAIL)
    given = [webhook(types=["contact.updated"], filters=[without]) for _ in range(2)]
    last = max(owner.create("/webhooks", each)["id"] for each in given)
    its = tenant.business_id, last
    with ThreadPoolExecutor(1) as threads:
        with held(tenant.stack.database_url, _HOLD, *its) as lock:
            erasing = threads.submit(erased, owner, person)
            until(lambda: lock.waiting() == 1)

            async def tell(database: Database) -> None:
                await database.rows(_TELL, tenant.business_id)

            administer(tenant.stack.database_url, tell)
        erasing.result()


_END = """
UPDATE webhooks SET active = false, disabled_reason = $3
WHERE business_id = $1 AND id = $2
"""
_HOLD = """
SELECT FROM webhook_queues WHERE business_id = $1 AND webhook_id = $2 FOR UPDATE
"""
_TELL = "SELECT FROM audit_heads WHERE business_id = $1 FOR UPDATE NOWAIT"


def test_a_webhook_that_an_erasure_ended_needs_other_filters_first(
    owner: Client, person: str
) -> None:
    without = {"any": [{"not": condition("email", "in", ["a@b.example", EMAIL])}]}
    given = webhook(types=["contact.updated"], filters=[without])
    place = f"/webhooks/{owner.create('/webhooks', given)['id']}"
    erased(owner, person)
    assert owner.patch(place, {"description": "Looked at"}).status == 200
    refused = owner.patch(place, {"active": True})
    assert refused.status == 422, refused.body
    (fault,) = refused.json["errors"]
    assert (fault["field"], fault["code"]) == ("active", "invalid")
    assert "Change the filters first" in fault["message"]
    changed = owner.patch(place, {"filters": [condition("city", "eq", "Berlin")]})
    assert (changed.json["active"], changed.json["disabled_reason"]) == (
        False,
        "erasure",
    )
    assert owner.patch(place, {"active": True}).json["active"] is True
