"""Exports: files hold what the caller sees, exactly as answers have it."""

import gzip
import hashlib
import io
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.exports.exporting import (
    begin,
    ended,
    exported,
    file,
    records,
)
from tests.end_to_end.schema.defining import define
from tests.harness.promptly import within
from tests.world import Tenant, administer


@pytest.mark.every_topology
def test_a_line_of_a_file_is_the_answer_of_a_get_byte_for_byte(owner: Client) -> None:
    given = [{"email": f"{n}@a.example", "custom_fields": {"n": n}} for n in range(3)]
    made = [owner.create("/contacts", each) for each in given]
    export = exported(owner)
    (told,) = export["result"]["files"]
    answer = file(owner, export)
    assert answer.status == 200
    assert (told["number"], told["name"], told["rows"]) == (1, "contacts-1.ndjson", 3)
    assert told["bytes"] == len(answer.body)
    assert told["sha256"] == hashlib.sha256(answer.body).hexdigest()
    lines = answer.body.splitlines()
    assert lines == [owner.get(f"/contacts/{each['id']}").body for each in made]
    assert records(owner, export) == made


def test_the_job_tells_the_same_as_the_export(owner: Client) -> None:
    export = exported(owner)
    job = owner.get(f"/jobs/{export['job_id']}").json
    assert (job["kind"], job["subject_id"]) == ("export", export["id"])
    assert job["result"] == {"export_id": export["id"], **export["result"]}
    assert job["progress"] == {"total": 0, "done": 0, "failed": 0}


def test_filters_fields_and_expansions_are_those_of_a_search(owner: Client) -> None:
    company = owner.create("/companies", {"name": "Engines"})
    for name in ("Ada", "Grace"):
        body = {"first_name": name, "email": f"{name}@a.example"}
        owner.create("/contacts", body | {"company_id": company["id"]})
    asked: dict[str, Any] = {
        "filters": [{"field": "first_name", "operator": "eq", "value": "Ada"}],
        "fields": ["first_name", "company_id"],
        "expand": ["company"],
    }
    export = exported(owner, **asked)
    assert records(owner, export) == owner.search("/contacts", **asked)["data"]
    assert records(owner, export)[0]["company"]["name"] == "Engines"


def test_several_types_have_files_of_their_own(owner: Client) -> None:
    owner.create("/companies", {"name": "Engines"})
    export = exported(owner, resources=["companies", "users", "deals"])
    files = export["result"]["files"]
    assert [(each["number"], each["name"]) for each in files] == [
        (1, "companies-1.ndjson"),
        (2, "users-1.ndjson"),
        (3, "deals-1.ndjson"),
    ]
    assert [each["rows"] for each in files] == [1, 5, 0]


def test_a_member_exports_what_they_see(
    tenant: Tenant, owner: Client, member: Client
) -> None:
    owner.create(
        "/contacts", {"email": "a@a.example", "owner_id": tenant.users["owner"]}
    )
    mine = member.create("/contacts", {"email": "b@a.example"})
    assert records(member, exported(member)) == [mine]


def test_scope_and_role_are_asked_for_each_type(
    tenant: Tenant, open_client: OpenClient
) -> None:
    narrow = open_client(tenant.token(["contact.read"]))
    answer = narrow.post("/exports", {"resource": "deals", "format": "csv"})
    assert answer.status == 403
    assert answer.json["required"] == "deal.read"
    assert exported(narrow)["state"] == "succeeded"


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({"format": "csv"}, {"resource": "required"}),
        ({"resource": "contacts"}, {"format": "required"}),
        ({"resource": "jobs", "format": "csv"}, {"resource": "invalid_choice"}),
        (
            {"resources": ["contacts", "x"], "format": "csv"},
            {"resources[1]": "invalid_choice"},
        ),
        (
            {"resource": "contacts", "resources": ["deals"], "format": "csv"},
            {"resource": "invalid"},
        ),
        (
            {"resources": ["deals", "tasks"], "fields": ["id"], "format": "csv"},
            {"fields": "invalid"},
        ),
        (
            {"resource": "contacts", "fields": ["nope"], "format": "csv"},
            {"fields[0]": "invalid_choice"},
        ),
        (
            {"resource": "contacts", "expand": ["nope"], "format": "csv"},
            {"expand[0]": "invalid_choice"},
        ),
        (
            {"resource": "contacts", "filters": [{"field": "x"}], "format": "csv"},
            {"filters[0].field": "invalid_choice", "filters[0].operator": "required"},
        ),
        (
            {"resource": "users", "expand": ["owner"], "format": "csv"},
            {"expand": "invalid_choice"},
        ),
        (
            {"resource": "contacts", "format": "csv", "version": "2020-01-01"},
            {"version": "invalid_choice"},
        ),
    ],
)
def test_what_is_wrong_is_said_when_it_is_created(
    owner: Client, body: object, codes: dict[str, str]
) -> None:
    answer = owner.post("/exports", body)
    assert answer.status == 422
    assert answer.codes == codes


def test_compressed_files_hold_the_same(owner: Client) -> None:
    owner.create("/contacts", {"email": "a@a.example"})
    plain, packed = exported(owner), exported(owner, compression="gzip")
    answer = file(owner, packed)
    assert packed["result"]["files"][0]["name"] == "contacts-1.ndjson.gz"
    assert answer.headers["content-type"] == "application/gzip"
    assert gzip.decompress(answer.body) == file(owner, plain).body


def test_parquet_has_typed_columns(owner: Client) -> None:
    made = owner.create("/contacts", {"email": "a@a.example", "lead_score": 7})
    export = exported(owner, format="parquet")
    (row,) = pq.read_table(io.BytesIO(file(owner, export).body)).to_pylist()
    assert (row["id"], row["email"], row["lead_score"]) == (
        made["id"],
        "a@a.example",
        7,
    )
    assert row["created_at"].isoformat()[:19] == made["created_at"][:19]


def test_the_feed_goes_on_where_the_export_ends(owner: Client) -> None:
    before = owner.create("/contacts", {"email": "a@a.example"})
    export = exported(owner)
    owner.patch(f"/contacts/{before['id']}", {"first_name": "Ada"})
    cursor = export["result"]["changes_cursor"]
    asked = {"resources": ["contacts"], "cursor": cursor, "wait_seconds": 20}
    page = owner.post("/changes/read", asked).json
    assert "data" in page, page
    assert [each["type"] for each in page["data"]] == ["contact.updated"]


def test_others_see_no_export(
    tenant: Tenant, owner: Client, stranger: Client, member: Client
) -> None:
    export = exported(owner)
    for client in (stranger, member):
        assert client.get(f"/exports/{export['id']}").status == 404
        assert file(client, export).status == 404


def test_an_erasure_destroys_the_files(owner: Client) -> None:
    person = owner.create("/contacts", {"email": "a@a.example"})
    export = exported(owner)
    assert file(owner, export).status == 200
    answer = owner.post(f"/contacts/{person['id']}/erase", {"reason": "asked"})
    assert answer.status == 200, answer.body
    assert answer.json["destroyed"]["exports"] == 1
    gone = file(owner, export)
    assert (gone.status, gone.json["type"].rpartition("/")[2]) == (410, "gone")
    told = owner.get(f"/exports/{export['id']}").json
    assert (told["result"], told["problem"]["type"]) == (None, "gone")


def test_a_cancelled_export_has_no_files(owner: Client) -> None:
    export = begin(owner)
    owner.post(f"/jobs/{export['job_id']}/cancel", {})
    told = ended(owner, export)
    assert told["state"] in ("cancelled", "succeeded")
    assert (told["result"] is None) == (told["state"] == "cancelled")


def test_a_file_is_for_who_sees_as_much_as_its_maker_did(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    company = owner.create("/companies", {"name": "Engines"})
    owner.create("/contacts", {"email": "a@a.example", "company_id": company["id"]})
    narrow = open_client(tenant.token(["contact.read"]))
    export = exported(owner, expand=["company", "owner"])
    assert b"Engines" in file(owner, export).body
    refused = file(narrow, export)
    assert (refused.status, refused.json["required"]) == (403, "company.read")
    alone = exported(narrow, expand=["company"])
    assert b"Engines" not in file(narrow, alone).body
    assert file(narrow, exported(owner)).status == 200


def test_a_role_that_is_lowered_loses_the_files_that_hold_more(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    define(owner, "text", key="it", sensitive=True, readable_by=["manager"])
    mine = {"email": "a@a.example", "owner_id": tenant.users["owner"]}
    owner.create("/contacts", mine | {"custom_fields": {"it": "secret"}})
    manager = open_client(tenant.tokens["manager"])
    whole, part = exported(manager), exported(manager, fields=["email"])
    users = exported(manager, "users")
    assert b"secret" in file(manager, whole).body

    def sees(role: str, *wanted: int) -> bool:
        sql = "UPDATE users SET role = $3 WHERE business_id = $1 AND id = $2"
        given = sql, tenant.business_id, tenant.users["manager"], role
        administer(tenant.stack.database_url, lambda database: database.run(*given))
        files = whole, part, users
        return within(30, lambda: [file(manager, e).status for e in files] == [*wanted])

    assert sees("viewer", 403, 200, 200)  # it does not read the sensitive field
    assert sees("member", 403, 403, 200)  # it sees its own contacts alone
    assert sees("manager", 200, 200, 200)
