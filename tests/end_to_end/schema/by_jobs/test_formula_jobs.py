"""Formulas over more records than a request can compute: a job does it."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.client import Client
from tests.end_to_end.schema.by_jobs.many import HELD, MORE, ended, load
from tests.end_to_end.schema.by_jobs.test_definition_jobs import (
    condition,
    found,
    held_back,
)
from tests.end_to_end.schema.defining import contact, define, definition, refused
from tests.harness.at_once import crowd
from tests.harness.database.row_lock import until
from tests.world import Tenant

# Every contact has a value, whatever else it has.
EXPRESSION = '"Dear " + email'


def begin(owner: Client, **more: Any) -> Any:
    """Defines the formula `it` by a job, and returns the job."""
    answer = owner.post("/fields", definition("formula", **more))
    assert answer.status == 202, answer.body
    assert answer.json["kind"] == "create_field"
    return answer.json


def value_of(owner: Client, record_id: str, key: str = "it") -> Any:
    return owner.get(f"/contacts/{record_id}").json["custom_fields"].get(key)


def test_a_job_computes_a_formula_of_many_records(
    tenant: Tenant, owner: Client
) -> None:
    ids = load(tenant, lambda place: place, key="seats")
    with held_back(tenant, ids[HELD]) as lock:
        job = begin(owner, expression=EXPRESSION)
        path = f"/fields/{job['subject_id']}"
        until(lock.waiting)
        field = owner.get(path).json
        assert (field["state"], field["job_id"]) == ("checking", job["id"])
        # What is written has the value at once, what the job has not reached has none.
        owner.patch(f"/contacts/{ids[-2]}", {"email": "new@x.example"})
        made = owner.create("/contacts", contact())
        assert made["custom_fields"]["it"] == "Dear ada@engine.example"
        assert refused(owner.post("/contacts", contact(it="x"))) == {"it": "read_only"}
    job = ended(owner, job)
    assert job["state"] == "succeeded"
    assert job["progress"]["done"] == job["result"]["records"] >= MORE
    assert owner.get(path).json["state"] == "active"
    assert value_of(owner, ids[-1]) == f"Dear n{MORE - 1}@x.example"
    assert value_of(owner, ids[-2]) == "Dear new@x.example"
    assert found(owner, condition("eq", "dear N5@x.example")) == 1
    answer = owner.patch(path, {"expression": 'email + "!"'})
    assert (answer.status, answer.json["kind"]) == (202, "update_field")
    assert ended(owner, answer.json)["state"] == "succeeded"
    assert found(owner, condition("ends_with", "!")) == MORE + 1
    assert value_of(owner, ids[0]) == "n0@x.example!"


def test_a_formula_whose_job_is_cancelled_leaves_no_values(
    tenant: Tenant, owner: Client
) -> None:
    ids = load(tenant, lambda place: place, key="seats")
    with held_back(tenant, ids[HELD]) as lock:
        job = begin(owner, expression=EXPRESSION)
        until(lock.waiting)
        assert value_of(owner, ids[0]) == "Dear n0@x.example"
        lock.release()
        assert owner.post(f"/jobs/{job['id']}/cancel", {}).status == 200
    job = ended(owner, job)
    assert job["state"] == "cancelled"
    assert owner.get(f"/fields/{job['subject_id']}").status == 404
    until(lambda: value_of(owner, ids[0]) is None)  # others see it within a second
    body = definition("text")
    while (answer := owner.post("/fields", body)).status == 409:
        assert "job" in answer.json["detail"]  # the values are being taken out
    assert answer.status == 201, answer.body  # no record has the key
    assert owner.create("/contacts", contact(it="free"))


def test_a_changed_formula_whose_job_is_cancelled_is_as_before(
    tenant: Tenant, owner: Client
) -> None:
    ids = load(tenant, lambda place: place, key="seats")
    path = f"/fields/{ended(owner, begin(owner, expression=EXPRESSION))['subject_id']}"
    with held_back(tenant, ids[HELD]) as lock:
        job = owner.patch(path, {"expression": "email"}).json
        until(lock.waiting)
        assert value_of(owner, ids[0]) == "n0@x.example"
        lock.release()
        assert owner.post(f"/jobs/{job['id']}/cancel", {}).status == 200
    assert ended(owner, job)["state"] == "cancelled"
    assert owner.get(path).json["expression"] == EXPRESSION
    until(lambda: owner.get(path).json["state"] == "active", 60)
    assert found(owner, condition("starts_with", "Dear ")) == MORE


def test_formulas_follow_what_a_job_does_to_the_fields_that_they_name(
    tenant: Tenant, owner: Client
) -> None:
    made = define(owner, "select")
    expression = 'custom_fields.it + "!"'
    define(owner, "formula", key="shout", expression=expression)
    ids = load(tenant, lambda _: "gold")
    path = f"/fields/{made['id']}"
    job = owner.post(f"{path}/options/gold/replace", {"with": "iron"}).json
    assert ended(owner, job)["state"] == "succeeded"
    assert value_of(owner, ids[0], "shout") == "iron!"
    shouted = {"field": "custom_fields.shout", "operator": "eq", "value": "iron!"}
    assert found(owner, shouted) == MORE
    options = [{"value": "gold", "label": "Gold"}]
    body = {"options": options, "on_conflict": "map", "map": {"iron": "gold"}}
    answer = owner.post(f"{path}/change", body)
    assert (answer.status, answer.json["kind"]) == (202, "change_field")
    job = ended(owner, answer.json)
    assert (job["state"], job["result"]["converted"]) == ("succeeded", MORE)
    assert value_of(owner, ids[-1], "shout") == "gold!"
    assert owner.get(path).json["state"] == "active"


def test_no_write_slips_past_a_formula_that_a_job_computes(
    tenant: Tenant, owner: Client
) -> None:
    ids = load(tenant, lambda place: place, key="seats")
    stop = threading.Event()

    def write(client: Client, seed: int) -> int:
        draws, count = random.Random(seed), 0
        while not stop.is_set():
            path = f"/contacts/{draws.choice(ids)}"
            email = f"m{draws.randrange(10**6)}@x.example"
            assert client.patch(path, {"email": email}).status == 200
            count += 1
        return count

    with crowd(tenant, 3) as clients, ThreadPoolExecutor(3) as pool:
        work = [pool.submit(write, each, n) for n, each in enumerate(clients)]
        try:
            job = ended(owner, begin(owner, expression=EXPRESSION))
        finally:
            stop.set()
        assert all(each.result() for each in work)
    assert job["state"] == "succeeded"
    page = owner.search("/contacts", include_total=True, limit=1)
    assert page["meta"]["total"] == MORE
    for each in owner.pages("/contacts"):
        assert each["custom_fields"]["it"] == f"Dear {each['email']}"
    assert found(owner, condition("starts_with", "Dear ")) == MORE
