"""Definitions over more records than a request can look at: a job makes values fit."""

import random
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from services.postgres.database import Database, Row
from tests.client import Client
from tests.end_to_end.schema.by_jobs.many import HELD, MORE, ended, load
from tests.end_to_end.schema.defining import contact, define, definition, refused
from tests.harness.at_once import crowd
from tests.harness.database.row_lock import held, until
from tests.world import Tenant, administer


def begin(client: Client, kind: str, **more: Any) -> Any:
    """Defines the field `it` by a job, and returns the job."""
    answer = client.post("/fields", definition(kind, **more))
    assert answer.status == 202, answer.body
    assert answer.headers["location"] == f"/v1/jobs/{answer.json['id']}"
    assert answer.headers["etag"] == '"1"', "that of the job as the answer shows it"
    return answer.json


def found(client: Client, *conditions: Any) -> int:
    page = client.search("/contacts", filters=list(conditions), include_total=True)
    total: int = page["meta"]["total"]
    return total


def condition(operator: str, value: Any) -> dict[str, Any]:
    return {"field": "custom_fields.it", "operator": operator, "value": value}


def test_a_job_defines_a_key_that_many_records_use(
    tenant: Tenant, owner: Client
) -> None:
    load(tenant, lambda place: place)
    job = begin(owner, "integer", min=0)
    assert (job["kind"], job["state"]) == ("create_field", "waiting")
    assert job["progress"] == {"total": None, "done": 0, "failed": 0}
    path = f"/fields/{job['subject_id']}"
    field = owner.get(path).json
    assert field["job_id"] in (job["id"], None)
    assert list(owner.post("/contacts", contact(it=-1)).codes.values()) == ["too_small"]
    job = ended(owner, job)
    assert job["state"] == "succeeded"
    assert job["progress"] == {"total": MORE, "done": MORE, "failed": 0}
    assert job["problem"] is None
    assert job["result"] == {
        "field_id": job["subject_id"],
        "records": MORE,
        "converted": 0,
        "cleared": 0,
    }
    field = owner.get(path).json
    assert (field["state"], field["job_id"]) == ("active", None)
    assert found(owner, condition("gte", MORE - 3)) == 3
    order = {"order_by": "custom_fields.it"}  # a process may learn of it in a moment
    until(lambda: owner.post("/contacts/search", order).status == 200)
    page = owner.search("/contacts", **order, limit=2)
    assert [each["custom_fields"]["it"] for each in page["data"]] == [
        MORE - 1,
        MORE - 2,
    ]


def test_a_value_that_does_not_fit_takes_the_definition_back(
    tenant: Tenant, owner: Client
) -> None:
    ids = load(tenant, lambda place: "five" if place == MORE - 5 else f" {place} ")
    job = ended(owner, begin(owner, "integer", existing="convert"))
    assert job["state"] == "failed"
    assert job["problem"]["type"] == "conflict"
    assert (job["problem"]["count"], job["problem"]["sample"]) == (1, [ids[MORE - 5]])
    assert job["result"]["converted"] == 0
    assert owner.get(f"/fields/{job['subject_id']}").status == 404
    first = owner.get(f"/contacts/{ids[0]}").json
    assert first["custom_fields"]["it"] == " 0 "
    until(lambda: owner.post("/contacts", contact(it="free")).status == 201)


@pytest.mark.parametrize("existing", ["convert", "clear"])
def test_values_are_converted_or_cleared_by_a_job(
    tenant: Tenant, owner: Client, existing: str
) -> None:
    load(tenant, lambda place: place if place % 2 else f"{place}")
    job = ended(owner, begin(owner, "integer", existing=existing))
    half = MORE // 2
    assert job["state"] == "succeeded"
    done = "converted" if existing == "convert" else "cleared"
    assert job["result"][done] == half
    assert job["progress"]["done"] == job["progress"]["total"]
    assert found(owner, condition("gte", 0)) == (MORE if done == "converted" else half)


def test_many_values_are_unique_or_the_definition_is_taken_back(
    tenant: Tenant, owner: Client
) -> None:
    ids = load(tenant, lambda place: f"Value {place % (MORE - 1)}")
    job = ended(owner, begin(owner, "text", unique=True))
    assert job["problem"]["sample"] == [ids[-1]]
    owner.delete(f"/contacts/{ids[-1]}")
    while (
        answer := owner.post("/fields", definition("text", unique=True))
    ).status == 409:
        assert "job" in answer.json["detail"]
    assert ended(owner, answer.json)["state"] == "succeeded"
    assert refused(owner.post("/contacts", contact(it="VALUE 7"))) == {
        "it": "not_unique"
    }


def held_back(tenant: Tenant, record_id: str) -> Any:
    """Holds a record that a job has to look at, so that the job does not end."""
    sql = "SELECT 1 FROM contacts WHERE business_id = $1 AND id = $2 FOR UPDATE"
    return held(tenant.stack.database_url, sql, tenant.business_id, record_id)


def test_searches_treat_the_key_as_before_until_the_job_has_ended(
    tenant: Tenant, owner: Client, member: Client
) -> None:
    ids = load(tenant, lambda place: f"{place % 10}")
    with held_back(tenant, ids[HELD]) as lock:
        job = begin(owner, "integer", existing="convert")
        path = f"/fields/{job['subject_id']}"
        field = owner.get(path).json
        assert (field["state"], field["job_id"]) == ("checking", job["id"])
        assert found(owner, condition("eq", "7")) == MORE // 10
        order = {"order_by": "custom_fields.it"}
        assert owner.post("/contacts/search", order).status == 422
        assert refused(owner.post("/contacts", contact(it="x"))) == {
            "it": "invalid_type"
        }
        for answer in (
            owner.patch(path, {"label": "Other"}),
            owner.delete(path),
            owner.post(f"{path}/change", {"type": "text"}),
        ):
            assert answer.status == 409
            assert job["id"] in answer.json["detail"]
            assert "retry-after" in answer.headers
        assert member.get(f"/jobs/{job['id']}").status == 404
        assert member.search("/jobs")["data"] == []
        until(lock.waiting)
        running = owner.post(f"/jobs/{job['id']}/wait", {"wait_seconds": 1}).json
        assert running["state"] == "running"
    assert ended(owner, job)["state"] == "succeeded"
    assert found(owner, condition("eq", 7)) == MORE // 10


def test_a_cancelled_job_takes_the_definition_back(
    tenant: Tenant, owner: Client
) -> None:
    ids = load(tenant, lambda place: f"{place}")
    with held_back(tenant, ids[HELD]) as lock:
        job = begin(owner, "integer", existing="convert")
        until(lock.waiting)
        lock.release()
    path, key = f"/jobs/{job['id']}/cancel", "once"
    cancelled = owner.post(path, {}, Idempotency_Key=key)
    assert cancelled.status == 200
    again = owner.post(path, {}, Idempotency_Key=key)
    assert (again.body, again.headers["idempotent-replayed"]) == (
        cancelled.body,
        "true",
    )
    job = ended(owner, job)
    assert job["state"] in ("cancelled", "succeeded")  # it may have been too late
    if job["state"] == "cancelled":
        assert owner.get(f"/fields/{job['subject_id']}").status == 404
        # Every process sees it within a second.
        until(lambda: owner.post("/contacts", contact(it="free")).status == 201)


def test_a_stricter_definition_is_taken_back_as_it_was(
    tenant: Tenant, owner: Client
) -> None:
    made = define(owner, "integer", label="Before", max=10**9)
    ids = load(tenant, lambda place: place)
    path = f"/fields/{made['id']}"
    answer = owner.patch(path, {"label": "After", "min": 1})
    assert (answer.status, answer.json["kind"]) == (202, "update_field")
    job = ended(owner, answer.json)
    assert (job["state"], job["problem"]["sample"]) == ("failed", [ids[0]])
    restored = owner.get(path).json
    unlike = {name for name in made if made[name] != restored[name]}
    assert unlike <= {"updated_at"}
    answer = owner.patch(path, {"min": 1, "existing": "clear"})
    job = ended(owner, answer.json)
    assert (job["state"], job["result"]["cleared"]) == ("succeeded", 1)
    assert owner.get(path).json["min"] == 1
    assert list(owner.post("/contacts", contact(it=0)).codes.values()) == ["too_small"]


def test_an_option_is_replaced_by_a_job(tenant: Tenant, owner: Client) -> None:
    made = define(owner, "select")
    load(tenant, lambda _: "gold")
    path = f"/fields/{made['id']}/options/gold/replace"
    answer = owner.post(path, {"with": "iron"})
    assert (answer.status, answer.json["kind"]) == (202, "replace_field_option")
    job = ended(owner, answer.json)
    assert job["result"] == {"field_id": made["id"], "records": MORE}
    assert found(owner, condition("eq", "iron")) == MORE
    assert owner.get(f"/fields/{made['id']}").json["state"] == "active"


def test_a_key_answers_a_begun_job_again(tenant: Tenant, owner: Client) -> None:
    load(tenant, lambda place: place)
    body = definition("integer")
    first = owner.post("/fields", body, Idempotency_Key="once")
    again = owner.post("/fields", body, Idempotency_Key="once")
    assert (first.status, again.status) == (202, 202)
    assert again.body == first.body
    assert again.headers["location"] == first.headers["location"]
    assert ended(owner, first.json)["state"] == "succeeded"


def write_until(
    stop: threading.Event, client: Client, ids: Sequence[str], seed: int
) -> int:
    """Changes, clears, deletes and creates contacts until it is told to stop.

    Returns how many of its writes were good.
    """
    draws, count = random.Random(seed), 0
    while not stop.is_set():
        record_id, value = draws.choice(ids), f"v{draws.randrange(2 * MORE)}"
        path, body = f"/contacts/{record_id}", {"custom_fields": {"it": value}}
        match draws.randrange(6):
            case 0:
                status = client.delete(path).status
            case 1:
                status = client.patch(path, {"custom_fields": {"it": None}}).status
            case 2:
                status = client.post("/contacts", contact(it=value)).status
            case 3:
                status = client.post("/contacts", contact(it=["x"])).status
                assert status in (201, 422)  # before the definition it is free
            case _:
                status = client.patch(path, body).status
        assert status < 500
        count += status < 400
    return count


@pytest.mark.parametrize("existing", ["refuse", "clear"])
def test_no_write_slips_past_a_job(
    tenant: Tenant, owner: Client, existing: str
) -> None:
    """Writers change, clear, delete and create while a job makes values unique.

    Afterwards an oracle reads all records: every value fits, no two are the same, and
    the typed values are exactly those of the records.
    """
    ids = load(tenant, lambda place: f" V{place} ")
    stop = threading.Event()
    with crowd(tenant, 4) as clients, ThreadPoolExecutor(4) as pool:
        body = definition("text", unique=True, existing=existing)
        answer = owner.post("/fields", body)
        assert answer.status == 202
        writers = [
            pool.submit(write_until, stop, each, ids, seed)
            for seed, each in enumerate(clients)
        ]
        try:
            job = ended(owner, answer.json)
        finally:
            stop.set()
        assert sum(each.result() for each in writers)
    # A writer may take a value that a record has which the job has not looked at yet.
    outcomes = {"refuse": ("succeeded", "failed"), "clear": ("succeeded",)}
    assert job["state"] in outcomes[existing]
    rows = administer(tenant.stack.database_url, partial(kept_of, tenant))
    values = {row["id"]: row["value"] for row in rows if row["value"] is not None}
    if job["state"] == "succeeded":
        assert all(value == value.strip() for value in values.values())
        lowered = [value.lower() for value in values.values()]
        assert len(set(lowered)) == len(lowered)
        typed = {row["id"]: row["text"] for row in rows if row["text"] is not None}
        assert typed == {each: value.lower() for each, value in values.items()}
        assert all(row["digest"] is not None for row in rows if row["text"])


async def kept_of(tenant: Tenant, database: Database) -> list[Row]:
    """The value and the typed value of each contact that has one of them."""
    return await database.rows(
        "SELECT coalesce(r.id, v.record_id) AS id, r.custom_fields ->> 'it' AS value,"
        " v.text, v.digest"
        " FROM (SELECT * FROM contacts WHERE business_id = $1 AND deleted_at IS NULL"
        " AND custom_fields ? 'it') AS r"
        " FULL JOIN (SELECT * FROM typed_values WHERE business_id = $1"
        " AND object = 'contacts' AND key = 'it') AS v ON v.record_id = r.id",
        tenant.business_id,
    )
