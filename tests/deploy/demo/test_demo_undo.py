"""The demonstration data show what can be looked up, found, restored and undone."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from deploy.demo.loading import load_demo
from deploy.demo.tenants import TENANT
from services.iam.tokens import issue_token
from services.postgres.database import Database
from tests import stacks
from tests.client import Client
from tests.world import ALL_SCOPES, NO_LIMIT

CONTACTS = 700
OWNER = f"owner@{TENANT}.example"


@pytest.fixture(scope="module")
def owner(migrated_database: Callable[[str], str]) -> Iterator[Client]:
    """A client that calls as the owner of the tenant `demo`."""
    url = migrated_database("demo_undo")
    token = asyncio.run(_loaded(url))
    with (
        stacks.running("together", url) as stack,
        closing(Client(stack.http, token)) as client,
    ):
        yield client


async def _loaded(url: str) -> str:
    """Loads the demonstration data; a token of their owner."""
    database = await Database.open(url)
    try:
        await load_demo(database, CONTACTS)
        return await issue_token(
            database, TENANT, OWNER, ALL_SCOPES, rate_limit=NO_LIMIT
        )
    finally:
        await database.close()


def test_the_first_contacts_of_a_search_have_changed_by_several_users(
    owner: Client,
) -> None:
    several = 0
    for contact in owner.search("/contacts", limit=25)["data"]:
        changes = owner.post(f"/contacts/{contact['id']}/history", {"limit": 100})
        told = changes.json["data"]
        assert told[-1]["operation"] == "created"
        several += len({each["user_id"] for each in told}) > 1
    assert several > 5


def test_each_state_that_a_history_tells_is_as_it_was(owner: Client) -> None:
    for resource in ("contacts", "deals"):
        have_one = 0
        for record in owner.search(f"/{resource}", limit=10)["data"]:
            path = f"/{resource}/{record['id']}"
            told = owner.post(f"{path}/history", {"limit": 100}).json["data"]
            if not told:
                continue
            have_one += 1
            version = owner.get(path).headers["etag"].strip('"')
            assert int(version) == len({each["at"] for each in told})
            for change in told:
                if change["field"] == "deleted_at":
                    continue
                then = owner.post(f"{path}/as_of", {"at": change["at"]}).json
                value = _value(then, change["field"])
                assert (value or None) == (change["to"] or None)
            newest = owner.post(f"{path}/as_of", {"at": record["updated_at"]}).json
            assert newest == record
        assert have_one > 5


def test_people_and_companies_are_there_twice(owner: Client) -> None:
    for resource, least in (("contacts", 10), ("companies", 3)):
        groups: list[Any] = []
        body: dict[str, Any] = {"limit": 25}
        while True:
            page = owner.post(f"/{resource}/duplicates/search", body).json
            groups += page["data"]
            if not page["meta"]["cursor"]["has_more"]:
                break
            body["cursor"] = page["meta"]["cursor"]["next"]
        assert len(groups) >= least
        if resource == "contacts":
            assert max(len(each["records"]) for each in groups) > 2


def test_the_merge_can_be_undone(owner: Client) -> None:
    (merge,) = owner.search("/merges")["data"]
    path = f"/contacts/{merge['survivor_id']}"
    assert owner.get(path).json["phone"]
    undone = owner.post(f"{path}/unmerge", {"merge_id": merge["id"]})
    assert undone.status == 200
    assert undone.json["moved"]["notes"] == 1
    assert owner.get(path).json["phone"] is None


def test_a_company_can_be_restored_with_its_contacts(owner: Client) -> None:
    (company,) = owner.search("/companies", deleted=True)["data"]
    deleted = owner.search("/contacts", deleted=True)["data"]
    contacts = [e for e in deleted if e["email"].endswith(company["domain"])]
    assert len(contacts) > 2
    for resource, record in (
        ("companies", company),
        *(("contacts", each) for each in contacts),
    ):
        restored = owner.post(f"/{resource}/{record['id']}/restore", {})
        assert restored.status == 200
    its = {"field": "company_id", "operator": "eq", "value": company["id"]}
    assert len(owner.search("/contacts", filters=[its])["data"]) > len(contacts)


def _value(record: Any, field: str) -> Any:
    name, _, key = field.partition(".")
    value = record.get(name)
    return value.get(key) if key and value else value


def test_an_import_was_undone(owner: Client) -> None:
    (undo,) = (each for each in owner.pages("/imports") if each["mode"] == "undo")
    undone = owner.get(f"/imports/{undo['undoes']}").json
    assert undone["undone_by"] == undo["id"]
    assert undone["created"] == undo["deleted"] == undo["rows"] > 0
    deleted = {e["id"] for e in owner.pages("/contacts", deleted=True)}
    for each in owner.pages(f"/imports/{undo['id']}/rows"):
        assert each["status"] == "deleted"
        assert each["id"] in deleted
        assert owner.get(f"/contacts/{each['id']}").status == 404
    job = owner.get(f"/jobs/{undo['job_id']}").json
    assert (job["state"], job["subject_id"]) == ("succeeded", undo["id"])


def test_the_webhook_has_delivered_and_given_up(owner: Client) -> None:
    (webhook,) = owner.pages("/webhooks")
    place = f"/webhooks/{webhook['id']}"
    told = owner.search(f"{place}/deliveries", limit=100)["data"]
    states = [each["state"] for each in told]
    assert states.count("delivered") == webhook["delivered"] > 1
    assert states.count("given_up") == webhook["given_up"] <= 1
    for each in told:
        assert owner.get(f"/deals/{each['record_id']}").json["status"] == "won"
        times = [attempt["at"] for attempt in each["attempts"]]
        assert times == sorted(times)
        assert times[0] > each["at"] > webhook["created_at"]
        assert datetime.fromisoformat(times[-1]) < datetime.now(UTC)
    assert max(len(each["attempts"]) for each in told) > 2


def test_a_sandbox_is_there_with_a_fault(owner: Client) -> None:
    (sandbox,) = owner.pages("/sandboxes")
    assert (sandbox["state"], sandbox["copy"]) == ("ready", "schema_and_sample")
    (fault,) = owner.get(f"/sandboxes/{sandbox['id']}/faults").json["data"]
    assert (fault["answer"], fault["used"], fault["ended"]) == (503, 0, False)
    (made,) = (
        each for each in owner.pages("/audit") if each["event"] == "sandbox_created"
    )
    assert made["target"] == sandbox["id"]
