"""What an import did is undone: as far as nobody has changed it since."""

import csv
import io
from typing import Any

from tests.client import Client
from tests.end_to_end.imports.sending import (
    NDJSON,
    begun,
    ended,
    imported,
    lines,
    rows_of,
    table,
)
from tests.world import Tenant


def undone(client: Client, import_id: str, **more: Any) -> Any:
    """Undoes an import, and returns the undo at its end."""
    answer = client.post(f"/imports/{import_id}/undo", more)
    assert answer.status == 200, answer.body
    begun_undo = answer.json
    assert (begun_undo["mode"], begun_undo["undoes"]) == ("undo", import_id)
    return ended(client, begun_undo["id"])


def by_row(client: Client, import_id: str) -> dict[int, Any]:
    return {each["row"]: each for each in rows_of(client, import_id)}


def test_records_that_an_import_created_go_and_can_be_restored(owner: Client) -> None:
    names = [f"u{n}@undo.example,https" for n in range(5)]
    made = imported(owner, table("email,source", *names))
    ids = [each["id"] for each in rows_of(owner, made["id"])]
    undo = undone(owner, made["id"])
    assert (undo["state"], undo["deleted"], undo["failed"]) == ("succeeded", 5, 0)
    job = owner.get(f"/jobs/{undo['job_id']}").json
    assert job["progress"] == {"total": 5, "done": 5, "failed": 0}
    assert owner.get(f"/imports/{made['id']}").json["undone_by"] == undo["id"]
    assert {owner.get(f"/contacts/{each}").status for each in ids} == {404}
    assert owner.post(f"/contacts/{ids[0]}/restore").status == 200
    again = undone(owner, made["id"])
    # The one that somebody has restored is as it was imported: it goes once more.
    assert (again["deleted"], again["unchanged"]) == (1, 4)


def test_values_that_an_import_changed_are_as_before(owner: Client) -> None:
    body = {
        "external_ids": {"x": "1"},
        "first_name": "Ada",
        "email": "a@before.example",
    }
    ada = owner.create("/contacts", body | {"tags": ["old"], "custom_fields": {"n": 1}})
    row = {"external_ids": {"x": "1"}, "first_name": "Eve", "tags": ["new"]}
    twice = row | {"first_name": "Eva", "custom_fields": {"n": 2, "m": 3}}
    fresh = {"external_ids": {"x": "2"}, "email": "new@before.example"}
    given = {"mode": "upsert", "match_on": "external_ids.x", "format": NDJSON}
    made = imported(owner, lines([row, fresh, twice]), **given)
    assert (made["created"], made["updated"]) == (1, 2)
    path = f"/contacts/{ada['id']}"
    assert owner.get(path).json["first_name"] == "Eva"
    assert owner.patch(path, {"job_title": "Countess"}).status == 200
    undo = undone(owner, made["id"])
    assert (undo["updated"], undo["unchanged"], undo["deleted"]) == (1, 1, 1)
    after = owner.get(path).json
    for name in ("first_name", "email", "tags", "custom_fields", "external_ids"):
        assert after[name] == ada[name], name
    assert after["job_title"] == "Countess"


def test_what_somebody_has_changed_since_stays_and_is_told(owner: Client) -> None:
    made = imported(owner, table("email", "k1@kept.example", "k2@kept.example"))
    kept = by_row(owner, made["id"])[1]["id"]
    owner.patch(f"/contacts/{kept}", {"first_name": "Kim", "job_title": "Chief"})
    undo = undone(owner, made["id"])
    assert (undo["deleted"], undo["failed"]) == (1, 1)
    problem = by_row(owner, undo["id"])[1]["problem"]
    assert problem["status"] == 409
    assert problem["detail"] == (
        "Changed since the import: first_name, job_title, name."
    )
    assert owner.get(f"/contacts/{kept}").status == 200
    found = owner.get(f"/imports/{undo['id']}/errors.csv")
    assert found.headers["content-type"].startswith("text/csv")
    assert f"errors-{undo['id']}.csv" in found.headers["content-disposition"]
    assert list(csv.DictReader(io.StringIO(found.body.decode()))) == [
        {"_problem": problem["detail"], "id": kept}
    ]
    mine = owner.create("/contacts", {"email": "m@kept.example", "first_name": "May"})
    row = [{"id": mine["id"], "first_name": "Mae", "job_title": "Mayor"}]
    given = {"mode": "update", "match_on": "id", "format": NDJSON}
    changed = imported(owner, lines(row), **given)
    owner.patch(f"/contacts/{mine['id']}", {"job_title": "Baker"})
    undo = undone(owner, changed["id"])
    assert (undo["state"], undo["failed"]) == ("failed", 1)
    now = owner.get(f"/contacts/{mine['id']}").json
    assert (now["first_name"], now["job_title"]) == ("Mae", "Baker")


def test_records_that_an_import_deleted_come_back(owner: Client) -> None:
    company = owner.create("/companies", {"name": "Back"})
    body = {"email": "b@back.example", "company_id": company["id"]}
    contact = owner.create("/contacts", body)
    given = {"resource": "companies", "mode": "delete", "match_on": "id"}
    made = imported(owner, table("id", company["id"]), **given)
    assert owner.get(f"/contacts/{contact['id']}").json["company_id"] is None
    undo = undone(owner, made["id"])
    assert undo["created"] == 1, rows_of(owner, undo["id"])
    assert owner.get(f"/companies/{company['id']}").json["name"] == "Back"
    assert owner.get(f"/contacts/{contact['id']}").json["company_id"] == company["id"]
    # An undo is an import: it can be undone, too.
    assert undone(owner, undo["id"])["deleted"] == 1


def test_companies_that_were_created_for_rows_go_with_them(owner: Client) -> None:
    rows = [
        "c1@made.example,Made One",
        "c2@made.example,Made One",
        "c3@made.example,Two",
    ]
    content = table("email,company.name", *rows)
    made = imported(owner, content, create_missing=True)
    assert made["result"]["companies_created"] == 2
    names = {each["name"]: each["id"] for each in owner.pages("/companies")}
    owner.create("/contacts", {"email": "o@o.example", "company_id": names["Two"]})
    undo = undone(owner, made["id"])
    assert (undo["deleted"], undo["result"]["companies_deleted"]) == (3, 1)
    assert owner.get(f"/companies/{names['Made One']}").status == 404
    assert owner.get(f"/companies/{names['Two']}").status == 200


def test_a_trial_of_an_undo_writes_nothing(owner: Client) -> None:
    made = imported(owner, table("email", "t1@trial.example", "t2@trial.example"))
    tried = undone(owner, made["id"], dry_run=True)
    assert (tried["deleted"], tried["result"]["is_whole"]) == (2, True)
    assert owner.get(f"/imports/{made['id']}").json["undone_by"] is None
    assert len(owner.pages("/contacts")) == 2


def test_what_cannot_be_undone_is_refused(owner: Client, tenant: Tenant) -> None:
    waiting = begun(owner)
    assert owner.post(f"/imports/{waiting}/undo", {}).status == 409
    owner.post(f"/imports/{waiting}/cancel")
    assert owner.post(f"/imports/{waiting}/undo", {}).status == 409
    tried = imported(owner, table("email", "d@dry.example"), dry_run=True)
    assert owner.post(f"/imports/{tried['id']}/undo", {}).status == 409
    assert owner.post("/imports/imp_0123456789abcdef01234567/undo", {}).status == 404
    body = {"resource": "contacts", "mode": "undo", "format": "csv"}
    answer = owner.post("/imports", body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "mode")
    made = imported(owner, table("email", "r@right.example"))
    scopes = "contact.write", "contact.read"
    writer = tenant.client(token=tenant.token(scopes))
    assert writer.post(f"/imports/{made['id']}/undo", {}).status == 403
    writer.close()


def test_an_undo_of_undone_things_changes_nothing(owner: Client) -> None:
    made = imported(owner, table("email", "i1@idem.example", "i2@idem.example"))
    key = {"idempotency_key": "undo-once"}
    path = f"/imports/{made['id']}/undo"
    first = owner.post(path, {}, **key)
    assert owner.post(path, {}, **key).json == first.json
    ended(owner, first.json["id"])
    again = undone(owner, made["id"])
    assert (again["unchanged"], again["deleted"], again["failed"]) == (2, 0, 0)
