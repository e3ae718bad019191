"""Changes of a field's type over more records than a request can look at."""

import random
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from services.postgres.database import Database, Row
from tests.client import Client
from tests.end_to_end.schema.by_jobs.many import HELD, MORE, Value, ended, load
from tests.end_to_end.schema.by_jobs.test_definition_jobs import (
    begin,
    condition,
    found,
    held_back,
)
from tests.end_to_end.schema.defining import contact, refused
from tests.harness.at_once import crowd
from tests.harness.database.row_lock import until
from tests.world import Tenant, administer


def defined(
    tenant: Tenant, owner: Client, value: Value, **more: Any
) -> tuple[str, list[str]]:
    """Defines a text field of many records, and returns its path with their ids."""
    ids = load(tenant, value)
    job = ended(owner, begin(owner, "text", **more))
    assert job["state"] == "succeeded"
    return f"/fields/{job['subject_id']}", ids


def change(owner: Client, path: str, **body: Any) -> Any:
    """Begins a change, and returns its job."""
    answer = owner.post(f"{path}/change", body)
    assert answer.status == 202, answer.body
    assert answer.headers["location"] == f"/v1/jobs/{answer.json['id']}"
    assert answer.json["kind"] == "change_field"
    return answer.json


def value_of(owner: Client, record_id: str) -> Any:
    return owner.get(f"/contacts/{record_id}").json["custom_fields"].get("it")


def typed_keys(tenant: Tenant) -> dict[str, int]:
    """How many typed values there are, by their keys."""

    async def read(database: Database) -> list[Row]:
        return await database.rows(
            "SELECT key, count(*) FROM typed_values WHERE business_id = $1 GROUP BY 1",
            tenant.business_id,
        )

    return {row[0]: row[1] for row in administer(tenant.stack.database_url, read)}


def test_a_job_changes_the_type_of_many_values(tenant: Tenant, owner: Client) -> None:
    path, ids = defined(tenant, owner, lambda place: f"{place}")
    job = ended(owner, change(owner, path, type="integer"))
    assert job["state"] == "succeeded"
    assert job["progress"] == {"total": 2 * MORE, "done": 2 * MORE, "failed": 0}
    numbers = {"records": MORE, "converted": MORE, "cleared": 0, "unfit": 0}
    assert job["result"] == {"field_id": job["subject_id"], **numbers, "sample": []}
    field = owner.get(path).json
    assert (field["type"], field["state"], field["job_id"]) == (
        "integer",
        "active",
        None,
    )
    assert [value_of(owner, ids[0]), value_of(owner, ids[-1])] == [0, MORE - 1]
    assert found(owner, condition("gte", MORE - 3)) == 3
    # A process may learn half a second later that the key can be ordered by.
    order = {"order_by": "custom_fields.it"}
    until(lambda: owner.post("/contacts/search", order).status == 200)
    page = owner.search("/contacts", **order, limit=2)
    assert [e["custom_fields"]["it"] for e in page["data"]] == [MORE - 1, MORE - 2]
    until(lambda: typed_keys(tenant) == {"it": MORE})


def test_one_value_without_a_form_leaves_all_as_they_were(
    tenant: Tenant, owner: Client
) -> None:
    def its(place: int) -> str:
        return "five" if place == MORE - 5 else f"{place}"

    path, _ = defined(tenant, owner, its)
    before = owner.get(path).json
    job = ended(owner, change(owner, path, type="integer"))
    assert (job["state"], job["problem"]["type"]) == ("failed", "conflict")
    (unfit,) = job["result"]["sample"]
    assert (job["result"]["unfit"], unfit["value"]) == (1, "five")
    assert job["problem"]["sample"] == [unfit["id"]]
    assert job["result"]["converted"] == 0
    restored = owner.get(path).json
    assert {name for name in before if before[name] != restored[name]} <= {"updated_at"}
    assert found(owner, condition("eq", "7")) == 1
    assert owner.create("/contacts", contact(it="free"))
    until(lambda: typed_keys(tenant) == {"it": MORE + 1})


@pytest.mark.parametrize("conflict", ["clear", "map"])
def test_values_without_a_form_are_cleared_or_mapped_by_a_job(
    tenant: Tenant, owner: Client, conflict: str
) -> None:
    def its(place: int) -> str:
        return "five" if place < 12 else f"{place}"

    path, ids = defined(tenant, owner, its)
    body = {"map": {"five": 5}} if conflict == "map" else {}
    job = change(owner, path, type="integer", on_conflict=conflict, **body)
    result = ended(owner, job)["result"]
    if conflict == "map":
        assert (result["converted"], result["cleared"]) == (MORE, 0)
        assert found(owner, condition("eq", 5)) == 12
        return
    assert (result["converted"], result["cleared"]) == (MORE - 12, 12)
    assert result["sample"] == [{"id": each, "value": "five"} for each in ids[:10]]
    assert value_of(owner, ids[0]) is None
    assert found(owner, {"field": "custom_fields.it", "operator": "is_not_empty"}) == (
        MORE - 12
    )


def test_a_value_must_fit_both_definitions_until_all_are_checked(
    tenant: Tenant, owner: Client
) -> None:
    path, ids = defined(tenant, owner, lambda place: f"{place}", unique=True)
    with held_back(tenant, ids[HELD]) as lock:
        job = change(owner, path, type="integer")
        until(lock.waiting)
        field = owner.get(path).json
        assert (field["state"], field["job_id"]) == ("checking", job["id"])
        assert found(owner, condition("eq", "7")) == 1
        assert owner.create("/contacts", contact(it="1000000"))
        for value, code in (
            (1_000_001, "invalid_type"),  # the field still holds texts
            ("many", "invalid_type"),
            ("01000000", "not_unique"),  # the number that another text stands for
        ):
            assert refused(owner.post("/contacts", contact(it=value))) == {"it": code}
        answer = owner.post(f"{path}/change", {"type": "date"})
        assert (answer.status, job["id"] in answer.json["detail"]) == (409, True)
        lock.release()
        assert owner.post(f"/jobs/{job['id']}/cancel", {}).status == 200
    job = ended(owner, job)
    assert job["state"] == "cancelled"
    assert owner.get(path).json["type"] == "text"
    until(lambda: owner.post("/contacts", contact(it="many")).status == 201)
    assert value_of(owner, ids[0]) == "0"
    until(lambda: typed_keys(tenant) == {"it": MORE + 2})


def write_until(
    stop: threading.Event, client: Client, ids: Sequence[str], seed: int
) -> int:
    """Changes, creates and deletes contacts until it is told to stop.

    Returns how many of its writes were good.
    """
    draws, count = random.Random(seed), 0
    while not stop.is_set():
        number = draws.randrange(MORE, 3 * MORE)
        value = draws.choice((number, f"{number}", f"0{number}", "many", None))
        path = f"/contacts/{draws.choice(ids)}"
        answer = draws.choice(
            (
                partial(client.patch, path, {"custom_fields": {"it": value}}),
                partial(client.post, "/contacts", contact(it=value)),
                partial(client.delete, path),
            )
        )()
        assert answer.status < 500, answer.body
        count += answer.status < 400
    return count


def search_until(stop: threading.Event, client: Client, record_id: str) -> int:
    """Searches for the contact whose value is 50; returns how often it was found."""
    count = 0
    while not stop.is_set():
        for value in (50, "50"):
            body = {"filters": [condition("eq", value)]}
            answer = client.post("/contacts/search", body)
            if answer.status == 200:
                assert [each["id"] for each in answer.json["data"]] == [record_id]
                count += 1
    return count


def test_no_write_and_no_search_slips_past_a_change(
    tenant: Tenant, owner: Client
) -> None:
    """Writers write texts or numbers, whichever the field holds, while a job runs.

    A searcher finds a record that nobody writes at any moment, by the one or the other.
    Afterwards all values are numbers, no two the same, and just their typed values are
    kept.
    """
    path, ids = defined(tenant, owner, lambda place: f"{place}", unique=True)
    stop = threading.Event()
    with crowd(tenant, 4) as clients, ThreadPoolExecutor(4) as pool:
        job = change(owner, path, type="integer", on_conflict="clear")
        work = [
            pool.submit(write_until, stop, each, ids[100:], seed)
            for seed, each in enumerate(clients[:3])
        ]
        work.append(pool.submit(search_until, stop, clients[3], ids[50]))
        try:
            job = ended(owner, job)
        finally:
            stop.set()
        assert all(each.result() for each in work)
    assert job["state"] == "succeeded", job
    rows = administer(tenant.stack.database_url, partial(numbers_of, tenant))
    assert rows[0]["wrong"] == 0
    assert rows[0]["values"] == rows[0]["different"] == rows[0]["typed"]


async def numbers_of(tenant: Tenant, database: Database) -> list[Row]:
    """How many values there are, and what the typed values have of them."""
    return await database.rows(
        "SELECT count(*) AS values, count(DISTINCT c.it #>> '{}') AS different,"
        " count(*) FILTER (WHERE jsonb_typeof(c.it) <> 'number') AS wrong,"
        " count(*) FILTER (WHERE v.text IS NULL AND v.digest IS NOT NULL"
        " AND v.number::text = c.it #>> '{}') AS typed"
        " FROM (SELECT id, custom_fields -> 'it' AS it FROM contacts"
        " WHERE business_id = $1 AND deleted_at IS NULL AND custom_fields ? 'it') AS c"
        " LEFT JOIN typed_values AS v ON v.business_id = $1 AND v.key = 'it'"
        " AND v.object = 'contacts' AND v.record_id = c.id",
        tenant.business_id,
    )
