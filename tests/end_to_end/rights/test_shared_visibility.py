"""Who sees what is linked: its owner, and whoever sees a record that it is linked to.

Search, totals, get, patch, delete and references must agree on it for every role.
"""

from collections.abc import Iterable
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.scene import grant, timeline, told
from tests.promises.record_values import Maker
from tests.promises.records_suite import LINKS, RESOURCES, WRITTEN, Resource
from tests.world import Tenant

OWN = {"*": {"actions": ["read", "write", "delete"], "visibility": "own"}}
READ = {"actions": ["read"], "visibility": "all"}
OWN_READ = {"actions": ["read", "write"], "visibility": "own"}

OWNED = [
    each
    for each in WRITTEN
    if each.policy.owner_field in {field.name for field in each.writable}
]
SHARED = [each for each in WRITTEN if each.policy.shared_by_links]

every_owned = pytest.mark.parametrize("resource", OWNED, ids=str)
every_shared = pytest.mark.parametrize("resource", SHARED, ids=str)
every_link = pytest.mark.parametrize("linked", list(LINKS))


@pytest.fixture
def maker(owner: Client, tenant: Tenant) -> Maker:
    """Makes records as the tenant's owner."""
    return Maker(owner, tenant.users)


@pytest.fixture
def soloist(tenant: Tenant, open_client: OpenClient) -> tuple[str, Client]:
    """A user who may do everything to their own records: the id, and a client."""
    user, token = grant(tenant, OWN)
    return user, open_client(token)


def bare(maker: Maker, resource: Resource) -> dict[str, Any]:
    """What makes a record of a shared resource, but for its links."""
    return {f.name: maker.value(f, 0) for f in resource.writable if f.required}


def agree(
    client: Client, resource: Resource, seen: Iterable[str], hidden: Iterable[str]
) -> None:
    """Everything that asks about records says the same of each."""
    seen, hidden = set(seen), set(hidden)
    these: dict[str, Any] = {
        "field": "id",
        "operator": "in",
        "values": [*seen, *hidden],
    }
    for filters in ([these], [{"not": {"not": these}}], [{"any": [these, these]}]):
        found = client.pages(resource.path, filters=filters, limit=1)
        assert {record["id"] for record in found} == seen
    page = client.search(resource.path, filters=[these], include_total=True)
    assert page["meta"]["total"] == len(seen)
    for each in seen | hidden:
        status = 200 if each in seen else 404
        path = f"{resource.path}/{each}"
        assert client.get(path).status == status, path
        assert client.patch(path, {}).status == status, path
        if resource.name in LINKS:
            note = {"body": "x", LINKS[resource.name]: each}
            linked = client.post("/notes", note)
            assert linked.status == (201 if each in seen else 422)
    for each in seen | hidden:
        status = 204 if each in seen else 404
        assert client.delete(f"{resource.path}/{each}").status == status


@every_owned
def test_own_is_what_is_owned_and_what_nobody_owns(
    resource: Resource, maker: Maker, soloist: tuple[str, Client], tenant: Tenant
) -> None:
    user, client = soloist
    owner_field = resource.policy.owner_field
    of_owner, of_member = (
        maker.create(resource, **{owner_field: tenant.users[role]})["id"]
        for role in ("owner", "member")
    )
    theirs, nobodys = (
        maker.create(resource, **{owner_field: each})["id"] for each in (user, None)
    )
    mine = Maker(client, tenant.users).create(resource)["id"]
    agree(client, resource, (theirs, nobodys, mine), (of_owner, of_member))


@every_shared
@every_link
def test_a_link_shares_with_whoever_sees_the_record(
    resource: Resource, linked: str, maker: Maker, soloist: tuple[str, Client]
) -> None:
    user, client = soloist
    target, column = RESOURCES[linked], LINKS[linked]
    others = {name: col for name, col in LINKS.items() if name != linked}
    unseen = {col: maker.create(RESOURCES[name])["id"] for name, col in others.items()}

    def shared(owner: str | None, **more: str) -> str:
        link = {column: maker.create(target, owner_id=owner)["id"]}
        body = bare(maker, resource) | link | more
        return str(maker.client.create(resource.path, body)["id"])

    me = maker.users["owner"]
    seen = [shared(user), shared(None), shared(user, **unseen), shared(None, **unseen)]
    agree(client, resource, seen, [shared(me), shared(me, **unseen)])


@every_shared
def test_what_one_wrote_stays_in_sight_when_its_links_do_not(
    resource: Resource, maker: Maker, soloist: tuple[str, Client], tenant: Tenant
) -> None:
    user, client = soloist
    contact = maker.create(RESOURCES["contact"], owner_id=user)["id"]
    body = bare(maker, resource) | {"contact_id": contact}
    mine = client.create(resource.path, body)["id"]
    theirs = maker.client.create(resource.path, body)["id"]
    given = client.patch(f"/contacts/{contact}", {"owner_id": tenant.users["owner"]})
    assert given.status == 200
    agree(client, resource, [mine], [theirs])


@every_shared
@every_link
def test_a_link_is_seen_as_soon_as_its_record_is(
    resource: Resource, linked: str, maker: Maker, soloist: tuple[str, Client]
) -> None:
    user, client = soloist
    record = maker.create(RESOURCES[linked])["id"]
    body = bare(maker, resource) | {LINKS[linked]: record}
    path = f"{resource.path}/{maker.client.create(resource.path, body)['id']}"
    for whose, status in ((user, 200), (maker.users["owner"], 404), (None, 200)):
        maker.client.patch(f"{RESOURCES[linked].path}/{record}", {"owner_id": whose})
        assert client.get(path).status == status
        if status == 200:
            moved = client.patch(path, {LINKS[linked]: record})
            assert moved.status == 200


def test_what_the_system_tells_is_for_those_alone_who_see_the_record(
    maker: Maker, soloist: tuple[str, Client], tenant: Tenant
) -> None:
    user, client = soloist
    contact = client.create("/contacts", {"email": "ada@example.com"})["id"]
    path = f"/contacts/{contact}"
    assert [each["event"] for each in told(client, contact)] == ["created"]
    client.patch(path, {"owner_id": tenant.users["owner"]})
    activities = timeline(maker.client, contact)
    assert [activity["actor_id"] for activity in activities] == [user, user]
    hidden = [activity["id"] for activity in activities]
    assert timeline(client, contact) == []
    agree(client, RESOURCES["activity"], [], hidden)
    maker.client.patch(path, {"owner_id": None})
    assert len(timeline(client, contact)) == 3
    assert client.delete(f"/activities/{hidden[0]}").status == 403


def test_a_role_that_sees_no_contacts_sees_what_is_linked_to_deals_alone(
    maker: Maker, tenant: Tenant, open_client: OpenClient
) -> None:
    """Its activities are all of them, but for what the system tells of contacts."""
    grants = {"deal": READ, "activity": READ, "task": OWN_READ, "note": OWN_READ}
    client = open_client(grant(tenant, grants)[1])
    links = {
        column: maker.create(RESOURCES[name])["id"] for name, column in LINKS.items()
    }
    on_deal, on_contact = ({c: links[c]} for c in ("deal_id", "contact_id"))
    for resource in (RESOURCES["task"], RESOURCES["note"]):
        ids = [
            maker.client.create(resource.path, bare(maker, resource) | link)["id"]
            for link in (on_deal, links, on_contact)
        ]
        found = {record["id"] for record in client.search(resource.path)["data"]}
        assert found == set(ids[:2])
        statuses = [client.get(f"{resource.path}/{each}").status for each in ids]
        assert statuses == [200, 200, 404]
    call = maker.client.create("/activities", {"type": "call", **on_contact})["id"]
    assert client.get(f"/activities/{call}").status == 200
    events = [each["event"] for each in told(client, links["contact_id"])]
    assert events == ["note_added"]  # of the note on the deal too
    names = [each["event"] for each in told(client, links["deal_id"])]
    assert names == ["created", "note_added", "note_added"]


@pytest.mark.parametrize("linked", ["contact", "company"])
def test_a_role_refers_to_no_record_that_it_may_not_read(
    maker: Maker, tenant: Tenant, open_client: OpenClient, linked: str
) -> None:
    """It would learn by that which ids are those of records."""
    client = open_client(grant(tenant, {"deal": READ, "note": OWN_READ})[1])
    deal = maker.create(RESOURCES["deal"])["id"]
    record = maker.create(RESOURCES[linked])["id"]
    never = RESOURCES[linked].policy.id_prefix + "0" * 24
    for each in (record, never):
        body = {"body": "x", "deal_id": deal, LINKS[linked]: each}
        assert client.post("/notes", body).codes == {LINKS[linked]: "not_found"}
    made = client.post("/notes", {"body": "x", "deal_id": deal})
    assert made.status == 201
    answer = client.patch(f"/notes/{made.json['id']}", {LINKS[linked]: record})
    assert answer.codes == {LINKS[linked]: "not_found"}


def test_words_find_nothing_that_is_out_of_sight(
    maker: Maker, soloist: tuple[str, Client]
) -> None:
    user, client = soloist
    contact = maker.create(RESOURCES["contact"], owner_id=user)["id"]
    deal = maker.create(RESOURCES["deal"])["id"]
    for links in ({"contact_id": contact}, {"deal_id": deal}):
        maker.client.create("/notes", {"body": "secret words", **links})
        maker.client.create("/tasks", {"name": "secret words", **links})
        body = {"type": "call", "subject": "secret words", **links}
        maker.client.create("/activities", body)
    for path in ("/notes", "/tasks", "/activities"):
        page = client.search(path, search_text="secret", include_total=True)
        assert [each["contact_id"] for each in page["data"]] == [contact]
        assert page["meta"]["total"] == 1
