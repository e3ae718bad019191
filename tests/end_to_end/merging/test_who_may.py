"""Who may merge records, undo it, and see that it was done."""

from collections.abc import Callable
from contextlib import closing

import pytest

from tests.client import Answer, Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.merging.merged import contact, merge, unmerge
from tests.end_to_end.scene import grant
from tests.world import Tenant

_ALL = ["read", "write", "delete"]


@pytest.fixture
def soloist(tenant: Tenant, open_client: OpenClient) -> Client:
    """A client of a user who may do all, with records of their own alone."""
    _, token = grant(tenant, {"*": {"actions": _ALL, "visibility": "own"}})
    return open_client(token)


@pytest.fixture
def pair(owner: Client) -> tuple[str, str]:
    return contact(owner, "ada"), contact(owner, "other")


@pytest.mark.parametrize("lacks", ["contact.write", "contact.delete"])
def test_it_takes_both_write_and_delete(
    lacks: str, pair: tuple[str, str], owner: Client, tenant: Tenant
) -> None:
    scopes = {"contact.read", "contact.write", "contact.delete"} - {lacks}
    (ada, other), merge_id = pair, merge(owner, *pair)["merge_id"]
    third = contact(owner, "third")
    with closing(Client(owner.address, tenant.token(sorted(scopes)))) as client:
        for path, body in (
            (f"/contacts/{ada}/merge", {"ids": [third]}),
            (f"/contacts/{ada}/unmerge", {"merge_id": merge_id}),
        ):
            refused = client.post(path, body)
            assert refused.status == 403
            assert refused.json["refused_by"] == "scope"
            assert refused.json["required"] == lacks
    assert owner.get(f"/contacts/{other}").json["id"] == ada


def test_a_role_that_may_not_delete_may_not_merge(
    owner: Client, member: Client, tenant: Tenant
) -> None:
    own = {"owner_id": tenant.users["member"]}
    ada, other = contact(owner, "ada", **own), contact(owner, "other", **own)
    refused = member.post(f"/contacts/{ada}/merge", {"ids": [other]})
    assert refused.status == 403
    assert refused.json["refused_by"] == "role"
    assert refused.json["required"] == "contact.delete"


def test_the_caller_sees_each_of_the_records(owner: Client, soloist: Client) -> None:
    theirs, own = contact(owner, "theirs"), contact(soloist, "own")
    hidden = soloist.post(f"/contacts/{own}/merge", {"ids": [theirs]})
    unknown = "con_0123456789abcdef01234567"
    nothing = soloist.post(f"/contacts/{own}/merge", {"ids": [unknown]})
    assert hidden.status == nothing.status == 422
    assert hidden.codes == nothing.codes == {"ids[0]": "not_found"}
    assert soloist.post(f"/contacts/{theirs}/merge", {"ids": [own]}).status == 404


def test_an_old_id_tells_who_does_not_see_the_survivor_nothing(
    owner: Client, soloist: Client
) -> None:
    own, theirs = contact(soloist, "own"), contact(owner, "theirs")
    assert soloist.get(f"/contacts/{own}").status == 200
    merge(owner, theirs, own)
    unknown = "con_0123456789abcdef01234567"
    ways: tuple[Callable[[str], Answer], ...] = (
        lambda i: soloist.get(f"/contacts/{i}"),
        lambda i: soloist.patch(f"/contacts/{i}", {}),
        lambda i: soloist.delete(f"/contacts/{i}"),
        lambda i: soloist.post(f"/contacts/{i}/history", {}),
        lambda i: soloist.post("/notes", {"body": "Hi", "contact_id": i}),
    )
    for ask in ways:
        told = [
            (each.status, each.json["detail"].replace(i, ""))
            for i in (own, unknown)
            if (each := ask(i))
        ]
        assert told[0] == told[1]
    body = {"filters": [{"field": "id", "operator": "eq", "value": own}]}
    assert soloist.search("/contacts", **body)["data"] == []


def test_nobody_undoes_the_merge_of_another_tenant(
    owner: Client, stranger: Client
) -> None:
    merge_id = merge(stranger, contact(stranger, "a"), contact(stranger, "b"))
    own = contact(owner, "own")
    path, body = f"/contacts/{own}/unmerge", {"merge_id": merge_id["merge_id"]}
    refused = owner.post(path, body)
    unknown = owner.post(path, {"merge_id": "mrg_0123456789abcdef01234567"})
    assert refused.status == unknown.status == 422
    assert refused.json["errors"] == unknown.json["errors"]


def test_merges_are_shown_to_who_may_read_the_survivor(
    owner: Client, soloist: Client, stranger: Client, tenant: Tenant
) -> None:
    first = merge(owner, contact(owner, "a"), contact(owner, "b"))["merge_id"]
    ours = contact(soloist, "c"), contact(soloist, "d")
    second = merge(soloist, *ours)["merge_id"]
    companies = [owner.create("/companies", {"name": n})["id"] for n in "ab"]
    third = merge(owner, *companies, path="/companies")["merge_id"]
    with closing(Client(owner.address, tenant.token(["company.read"]))) as reader:
        shown = {
            name: [each["id"] for each in client.search("/merges")["data"]]
            for name, client in {
                "owner": owner,
                "soloist": soloist,
                "stranger": stranger,
                "reader": reader,
            }.items()
        }
        assert reader.get(f"/merges/{first}").status == 404
    assert shown == {
        "owner": [third, second, first],
        "soloist": [second],
        "stranger": [],
        "reader": [third],
    }
    told = owner.get(f"/merges/{third}").json
    assert told["resource"] == "companies"
    assert (told["survivor_id"], told["merged_ids"]) == (companies[0], companies[1:])
    assert (told["user_id"], told["undone_at"]) == (tenant.users["owner"], None)
    unmerge(owner, companies[0], third, "/companies")
    condition = {"field": "undone_at", "operator": "is_not_empty"}
    (found,) = owner.search("/merges", filters=[condition])["data"]
    assert found["id"] == third


def test_who_may_not_read_is_not_told_the_survivor(
    owner: Client, pair: tuple[str, str], tenant: Tenant
) -> None:
    scopes = ["contact.write", "contact.delete"]
    with closing(Client(owner.address, tenant.token(scopes))) as writer:
        answer = writer.post(f"/contacts/{pair[0]}/merge", {"ids": [pair[1]]})
    assert answer.status == 200
    assert "email" not in answer.json["data"]
    assert answer.json["data"]["id"] == pair[0]
