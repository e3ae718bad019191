"""Types of record: what a tenant has, and what may change of the built-in ones."""

from typing import Any

import pytest

from tests.client import Client, moment
from tests.end_to_end.conftest import OpenClient
from tests.harness.at_once import at_once
from tests.world import Tenant

BUILT_IN = ["activities", "companies", "contacts", "deals", "notes", "tasks"]


def slugs(page: Any) -> list[str]:
    return [each["slug"] for each in page["data"]]


def test_a_tenant_has_the_built_in_types(owner: Client) -> None:
    page = owner.search("/objects", order_by="slug", sort_direction="asc")
    assert slugs(page) == BUILT_IN
    companies = page["data"][1]
    assert companies["id"].startswith("obj_")
    assert companies == companies | {
        "slug": "companies",
        "singular_label": "Company",
        "plural_label": "Companies",
        "open": True,
        "built_in": True,
        "archived": False,
        "created_by": None,
        "updated_at": companies["created_at"],
    }
    assert owner.get("/objects/companies").json == companies


def test_a_type_is_there_before_anybody_has_listed_them(owner: Client) -> None:
    first = owner.get("/objects/deals")
    assert (first.status, first.json["slug"]) == (200, "deals")
    assert owner.get("/objects/deals").json == first.json


def test_types_stay_the_same_however_many_look_at_first(owner: Client) -> None:
    def look(_: int) -> list[str]:
        client = Client(owner.address, owner.token)
        try:
            return sorted(each["id"] for each in client.search("/objects")["data"])
        finally:
            client.close()

    first, *others = at_once(look, range(6))
    assert len(first) == len(BUILT_IN)
    assert others == [first] * 5


def test_types_are_found_by_what_they_are(owner: Client) -> None:
    owner.patch("/objects/notes", {"open": False})
    closed = [{"field": "open", "operator": "eq", "value": False}]
    assert slugs(owner.search("/objects", filters=closed)) == ["notes"]
    assert slugs(owner.search("/objects", search_text="compan")) == ["companies"]
    page = owner.search("/objects", limit=2, include_total=True)
    assert page["meta"]["total"] == len(BUILT_IN)
    assert sorted(slugs({"data": owner.pages("/objects", limit=2)})) == BUILT_IN


@pytest.mark.parametrize(
    "path",
    ["/objects/planets", "/objects/users", "/objects/Contacts", "/objects/obj_1"],
)
def test_no_other_type_is_there(owner: Client, path: str) -> None:
    for answer in (
        owner.get(path),
        owner.patch(path, {"open": False}),
        owner.get(f"{path}/schema"),
    ):
        assert (answer.status, answer.json["type"][-9:]) == (404, "not-found")


def test_types_are_listed_by_a_search_alone(owner: Client) -> None:
    assert owner.get("/objects").status == 405


def test_a_type_is_closed_and_opened(owner: Client) -> None:
    before = owner.get("/objects/contacts")
    closed = owner.patch("/objects/contacts", {"open": False})
    assert closed.status == 200
    assert closed.json == before.json | {
        "open": False,
        "updated_at": closed.json["updated_at"],
    }
    assert moment(closed.json["updated_at"]) > moment(before.json["updated_at"])
    assert closed.headers["etag"] != before.headers["etag"]
    again = owner.patch("/objects/contacts", {"open": False})
    assert (again.json, again.headers["etag"]) == (closed.json, closed.headers["etag"])
    assert owner.patch("/objects/contacts", {"open": None}).json["open"] is True


def test_an_old_version_is_not_changed(owner: Client) -> None:
    etag = owner.get("/objects/tasks").headers["etag"]
    assert owner.get("/objects/tasks", if_none_match=etag).status == 304
    assert owner.patch("/objects/tasks", {"open": False}, if_match=etag).status == 200
    stale = owner.patch("/objects/tasks", {"open": True}, if_match=etag)
    assert stale.status == 412
    assert owner.get("/objects/tasks").json["open"] is False


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({"open": "no"}, {"open": "invalid_type"}),
        ({"open": 0}, {"open": "invalid_type"}),
        ({"slug": "people"}, {"slug": "read_only"}),
        ({"singular_label": "Person"}, {"singular_label": "read_only"}),
        ({"plural_label": "People"}, {"plural_label": "read_only"}),
        ({"description": "All"}, {"description": "read_only"}),
        ({"built_in": False}, {"built_in": "read_only"}),
        ({"archived": True}, {"archived": "read_only"}),
        ({"created_by": None}, {"created_by": "read_only"}),
        ({"surprise": 1}, {"surprise": "unknown_field"}),
        (
            {"open": 1, "id": "obj_", "x": 1},
            {"open": "invalid_type", "id": "read_only", "x": "unknown_field"},
        ),
    ],
)
def test_open_alone_is_changed(
    owner: Client, body: dict[str, Any], codes: dict[str, str]
) -> None:
    before = owner.get("/objects/contacts").json
    answer = owner.patch("/objects/contacts", body)
    assert (answer.status, answer.codes) == (422, codes)
    assert owner.get("/objects/contacts").json == before


@pytest.mark.parametrize("role", ["manager", "member", "viewer"])
def test_everybody_reads_and_administrators_write(
    tenant: Tenant, owner: Client, open_client: OpenClient, role: str
) -> None:
    client = open_client(tenant.tokens[role])
    assert client.get("/objects/deals").json == owner.get("/objects/deals").json
    assert len(client.search("/objects")["data"]) == len(BUILT_IN)
    refused = client.patch("/objects/deals", {"open": False})
    assert (refused.status, refused.json["refused_by"]) == (403, "role")
    assert refused.json["required"] == "schema.write"


def test_another_tenant_has_types_of_its_own(owner: Client, stranger: Client) -> None:
    owner.patch("/objects/contacts", {"open": False})
    theirs, ours = (c.get("/objects/contacts").json for c in (stranger, owner))
    assert theirs["open"] is True
    assert theirs["id"] != ours["id"]
    kept = {"email": "a@x.example", "custom_fields": {"free": 1}}
    assert stranger.create("/contacts", kept)["custom_fields"] == {"free": 1}
