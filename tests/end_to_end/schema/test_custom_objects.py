"""Custom objects: types of record that a tenant defines, archives and restores."""

from typing import Any

import pytest

from services.schema.reserved import RESERVED
from tests.client import Client, moment
from tests.edge.operations import OPERATIONS
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.schema.custom import (
    BODY,
    PATH,
    RECORDS,
    body,
    define_field,
    define_object,
)
from tests.harness.at_once import at_once
from tests.world import Tenant


def test_an_object_is_read_back_as_it_was_defined(
    owner: Client, tenant: Tenant
) -> None:
    given = BODY | {"description": "What renews.\nEach year.", "open": False}
    made = owner.post("/objects", given)
    assert made.status == 201
    assert made.headers["location"] == f"/v1{PATH}"
    assert made.json == given | {
        "id": made.json["id"],
        "built_in": False,
        "archived": False,
        "created_at": made.json["created_at"],
        "updated_at": made.json["created_at"],
        "created_by": tenant.users["owner"],
    }
    read = owner.get(PATH)
    assert (read.body, read.headers["etag"]) == (made.body, made.headers["etag"])
    assert made.json in owner.pages("/objects")


def test_what_is_not_given_has_a_default(owner: Client) -> None:
    made = define_object(owner)
    assert (made["open"], made["description"]) == (True, None)


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({"slug": None}, {"slug": "required"}),
        ({"slug": "Licenses"}, {"slug": "invalid_format"}),
        ({"slug": "x"}, {"slug": "invalid_format"}),
        ({"slug": "1x"}, {"slug": "invalid_format"}),
        ({"slug": "a-b"}, {"slug": "invalid_format"}),
        ({"slug": "a\0b"}, {"slug": "invalid"}),
        ({"slug": "x" * 41}, {"slug": "too_long"}),
        ({"slug": 7}, {"slug": "invalid_type"}),
        ({"singular_label": None}, {"singular_label": "required"}),
        ({"plural_label": " "}, {"plural_label": "required"}),
        ({"plural_label": "x" * 101}, {"plural_label": "too_long"}),
        ({"description": "x" * 1001}, {"description": "too_long"}),
        ({"archived": True}, {"archived": "read_only"}),
        ({"built_in": False}, {"built_in": "read_only"}),
        ({"icon": "x"}, {"icon": "unknown_field"}),
        (
            {"slug": "contacts", "singular_label": ""},
            {"slug": "not_unique", "singular_label": "required"},
        ),
    ],
)
def test_the_rules_of_an_object_are_kept(
    owner: Client, changed: dict[str, Any], codes: dict[str, str]
) -> None:
    answer = owner.post("/objects", BODY | changed)
    assert (answer.status, answer.codes) == (422, codes)
    assert owner.get(PATH).status == 404


@pytest.mark.parametrize(
    "slug",
    [
        *("contacts", "companies", "deals", "tasks", "notes", "activities"),
        *("users", "pipelines", "fields", "objects", "records", "search"),
        *("me", "limits", "associations", "association_types", "tokens", "jobs"),
        *("subscriptions", "invoices", "webhooks", "sandboxes", "pages", "lists"),
    ],
)
def test_no_object_has_the_name_of_a_built_in_one(owner: Client, slug: str) -> None:
    answer = owner.post("/objects", body(slug))
    assert (answer.status, answer.codes) == (422, {"slug": "not_unique"})
    assert answer.json["detail"] == f"The slug {slug} is reserved for the API."


def test_every_name_in_a_path_is_reserved() -> None:
    named = {
        part
        for operation in OPERATIONS.values()
        for part in operation.route.path.split("/")[2:3]
    }
    assert named - RESERVED == set()


def test_a_slug_is_taken_for_ever(owner: Client, stranger: Client) -> None:
    define_object(owner)
    for _ in range(2):
        answer = owner.post("/objects", BODY)
        assert (answer.status, answer.codes) == (422, {"slug": "not_unique"})
        assert owner.delete(PATH).status == 204
    assert define_object(stranger)["slug"] == BODY["slug"]


def test_of_many_at_once_one_gets_the_slug(owner: Client) -> None:
    def define(_: int) -> int:
        client = Client(owner.address, owner.token)
        try:
            return client.post("/objects", BODY).status
        finally:
            client.close()

    assert sorted(at_once(define, range(6))) == [201] + [422] * 5


def test_an_object_is_made_once_for_a_key(owner: Client) -> None:
    first, again = (
        owner.post("/objects", BODY, idempotency_key="once") for _ in range(2)
    )
    assert (first.status, again.status) == (201, 201)
    assert first.body == again.body
    assert again.headers["idempotent-replayed"] == "true"
    other = owner.post("/objects", body("projects"), idempotency_key="once")
    assert other.json["type"].endswith("/idempotency-key-reused")


def test_labels_description_and_open_are_changed(owner: Client) -> None:
    before = define_object(owner)
    given = {"singular_label": "Plan", "description": "D", "open": False}
    after = owner.patch(PATH, given)
    assert after.status == 200
    assert after.json == before | given | {"updated_at": after.json["updated_at"]}
    assert moment(after.json["updated_at"]) > moment(before["updated_at"])
    assert owner.patch(PATH, {}).body == after.body
    refused = owner.patch(PATH, {"slug": "plans", "plural_label": None})
    assert refused.codes == {"slug": "read_only", "plural_label": "required"}


def test_an_old_version_is_neither_changed_nor_archived(owner: Client) -> None:
    define_object(owner)
    stale = owner.get(PATH).headers["etag"]
    fresh = owner.patch(PATH, {"open": False}).headers["etag"]
    assert owner.patch(PATH, {"open": True}, if_match=stale).status == 412
    assert owner.delete(PATH, if_match=stale).status == 412
    assert owner.delete(PATH, if_match=fresh).status == 204
    restored = owner.post(f"{PATH}/restore", if_match=fresh)
    assert restored.status == 412


def test_an_archived_object_hides_its_records_and_keeps_them(owner: Client) -> None:
    define_object(owner)
    define_field(owner, "seats", "integer")
    made = owner.create(RECORDS, {"name": "Basic", "custom_fields": {"seats": 5}})
    path = f"{RECORDS}/{made['id']}"
    assert [owner.delete(PATH).status for _ in range(2)] == [204, 204]
    assert owner.get(PATH).json["archived"] is True
    for answer in (
        owner.get(path),
        owner.patch(path, {"name": "x"}),
        owner.delete(path),
        owner.post(RECORDS, {"name": "x"}),
        owner.post(f"{RECORDS}/search", {}),
        owner.post(f"{RECORDS}/upsert", {"match_on": "id", "id": made["id"]}),
        owner.get(f"{PATH}/schema"),
    ):
        assert answer.status == 404
        assert answer.json["type"].endswith("/not-found")
    note = {"body": "x", "custom_record_id": made["id"]}
    assert owner.post("/notes", note).codes == {"custom_record_id": "not_found"}
    restored = [owner.post(f"{PATH}/restore") for _ in range(2)]
    assert [each.status for each in restored] == [200, 200]
    assert restored[0].body == restored[1].body
    assert restored[0].json["archived"] is False
    assert owner.get(path).json == made
    assert owner.search(RECORDS)["data"] == [made]


def test_a_built_in_type_is_not_archived(owner: Client) -> None:
    for answer in (
        owner.delete("/objects/contacts"),
        owner.post("/objects/contacts/restore"),
    ):
        assert answer.status == 403
        assert answer.json["type"].endswith("/forbidden")
    assert owner.delete("/objects/planets").status == 404
    assert owner.post("/objects/planets/restore").status == 404


def test_an_object_is_not_archived_while_fields_lead_to_its_records(
    owner: Client,
) -> None:
    define_object(owner)
    define_object(owner, "projects")
    field = define_field(owner, "paid_by", "record", "projects", target=BODY["slug"])
    deal = {"object": "deals", "key": "paid_by", "type": "record", "label": "P"}
    other = owner.create("/fields", deal | {"target": BODY["slug"]})
    assert owner.delete(PATH).status == 204  # it has no records
    owner.post(f"{PATH}/restore")
    record = owner.create(RECORDS, {"name": "Basic"})
    refused = owner.delete(PATH)
    assert (refused.status, refused.json["type"][-9:]) == (409, "/conflict")
    assert refused.json["count"] == 2
    assert refused.json["used_by"] == ["deals.paid_by", "projects.paid_by"]
    assert owner.get(PATH).json["archived"] is False
    owner.delete(f"/fields/{other['id']}")
    assert owner.delete(PATH).json["used_by"] == ["projects.paid_by"]
    owner.delete("/objects/projects")
    assert owner.delete(PATH).status == 204
    # What leads to an archived object comes back after it alone.
    refused = owner.post(f"/fields/{other['id']}/restore")
    assert (refused.status, refused.codes) == (422, {"target": "invalid_choice"})
    assert owner.get(f"/fields/{field['id']}").status == 200
    owner.post(f"{PATH}/restore")
    assert owner.post(f"/fields/{other['id']}/restore").status == 200
    owner.delete(f"{RECORDS}/{record['id']}")
    assert owner.delete(PATH).status == 204


@pytest.mark.parametrize("role", ["manager", "member", "viewer"])
def test_administrators_alone_define_objects(
    tenant: Tenant, owner: Client, open_client: OpenClient, role: str
) -> None:
    define_object(owner)
    client = open_client(tenant.tokens[role])
    assert client.get(PATH).status == 200
    for answer in (
        client.post("/objects", body("projects")),
        client.patch(PATH, {"open": False}),
        client.delete(PATH),
        client.post(f"{PATH}/restore"),
    ):
        assert (answer.status, answer.json["refused_by"]) == (403, "role")


def test_another_tenants_objects_are_not_there(owner: Client, stranger: Client) -> None:
    define_object(owner)
    record = owner.create(RECORDS, {"name": "Basic"})
    for answer in (
        stranger.get(PATH),
        stranger.patch(PATH, {"open": False}),
        stranger.delete(PATH),
        stranger.post(f"{PATH}/restore"),
        stranger.get(f"{PATH}/schema"),
        stranger.post(f"{RECORDS}/search", {}),
    ):
        assert answer.status == 404
    define_object(stranger)
    assert stranger.get(f"{RECORDS}/{record['id']}").status == 404
    assert stranger.search(RECORDS)["data"] == []
