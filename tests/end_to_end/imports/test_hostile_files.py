"""Files that nobody well-meaning sends: a row's problem, or the import's clear end."""

from typing import Any

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.imports.sending import (
    NDJSON,
    errors_of,
    imported,
    lines,
    rows_of,
    statuses,
    table,
)
from tests.world import Tenant

Json = dict[str, Any]


def test_nul_ends_no_import_without_a_reason(owner: Client) -> None:
    found = imported(owner, b"email,a\0b\na@nul.example,1\n")
    assert found["state"] == "failed"
    assert "NUL" in found["problem"]["detail"]
    content = table("email,city", "a@nul.example,Ro\0me", "b@nul.example,Oslo")
    found = imported(owner, content, dry_run=True)
    first, second = found["result"]["rows"]
    assert first["problem"]["errors"][0]["field"] == "city"
    assert first["values"]["city"] == "Ro\ufffdme"
    assert second["problem"] is None
    values: list[Json] = [
        {"email": "a@nul.example", "city": "x\0", "y\0": 10**30, "lead_score": 10**400},
        {"email": "b@nul.example"},
    ]
    found = imported(owner, lines(values), format=NDJSON, dry_run=True)
    assert found["state"] == "succeeded", found
    assert found["result"]["rows"][1]["problem"] is None
    found = imported(owner, lines(values), format=NDJSON)
    assert statuses(rows_of(owner, found["id"])) == ["failed", "created"]


def test_a_row_of_deep_values_leaves_the_lists_of_imports_readable(
    owner: Client,
) -> None:
    for depth in (60, 300):
        deep = b"[" * depth + b"]" * depth
        row = b'{"email":"d@deep.example","custom_fields":{"x":%b}}\n' % deep
        found = imported(owner, row, format=NDJSON, dry_run=True)
        assert (found["state"], found["failed"]) == ("failed", 1), found
        assert found["problem"]["type"].endswith("validation"), found
        (shown,) = found["result"]["rows"]
        assert shown["values"]["email"] == "d@deep.example"
        assert "\N{HORIZONTAL ELLIPSIS}" in str(shown["values"])
        assert statuses(rows_of(owner, found["id"])) == ["failed"]
    assert len(owner.pages("/imports")) == 2


def test_a_value_that_cannot_match_is_its_rows_problem(owner: Client) -> None:
    owner.create("/contacts", {"email": "a@cell.example"})
    content = table("email,city", "a@cell.example,Rome", "b\0@cell.example,Oslo")
    found = imported(owner, content, mode="update", match_on="email")
    assert statuses(rows_of(owner, found["id"])) == ["updated", "failed"]
    content = table(
        "email,company.domain", "x@cell.example,a\0b.example", "y@cell.example,"
    )
    found = imported(owner, content)
    assert statuses(rows_of(owner, found["id"])) == ["failed", "created"]


def test_rows_show_themselves_to_those_who_may_see_records(
    tenant: Tenant, open_client: OpenClient
) -> None:
    owner = open_client(tenant.tokens["owner"])
    found = imported(owner, table("email", "nobody"))
    other = open_client(tenant.token(("company.read", "company.write"), "owner"))
    at = f"/imports/{found['id']}"
    assert other.post(f"{at}/rows/search", {}).status == 403
    assert other.get(f"{at}/errors.csv").status == 403
    writer = open_client(tenant.token(("contact.write",), "owner"))
    assert writer.get(f"{at}/errors.csv").status == 200
    body = {"resource": "contacts", "mode": "update", "format": "csv"}
    assert writer.post("/imports", {**body, "match_on": "email"}).status == 403
    assert writer.post("/imports", {**body, "match_on": "id"}).status == 201


def test_rows_match_by_a_number_of_the_tenant(owner: Client) -> None:
    field = {"object": "contacts", "key": "no", "label": "No", "type": "integer"}
    owner.create("/fields", {**field, "unique": True})
    owner.create(
        "/contacts", {"email": "n@no.example", "custom_fields": {"no": 1234567}}
    )
    cells = ("1234567,Rome", "abc,x", "1.5,x", "9" * 60 + ",x", "1234567,Oslo")
    content = table("custom_fields.no,city", *cells)
    found = imported(owner, content, mode="update", match_on="custom_fields.no")
    assert found["state"] == "succeeded", found
    assert statuses(rows_of(owner, found["id"])) == [
        "updated",
        *["failed"] * 3,
        "updated",
    ]


def test_columns_that_are_not_there_are_told(owner: Client) -> None:
    content = table("email", "a@gone.example")
    mapping = {"email": "email", "Town": "city", "X": None}
    found = imported(owner, content, mapping=mapping, dry_run=True)
    assert found["result"]["missing"] == ["Town"]
    more = {"mode": "update", "match_on": "external_ids.sap"}
    found = imported(owner, content, **more)
    assert (found["state"], found["rows"]) == ("failed", 0)
    assert "No column gives external_ids.sap" in found["problem"]["detail"]


def test_a_second_round_has_one_problem_for_each_row(owner: Client) -> None:
    content = "email,city\nnobody,Łódź\n".encode("utf-16")
    for _ in range(2):
        found = imported(owner, content, charset="UTF_16")
        content = errors_of(owner, found["id"])
        header, row = content.decode("utf-16").splitlines()
        assert header == "_problem,email,city"
        assert row.startswith('"email: ') or row.startswith("email: ")
        assert row.count("email: ") == 1
        assert row.endswith(",nobody,Łódź")
