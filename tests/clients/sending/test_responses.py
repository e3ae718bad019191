"""What an answer tells beside its body is in reach, also where all went well."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from prospectconnect_client import (
    AsyncProspectConnect,
    NotFound,
    ProspectConnect,
    RateLimit,
)
from tests.clients.programs import Account
from tests.clients.unreliable import Network, Said
from tests.world import Tenant

# What a network says that knows nothing of limits.
PLAIN = Said(200, {"Content-Type": "application/json"}, b'{"id": "con_1"}')


@pytest.fixture
def api(account: Account) -> Iterator[ProspectConnect]:
    """The owner's client."""
    with ProspectConnect(account.token, account.address) as api:
        yield api


def test_a_creation_tells_version_trace_and_limits(
    account: Account, tenant: Tenant
) -> None:
    token = tenant.token(rate_limit=(50, 10))
    with ProspectConnect(token, account.address) as api:
        made = api.with_response.contacts.create(email="ada@engine.example")
        assert made.data == api.contacts.get(made.data["id"])
    assert made.status == 201
    assert made.headers["location"] == f"/v1/contacts/{made.data['id']}"
    assert len(made.trace_id or "") == 32
    assert not made.replayed
    limit = made.rate_limit
    assert limit is not None
    assert (limit.limit, limit.remaining, limit.window) == (50, 49, 10)
    assert 0 <= limit.reset - time.time() + 60 < 120


def test_limits_are_told(api: ProspectConnect) -> None:
    api.fields.create(object="deals", key="seats", type="integer", label="Seats")
    limits = api.limits.get()["data"]
    used = {(each["name"], each["object"]): each["used"] for each in limits}
    assert used["fields", "deals"] == 1
    assert used["unique_fields", "deals"] == 0


def test_the_version_is_a_condition_for_the_next_change(api: ProspectConnect) -> None:
    made = api.with_response.contacts.create(email="ada@engine.example")
    changed = api.with_response.contacts.update(
        made.data["id"], source="Fair", if_match=made.etag
    )
    assert changed.data["source"] == "Fair"
    assert changed.etag != made.etag


def test_a_replay_says_that_it_is_one(api: ProspectConnect) -> None:
    """The first answer comes again byte for byte, though its record is gone."""
    first, again = (api.with_response.contacts, api.with_response.contacts)
    made = first.upsert(email="ada@engine.example", idempotency_key="ada-1")
    assert (made.data["status"], made.replayed) == ("created", False)
    deleted = api.with_response.contacts.delete(made.data["data"]["id"])
    assert (deleted.data, deleted.status) == (None, 204)
    replay = again.upsert(email="ada@engine.example", idempotency_key="ada-1")
    assert (replay.data, replay.replayed) == (made.data, True)
    with pytest.raises(NotFound):
        api.contacts.get(replay.data["data"]["id"])


def test_pages_come_with_their_responses(api: ProspectConnect) -> None:
    for number in range(3):
        api.contacts.create(email=f"{number}@engine.example")
    search = api.with_response.contacts.search(limit=2)
    assert len(list(search)) == 3
    pages = list(search.pages())
    assert [len(page.data["data"]) for page in pages] == [2, 1]
    assert len({page.trace_id for page in pages}) == 2


def test_those_who_await_are_told_as_much(account: Account) -> None:
    async def told() -> None:
        async with AsyncProspectConnect(account.token, account.address) as api:
            made = await api.with_response.contacts.create(email="ada@engine.example")
            search = api.with_response.contacts.search()
            (page,) = [page async for page in search.pages()]
            assert [contact async for contact in search] == [made.data]
        assert made.etag
        assert page.data["data"] == [made.data]

    asyncio.run(told())


@pytest.mark.parametrize(
    ("headers", "limit"),
    [
        ({}, None),
        ({"X-RateLimit-Limit": "9", "X-RateLimit-Remaining": "8"}, None),
        (
            {
                "X-RateLimit-Limit": "9",
                "X-RateLimit-Remaining": "8",
                "X-RateLimit-Reset": "7",
                "RateLimit-Policy": "something else",
            },
            RateLimit(9, 8, 7, None),
        ),
    ],
)
def test_what_is_not_told_is_none(
    api: ProspectConnect,
    network: Network,
    headers: dict[str, str],
    limit: RateLimit | None,
) -> None:
    network.faults.append(Said(200, headers, PLAIN.body))
    told = api.with_response.contacts.get("con_1")
    assert (told.etag, told.trace_id, told.replayed) == (None, None, False)
    assert told.rate_limit == limit
