"""An upsert by a value that a merged record had means the survivor, while it is one."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.merging.merged import contact, merge, unmerge
from tests.world import Tenant


def upsert(client: Client, path: str = "/contacts", **body: Any) -> tuple[str, Any]:
    answer = client.post(f"{path}/upsert", body)
    assert answer.status in (200, 201), answer.body
    return answer.json["status"], answer.json["data"]


def badge(client: Client) -> None:
    body = {"object": "contacts", "key": "badge", "label": "Badge", "type": "text"}
    client.create("/fields", body | {"unique": True})


def by(client: Client, match_on: str, **value: Any) -> tuple[str, Any]:
    return upsert(client, match_on=match_on, **value)


# How a record is found by a value that the survivor has another one of.
WAYS: dict[str, tuple[str, Callable[[str], dict[str, Any]]]] = {
    "email": ("email", lambda name: {"email": f"{name}@Y.example"}),
    "phone": ("phone", lambda name: {"phone": f"+1 555 010{len(name)}"}),
    "external": (
        "external_ids.erp",
        lambda name: {"external_ids": {"erp": f"{name}-1"}},
    ),
    "own": ("custom_fields.badge", lambda name: {"custom_fields": {"badge": name}}),
}


@pytest.mark.parametrize("way", WAYS)
def test_it_updates_the_survivor_and_leaves_the_value(way: str, owner: Client) -> None:
    badge(owner)
    match_on, value = WAYS[way]
    ada = contact(owner, "ada", **value("ada"))
    other = contact(owner, "other", **value("other"))
    kept = owner.get(f"/contacts/{ada}").json
    merge_id = merge(owner, ada, other)["merge_id"]
    status, record = by(owner, match_on, **value("other"), city="Rome")
    assert (status, record["id"], record["city"]) == ("updated", ada, "Rome")
    for name in value("ada"):
        assert record[name] == kept[name]
    assert by(owner, match_on, **value("ada"))[1]["id"] == ada
    operation = {"method": "upsert", "resource": "contacts"}
    body = {"match_on": match_on, **value("other"), "state": "Lazio"}
    batch = owner.post("/batch", {"operations": [operation | {"body": body}]})
    (result,) = batch.json["data"]
    assert (result["status"], result["record"]["id"]) == (200, ada)
    unmerge(owner, ada, merge_id)
    assert by(owner, match_on, **value("other"))[1]["id"] == other
    assert by(owner, match_on, **value("ada"))[1]["id"] == ada


@pytest.mark.parametrize("way", WAYS)
def test_a_value_that_the_survivor_gave_up_means_it_too(
    way: str, owner: Client
) -> None:
    badge(owner)
    match_on, value = WAYS[way]
    ada = contact(owner, "ada", **value("ada"))
    other = contact(owner, "other", **value("other"))
    merge_id = merge(owner, ada, other, values={match_on: other})["merge_id"]
    for name in ("ada", "other"):
        status, record = by(owner, match_on, **value(name), city=name)
        assert (status, record["id"], record["city"]) == ("updated", ada, name)
    unmerge(owner, ada, merge_id)
    assert by(owner, match_on, **value("ada"))[1]["id"] == ada
    assert by(owner, match_on, **value("other"))[1]["id"] == other
    assert owner.delete(f"/contacts/{ada}").status == 204
    made = by(owner, match_on, **{"email": "new@y.example", **value("ada")})
    assert made[0] == "created"


def test_it_leads_along_a_chain_and_back(owner: Client) -> None:
    first, second, last = (contact(owner, name) for name in ("a", "b", "c"))
    merge(owner, second, first)
    later = merge(owner, last, second)["merge_id"]
    email = {"email": "A@x.example"}
    assert by(owner, "email", **email)[1]["id"] == last
    assert by(owner, "email", email="b@x.example")[1]["id"] == last
    unmerge(owner, last, later)
    assert by(owner, "email", **email)[1]["id"] == second
    assert by(owner, "email", email="b@x.example")[1]["id"] == second


def test_a_company_is_found_by_the_domain_of_a_merged_one(owner: Client) -> None:
    acme, other = (
        owner.create("/companies", {"name": name, "domain": f"{name}.example"})["id"]
        for name in ("acme", "other")
    )
    merge(owner, acme, other, path="/companies")
    body = {"match_on": "domain", "domain": "other.example", "name": "Acme Ltd"}
    status, record = upsert(owner, "/companies", **body)
    assert (status, record["id"]) == ("updated", acme)
    assert (record["domain"], record["name"]) == ("acme.example", "Acme Ltd")


def test_a_living_record_comes_first(owner: Client) -> None:
    ada, other = contact(owner, "ada"), contact(owner, "other")
    merge(owner, ada, other)
    new = contact(owner, "other")
    assert by(owner, "email", email="other@x.example")[1]["id"] == new


def test_it_creates_where_the_survivor_is_gone_or_not_seen(
    owner: Client, member: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    ada, other = contact(owner, "ada"), contact(owner, "other")
    merge(owner, ada, other)
    status, record = by(member, "email", email="other@x.example")
    assert (status, record["owner_id"]) == ("created", tenant.users["member"])
    assert owner.delete(f"/contacts/{record['id']}").status == 204
    assert owner.delete(f"/contacts/{ada}").status == 204
    assert by(owner, "email", email="other@x.example")[0] == "created"


def test_a_precondition_is_about_the_survivor(owner: Client) -> None:
    ada, other = contact(owner, "ada"), contact(owner, "other")
    merge(owner, ada, other)
    body = {"match_on": "email", "email": "other@x.example", "city": "Rome"}
    etag = owner.get(f"/contacts/{ada}").headers["etag"]
    stale = owner.post("/contacts/upsert", body, if_match='"1"')
    assert stale.status == 412
    fresh = owner.post("/contacts/upsert", body, if_match=etag)
    assert (fresh.status, fresh.json["data"]["id"]) == (200, ada)


@pytest.mark.parametrize("way", WAYS)
def test_who_may_only_write_does_not_learn_the_survivors_value(
    way: str, owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    badge(owner)
    match_on, value = WAYS[way]
    ada = contact(owner, "ada", **value("ada"))
    merge(owner, ada, contact(owner, "other", **value("other")))
    writer = open_client(tenant.token(["contact.write"]))
    (name,) = value("ada")
    body = {"match_on": match_on, **value("other"), "city": "Rome"}
    for headers in (
        {"idempotency_key": "k"},
        {"idempotency_key": "k"},
        {"dry_run": "true"},
    ):
        record = writer.post("/contacts/upsert", body, **headers).json["data"]
        assert record.keys() == {"id", "created_at", "updated_at", "city"}
        assert record["id"] == ada
    operation = {"method": "upsert", "resource": "contacts", "body": body}
    (result,) = writer.post("/batch", {"operations": [operation]}).json["data"]
    assert name not in result["record"]
    assert name in by(writer, match_on, **value("ada"))[1]
