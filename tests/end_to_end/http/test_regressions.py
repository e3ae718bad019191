"""Faults that a review found, each held here by the request that showed it."""

import pytest

from tests.client import Client
from tests.world import Tenant


def test_an_empty_key_of_metadata_is_a_key_like_any_other(owner: Client) -> None:
    contact = owner.create("/contacts", {"email": "ada@engine.example"})["id"]
    body = {"type": "call", "contact_id": contact, "metadata": {"kept": 1}}
    path = f"/activities/{owner.create('/activities', body)['id']}"
    answer = owner.patch(path, {"metadata": {"": 2}})
    assert answer.json["metadata"] == {"": 2, "kept": 1}
    assert owner.patch(path, {"metadata": {"": None}}).json["metadata"] == {"kept": 1}


@pytest.mark.parametrize(
    ("path", "field", "start", "length"),
    [
        ("/companies", "website", "https://x.example/", 2_048),
        ("/deals", "lost_reason", "", 1_000),
    ],
)
def test_the_longest_text_is_kept_in_any_script(
    owner: Client, path: str, field: str, start: str, length: int
) -> None:
    text = start + "".join(
        chr(0x4E00 + number * 7_919 % 20_000) for number in range(length - len(start))
    )
    record = owner.create(path, {"name": "Long", field: text})
    assert record[field] == text
    condition = {"field": field, "operator": "eq", "value": text}
    assert [r["id"] for r in owner.search(path, filters=[condition])["data"]] == [
        record["id"]
    ]


def test_a_stale_etag_does_not_make_another_request_of_a_retry(owner: Client) -> None:
    contact = owner.create("/contacts", {"email": "ada@engine.example"})["id"]
    path, body = f"/contacts/{contact}/tags", {"tags": ["vip"]}
    first = owner.post(path, body, idempotency_key="once", if_match='"1"')
    again = owner.post(path, body, idempotency_key="once", if_match='"2"')
    assert (again.status, again.body) == (200, first.body)
    assert again.headers["idempotent-replayed"] == "true"


def test_an_upsert_names_references_that_lead_nowhere(owner: Client) -> None:
    body = {"email": "new@engine.example", "company_id": "x", "owner_id": "usr_1"}
    answer = owner.post("/contacts/upsert", body)
    assert answer.codes == {"company_id": "not_found", "owner_id": "not_found"}


def test_the_metadata_of_the_resource_are_read_alone(tenant: Tenant) -> None:
    client = tenant.client()
    path = "/.well-known/oauth-protected-resource/v1"
    found = client.raw("GET", path, None, {})
    assert found.json["resource"] == f"http://{client.address}/v1"
    assert "deal.all" in found.json["scopes_supported"]
    assert client.raw("POST", path, b"", {}).headers["allow"] == "GET, OPTIONS"
    client.close()


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/contacts", {"email": "a@b.example"}, "company_id"),
        ("/deals", {"name": "x"}, "contact_id"),
        ("/tasks", {"name": "x"}, "deal_id"),
        ("/notes", {"body": "x"}, "contact_id"),
        ("/activities", {"type": "call"}, "deal_id"),
    ],
)
def test_the_callers_own_id_is_a_reference_to_a_user_alone(
    tenant: Tenant, owner: Client, path: str, body: dict[str, str], field: str
) -> None:
    answer = owner.post(path, {**body, field: tenant.users["owner"]})
    assert (answer.status, answer.codes) == (422, {field: "not_found"})


def test_a_wrong_stage_is_named_beside_other_faults(owner: Client) -> None:
    stage = "stg_000000000000000000000000"
    answer = owner.post("/deals", {"name": "x", "value": -1, "stage_id": stage})
    assert answer.codes == {"value": "too_small", "stage_id": "not_found"}
    deal = owner.create("/deals", {"name": "x"})["id"]
    answer = owner.post(f"/deals/{deal}/stage", {"stage_id": stage, "foo": 1})
    assert answer.codes == {"foo": "unknown_field", "stage_id": "not_found"}


def test_company_names_are_searched_by_those_who_may_read_companies(
    tenant: Tenant, owner: Client
) -> None:
    company = owner.create("/companies", {"name": "Secretcorp"})["id"]
    owner.create("/contacts", {"email": "a@b.example", "company_id": company})
    found = owner.search("/contacts", search_text="secretcorp")["data"]
    assert len(found) == 1
    narrow = tenant.client(token=tenant.token(["contact.read"]))
    assert narrow.search("/contacts", search_text="secretcorp")["data"] == []
    narrow.close()


def test_an_activity_happens_when_it_is_created_unless_told_otherwise(
    owner: Client,
) -> None:
    contact = owner.create("/contacts", {"email": "a@b.example"})["id"]
    made = owner.create("/activities", {"type": "call", "contact_id": contact})
    assert made["occurred_at"] == made["created_at"]
