"""Who may write and read associations: whoever may do so with what they connect."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.associations.associating import (
    PATH,
    associate,
    condition,
    contact,
    deal,
    define,
    found,
)
from tests.end_to_end.conftest import OpenClient
from tests.world import Tenant, administer

BOTH = ["deal.read", "contact.read"]


@pytest.fixture
def made(owner: Client) -> Any:
    """An association of records that belong to the owner."""
    answer = associate(owner, "deal_contacts", deal(owner), contact(owner), role="Boss")
    return answer.json


@pytest.mark.parametrize("scopes", [["deal.read"], ["contact.read"], ["deal.write"]])
def test_reading_takes_both_permissions(
    tenant: Tenant, made: Any, open_client: OpenClient, scopes: list[str]
) -> None:
    client = open_client(tenant.token(scopes))
    refused = client.get(f"{PATH}/{made['id']}")
    assert (refused.status, refused.json["refused_by"]) == (403, "scope")
    assert refused.json["required"] in {*BOTH} - {*scopes}
    assert client.get(f"{PATH}/ass_{'0' * 24}").status == 404
    assert found(client) == []
    assert client.search(PATH, include_total=True)["meta"]["total"] == 0
    reader = open_client(tenant.token(BOTH))
    assert reader.get(f"{PATH}/{made['id']}").json == made
    assert found(reader) == [made]


def test_a_role_that_may_not_read_an_end_is_refused(
    tenant: Tenant, made: Any, open_client: OpenClient
) -> None:
    grants = {"deal": {"actions": ["read"], "visibility": "all"}}
    sql = "UPDATE roles SET grants = $2::jsonb WHERE business_id = $1 AND name = $3"
    values = tenant.business_id, grants, "viewer"
    administer(tenant.stack.database_url, lambda database: database.run(sql, *values))
    refused = open_client(tenant.tokens["viewer"]).get(f"{PATH}/{made['id']}")
    assert (refused.status, refused.json["refused_by"]) == (403, "role")
    assert refused.json["required"] == "contact.read"


def test_what_the_user_does_not_see_is_not_found_whatever_the_scopes(
    tenant: Tenant, made: Any, open_client: OpenClient
) -> None:
    for scopes in (BOTH, ["deal.read"], ["contact.read"], ["task.read"]):
        client = open_client(tenant.token(scopes, "member"))
        assert client.get(f"{PATH}/{made['id']}").status == 404


def test_writing_takes_write_on_the_from_object(
    tenant: Tenant, made: Any, open_client: OpenClient
) -> None:
    path = f"{PATH}/{made['id']}"
    body = {name: made[name] for name in ("type", "from_id", "to_id")}
    client = open_client(tenant.token([*BOTH, "contact.all", "deal.delete"]))
    for answer in (
        client.post(PATH, body),
        client.patch(path, {"role": "x"}),
        client.delete(path),
    ):
        assert (answer.status, answer.json["refused_by"]) == (403, "scope")
        assert answer.json["required"] == "deal.write"
    viewer = open_client(tenant.tokens["viewer"])
    refused = viewer.patch(path, {"role": "x"})
    assert (refused.status, refused.json["refused_by"]) == (403, "role")
    writer = open_client(tenant.token(["deal.write"]))
    assert writer.delete(path).status == 204


@pytest.fixture
def writer(tenant: Tenant) -> Iterator[Client]:
    """A client that may write deals and read nothing."""
    with closing(tenant.client(token=tenant.token(["deal.write"]))) as client:
        yield client


def test_who_may_not_read_is_told_what_it_wrote(
    owner: Client, writer: Client, made: Any
) -> None:
    always = ("id", "created_at", "updated_at")
    named = ("type", "from_id", "to_id")
    again = associate(writer, *(made[name] for name in named), role="Boss")
    assert again.status == 200
    assert again.json == {name: made[name] for name in (*always, *named)}
    path = f"{PATH}/{made['id']}"
    changed = writer.patch(path, {"role": "Chief"})
    whole = owner.get(path)
    assert changed.json == {name: whole.json[name] for name in (*always, "role")}
    assert changed.headers["etag"] == whole.headers["etag"]
    new = associate(writer, "deal_contacts", made["from_id"], contact(owner, "Bob"))
    assert new.json == owner.get(f"{PATH}/{new.json['id']}").json


def test_members_see_associations_of_records_that_they_see(
    owner: Client, member: Client
) -> None:
    ours, theirs = contact(member, "Mine"), contact(owner, "Theirs")
    mine, others = deal(member, "Mine"), deal(owner, "Others")
    seen = associate(owner, "deal_contacts", mine, ours).json
    hidden = [
        associate(owner, "deal_contacts", *pair).json
        for pair in ((mine, theirs), (others, ours), (others, theirs))
    ]
    assert found(member) == [seen]
    for each in hidden:
        path = f"{PATH}/{each['id']}"
        for answer in (
            member.get(path),
            member.patch(path, {"role": "x"}),
            member.delete(path),
        ):
            assert (answer.status, answer.json["type"][-9:]) == (404, "not-found")
    assert found(member, filters=[condition("record_id", mine)]) == [seen]
    assert len(found(owner)) == 4


@pytest.mark.parametrize("there", [True, False], ids=["there already", "new"])
def test_a_hidden_record_is_none_that_could_be_associated(
    owner: Client, member: Client, there: bool
) -> None:
    mine, theirs = deal(member), contact(owner)
    if there:
        associate(owner, "deal_contacts", mine, theirs)
    answer = associate(member, "deal_contacts", mine, theirs)
    unknown = associate(member, "deal_contacts", mine, f"con_{1:024x}")
    assert answer.codes == unknown.codes == {"to_id": "not_found"}


def test_records_that_are_visible_by_their_links_can_be_associated(
    owner: Client, member: Client
) -> None:
    define(owner, "about", from_object="deals", to_object="tasks")
    mine, hidden = deal(member, "Mine"), deal(owner, "Hidden")
    shown = owner.create("/tasks", {"name": "t", "deal_id": mine})["id"]
    secret = owner.create("/tasks", {"name": "t", "deal_id": hidden})["id"]
    made = associate(member, "about", mine, shown)
    assert made.status == 201
    assert associate(member, "about", mine, secret).codes == {"to_id": "not_found"}
    kept = associate(owner, "about", mine, secret).json
    assert found(member) == [made.json]
    owner.patch(f"/tasks/{secret}", {"deal_id": mine})
    assert found(member) == [made.json, kept]


def test_associations_of_another_tenant_are_not_there(
    owner: Client, stranger: Client, made: Any
) -> None:
    path = f"{PATH}/{made['id']}"
    for answer in (
        stranger.get(path),
        stranger.patch(path, {"role": "x"}),
        stranger.delete(path),
    ):
        assert answer.status == 404
    assert found(stranger) == []
    mine = deal(stranger)
    answer = associate(stranger, "deal_contacts", mine, made["to_id"])
    assert answer.codes == {"to_id": "not_found"}
    named = [condition("associations.deal_contacts", [made["to_id"]], "any_of")]
    named[0]["values"] = named[0].pop("value")
    assert stranger.search("/deals", filters=named)["data"] == []
    assert owner.get(path).json == made
