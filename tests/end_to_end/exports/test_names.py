"""Tables for people: names beside ids, and a mark by which Excel knows UTF-8."""

import csv
import io
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.exports.exporting import exported, file
from tests.world import Tenant

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
