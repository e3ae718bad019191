"""Batches: many operations in one request, each with the answer of a single one."""

from typing import Any

from tests.client import Answer, Client
from tests.promises.record_values import UNKNOWN_DIGITS

BATCH = "/batch"


def create(resource: str, body: Any, **more: Any) -> dict[str, Any]:
    return {"method": "create", "resource": resource, "body": body, **more}


def done(answer: Answer, status: int = 200) -> list[Any]:
    """The results of a batch that was answered with a status."""
    assert answer.status == status, answer.body
    data = answer.json["data"]
    failed = sum(each["status"] >= 400 for each in data)
    assert answer.json["meta"] == {"succeeded": len(data) - failed, "failed": failed}
    assert (status == 207) == (failed > 0)
    return data  # type: ignore[no-any-return]


def test_operations_of_all_methods_are_answered_in_their_order(owner: Client) -> None:
    deal = owner.create("/deals", {"name": "Fleet"})
    task = owner.create("/tasks", {"name": "Call"})
    operations = [
        create("companies", {"name": "Acme"}, ref="acme"),
        {
            "method": "upsert",
            "resource": "contacts",
            "body": {
                "match_on": "email",
                "email": "a@acme.example",
                "company_id": "@acme",
            },
        },
        {
            "method": "update",
            "resource": "deals",
            "id": deal["id"],
            "if_match": '"1"',
            "body": {"value": 10},
        },
        {"method": "delete", "resource": "tasks", "id": task["id"]},
        {"method": "get", "resource": "deals", "id": deal["id"]},
    ]
    data = done(owner.post(BATCH, {"operations": operations}))
    company, contact, updated, deleted, got = data
    assert [each["status"] for each in data] == [201, 201, 200, 204, 200]
    assert company["ref"] == "acme"
    assert company["etag"] == '"1"'
    assert company["record"] == owner.get(f"/companies/{company['record']['id']}").json
    assert contact["record"]["company_id"] == company["record"]["id"]
    assert updated["record"]["value"] == 10
    assert updated["etag"] == '"2"'
    assert deleted == {"status": 204}
    assert got["record"] == updated["record"]
    assert owner.get(f"/tasks/{task['id']}").status == 404


def test_what_fails_is_that_operations_problem(owner: Client) -> None:
    operations = [
        create("contacts", {"email": "no", "nonsense": 1}, ref="bad"),
        create("tasks", {"name": "Call", "contact_id": "@bad"}),
        create("notes", {"body": "Hi", "contact_id": "@later"}),
        {"method": "fly", "resource": "contacts"},
        {"method": "get", "resource": "planes", "id": "x"},
        {"method": "update", "resource": "deals", "body": {}},
        {"method": "delete", "resource": "deals", "id": f"deal_{UNKNOWN_DIGITS}"},
        create("companies", {"name": "Acme"}),
        7,
    ]
    answer = owner.post(BATCH, {"operations": operations})
    data = done(answer, 207)
    problems = [each.get("problem") for each in data]
    assert [each["status"] for each in data] == [
        *(422, 424, 422, 422, 422, 422, 404, 201, 422)
    ]
    codes = [
        {e["field"]: e["code"] for e in each.get("errors", ())} if each else None
        for each in problems
    ]
    assert codes[0] == {
        "operations[0].body.email": "invalid_format",
        "operations[0].body.nonsense": "unknown_field",
    }
    assert problems[1]["depends_on"] == 0
    assert problems[1]["type"].endswith("/dependency-failed")
    assert codes[2] == {"operations[2].body.contact_id": "not_found"}
    assert codes[3] == {"operations[3].method": "invalid_choice"}
    assert codes[4] == {"operations[4].resource": "invalid_choice"}
    assert codes[5] == {"operations[5].id": "required"}
    assert codes[8] == {"operations[8]": "invalid_type"}
    for problem in filter(None, problems):
        assert problem["trace_id"] == answer.headers["x-trace-id"]


def test_an_atomic_batch_that_fails_writes_nothing(owner: Client) -> None:
    operations = [
        create("companies", {"name": "Acme"}, ref="acme"),
        create("contacts", {"email": "a@b.example", "company_id": "@acme"}),
        {"method": "get", "resource": "deals", "id": f"deal_{UNKNOWN_DIGITS}"},
        create("contacts", {"email": "no"}),
    ]
    answer = owner.post(BATCH, {"atomic": True, "operations": operations})
    assert answer.status == 404, answer.body
    assert answer.json["failed_operation"] == 2
    assert answer.codes == {
        "operations[2]": "not_found",
        "operations[3].body.email": "invalid_format",
    }
    assert owner.search("/companies")["data"] == []
    good = {"atomic": True, "operations": operations[:2]}
    assert [each["status"] for each in done(owner.post(BATCH, good))] == [201, 201]


def test_a_batch_of_one_resource(owner: Client) -> None:
    body = {
        "operations": [
            {"method": "create", "body": {"name": f"C{n}"}} for n in range(30)
        ]
    }
    data = done(owner.post("/companies/batch", body))
    assert [each["record"]["name"] for each in data] == [f"C{n}" for n in range(30)]
    gets = [{"method": "get", "id": each["record"]["id"]} for each in data]
    again = done(owner.post("/companies/batch", {"operations": gets}))
    assert [each["record"] for each in again] == [each["record"] for each in data]
    timeline = owner.search("/activities", company_id=None) if False else None
    assert timeline is None
