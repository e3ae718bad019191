"""Who is told of changes, and what cursors and starts lead to."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.changes.following import Reader, types
from tests.end_to_end.schema.defining import define
from tests.world import Tenant


@pytest.fixture
def viewer(tenant: Tenant) -> Iterator[Client]:
    """A client of a user who reads all and writes nothing."""
    client = tenant.client("viewer")
    yield client
    client.close()


@pytest.fixture
def change(owner: Client) -> str:
    """A contact that was created just now."""
    return str(owner.create("/contacts", {"email": "ada@engine.example"})["id"])


def with_scopes(owner: Client, tenant: Tenant, *scopes: str) -> Client:
    return Client(owner.address, tenant.token(scopes))


@pytest.mark.parametrize("name", ["resources", "types"])
def test_an_empty_list_of_names_does_not_mean_all(name: str, owner: Client) -> None:
    answer = owner.post("/changes/read", {name: []})
    assert (answer.status, answer.codes) == (422, {name: "required"})
    assert owner.post("/changes/read", {name: None}).status == 200


def test_it_takes_the_scope_and_the_right_to_read(
    owner: Client, tenant: Tenant
) -> None:
    body = {"resources": ["contacts", "deals"]}
    for scopes, required in (
        (["contact.read", "deal.read"], "change.read"),
        (["change.read", "contact.read"], "deal.read"),
        (["change.read"], "contact.read"),
    ):
        client = with_scopes(owner, tenant, *scopes)
        answer = client.post("/changes/read", body)
        assert answer.status == 403
        assert answer.json["required"] == required
        assert answer.json["refused_by"] == "scope"
        client.close()


def test_without_resources_one_gets_those_that_one_may_read(
    owner: Client, tenant: Tenant
) -> None:
    client = with_scopes(owner, tenant, "change.read", "deal.read")
    reader = Reader(client)
    owner.create("/contacts", {"email": "ada@engine.example"})
    owner.create("/deals", {"name": "Engine"})
    assert types(reader.read()) == ["deal.created"]
    refused = client.post("/changes/read", {"types": ["contact.created"]})
    assert (refused.status, refused.json["required"]) == (403, "contact.read")
    client.close()


@pytest.mark.usefixtures("change")
def test_a_role_that_sees_own_records_reads_no_changes(
    member: Client, viewer: Client
) -> None:
    for resource in ("contacts", "consents"):
        body = {"resources": [resource], "start": "earliest"}
        answer = member.post("/changes/read", body)
        assert answer.status == 403
        assert answer.json["refused_by"] == "role"
        assert answer.json["required"] == f"{resource[:-1]}.read"
    assert types(Reader(viewer, start="earliest").read()) == ["contact.created"]


@pytest.mark.usefixtures("change")
def test_such_a_role_reads_changes_of_what_everybody_sees(
    owner: Client, member: Client
) -> None:
    topic = owner.create("/topics", {"name": "Newsletter"})
    contact = owner.create("/contacts", {"email": "ida@engine.example"})
    agreed = {"contact_id": contact["id"], "topic_id": topic["id"], "status": "granted"}
    owner.create("/consents", agreed)
    assert types(Reader(member, start="earliest").read()) == ["topic.created"]


def test_associations_take_the_right_to_read_all_that_they_connect(
    owner: Client, tenant: Tenant
) -> None:
    client = with_scopes(owner, tenant, "change.read", "contact.read")
    answer = client.post("/changes/read", {"resources": ["associations"]})
    assert answer.status == 403
    client.close()


@pytest.mark.usefixtures("change")
def test_another_tenant_is_told_nothing(owner: Client, stranger: Client) -> None:
    assert Reader(stranger, start="earliest").read() == []
    reader = Reader(owner)
    foreign = stranger.post("/changes/read", {"cursor": reader.cursor})
    assert foreign.status == 400


def test_a_cursor_goes_with_what_it_was_made_for(owner: Client, viewer: Client) -> None:
    reader = Reader(owner, resources=["contacts"], types=["contact.created"])
    body = {"cursor": reader.cursor, **reader.query}
    assert owner.post("/changes/read", {**body, "include": ["state"]}).status == 200
    assert owner.post("/changes/read", {**body, "limit": 3}).status == 200
    for other in ({"resources": ["deals"]}, {"types": ["contact.updated"]}):
        assert owner.post("/changes/read", body | other).status == 400
    assert viewer.post("/changes/read", body).status == 400


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"start": "yesterday"}, "start", "invalid"),
        ({"resources": ["contact"]}, "resources[0]", "invalid_choice"),
        ({"resources": ["pipelines"]}, "resources[0]", "invalid_choice"),
        ({"types": ["contact.exploded"]}, "types[0]", "invalid_choice"),
        ({"include": ["state", "all"]}, "include[1]", "invalid_choice"),
        ({"limit": 501}, "limit", "too_large"),
        ({"limit": 0}, "limit", "too_small"),
        ({"before": 1}, "before", "unknown_field"),
    ],
)
def test_a_bad_request_names_its_fault(
    body: dict[str, object], field: str, code: str, owner: Client
) -> None:
    answer = owner.post("/changes/read", body)
    assert answer.status == 422
    assert answer.codes == {field: code}


def test_with_a_cursor_the_start_is_not_looked_at(owner: Client) -> None:
    """A client goes on to the next page with the rest of its request."""
    for number in range(3):
        owner.create("/contacts", {"phone": f"12{number}"})
    reader = Reader(owner, start="earliest", limit=1)
    told = reader.page()
    while reader.has_more:
        told += reader.page(start="earliest")
    assert types(told) == ["contact.created"] * 3


def test_a_reader_begins_at_a_time(owner: Client) -> None:
    ids = [owner.create("/contacts", {"phone": f"12{n}"}) for n in range(5)]
    for made in ids:
        start = made["created_at"]
        told = Reader(owner, start=start, limit=2).read()
        found = [each["record"]["id"] for each in told]
        assert found == [e["id"] for e in ids if e["created_at"] >= start]
    assert Reader(owner, start="2100-01-01T00:00:00Z").read() == []


def test_what_is_kept_no_longer_is_gone(owner: Client) -> None:
    answer = owner.post("/changes/read", {"start": "2020-01-01T00:00:00Z"})
    assert answer.status == 410
    assert answer.json["type"].endswith("/gone")
    oldest = answer.json["oldest"]
    assert owner.post("/changes/read", {"start": oldest}).status == 200


def test_types_narrow_the_feed_and_pages_go_on(owner: Client) -> None:
    made = owner.create("/contacts", {"email": "ada@engine.example"})
    for number in range(5):
        owner.patch(f"/contacts/{made['id']}", {"lead_score": number + 1})
    owner.delete(f"/contacts/{made['id']}")
    query: dict[str, Any] = {"types": ["contact.created", "contact.deleted"]}
    for limit in (1, 2, 50):
        reader = Reader(owner, start="earliest", limit=limit, **query)
        assert types(reader.read()) == query["types"]
        assert reader.read() == []


def test_sensitive_values_are_masked(
    owner: Client, viewer: Client, tenant: Tenant
) -> None:
    define(owner, "text", sensitive=True)
    both: dict[str, Any] = {"include": ["changed", "state"]}
    readers = [Reader(owner, **both), Reader(viewer, **both)]
    body = {"email": "ada@engine.example", "custom_fields": {"it": "DE1"}}
    made = owner.create("/contacts", body)
    (open_one,), (masked,) = (reader.read() for reader in readers)
    assert open_one["changed"]["custom_fields.it"]["to"] == "DE1"
    assert open_one["state"] == made
    assert "custom_fields.it" not in masked["changed"]
    assert masked["state"] == viewer.get(f"/contacts/{made['id']}").json
    assert masked["state"]["masked"] == ["custom_fields.it"]
    assert tenant.users["owner"] == masked["actor"]["user_id"]


def test_records_of_own_objects_are_told_by_their_slug(owner: Client) -> None:
    labels = {"singular_label": "Project", "plural_label": "Projects"}
    owner.create("/objects", {"slug": "projects", **labels})
    reader = Reader(owner, resources=["projects"], include=["state"])
    made = owner.create("/objects/projects/records", {"name": "Bridge"})
    owner.create("/contacts", {"email": "ada@engine.example"})
    (change,) = reader.read()
    assert change["type"] == "record.created"
    assert change["record"]["resource"] == "projects"
    assert change["state"] == made
