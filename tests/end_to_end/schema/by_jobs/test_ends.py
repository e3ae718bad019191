"""How jobs on definitions end: what they count, and what is left of them."""

from tests.client import Client
from tests.end_to_end.schema.by_jobs.many import HELD, MORE, ended, load
from tests.end_to_end.schema.by_jobs.test_definition_jobs import (
    begin,
    condition,
    found,
    held_back,
)
from tests.end_to_end.schema.by_jobs.test_formula_jobs import EXPRESSION
from tests.end_to_end.schema.defining import define, definition
from tests.harness.database.row_lock import until
from tests.world import Tenant


def test_a_refusal_counts_all_values_that_do_not_fit(
    tenant: Tenant, owner: Client
) -> None:
    ids = load(tenant, lambda place: f"x{place}" if place % 100 == 50 else f"{place}")
    unfit = len(range(50, MORE, 100))
    job = ended(owner, begin(owner, "integer", existing="convert"))
    assert (job["state"], job["problem"]["count"]) == ("failed", unfit)
    assert (job["problem"]["title"], job["problem"]["status"]) == ("Conflict", 409)
    assert job["problem"]["sample"] == ids[50:1050:100]
    assert job["progress"] == {"total": MORE, "done": MORE, "failed": unfit}
    until(lambda: found(owner, condition("eq", "x50")) == 1)


def test_a_refused_change_counts_all_values_too(tenant: Tenant, owner: Client) -> None:
    made = define(owner, "text")
    ids = load(tenant, lambda place: "x" if place % 100 == 50 else f"{place}")
    unfit = len(range(50, MORE, 100))
    answer = owner.post(f"/fields/{made['id']}/change", {"type": "integer"})
    job = ended(owner, answer.json)
    assert (job["problem"]["count"], job["result"]["unfit"]) == (unfit, unfit)
    assert [each["id"] for each in job["result"]["sample"]] == ids[50:1050:100]


def test_a_refused_limit_leaves_all_records_to_be_found(
    tenant: Tenant, owner: Client
) -> None:
    load(tenant, lambda place: place)
    path = f"/fields/{ended(owner, begin(owner, 'integer'))['subject_id']}"
    job = ended(owner, owner.patch(path, {"min": 100}).json)
    assert (job["state"], job["problem"]["count"]) == ("failed", 100)
    until(lambda: found(owner, condition("gte", 0)) == MORE)


def test_progress_and_result_meet_the_end(tenant: Tenant, owner: Client) -> None:
    ids = load(tenant, lambda place: place)
    with held_back(tenant, ids[HELD]) as lock:
        job = begin(owner, "integer")
        until(lock.waiting)
        # Neither waiting nor running it has a result.
        assert job["result"] is None
        assert owner.get(f"/jobs/{job['id']}").json["result"] is None
        for record_id in ids[-3:]:  # counted, and gone before the job looks at them
            assert owner.delete(f"/contacts/{record_id}").status == 204
    job = ended(owner, job)
    assert job["state"] == "succeeded"
    assert job["progress"] == {"total": MORE - 3, "done": MORE - 3, "failed": 0}


def test_filters_treat_the_key_of_a_cancelled_formula_as_before(
    tenant: Tenant, owner: Client
) -> None:
    ids = load(tenant, lambda place: place, key="seats")
    with held_back(tenant, ids[HELD]) as lock:
        job = owner.post("/fields", definition("formula", expression=EXPRESSION)).json
        until(lock.waiting)
        lock.release()
        assert owner.post(f"/jobs/{job['id']}/cancel", {}).status == 200
        job = ended(owner, job)
        # Records still have values, which are taken out one by one.
        with held_back(tenant, ids[0]):
            answer = owner.post("/contacts/search", {"filters": [condition("eq", "x")]})
            assert (answer.status, answer.json["data"]) == (200, [])
    assert job["state"] == "cancelled"


def test_a_job_that_has_ended_makes_no_progress(tenant: Tenant, owner: Client) -> None:
    ids = load(tenant, lambda place: place, key="seats")
    body = definition("formula", expression=EXPRESSION)
    path = f"/fields/{ended(owner, owner.post('/fields', body).json)['subject_id']}"
    with held_back(tenant, ids[HELD]) as lock:
        job = owner.patch(path, {"expression": "email"}).json
        until(lock.waiting)
        lock.release()
        assert owner.post(f"/jobs/{job['id']}/cancel", {}).status == 200
    job = ended(owner, job)
    assert job["state"] == "cancelled"
    # The values from before are computed: the definition says so, by the same job.
    until(lambda: owner.get(path).json["state"] == "active", 60)
    answer = owner.get(f"/jobs/{job['id']}")
    assert answer.json == job
