"""Tables for people: names beside ids, and a mark by which Excel knows UTF-8."""

import csv
import io
import json
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.client import Client
from tests.end_to_end.exports.exporting import exported, file
from tests.end_to_end.imports.sending import begun, put
from tests.end_to_end.imports.sending import ended as import_ended
from tests.end_to_end.schema.custom import define_object
from tests.world import Tenant

OWN = "custom_fields"
# A tenant's own fields that lead to a user, a company and a record of an own object.
REVIEWER = {"key": "reviewer", "label": "Reviewer", "type": "user"}
PARTNER = {"key": "partner", "label": "P", "type": "record", "target": "companies"}
PAYER = {"key": "payer", "label": "Payer", "type": "record", "target": "payers"}
MARK = b"\xef\xbb\xbf"


def table(client: Client, export: Any) -> list[dict[str, str]]:
    """The rows of a table, by their columns."""
    text = file(client, export).body.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_names_stand_beside_ids(owner: Client, tenant: Tenant) -> None:
    company = owner.create("/companies", {"name": "=Cmd|'1'", "owner_id": None})
    given = {"name": "Deal", "company_id": company["id"], "value": 3}
    deal = owner.create("/deals", given)
    owner.create("/deals", {"name": "Bare", "owner_id": None})
    export = exported(owner, "deals", format="csv", names=True, byte_order_mark=True)
    assert file(owner, export).body.startswith(MARK)
    bare, named = sorted(table(owner, export), key=lambda row: row["name"])
    columns = list(named)
    for path in ("owner", "company", "contact", "pipeline", "stage"):
        at = columns.index(f"{path}_id")
        assert columns[at + 1] == f"{path}.name"
    assert named["company.name"] == "'=Cmd|'1'", "no spreadsheet runs it"
    assert named["owner.name"] == f"Owner of {tenant.name}"
    stages = owner.get(f"/pipelines/{deal['pipeline_id']}").json["stages"]
    (stage,) = (e["name"] for e in stages if e["id"] == deal["stage_id"])
    assert named["stage.name"] == stage
    assert (bare["company.name"], bare["owner.name"]) == ("", "")


def test_names_stand_beside_the_ids_that_are_asked_for(owner: Client) -> None:
    owner.create("/deals", {"name": "Some"})
    fields = ["name", "owner_id"]
    export = exported(owner, "deals", format="csv", names=True, fields=fields)
    (row,) = table(owner, export)
    assert list(row) == ["id", "name", "owner_id", "owner.name"]


def test_names_of_records_that_the_caller_may_not_read_are_empty(
    owner: Client, tenant: Tenant
) -> None:
    company = owner.create("/companies", {"name": "Hidden"})
    owner.create("/contacts", {"email": "n@n.example", "company_id": company["id"]})
    client = tenant.client(token=tenant.token(("contact.read",)))
    export = exported(client, "contacts", format="csv", names=True)
    (row,) = table(client, export)
    assert (row["company_id"], row["company.name"]) == (company["id"], "")
    client.close()


@pytest.fixture
def led(owner: Client, tenant: Tenant) -> dict[str, str]:
    """Deals with own fields that lead to others: the ids of these, by the keys."""
    define_object(owner, "payers")
    for field in (REVIEWER, PARTNER, PAYER):
        owner.create("/fields", {"object": "deals"} | field)
    led = {
        "reviewer": tenant.users["owner"],
        "partner": owner.create("/companies", {"name": "Acme"})["id"],
        "payer": owner.create("/objects/payers/records", {"name": "Payer"})["id"],
    }
    owner.create("/deals", {"name": "Full", OWN: led})
    owner.create("/deals", {"name": "Other", OWN: {"partner": led["partner"]}})
    owner.create("/deals", {"name": "Bare"})
    return led


def test_names_stand_beside_own_fields_that_lead_to_records(
    owner: Client, tenant: Tenant, led: dict[str, str]
) -> None:
    export = exported(owner, "deals", format="csv", names=True)
    bare, full, other = sorted(table(owner, export), key=lambda row: row["name"])
    columns = list(full)
    for key, record_id in led.items():
        at = columns.index(f"{OWN}.{key}")
        assert columns[at + 1] == f"{OWN}.{key}.name"
        assert full[f"{OWN}.{key}"] == record_id
    assert (full[OWN], bare[OWN]) == ("", ""), "no name is a value of its own"
    names = [f"Owner of {tenant.name}", "Acme", "Payer"]
    assert [full[f"{OWN}.{key}.name"] for key in led] == names
    assert [other[f"{OWN}.{key}.name"] for key in led] == ["", "Acme", ""]
    assert [bare[f"{OWN}.{key}.name"] for key in led] == ["", "", ""]
    assert full["owner.name"] == names[0]


def test_names_of_own_fields_are_those_that_are_asked_for(
    owner: Client, tenant: Tenant, led: dict[str, str]
) -> None:
    fields = ["name", f"{OWN}.partner"]
    export = exported(owner, "deals", format="csv", names=True, fields=fields)
    rows = table(owner, export)
    assert list(rows[0]) == ["id", "name", f"{OWN}.partner", f"{OWN}.partner.name"]
    client = tenant.client(token=tenant.token(("deal.read",)))
    export = exported(client, "deals", format="csv", names=True)
    full = max(table(client, export), key=lambda row: row[f"{OWN}.payer"])
    assert full[f"{OWN}.partner"] == led["partner"]
    assert [full[f"{OWN}.{key}.name"] for key in ("partner", "payer")] == ["", ""]
    client.close()


def test_parquet_has_names_of_own_fields_behind_them(
    owner: Client, led: dict[str, str]
) -> None:
    export = exported(owner, "deals", format="parquet", names=True)
    read = pq.read_table(io.BytesIO(file(owner, export).body)).to_pylist()
    names = {row["name"]: row[f"{OWN}.partner.name"] for row in read}
    assert names == {"Full": "Acme", "Other": "Acme", "Bare": None}
    full = next(row for row in read if row["name"] == "Full")
    assert json.loads(full[OWN]) == led


def test_an_import_of_a_table_with_names_takes_the_ids(
    owner: Client, led: dict[str, str]
) -> None:
    export = exported(owner, "deals", format="csv", names=True)
    content = file(owner, export).body
    made = begun(owner, "deals", dry_run=True)
    assert put(owner, made, content).status == 200
    told = import_ended(owner, made)["result"]
    mapped = {path for path in told["mapping"].values() if path.startswith(OWN)}
    assert mapped >= {f"{OWN}.{key}" for key in led}
    assert not any(path.endswith(".name") for path in mapped)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"format": "ndjson", "names": True}, "names"),
        ({"format": "csv", "names": True, "expand": ["owner"]}, "names"),
        ({"format": "parquet", "byte_order_mark": True}, "byte_order_mark"),
    ],
)
def test_what_makes_no_sense_is_refused(
    owner: Client, asked: dict[str, Any], field: str
) -> None:
    answer = owner.post("/exports", {"resource": "contacts"} | asked)
    assert answer.status == 422
    assert [each["field"] for each in answer.json["errors"]] == [field]
