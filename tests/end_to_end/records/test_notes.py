"""Notes: kept as they were written, by whom, on what, and pinned where wanted."""

from typing import Any

import pytest
from prospectconnect.crm.v1.notes_pb2 import Note

from services.records.bulk import copy_records
from tests.client import Client, moment
from tests.end_to_end.conftest import OpenClient
from tests.world import Tenant, administer

LINKS = ("contact_id", "company_id", "deal_id")


@pytest.fixture
def links(owner: Client) -> dict[str, str]:
    """A contact, a company and a deal, as a note's links."""
    made = (
        owner.create("/contacts", {"email": "ada@example.com"}),
        owner.create("/companies", {"name": "Acme"}),
        owner.create("/deals", {"name": "Pump"}),
    )
    return {name: record["id"] for name, record in zip(LINKS, made, strict=True)}


@pytest.fixture
def path(owner: Client, links: dict[str, str]) -> str:
    """The path of a note on the contact."""
    body = {"body": "Likes gears.", "contact_id": links["contact_id"]}
    return f"/notes/{owner.create('/notes', body)['id']}"


@pytest.mark.parametrize(
    "body",
    ["x", "  \n", " a\r\n\tb \n", "x" * 65_535, "🦊" * 65_535, "\u202eabc", "{}"],
)
def test_a_body_is_kept_as_it_was_written(
    owner: Client, links: dict[str, str], body: str
) -> None:
    note = owner.create("/notes", {"body": body, **links})
    assert note["body"] == body
    assert owner.get(f"/notes/{note['id']}").json == note


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "required"),
        (None, "required"),
        ("x" * 65_536, "too_long"),
        ("a\0b", "invalid"),
        (5, "invalid_type"),
    ],
)
def test_what_is_no_body_is_refused(
    owner: Client, path: str, links: dict[str, str], body: object, code: str
) -> None:
    assert owner.post("/notes", {"body": body, **links}).codes == {"body": code}
    assert owner.patch(path, {"body": body}).codes == {"body": code}


def test_a_note_always_has_a_link(
    owner: Client, path: str, links: dict[str, str]
) -> None:
    nothing = dict.fromkeys(LINKS)
    for body in ({"body": "x"}, {"body": "x", **nothing}):
        answer = owner.post("/notes", body)
        assert (answer.status, answer.codes) == (422, {"contact_id": "required"})
    for patch in ({"contact_id": None}, nothing):
        answer = owner.patch(path, patch)
        assert (answer.status, answer.codes) == (422, {"contact_id": "required"})
    for name in ("company_id", "deal_id", "contact_id"):
        moved = owner.patch(path, nothing | {name: links[name]})
        assert moved.status == 200
        assert {each: moved.json[each] for each in LINKS if moved.json[each]} == {
            name: links[name]
        }


def test_a_note_is_its_authors_whoever_changes_it(
    owner: Client, tenant: Tenant, open_client: OpenClient, path: str
) -> None:
    admin = open_client(tenant.tokens["admin"])
    changed = admin.patch(path, {"body": "Likes cogs."}).json
    assert changed["author_id"] == changed["created_by"] == tenant.users["owner"]
    for name in ("author_id", "pinned_at", "created_by"):
        assert admin.patch(path, {name: None}).codes == {name: "read_only"}


def test_a_note_is_pinned_and_unpinned(owner: Client, path: str) -> None:
    before = owner.get(path).json
    assert (before["pinned"], before["pinned_at"]) == (False, None)
    pinned = owner.post(f"{path}/pin", {})
    assert pinned.status == 200
    assert owner.get(path).body == pinned.body
    assert pinned.json["pinned"] is True
    times = before["updated_at"], pinned.json["pinned_at"], pinned.json["updated_at"]
    assert list(times) == sorted(times, key=moment)
    unpinned = owner.post(f"{path}/unpin", {}).json
    assert {name for name in before if unpinned[name] != before[name]} == {"updated_at"}


def test_what_is_so_already_stays_as_it_is(owner: Client, path: str) -> None:
    for action in ("unpin", "pin", "unpin"):
        first = owner.post(f"{path}/{action}")
        again = owner.post(f"{path}/{action}", {})
        assert (again.status, again.body) == (200, first.body)
        assert again.headers["etag"] == first.headers["etag"]


def test_a_repeated_pin_gets_the_first_answer(owner: Client, path: str) -> None:
    first = owner.post(f"{path}/pin", {}, idempotency_key="k")
    owner.post(f"{path}/unpin", {})
    again = owner.post(f"{path}/pin", {}, idempotency_key="k")
    assert again.body == first.body
    assert again.headers["idempotent-replayed"] == "true"
    assert owner.get(path).json["pinned"] is False


@pytest.mark.parametrize("value", [True, False, None, "yes"])
def test_a_patch_pins_no_note_and_says_what_does(
    owner: Client, path: str, value: object
) -> None:
    answer = owner.patch(path, {"pinned": value})
    assert (answer.status, answer.codes) == (422, {"pinned": "read_only"})
    assert "POST /v1/notes/{id}/pin" in answer.json["errors"][0]["message"]


@pytest.mark.parametrize("action", ["pin", "unpin"])
def test_who_may_not_write_a_note_may_not_pin_it(
    owner: Client,
    tenant: Tenant,
    member: Client,
    open_client: OpenClient,
    path: str,
    action: str,
) -> None:
    assert member.post(f"{path}/{action}", {}).status == 404
    viewer = open_client(tenant.tokens["viewer"])
    assert viewer.post(f"{path}/{action}", {}).json["refused_by"] == "role"
    reader = open_client(tenant.token(["note.read"]))
    assert reader.post(f"{path}/{action}", {}).json["required"] == "note.write"
    assert owner.post(f"{path}/{action}", {}, if_match='"0"').status == 412
    assert owner.post(f"{path}/{action}", {"pinned": 1}).codes == {
        "pinned": "unknown_field"
    }


def test_pinned_notes_come_first_in_the_order_of_their_pins(
    owner: Client, links: dict[str, str]
) -> None:
    def found(**query: Any) -> list[str]:
        return [note["body"] for note in owner.search("/notes", **query)["data"]]

    paths = {
        body: f"/notes/{owner.create('/notes', {'body': body, **links})['id']}"
        for body in ("first", "second", "third")
    }
    owner.post(f"{paths['third']}/pin", {})
    owner.post(f"{paths['second']}/pin", {})
    assert found(order_by="pinned_at") == ["second", "third", "first"]
    ascending = found(order_by="pinned_at", sort_direction="asc")
    assert ascending == ["third", "second", "first"]
    is_pinned = {"field": "pinned", "operator": "eq", "value": True}
    assert set(found(filters=[is_pinned])) == {"second", "third"}
    by_deal = {"field": "record_id", "operator": "eq", "value": links["deal_id"]}
    assert found(filters=[by_deal, {"not": is_pinned}]) == ["first"]
    assert found(search_text="SEC ond") == ["second"]


def test_a_page_of_the_longest_notes_is_answered(
    tenant: Tenant, owner: Client, links: dict[str, str]
) -> None:
    on = links["contact_id"]
    notes = [Note(body="🦊" * 65_535, contact_id=on) for _ in range(100)]
    administer(
        tenant.stack.database_url,
        lambda database: copy_records(database, Note, tenant.business_id, notes),
    )
    page = owner.search("/notes", limit=100)
    assert [each["body"] for each in page["data"]] == [notes[0].body] * 100
