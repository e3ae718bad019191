"""Definitions made by jobs, beside custom objects, formulas and sensitive fields."""

from typing import Any

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.schema.by_jobs.many import HELD, MORE, ended, load, load_custom
from tests.end_to_end.schema.custom import RECORDS, define_field, define_object
from tests.end_to_end.schema.defining import contact, define, definition
from tests.harness.database.row_lock import Lock, held, until
from tests.world import Tenant


def of_custom(kind: str, **more: Any) -> dict[str, Any]:
    """The body that defines the field `it` of the custom object."""
    return definition(kind, object="licenses") | more


def count(client: Client, path: str, operator: str, value: Any) -> int:
    """How many records a filter by `it` finds."""
    its = {"field": "custom_fields.it", "operator": operator, "value": value}
    page = client.search(path, filters=[its], include_total=True)
    total: int = page["meta"]["total"]
    return total


def values_of(client: Client, path: str, ids: list[str]) -> list[Any]:
    read = [client.get(f"{path}/{each}").json["custom_fields"] for each in ids]
    return [each.get("it") for each in read]


def held_back(tenant: Tenant, record_id: str) -> Any:
    """Holds a contact that a job has to look at, so that the job does not end."""
    sql = "SELECT 1 FROM contacts WHERE business_id = $1 AND id = $2 FOR UPDATE"
    return held(tenant.stack.database_url, sql, tenant.business_id, record_id)


def test_a_job_defines_a_key_of_one_custom_object_alone(
    tenant: Tenant, owner: Client
) -> None:
    """Records of other objects have the key too, before and after those of this."""
    for slug in ("licenses", "plants"):
        define_object(owner, slug)
    others = load_custom(tenant, "plants", lambda _: "fern", number=40)
    ids = load_custom(tenant, "licenses", lambda place: f" {place} ")
    answer = owner.post("/fields", of_custom("integer", existing="convert"))
    assert answer.status == 202, answer.body
    job = ended(owner, answer.json)
    assert (job["state"], job["result"]["converted"]) == ("succeeded", MORE)
    assert job["result"]["records"] == MORE
    assert values_of(owner, RECORDS, [ids[0], ids[-1]]) == [0, MORE - 1]
    assert count(owner, RECORDS, "gte", MORE - 3) == 3
    assert values_of(owner, "/objects/plants/records", others[:1]) == ["fern"]
    wrong = {"name": "x", "custom_fields": {"it": "x"}}
    assert owner.post(RECORDS, wrong).codes == {"custom_fields.it": "invalid_type"}


def test_a_unique_key_of_a_custom_object_is_taken_back_and_comes_again(
    tenant: Tenant, owner: Client
) -> None:
    define_object(owner)
    ids = load_custom(tenant, "licenses", lambda place: f"V{place % (MORE - 1)}")
    job = ended(owner, owner.post("/fields", of_custom("text", unique=True)).json)
    assert (job["state"], job["problem"]["sample"]) == ("failed", [ids[-1]])
    owner.delete(f"{RECORDS}/{ids[-1]}")
    body = of_custom("text", unique=True)
    while (answer := owner.post("/fields", body)).status == 409:
        assert "job" in answer.json["detail"]
    assert ended(owner, answer.json)["state"] == "succeeded"
    taken = {"name": "x", "custom_fields": {"it": "v7"}}
    assert owner.post(RECORDS, taken).codes == {"custom_fields.it": "not_unique"}


def test_an_option_of_a_custom_object_is_replaced_by_a_job(
    tenant: Tenant, owner: Client
) -> None:
    define_object(owner)
    options = definition("select")["options"]
    made = define_field(owner, "it", "select", options=options)
    load_custom(tenant, "licenses", lambda _: "gold")
    path = f"/fields/{made['id']}/options/gold/replace"
    job = ended(owner, owner.post(path, {"with": "iron"}).json)
    assert job["result"] == {"field_id": made["id"], "records": MORE}
    assert count(owner, RECORDS, "eq", "iron") == MORE


def test_a_key_that_is_to_be_computed_is_never_given_to_a_job(
    tenant: Tenant, owner: Client
) -> None:
    load(tenant, lambda place: place)
    answer = owner.post("/fields", definition("formula", expression="1 + 1"))
    assert answer.status == 409
    assert "computed" in answer.json["detail"]


def test_no_formula_names_a_field_that_a_job_works_on(
    tenant: Tenant, owner: Client
) -> None:
    other = define(owner, "formula", key="other", expression="1 + 1")
    ids = load(tenant, lambda place: f"{place}")
    expression = "custom_fields.it + 1"
    formula = definition("formula", key="sum", expression=expression)
    lock: Lock
    with held_back(tenant, ids[HELD]) as lock:
        body = definition("integer", existing="convert")
        job = owner.post("/fields", body).json
        until(lock.waiting)
        for answer in (
            owner.post("/fields", formula),
            owner.patch(f"/fields/{other['id']}", {"expression": expression}),
        ):
            assert answer.status == 409, answer.body
            assert "job" in answer.json["detail"]
    assert ended(owner, job)["state"] == "succeeded"


def test_nobody_finds_values_of_a_field_that_becomes_sensitive_by_a_job(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    manager = open_client(tenant.tokens["manager"])
    ids = load(tenant, lambda place: f"{place}")
    sought = {"field": "custom_fields.it", "operator": "eq", "value": "7"}
    lock: Lock
    with held_back(tenant, ids[HELD]) as lock:
        body = definition("integer", existing="convert", sensitive=True)
        job = owner.post("/fields", body).json
        until(lock.waiting)
        until(lambda: "masked" in manager.get(f"/contacts/{ids[7]}").json)
        answer = manager.post("/contacts/search", {"filters": [sought]})
        assert answer.status == 422, answer.body
        assert count(owner, "/contacts", "eq", "7") == 1
        assert manager.post("/contacts", contact(it=5)).codes == {
            "custom_fields.it": "read_only"
        }
    assert ended(owner, job)["state"] == "succeeded"
    assert manager.post("/contacts/search", {"filters": [sought]}).status == 422
    assert count(owner, "/contacts", "eq", 7) == 1
