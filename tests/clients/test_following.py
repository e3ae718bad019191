"""Clients follow changes with a cursor that is stored: none is lost by a stop."""

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from prospectconnect_client import AsyncProspectConnect, ProspectConnect
from prospectconnect_contract.records import Change
from tests.clients.programs import Account
from tests.clients.typescript.programs import run_program
from tests.clients.unreliable import LOST_ANSWER, Network
from tests.world import Tenant

FOLLOW = """
const seen = []
const { store, body, stopAfter } = told
for await (const change of api.changes.follow(store, body, { once: true })) {
  seen.push(change.record.id)
  if (seen.length === stopAfter) break
}
return seen
"""


def followed(
    client: str, account: Account, store: Path, stop_after: int = 0
) -> list[str]:
    """The ids of the records whose changes a client is told of after a cursor."""
    body: Any = {"resources": ["contacts"], "start": "earliest", "limit": 3}
    if client == "node":
        told = {"store": str(store), "body": body, "stopAfter": stop_after}
        found: list[str] = run_program(account, FOLLOW, **told)
        return found
    if client == "python-async":
        return asyncio.run(_followed(account, store, body, stop_after))
    seen: list[str] = []
    with ProspectConnect(account.token, account.address) as api:
        for change in api.changes.follow(store, once=True, **body):
            seen.append(change["record"]["id"])
            if len(seen) == stop_after:
                break
    return seen


async def _followed(
    account: Account, store: Path, body: Any, stop_after: int
) -> list[str]:
    seen: list[str] = []
    async with AsyncProspectConnect(account.token, account.address) as api:
        changes = api.changes.follow(store, once=True, **body)
        async for change in changes:
            seen.append(change["record"]["id"])
            if len(seen) == stop_after:
                break
    return seen


def made(tenant: Tenant, count: int, first: int = 0) -> list[str]:
    """The ids of new contacts."""
    with closing(tenant.client("owner")) as owner:
        return [
            owner.create("/contacts", {"email": f"p{number}@engine.example"})["id"]
            for number in range(first, first + count)
        ]


def test_the_next_run_goes_on_where_the_last_one_ended(
    client: str, account: Account, tenant: Tenant, tmp_path: Path
) -> None:
    store = tmp_path / "contacts.cursor"
    first = made(tenant, 7)
    assert followed(client, account, store) == first
    assert followed(client, account, store) == []
    second = made(tenant, 4, first=7)
    assert followed(client, account, store) == second
    assert list(tmp_path.iterdir()) == [store], "nothing is left beside it"


def test_who_stops_within_a_page_gets_it_again(
    client: str, account: Account, tenant: Tenant, network: Network, tmp_path: Path
) -> None:
    """Pages have three changes here. What was not used is never left out."""
    store = tmp_path / "contacts.cursor"
    ids = made(tenant, 7)
    network.faults += [LOST_ANSWER]
    assert followed(client, account, store, stop_after=5) == ids[:5]
    assert followed(client, account, store, stop_after=2) == ids[3:5]
    assert followed(client, account, store) == ids[3:]


def test_a_cursor_may_be_kept_anywhere(account: Account, tenant: Tenant) -> None:
    """In a database, whose driver is awaited."""
    ids, kept = made(tenant, 2), list[str]()

    class Store:
        async def load(self) -> str | None:
            return kept[-1] if kept else None

        async def save(self, cursor: str) -> None:
            kept.append(cursor)

    async def run() -> list[Change]:
        async with AsyncProspectConnect(account.token, account.address) as api:
            changes = api.changes.follow(
                Store(), once=True, resources=["contacts"], start="earliest"
            )
            return [change async for change in changes]

    assert [each["record"]["id"] for each in asyncio.run(run())] == ids
    assert asyncio.run(run()) == []


def test_it_goes_on_with_what_happens(
    account: Account, tenant: Tenant, tmp_path: Path
) -> None:
    """It waits for a change that is made while it waits."""
    ids = made(tenant, 1)
    with ProspectConnect(account.token, account.address) as api:
        changes = api.changes.follow(
            tmp_path / "cursor", start="earliest", resources=["contacts"]
        )
        assert next(changes)["record"]["id"] == ids[0]
        later = made(tenant, 1, first=1)
        assert next(changes)["record"]["id"] == later[0]


def test_a_folder_that_is_missing_is_an_error_at_once(
    account: Account, tenant: Tenant, tmp_path: Path
) -> None:
    made(tenant, 1)
    with (
        ProspectConnect(account.token, account.address) as api,
        pytest.raises(FileNotFoundError),
    ):
        list(api.changes.follow(tmp_path / "none" / "cursor", once=True))
