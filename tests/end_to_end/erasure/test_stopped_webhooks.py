"""Webhooks that an erasure ends: active ones, ended ones, and ones that are locked."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from prospectconnect.events.v1.webhooks_pb2 import DisabledReason

from services.postgres.database import Database
from tests.client import Client
from tests.end_to_end.erasure.erasing import erased
from tests.end_to_end.webhooks.kept import body as webhook
from tests.harness.database.row_lock import held, until
from tests.world import Tenant, administer

EMAIL = "grace@navystopped.example"
WITHOUT = {"field": "email", "operator": "neq", "value": EMAIL}


@pytest.fixture
def person(owner: Client) -> str:
    """A contact that webhooks leave out."""
    return f"/contacts/{owner.create('/contacts', {'email': EMAIL})['id']}"


@pytest.mark.parametrize("reason", DisabledReason.keys()[1:])
def test_what_ended_otherwise_does_not_go_on_after_an_erasure(
    owner: Client, tenant: Tenant, person: str, reason: str
) -> None:
    given = webhook(types=["contact.updated"], filters=[WITHOUT])
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
    given = [webhook(types=["contact.updated"], filters=[WITHOUT]) for _ in range(2)]
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
