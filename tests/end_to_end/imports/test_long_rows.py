"""Answers about imports stay short, however long the rows and names of a file are."""

import json
from typing import Any

import grpc
import pytest
from prospectconnect.jobs.v1 import imports_pb2, imports_pb2_grpc

from services.importing.drafts import Result
from services.importing.reading.rows import Row
from services.importing.samples import MOST_BYTES, sample
from tests.client import Client
from tests.end_to_end.imports.sending import NDJSON, begun, imported, lines, table
from tests.world import Tenant

LONG = 900_000


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"city": "x" * LONG}, None),
        ({f"f{number}": "x" * 30 for number in range(2_000)}, None),
        ({"tags": ["tag"] * 100_000, "city": "Rome"}, {"type": "validation"}),
        ({"n" * LONG: 1}, {"errors": [{"field": "f" * LONG, "message": "m" * LONG}]}),
        (None, {"detail": "d" * LONG}),
        ({"a": "b"}, {"errors": [{"field": "f", "message": "m"}] * 5_000}),
        ({"\0" * 3_000: "\0" * 3_000} | {"\x01" * n: 1 for n in range(300)}, None),
    ],
)
def test_a_long_row_is_shown_in_part_and_says_so(values: Any, problem: Any) -> None:
    shown = sample(Result(Row(7, b"", 0), values=values, problem=problem))
    assert len(json.dumps(shown, ensure_ascii=False).encode()) < 2 * MOST_BYTES
    assert (shown["row"], shown["is_cut"]) == (7, True)
    if problem and problem.get("errors"):
        assert shown["problem"]["errors"]


def test_a_short_row_is_shown_whole() -> None:
    values = {"city": "x" * 500, "tags": ["a", "b"], "lead_score": 3}
    shown = sample(Result(Row(1, b"", 0), values=values))
    assert shown == {"row": 1, "values": values, "problem": None}


def test_ten_rows_of_a_megabyte_are_a_short_answer(
    tenant: Tenant, owner: Client
) -> None:
    rows = ({"city": "x" * LONG, "email": f"{n}@l.example"} for n in range(10))
    found = imported(owner, lines(rows), format=NDJSON, dry_run=True)
    shown = found["result"]["rows"]
    assert len(shown) == 10
    assert all(each["is_cut"] for each in shown)
    assert shown[9]["values"]["email"] == "9@l.example"
    with grpc.insecure_channel(tenant.stack.grpc) as channel:  # with its usual limits
        service = imports_pb2_grpc.ImportServiceStub(channel)
        bearer = (("authorization", f"Bearer {tenant.tokens['owner']}"),)
        got = service.GetImport(
            imports_pb2.GetImportRequest(id=found["id"]), metadata=bearer
        )
        assert got.ByteSize() < 64 * 1024


def test_pages_of_long_imports_end_early(tenant: Tenant, owner: Client) -> None:
    names = ["email"] + [f"{n:03}" + "c" * 110 for n in range(999)]
    mapping = dict.fromkeys(names[1:])
    made = [begun(owner, mapping=mapping, dry_run=True) for _ in range(30)]
    made.append(imported(owner, table("email", "a@l.example"))["id"])
    for order in ("created_at", "updated_at"):
        found = owner.pages("/imports", limit=100, order_by=order)
        assert sorted(each["id"] for each in found) == sorted(made)
    named = [{"field": "dry_run", "operator": "eq", "value": True}]
    page = owner.search("/imports", limit=100, filters=named, include_total=True)
    assert page["meta"]["cursor"]["has_more"]
    assert page["meta"]["total"] == 30
    assert 1 < len(page["data"]) < 30
    refused = owner.post("/imports/search", {"ids": made})
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "ids")
    assert owner.post("/imports/search", {"ids": made, "fields": ["id"]}).status == 200


def test_a_header_has_a_bound(owner: Client) -> None:
    for head in ("email," + "x" * 200_000, 'email,"' + "x\n" * 80_000 + '"'):
        found = imported(owner, table(head, "a@l.example,1"))
        assert found["state"] == "failed"
        assert "header" in found["problem"]["detail"], found["problem"]
