"""A dry run judges the whole file as the import would, and keeps nothing of it."""

import gzip
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.imports.sending import (
    begun,
    ended,
    errors_of,
    imported,
    put,
    rows_of,
    statuses,
    table,
)
from tests.world import Tenant

Json = dict[str, Any]
COUNTS = ("created", "updated", "unchanged", "deleted", "failed")


def test_a_dry_run_says_what_the_import_then_does(owner: Client) -> None:
    owner.create("/contacts", {"email": "p7@aa.example", "first_name": "P"})
    cells = (f"p{n}@aa.example" if n % 9 else "nobody" for n in range(120))
    content = table("email,first_name", *(f"{cell},P" for cell in cells))
    more = {"mode": "upsert"}
    tried = imported(owner, content, dry_run=True, **more)
    assert len(owner.pages("/contacts")) == 1
    done = imported(owner, content, **more)
    assert {n: tried[n] for n in COUNTS} == {n: done[n] for n in COUNTS}
    assert (tried["created"], tried["unchanged"], tried["failed"]) == (105, 1, 14)
    assert (tried["result"]["judged"], tried["result"]["is_whole"]) == (120, True)
    assert len(tried["result"]["rows"]) == 10
    rows, real = (rows_of(owner, each["id"], limit=100) for each in (tried, done))
    assert statuses(rows) == statuses(real)
    assert [each["problem"] for each in rows] == [each["problem"] for each in real]
    assert {each["id"] for each in rows if each["status"] == "created"} == {None}
    assert errors_of(owner, tried["id"]) == errors_of(owner, done["id"])


def test_a_dry_run_shows_its_rows_to_readers_alone(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    other = open_client(tenant.token(["company.all"]))
    content = table("email", "secret@ab.example")
    found = imported(owner, content, dry_run=True)
    assert found["result"]["rows"]
    seen = other.get(f"/imports/{found['id']}").json
    assert "rows" not in seen["result"], seen
    part = other.get(f"/imports/{found['id']}?fields=result").json
    assert "rows" not in part["result"]
    pages = other.pages("/imports")
    assert pages
    assert all("rows" not in (each["result"] or {}) for each in pages)
    job = owner.get(f"/jobs/{found['job_id']}").json
    assert "secret" not in str(job)


def test_with_stop_a_dry_run_ends_at_the_first_bad_row(owner: Client) -> None:
    content = table("email", "a@ac.example", "nobody", "b@ac.example")
    found = imported(owner, content, dry_run=True, on_error="stop")
    assert (found["state"], found["created"], found["failed"]) == ("failed", 1, 1)
    assert owner.pages("/contacts") == []


def test_a_file_without_a_good_row_has_failed(owner: Client) -> None:
    found = imported(owner, table("email", "a", "b"))
    assert (found["state"], found["failed"]) == ("failed", 2)
    assert found["problem"]["detail"] == (
        "All 2 rows were rejected: see their problems."
    )
    assert errors_of(owner, found["id"]).count(b"\n") == 3
    assert imported(owner, table("email"))["state"] == "succeeded"


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"])
def test_a_spreadsheets_own_file_is_told_how_to_be_saved(
    owner: Client, start: bytes
) -> None:
    import_id = begun(owner)
    put(owner, import_id, start + bytes(range(256)) * 20)
    found = ended(owner, import_id)
    assert found["state"] == "failed"
    assert "save the table as CSV" in found["problem"]["detail"]


def test_of_a_gzip_that_is_cut_the_outcome_says_how_far_it_came(owner: Client) -> None:
    rows = [f"p{number}@ad.example" for number in range(3000)]
    import_id = begun(owner)
    put(owner, import_id, gzip.compress(table("email", *rows))[:-2000])
    found = ended(owner, import_id)
    assert found["state"] == "failed"
    assert "cut off" in found["problem"]["detail"]
    assert found["rows"] == len(owner.pages("/contacts", limit=100))
