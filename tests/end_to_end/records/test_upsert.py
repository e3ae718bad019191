"""Upsert: the contact that matches is updated, else one is created; never two."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.client import Answer, Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.http.problem_checks import check_problem
from tests.promises.record_values import UNKNOWN_DIGITS
from tests.world import Tenant

UPSERT = "/contacts/upsert"
ADA = {"email": "ada@example.com"}


def upserted(answer: Answer, status: str) -> Any:
    """The contact of an answer that must have this status."""
    assert answer.status == 200, answer.body
    assert answer.json.keys() == {"status", "data"}
    assert answer.json["status"] == status
    return answer.json["data"]


def total(client: Client) -> int:
    return len(client.search("/contacts")["data"])


def test_what_matches_nothing_is_created(owner: Client, tenant: Tenant) -> None:
    given = ADA | {"first_name": " Ada ", "tags": ["VIP"], "custom_fields": {"a": 1}}
    made = upserted(owner.post(UPSERT, given), "created")
    assert made == owner.get(f"/contacts/{made['id']}").json
    assert (made["name"], made["tags"]) == ("Ada", ["VIP"])
    assert made["custom_fields"] == {"a": 1}
    assert (made["lifecycle_stage"], made["lead_score"]) == ("lead", 0)
    assert made["owner_id"] == made["created_by"] == tenant.users["owner"]


@pytest.mark.parametrize(
    ("known", "given"),
    [
        (ADA, {"email": "ADA@Example.com"}),
        (ADA | {"phone": "123"}, {"email": " ada@example.com "}),
        ({"phone": "+55 (11) 98765-4321"}, {"phone": "55.11.98765.4321"}),
        ({"phone": "123"}, {"phone": "1 2 3", "email": None}),
        ({"phone": "123"}, {"phone": "1-2-3", "email": " "}),
    ],
)
def test_what_matches_is_updated(
    owner: Client, known: dict[str, Any], given: dict[str, Any]
) -> None:
    made = owner.create("/contacts", known)
    found = upserted(owner.post(UPSERT, given | {"city": "Rome"}), "updated")
    assert found["id"] == made["id"]
    assert found["city"] == "Rome"
    assert total(owner) == 1


def test_an_id_decides_before_anything_else(owner: Client) -> None:
    first = owner.create("/contacts", ADA)
    second = owner.create("/contacts", {"email": "eve@example.com"})
    given = {"id": second["id"], **ADA, "city": "Rome"}
    found = upserted(owner.post(UPSERT, given), "updated")
    assert (found["id"], found["email"]) == (second["id"], ADA["email"])
    assert owner.get(f"/contacts/{first['id']}").json == first
    alone = upserted(owner.post(UPSERT, {"id": first["id"]}), "updated")
    assert alone == first


def test_an_id_that_is_not_there_is_a_404(
    owner: Client, member: Client, stranger: Client
) -> None:
    hidden = owner.create("/contacts", ADA)["id"]
    foreign = stranger.create("/contacts", ADA)["id"]
    unknown = f"con_{UNKNOWN_DIGITS}"
    for client, each in (
        (owner, unknown),
        (owner, "nonsense"),
        (owner, foreign),
        (member, hidden),
    ):
        answer = client.post(UPSERT, {"id": each, "city": "Rome", **ADA})
        check_problem(answer, 404, "not-found", f"/v1{UPSERT}")
    assert total(owner) == 1


def test_no_id_is_no_match_by_id(owner: Client) -> None:
    for nothing in (None, ""):
        upserted(owner.post(UPSERT, ADA | {"id": nothing}), "created")
        owner.delete(f"/contacts/{owner.search('/contacts')['data'][0]['id']}")


def test_the_address_decides_before_the_phone(owner: Client) -> None:
    by_phone = owner.create("/contacts", {"phone": "123"})
    by_email = owner.create("/contacts", ADA)
    given = ADA | {"phone": "123", "city": "Rome"}
    assert upserted(owner.post(UPSERT, given), "updated")["id"] == by_email["id"]
    assert owner.get(f"/contacts/{by_phone['id']}").json == by_phone
    new = {"email": "new@example.com", "phone": "123"}
    assert upserted(owner.post(UPSERT, new), "created")["id"] != by_phone["id"]


def test_of_several_the_oldest_that_is_visible_wins(
    owner: Client, member: Client, tenant: Tenant
) -> None:
    """The member does not see the first, whose owner is somebody else."""
    oldest = owner.create("/contacts", ADA)
    theirs = owner.create("/contacts", ADA | {"owner_id": tenant.users["member"]})
    owner.create("/contacts", ADA | {"owner_id": None})
    assert upserted(owner.post(UPSERT, ADA), "updated")["id"] == oldest["id"]
    assert upserted(member.post(UPSERT, ADA), "updated")["id"] == theirs["id"]
    owner.delete(f"/contacts/{oldest['id']}")
    assert upserted(owner.post(UPSERT, ADA), "updated")["id"] == theirs["id"]


def test_what_is_invisible_does_not_match(owner: Client, member: Client) -> None:
    hidden = owner.create("/contacts", ADA)
    made = upserted(member.post(UPSERT, ADA | {"city": "Rome"}), "created")
    assert made["id"] != hidden["id"]
    assert owner.get(f"/contacts/{hidden['id']}").json == hidden


def test_only_what_is_sent_is_written(owner: Client) -> None:
    given = ADA | {
        "first_name": "Ada",
        "lead_score": 50,
        "owner_id": None,
        "tags": ["VIP"],
        "custom_fields": {"a": 1, "b": 2},
    }
    made = owner.create("/contacts", given)
    change = ADA | {"city": "Rome", "tags": None, "custom_fields": {"a": None, "c": 3}}
    found = upserted(owner.post(UPSERT, change), "updated")
    for untouched in ("first_name", "lead_score", "owner_id", "created_at", "name"):
        assert found[untouched] == made[untouched]
    assert (found["city"], found["tags"]) == ("Rome", [])
    assert found["custom_fields"] == {"b": 2, "c": 3}
    cleared = upserted(owner.post(UPSERT, ADA | {"first_name": None}), "updated")
    assert cleared["first_name"] is None


def test_an_update_of_nothing_changes_nothing(owner: Client) -> None:
    made = owner.create("/contacts", ADA | {"city": "Rome"})
    assert upserted(owner.post(UPSERT, ADA | {"city": "Rome"}), "updated") == made


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({}, {"email": "required"}),
        ({"first_name": "Ada"}, {"email": "required"}),
        ({"email": None, "phone": " "}, {"email": "required"}),
        ({"email": "ada"}, {"email": "invalid_format"}),
        (ADA | {"name": "Ada"}, {"name": "read_only"}),
        (ADA | {"created_at": None}, {"created_at": "read_only"}),
        (ADA | {"id": 5}, {"id": "invalid_type"}),
        (
            ADA | {"mail": 1, "tags": [""]},
            {"mail": "unknown_field", "tags[0]": "too_short"},
        ),
    ],
)
def test_an_upsert_keeps_every_rule(
    owner: Client, given: dict[str, Any], codes: dict[str, str]
) -> None:
    answer = owner.post(UPSERT, given)
    assert (answer.status, answer.codes) == (422, codes)
    assert total(owner) == 0


def test_a_contact_keeps_one_way_to_be_reached(owner: Client) -> None:
    made = owner.create("/contacts", ADA)
    refused = owner.post(UPSERT, {"id": made["id"], "email": None})
    assert refused.codes == {"email": "required"}


@pytest.mark.parametrize(
    "given",
    [{"email": "{}@example.com"}, {"phone": "+1 555 01 {}"}],
    ids=["email", "phone"],
)
def test_upserts_at_once_make_one_contact(
    tenant: Tenant, owner: Client, open_client: OpenClient, given: dict[str, str]
) -> None:
    clients = [open_client(tenant.tokens["owner"]) for _ in range(8)]

    for number in range(100, 105):
        body = {name: text.format(number) for name, text in given.items()}

        def upsert(client: Client, body: Any = body) -> tuple[str, str]:
            answer = client.post(UPSERT, body).json
            return answer["status"], answer["data"]["id"]

        with ThreadPoolExecutor(len(clients)) as threads:
            done = list(threads.map(upsert, clients))
        assert len({each[1] for each in done}) == 1
        assert [status for status, _ in done].count("created") == 1
    assert total(owner) == 5


def test_an_upsert_of_nobody_names_all_that_would_do(owner: Client) -> None:
    answer = owner.post(UPSERT, {"first_name": "Ada"})
    assert (answer.status, answer.codes) == (422, {"email": "required"})
    assert answer.json["detail"] == "Give at least one of email, phone, id."
