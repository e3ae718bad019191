"""Sandboxes: what they begin with, who may make them, and how they end."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.sandboxes.boxes import (
    everything,
    inside,
    make,
    rows,
    state,
    tenant_of,
)
from tests.end_to_end.sandboxes.planting import PLANTED, plant
from tests.end_to_end.schema.defining import define
from tests.harness.promptly import within
from tests.world import Tenant, let_transactions_end

RECORDS = ("/contacts", "/companies", "/deals", "/tasks", "/notes", "/activities")


def test_a_sandbox_can_be_used_at_once_by_the_token_of_its_answer(
    owner: Client, tenant: Tenant
) -> None:
    sandbox = make(owner, "nothing")
    assert sandbox["token"].startswith("pct_")
    assert (sandbox["state"], sandbox["expires_in_days"]) == ("ready", 7)
    with inside(owner, sandbox) as its:
        me = its.get("/me").json
        assert me["sandbox"] is True
        assert me["business"]["id"] == tenant_of(tenant, sandbox)
        assert me["role"] == "owner"
        told = (*me["token"]["scopes"], *me["permissions"])
        assert {"contact.all", "contact.write"} < {*told}
        assert not [each for each in told if each.startswith("sandbox.")]
        contact = its.create("/contacts", {"email": "a@a.example"})
        pipeline = its.search("/pipelines")["data"]
        assert pipeline[0]["stages"][0]["name"] == "New"
        its.create("/deals", {"name": "First", "contact_id": contact["id"]})
    live = owner.get("/me").json
    assert "sandbox" not in live
    assert "sandbox.write" in live["permissions"]
    assert "token" not in owner.get(f"/sandboxes/{sandbox['id']}").json


def test_definitions_come_along_with_their_ids(owner: Client) -> None:
    define(owner, "contacts", key="seats", label="Seats", type="integer")
    owner.create(
        "/objects", {"slug": "ships", "singular_label": "S", "plural_label": "Ss"}
    )
    with inside(owner, make(owner, "schema")) as its:
        own = [{"field": "built_in", "operator": "eq", "value": False}]
        for path, filters in (("/pipelines", []), ("/objects", own), ("/fields", [])):
            theirs = owner.search(path, filters=filters)["data"]
            assert its.search(path, filters=filters)["data"] == theirs
        made = its.create("/contacts", {"email": "a@a.example"})
        its.create("/objects/ships/records", {"name": "Argo"})
        patched = its.patch(f"/contacts/{made['id']}", {"custom_fields": {"seats": 3}})
        assert patched.json["custom_fields"] == {"seats": 3}
        refused = its.patch(f"/contacts/{made['id']}", {"custom_fields": {"seats": ""}})
        assert refused.status == 422


def test_no_personal_value_of_the_live_tenant_is_anywhere_in_a_sandbox(
    owner: Client, tenant: Tenant
) -> None:
    plant(owner)
    sandbox = make(owner, "schema_and_sample", seed=7)
    found = rows(tenant, tenant_of(tenant, sandbox))
    people = [tenant.email(role) for role in tenant.users]
    people += [f"{role.title()} of {tenant.name}" for role in tenant.users]
    for table, texts in found.items():
        for text in texts:
            for value in (*PLANTED, *people):
                assert value.lower() not in text.lower(), table
    for table in ("contacts", "companies", "deals", "tasks", "notes", "activities"):
        assert found[table], table


def test_sample_records_hang_together_as_the_originals_do(owner: Client) -> None:
    original = plant(owner)
    with inside(owner, make(owner, "schema_and_sample", seed=7)) as its:
        (contact,) = its.pages("/contacts")
        assert contact["id"] != original
        (company,) = its.pages("/companies")
        assert contact["company_id"] == company["id"]
        for path in ("/deals", "/tasks", "/notes"):
            (found,) = its.pages(path)
            assert found["contact_id"] == contact["id"]
        assert contact["email"].endswith("@sandbox.example")
        (deal,) = its.pages("/deals")
        moved = its.post(f"/deals/{deal['id']}/stage", {"stage_id": deal["stage_id"]})
        assert moved.status == 200


def test_the_same_seed_makes_the_same_values(owner: Client) -> None:
    plant(owner)
    told = []
    for seed in (7, 7, 8):
        sandbox = make(owner, "schema_and_sample", seed=seed)
        assert sandbox["seed"] == seed
        with inside(owner, sandbox) as its:
            told.append(everything(its, *RECORDS))
    assert told[0] == told[1]
    assert told[0] != told[2]


def test_a_sample_has_no_more_contacts_than_were_asked_for(owner: Client) -> None:
    for n in range(5):
        owner.create("/contacts", {"email": f"{n}@a.example"})
    sandbox = make(owner, "schema_and_sample", sample=3)
    with inside(owner, sandbox) as its:
        assert len(its.pages("/contacts")) == 3


def test_no_token_reaches_the_records_of_the_other_side(owner: Client) -> None:
    live = owner.create("/contacts", {"email": "live@a.example"})
    sandbox = make(owner)
    with inside(owner, sandbox) as its:
        tried = its.create("/contacts", {"email": "tried@a.example"})
        for client, there in ((its, live), (owner, tried)):
            path = f"/contacts/{there['id']}"
            nowhere = client.get("/contacts/con_000000000000000000000000")
            for answer in (
                client.get(path),
                client.patch(path, {"first_name": "A"}),
                client.delete(path),
                client.post(f"{path}/tags", {"tags": ["a"]}),
            ):
                assert answer.status == nowhere.status == 404
            linked = client.post("/tasks", {"name": "A", "contact_id": there["id"]})
            assert linked.json["errors"][0]["code"] == "not_found"
            found = client.pages("/contacts")
            assert there["id"] not in [each["id"] for each in found]


def test_a_sandbox_has_no_sandboxes(owner: Client) -> None:
    sandbox = make(owner)
    with inside(owner, sandbox) as its:
        for answer in (
            its.post("/sandboxes", {"name": "A", "copy": "nothing"}),
            its.post("/sandboxes/search", {}),
            its.get(f"/sandboxes/{sandbox['id']}"),
            its.delete(f"/sandboxes/{sandbox['id']}"),
        ):
            assert (answer.status, answer.json["refused_by"]) == (403, "role")
            assert "A sandbox has no sandboxes" in answer.json["detail"]


def test_tokens_made_in_a_sandbox_are_of_sandboxes(owner: Client) -> None:
    with inside(owner, make(owner)) as its:
        made = its.create("/tokens", {"scopes": ["contact.read"]})
        assert made["secret"].startswith("pct_")
        its.token = made["secret"]
        assert its.get("/me").json["sandbox"] is True


@pytest.mark.parametrize("role", ["manager", "member", "viewer"])
def test_owners_and_admins_alone_make_sandboxes(tenant: Tenant, role: str) -> None:
    client = tenant.client(role)
    answer = client.post("/sandboxes", {"name": "A", "copy": "nothing"})
    assert (answer.status, answer.json["required"]) == (403, "sandbox.write")
    client.close()


def test_a_tenant_has_at_most_five(owner: Client) -> None:
    made = [make(owner, "nothing") for _ in range(5)]
    answer = owner.post("/sandboxes", {"name": "A", "copy": "nothing"})
    assert (answer.status, answer.json["errors"][0]["code"]) == (422, "too_many")
    assert owner.delete(f"/sandboxes/{made[0]['id']}").status == 204
    make(owner, "nothing")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"copy": "nothing"}, "name", "required"),
        ({"name": "A"}, "copy", "required"),
        ({"name": "A", "copy": "all"}, "copy", "invalid_choice"),
        ({"name": "A", "copy": "schema", "sample": 3}, "sample", "invalid"),
        (
            {"name": "A", "copy": "schema_and_sample", "sample": 10_001},
            "sample",
            "too_large",
        ),
        (
            {"name": "A", "copy": "nothing", "expires_in_days": 31},
            "expires_in_days",
            "too_large",
        ),
        (
            {"name": "A", "copy": "nothing", "expires_in_days": 0},
            "expires_in_days",
            "too_small",
        ),
        ({"name": "A", "copy": "nothing", "seed": 2**31}, "seed", "too_large"),
        ({"name": "A", "copy": "nothing", "token": "x"}, "token", "read_only"),
    ],
)
def test_what_makes_no_sandbox_is_told(
    owner: Client, body: Any, field: str, code: str
) -> None:
    answer = owner.post("/sandboxes", body)
    told = [(each["field"], each["code"]) for each in answer.json["errors"]]
    assert (answer.status, told) == (422, [(field, code)])


def test_a_deleted_sandbox_leaves_no_row(owner: Client, tenant: Tenant) -> None:
    plant(owner)
    sandbox = make(owner, "schema_and_sample")
    business_id = tenant_of(tenant, sandbox)
    with inside(owner, sandbox) as its:
        its.create("/contacts", {"email": "a@a.example"}, idempotency_key="k")
        its.create("/tokens", {"scopes": ["contact.read"]})
        assert sum(map(len, rows(tenant, business_id).values())) > 20
        assert owner.delete(f"/sandboxes/{sandbox['id']}").status == 204
        assert within(1, lambda: its.get("/me").status == 401)
    gone = within(60, lambda: not any(rows(tenant, business_id).values()))
    left = rows(tenant, business_id)
    assert gone, {table: found for table, found in left.items() if found}
    assert owner.get(f"/sandboxes/{sandbox['id']}").status == 404
    assert owner.pages("/contacts")


def test_a_reset_sandbox_is_what_it_was(owner: Client, tenant: Tenant) -> None:
    plant(owner)
    sandbox = make(owner, "schema_and_sample", seed=3)
    with inside(owner, sandbox) as its:
        before = everything(its, *RECORDS)
        its.create("/contacts", {"email": "a@a.example"})
        define(its, "contacts", key="tried", label="Tried", type="text")
        define(owner, "contacts", key="later", label="Later", type="text")
        answer = owner.post(f"/sandboxes/{sandbox['id']}/reset", {})
        assert (answer.status, answer.json["state"]) == (200, "resetting")
        assert within(60, lambda: state(owner, sandbox) == "ready")
        assert everything(its, *RECORDS) == before
        keys = {each["key"] for each in its.search("/fields")["data"]}
        assert {"later", "nickname"} <= keys
        assert "tried" not in keys


def test_changes_in_a_sandbox_say_so(owner: Client) -> None:
    with inside(owner, make(owner)) as its:
        for client in (its, owner):
            client.create("/contacts", {"email": "a@a.example"})
        let_transactions_end()
        told = its.post("/changes/read", {"start": "earliest"}).json["data"]
        assert {each["sandbox"] for each in told} == {True}
        live = owner.post("/changes/read", {"start": "earliest"}).json["data"]
        assert live
        assert not [each for each in live if "sandbox" in each]


def test_a_sandbox_may_send_a_quarter_of_the_requests(
    owner: Client, open_client: OpenClient
) -> None:
    def requests(client: Client) -> list[Any]:
        listed = client.get("/limits").json["data"]
        return [e["limit"] for e in listed if e["name"] == "requests"]

    with inside(owner, make(owner)) as its:
        (_, live), (_, sandbox) = requests(owner), requests(its)
        assert sandbox == live // 4


def test_another_tenant_finds_no_sandbox(owner: Client, stranger: Client) -> None:
    sandbox = make(owner)
    path = f"/sandboxes/{sandbox['id']}"
    nowhere = stranger.get("/sandboxes/sbx_000000000000000000000000")
    for answer in (
        stranger.get(path),
        stranger.delete(path),
        stranger.post(f"{path}/reset", {}),
    ):
        assert answer.status == nowhere.status == 404
    assert stranger.search("/sandboxes")["data"] == []
