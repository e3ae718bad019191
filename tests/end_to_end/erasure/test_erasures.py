"""What an erasure answers, what remains of a contact, and who may erase one."""

import asyncio
import secrets
from typing import Any

import asyncpg
import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.erasure.erasing import WHY, ada, erase, erased, is_gone
from tests.end_to_end.erasure.planted import Person
from tests.end_to_end.erasure.planting import plant
from tests.end_to_end.scene import grant
from tests.promises.record_values import UNKNOWN_DIGITS
from tests.world import ALL_SCOPES, Tenant

LATER = "2100-01-01T00:00:00Z"


def test_the_report_counts_what_was_destroyed(tenant: Tenant, owner: Client) -> None:
    person = plant(owner)
    answer = erase(owner, person.path)
    report = answer.json
    assert (answer.status, report["id"], report["reason"]) == (200, person.id, WHY)
    assert report["erased_by"] == tenant.users["owner"]
    assert report["destroyed"] == {
        "contacts": 1,
        "typed_values": 4,
        "external_ids": 5,
        "notes": 3,
        "tasks": 2,
        "activities": 3,
        "timeline": 9,
        "associations": 2,
        "history": report["destroyed"]["history"],
        "kept_answers": 26,
        "audit": 0,
        "jobs": 0,
        "exports": 0,
        "filters": 1,
        "labels": 1,
        "stopped_webhooks": 0,
        "imports": 0,
        "import_rows": 0,
        "consents": 1,
        "suppressions": 1,
        "bookings": 1,
        "emails": 1,
    }
    assert report["destroyed"]["history"] > 40
    kept = {"notes": 2, "tasks": 2, "activities": 2, "bookings": 0}
    assert report["kept"] == kept


def test_shared_texts_stay_unless_they_are_included(owner: Client) -> None:
    person, other = plant(owner), "The call is at nine."
    paths = [f"{path}/{its}" for path, its in person.shared.items()]
    before = [owner.get(path).json for path in paths]
    body = {"body": other, "company_id": person.company}
    apart = f"/notes/{owner.create('/notes', body)['id']}"
    kept = owner.get(apart).json
    erased(owner, person.path)
    for path, was in zip(paths, before, strict=True):
        now = owner.get(path).json
        assert now.pop("updated_at") > was.pop("updated_at")
        assert now == was | {"contact_id": None}
    assert owner.get(apart).json == kept
    assert owner.get(apart).headers["etag"] == '"1"'


def test_included_texts_are_replaced_and_their_records_stay(owner: Client) -> None:
    person = plant(owner)
    before = {path: owner.get(f"{path}/{i}").json for path, i in person.shared.items()}
    task = f"/tasks/{person.alone['/tasks']}"
    report = erased(owner, person.path, include_shared=True)
    assert set(report["kept"].values()) == {0}
    gone: dict[str, Any] = {"contact_id": None, "custom_fields": {}}
    texts: dict[str, dict[str, Any]] = {
        "/notes": {"body": "[erased]"},
        "/tasks": {"name": "[erased]", "description": None, "external_ids": {}},
        "/activities": {"subject": None, "body": None, "metadata": {}},
    }
    for path, was in before.items():
        answer = owner.get(f"{path}/{was['id']}")
        now = answer.json | {"updated_at": was["updated_at"]}
        assert now == was | gone | texts[path]
        entries = owner.post(f"{path}/{was['id']}/history", {"limit": 100}).json["data"]
        told = {entry["field"] for entry in entries if entry["operation"] == "updated"}
        assert told == {"contact_id"}
        then = owner.post(f"{path}/{was['id']}/as_of", {"at": was["created_at"]})
        assert (then.status, then.json["contact_id"]) == (200, person.id)
        assert then.json.items() >= texts[path].items()
        change = {"due_date": None} if path == "/tasks" else {"company_id": None}
        assert owner.patch(f"{path}/{was['id']}", change).status == 200
    # A task outlives its links, so one of the contact alone stays, without its texts.
    assert owner.get(task).json["name"] == "[erased]"
    for path in ("/notes", "/activities"):
        assert owner.get(f"{path}/{person.alone[path]}").status == 404


def test_a_tombstone_answers_every_request_for_the_contact(owner: Client) -> None:
    company = owner.create("/companies", {"name": "Acme"})["id"]
    path = ada(owner, company_id=company)
    erased(owner, path)
    record = path.rpartition("/")[2]
    assert is_gone(owner.get(path), owner)
    assert is_gone(owner.get(f"{path}?fields=id&expand=company"), owner)
    assert is_gone(owner.patch(path, {"first_name": "Ada"}), owner)
    assert is_gone(owner.delete(path), owner)
    assert is_gone(owner.post(f"{path}/tags", {"tags": ["x"]}), owner)
    assert is_gone(owner.delete(f"{path}/tags/x"), owner)
    assert is_gone(owner.post(f"{path}/history", {}), owner)
    assert is_gone(owner.post(f"{path}/as_of", {"at": LATER}), owner)
    assert is_gone(owner.post("/contacts/upsert", {"id": record, "city": "x"}), owner)
    assert is_gone(erase(owner, path), owner)
    operations = [
        {"method": method, "resource": "contacts", "id": record, **body}
        for method, body in (
            ("get", {}),
            ("get", {}),
            ("update", {"body": {"city": "x"}}),
            ("delete", {}),
        )
    ]
    results = owner.post("/batch", {"operations": operations}).json["data"]
    assert [each["status"] for each in results] == [410] * 4
    assert {each["problem"]["reason"] for each in results} == {WHY}


def test_nothing_leads_to_an_erased_contact(owner: Client) -> None:
    path = ada(owner)
    record = path.rpartition("/")[2]
    deal = owner.create("/deals", {"name": "Pump", "contact_id": record})["id"]
    erased(owner, path)
    of_it = [{"field": "id", "operator": "eq", "value": record}]
    assert owner.search("/contacts", filters=of_it)["data"] == []
    assert owner.search("/contacts", search_text="engine")["data"] == []
    assert owner.search("/contacts", ids=[record])["data"] == [None]
    found = owner.get(f"/deals/{deal}?expand=contact").json
    assert (found["contact_id"], found["contact"]) == (None, None)
    refused = owner.post("/notes", {"body": "x", "contact_id": record})
    assert (refused.status, refused.codes) == (422, {"contact_id": "not_found"})
    fresh = {"email": "ada@engine.example", "external_ids": {"billing": "7"}}
    made = owner.post("/contacts/upsert", fresh).json
    assert made["status"] == "created"
    assert made["data"]["id"] != record


@pytest.mark.parametrize("is_deleted", [False, True], ids=["living", "deleted"])
def test_a_kept_answer_becomes_the_problem(is_deleted: bool, owner: Client) -> None:
    person = plant(owner)
    if is_deleted:
        assert owner.delete(person.path).status == 204
    erased(owner, person.path, include_shared=True)
    *requests, (key, path, body) = person.keys
    for each in requests:
        again = owner.post(each[1], each[2], idempotency_key=each[0])
        assert is_gone(again, owner), each
        other = owner.post(each[1], {"body": "other"}, idempotency_key=each[0])
        assert other.status == 422
    again = owner.post(path, body, idempotency_key=key)
    assert (again.status, again.headers["idempotent-replayed"]) == (207, "true")
    assert [each["status"] for each in again.json["data"]] == [410, 201, 410, 410]
    assert again.json["meta"] == {"succeeded": 1, "failed": 3}


def test_a_repeated_erasure_gets_its_report(owner: Client) -> None:
    path, key = ada(owner), secrets.token_hex(8)
    body = {"reason": WHY}
    first = owner.post(f"{path}/erase", body, idempotency_key=key)
    again = owner.post(f"{path}/erase", body, idempotency_key=key)
    assert (first.status, again.status) == (200, 200)
    assert again.body == first.body
    assert again.headers["idempotent-replayed"] == "true"


def test_a_dry_run_counts_and_keeps_everything(owner: Client) -> None:
    person = plant(owner)
    before = owner.get(person.path)
    dry = owner.post(f"{person.path}/erase", {"reason": WHY}, dry_run="true")
    assert (dry.status, dry.headers["dry-run"]) == (200, "true")
    after = owner.get(person.path)
    assert (after.status, after.json) == (200, before.json)
    assert after.headers["etag"] == before.headers["etag"]
    report = erased(owner, person.path)
    assert {**dry.json, "erased_at": 0} == {**report, "erased_at": 0}


def test_a_precondition_is_checked(owner: Client) -> None:
    path = ada(owner)
    body = {"reason": WHY}
    assert owner.post(f"{path}/erase", body, if_match='"7"').status == 412
    assert owner.get(path).status == 200
    assert owner.post(f"{path}/erase", body, if_match='"1"').status == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "required"),
        ({"reason": " "}, "required"),
        ({"reason": None}, "required"),
        ({"reason": 5}, "invalid_type"),
        ({"reason": "x" * 501}, "too_long"),
    ],
)
def test_a_reason_is_needed(body: Any, code: str, owner: Client) -> None:
    path = ada(owner)
    answer = owner.post(f"{path}/erase", body)
    assert (answer.status, answer.codes) == (422, {"reason": code})
    assert owner.get(path).status == 200


def test_administrators_alone_may_erase(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    path = ada(owner)
    for role in ("manager", "member", "viewer"):
        answer = erase(open_client(tenant.tokens[role]), path)
        told = answer.json["refused_by"], answer.json["required"]
        assert (answer.status, told) == (403, ("role", "contact.erase"))
    for scopes in (["contact.all"], [s for s in ALL_SCOPES if s[-5:] != "erase"]):
        answer = erase(open_client(tenant.token(scopes)), path)
        told = answer.json["refused_by"], answer.json["required"]
        assert (answer.status, told) == (403, ("scope", "contact.erase"))
    assert owner.get(path).status == 200
    only = open_client(tenant.token(["contact.erase"], "admin"))
    assert erase(only, path).status == 200
    assert only.get(path).status == 403


def test_a_role_of_the_tenants_own_may_erase_what_it_sees(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    may = ["read", "write", "delete", "erase"]
    star = {"*": {"actions": may, "visibility": "all"}}
    _, every = grant(tenant, star | {"contact": {"actions": ["read"]}})
    user, token = grant(tenant, {"contact": {"actions": may, "visibility": "own"}})
    path = ada(owner)
    assert erase(open_client(every), path).status == 403
    own = open_client(token)
    assert erase(own, path).status == 404
    assert owner.patch(path, {"owner_id": user}).status == 200
    assert erase(own, path).status == 200


def test_a_tombstone_is_told_to_those_who_saw_the_contact(
    tenant: Tenant, owner: Client, member: Client, stranger: Client
) -> None:
    mine = ada(owner, owner_id=tenant.users["member"])
    others, nobodys = ada(owner), ada(owner, owner_id=None)
    for path in (mine, others, nobodys):
        erased(owner, path)
    assert [member.get(path).status for path in (mine, others, nobodys)] == [
        *(410, 404, 410)
    ]
    never = member.get(f"/contacts/con_{UNKNOWN_DIGITS}")
    assert member.get(others).json["detail"] == never.json["detail"]
    assert stranger.get(mine).status == 404
    assert erase(stranger, mine).status == 404
    assert erase(owner, f"/contacts/con_{UNKNOWN_DIGITS}").status == 404
    assert erase(owner, "/contacts/nonsense").status == 404


def test_the_audit_says_who_erased_whom_and_why(tenant: Tenant, owner: Client) -> None:
    person: Person = plant(owner)
    erased(owner, person.path)

    async def read() -> list[Any]:
        link = await asyncpg.connect(tenant.stack.database_url)
        try:
            sql = (
                "SELECT user_id, target, details ->> 'reason' FROM audit"
                " WHERE business_id = $1 AND event = 'contact_erased'"
            )
            return list(map(tuple, await link.fetch(sql, tenant.business_id)))
        finally:
            await link.close()

    told = tenant.users["owner"], person.id, WHY
    assert asyncio.run(read()) == [told]


@pytest.mark.parametrize("atomic", [False, True])
def test_the_batch_that_created_a_contact_tells_it_no_more(
    atomic: bool, owner: Client
) -> None:
    """Its key is older than the contact."""
    body = {"email": "ada@engine.example", "first_name": "Kept"}
    create = {"method": "create", "resource": "contacts", "body": body}
    batch = {"atomic": atomic, "operations": [create]}
    made = owner.post("/batch", batch, idempotency_key="import").json
    report = erased(owner, f"/contacts/{made['data'][0]['record']['id']}")
    assert report["destroyed"]["kept_answers"] == 1
    again = owner.post("/batch", batch, idempotency_key="import")
    assert again.headers["idempotent-replayed"] == "true"
    assert b"Kept" not in again.body
