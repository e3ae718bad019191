"""What the audit tells: the event, who, from where, and about what."""

import asyncio
from typing import Any

import pytest

from services.iam import audit, audit_chain
from services.iam.audit import Event
from services.iam.tenants import deactivate_user
from services.postgres.database import Database
from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.merging.merged import contact, merge, unmerge
from tests.harness.promptly import within
from tests.world import Tenant, administer

LABELS = {"singular_label": "Site", "plural_label": "Sites"}


def told(owner: Client, **body: Any) -> list[Any]:
    """The entries of a search, the oldest first, save those that made the tenant."""
    found = owner.search("/audit", sort_direction="asc", limit=100, **body)["data"]
    made = ("user_created", "token_created")
    return [each for each in found if body or each["event"] not in made]


def events(owner: Client) -> list[str]:
    """The events, the oldest first."""
    return [each["event"] for each in told(owner)]


def one_of(event: str) -> list[Any]:
    """The filter by an event."""
    return [{"field": "event", "operator": "eq", "value": event}]


def test_changes_of_definitions_are_told(owner: Client, tenant: Tenant) -> None:
    owner.create("/objects", {"slug": "sites", **LABELS})
    field = {"object": "contacts", "key": "plan", "type": "text", "label": "Plan"}
    made = owner.create("/fields", field)
    path = f"/fields/{made['id']}"
    assert owner.patch(path, {"label": "The plan"}).status == 200
    assert owner.patch(path, {"label": "The plan"}).status == 200  # nothing changed
    assert owner.delete(path).status == 204
    assert owner.post(f"{path}/restore").status == 200
    ends = {"from_object": "contacts", "to_object": "sites", "key": "site_of"}
    words = {"label": "Site", "inverse_label": "Contact", "cardinality": "many_to_many"}
    owner.create("/association_types", {**ends, **words})
    entries = told(owner)
    assert [each["event"] for each in entries] == [
        "object_created",
        "field_created",
        "field_changed",
        "field_archived",
        "field_restored",
        "association_type_created",
    ]
    (created,) = told(owner, filters=one_of("field_created"))
    assert (
        created.items()
        >= {
            "target": made["id"],
            "user_id": tenant.users["owner"],
            "client_id": None,
            "ip": "127.0.0.1",
            "details": {"object": "contacts", "key": "plan"},
            "at": created["created_at"],
        }.items()
    )
    assert created["id"].startswith("aud_")
    assert len(created["trace_id"]) == 32
    assert owner.get(f"/audit/{created['id']}").json == created


def test_what_is_only_tried_is_not_told(owner: Client) -> None:
    body = {"slug": "sites", **LABELS}
    assert owner.post("/objects", body, **{"dry-run": "true"}).status == 201
    assert owner.post("/objects", {"slug": "sites"}).status == 422
    assert events(owner) == []


def test_merges_erasures_and_tokens_are_told(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    ada, other = contact(owner, "ada"), contact(owner, "other")
    merge_id = merge(owner, ada, other)["merge_id"]
    unmerge(owner, ada, merge_id)
    assert owner.post(f"/contacts/{other}/erase", {"reason": "Asked"}).status == 200
    maker = open_client(tenant.token(["token.all", "contact.read"]))
    token = maker.create("/tokens", {"scopes": ["contact.read"]})
    assert maker.delete(f"/tokens/{token['id']}").status == 204
    names = ("records_merged", "records_unmerged", "contact_erased", "token_revoked")
    entries = {each["event"]: each for each in told(owner)}
    assert list(entries) == list(names)
    merged = {"merge_id": merge_id, "merged_ids": [other]}
    assert entries["records_merged"]["target"] == ada
    assert entries["records_merged"]["details"] == merged
    assert entries["contact_erased"]["target"] == other
    assert entries["contact_erased"]["details"] == {"reason": "Asked"}
    assert entries["token_revoked"]["target"] == token["id"]
    assert {each["ip"] for each in entries.values()} == {"127.0.0.1"}


def test_a_refused_call_is_told_once_a_minute(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    poor = open_client(tenant.token(["contact.read"]))
    for _ in range(3):
        # Nobody has said that a proxy is to be trusted.
        refused = poor.post("/companies", {"name": "Acme"}, x_forwarded_for="192.0.2.9")
        assert refused.status == 403
    assert within(60, lambda: bool(told(owner, filters=one_of("refused"))))
    entries = told(owner, filters=one_of("refused"))
    assert 1 <= len(entries) <= 2  # a minute may have ended
    assert entries[0]["target"] == "CreateCompany"
    assert entries[0]["details"]["permission"] == "company.write"
    assert entries[0]["details"]["refused_by"] == "scope"
    assert entries[0]["details"]["token_id"].startswith("pat_")
    assert entries[0]["ip"] == "127.0.0.1"


def test_who_is_deactivated_is_told_with_role_and_tokens(
    owner: Client, tenant: Tenant
) -> None:
    async def deactivate(database: Database) -> None:
        await deactivate_user(database, tenant.name, tenant.email("viewer"))

    administer(tenant.stack.database_url, deactivate)
    (entry,) = told(owner, filters=one_of("user_deactivated"))
    assert entry["target"] == tenant.users["viewer"]
    assert entry["details"] == {"role": "viewer", "tokens": 1}


def test_only_who_administers_reads_it(
    owner: Client,
    member: Client,
    stranger: Client,
    tenant: Tenant,
    open_client: OpenClient,
) -> None:
    owner.create("/objects", {"slug": "sites", **LABELS})
    (entry,) = told(owner)
    path = f"/audit/{entry['id']}"
    assert open_client(tenant.tokens["admin"]).get(path).status == 200
    manager = open_client(tenant.tokens["manager"])
    for client in (member, manager):
        refused = client.post("/audit/search", {})
        assert (refused.status, refused.json["required"]) == (403, "audit.read")
        assert client.get(path).status == 403
    assert stranger.get(path).status == 404
    assert told(stranger) == []


def test_pages_and_filters(owner: Client, tenant: Tenant) -> None:
    async def fill(database: Database) -> None:
        for number in range(7):
            whose = tenant.business_id, "", f"app_{number % 2}"
            event = Event("code_exchanged", *whose, target=f"thing_{number}")
            await audit.record(database, event)

    administer(tenant.stack.database_url, fill)
    exchanged = one_of("code_exchanged")
    found = owner.pages("/audit", filters=exchanged, limit=2)
    assert [each["target"] for each in found] == [
        f"thing_{n}" for n in range(6, -1, -1)
    ]
    for field, value, number in (
        ("client_id", "app_1", 3),
        ("target", "thing_4", 1),
        ("at", found[0]["at"], 1),
    ):
        condition = {"field": field, "operator": "eq", "value": value}
        filters = [*exchanged, condition]
        assert len(owner.pages("/audit", filters=filters)) == number, field
    assert owner.search("/audit", search_text="thing_3")["data"][0]["user_id"] is None


@pytest.mark.parametrize("verb", ["PATCH", "DELETE"])
def test_nobody_changes_an_entry(verb: str, owner: Client) -> None:
    owner.create("/objects", {"slug": "sites", **LABELS})
    (entry,) = told(owner)
    assert owner.send(verb, f"/audit/{entry['id']}", {}).status == 405
    assert owner.post("/audit", {"event": "x"}).status in (404, 405)


def test_the_chain_of_all_this_is_whole(owner: Client, tenant: Tenant) -> None:
    owner.create("/objects", {"slug": "sites", **LABELS})

    async def verified(database: Database) -> audit_chain.Verified:
        return await audit_chain.verify(database, tenant.business_id, {})

    found = administer(tenant.stack.database_url, verified)
    assert found.found == []
    assert found.entries == len(owner.pages("/audit"))


def test_an_erasure_destroys_the_address_of_a_refused_login(
    owner: Client, tenant: Tenant
) -> None:
    ada = owner.create("/contacts", {"email": "Ada@Engine.example"})["id"]
    details = {"email": "ada@engine.example"}
    event = Event("login_refused", tenant.business_id, "", "", "192.0.2.1", "", details)

    async def refuse(database: Database) -> None:
        await audit.record(database, event)

    administer(tenant.stack.database_url, refuse)
    answer = owner.post(f"/contacts/{ada}/erase", {"reason": "Asked"})
    assert answer.json["destroyed"]["audit"] == 1
    (entry,) = told(owner, filters=one_of("login_refused"))
    assert (entry["ip"], entry["details"]) == (None, None)
    assert asyncio.run(_whole(tenant))


async def _whole(tenant: Tenant) -> bool:
    database = await Database.open(tenant.stack.database_url, max_connections=1)
    try:
        return not (await audit_chain.verify(database, tenant.business_id, {})).found
    finally:
        await database.close()
