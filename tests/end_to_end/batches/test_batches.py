"""Batches: many operations in one request, each with the answer of a single one."""

from typing import Any

import pytest

from tests.client import Answer, Client
from tests.promises.record_values import UNKNOWN_DIGITS

BATCH = "/batch"
LOST = f"deal_{UNKNOWN_DIGITS}"


def create(resource: str, body: Any, **more: Any) -> dict[str, Any]:
    return {"method": "create", "resource": resource, "body": body, **more}


def done(answer: Answer, status: int = 200) -> list[Any]:
    """The results of a batch that was answered with a status."""
    assert answer.status == status, answer.body
    data = answer.json["data"]
    failed = sum(each["status"] >= 400 for each in data)
    assert answer.json["meta"] == {"succeeded": len(data) - failed, "failed": failed}
    assert (status == 207) == (failed > 0)
    return data  # type: ignore[no-any-return]  # of JSON


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
        {"method": "delete", "resource": "deals", "id": LOST},
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
        {"method": "get", "resource": "deals", "id": LOST},
        create("contacts", {"email": "no"}),
    ]
    answer = owner.post(BATCH, {"atomic": True, "operations": operations})
    assert answer.status == 404, answer.body
    assert answer.json["failed_operation"] == 2
    assert answer.codes == {
        "operations[2].id": "not_found",
        "operations[3].body.email": "invalid_format",
    }
    assert owner.search("/companies")["data"] == []
    good = {"atomic": True, "operations": operations[:2]}
    assert [each["status"] for each in done(owner.post(BATCH, good))] == [201, 201]


def test_an_unknown_ref_is_named_where_it_stands(owner: Client) -> None:
    machine = {"type": "record", "object": "deals", "target": "companies"}
    owner.create("/fields", {"key": "maker", "label": "Maker", **machine})
    operations = [
        {"method": "update", "resource": "deals", "id": "@deal", "body": {}},
        {"method": "delete", "resource": "deals", "id": "@acme"},
        {"method": "restore", "resource": "deals", "id": "@"},
        {"method": "get", "resource": "deals", "id": "@deal"},
        create("contacts", {"company_id": "@acme", "city": "@acme", "email": "no"}),
        create("deals", {"name": "A", "custom_fields": {"maker": "@acme"}}),
        {"method": "update", "resource": "deals", "id": "@x", "body": {"value": -1}},
        create("associations", {"type": "x", "from_id": "@a", "to_id": "@b"}),
        create("companies", {"name": "Acme"}, ref="acme"),
    ]
    unknown = 'No operation before this one has the ref "{}".'.format
    later = 'Put operations[8], which has the ref "acme", before this one.'
    told = done(owner.post(BATCH, {"operations": operations}), 207)
    messages = [
        {e["field"]: e["message"] for e in each["problem"]["errors"]}
        for each in told[:-1]
    ]
    assert {each["status"] for each in told[:-1]} == {422}
    assert messages[:6] == [
        {"operations[0].id": unknown("deal")},
        {"operations[1].id": later},
        {"operations[2].id": unknown("")},
        {"operations[3].id": unknown("deal")},
        {
            "operations[4].body.email": "Give an e-mail address, e.g. ada@example.com.",
            "operations[4].body.company_id": later,
        },
        {"operations[5].body.custom_fields.maker": later},
    ]
    assert list(messages[6]) == ["operations[6].body.value"]
    atomic = owner.post(BATCH, {"operations": operations[:6], "atomic": True})
    assert (atomic.status, atomic.json["failed_operation"]) == (422, 0)
    assert {e["field"]: e["message"] for e in atomic.json["errors"]} == {
        path: text.replace(later, unknown("acme"))
        for each in messages[:6]
        for path, text in each.items()
    }


@pytest.mark.parametrize("method", ["create", "upsert"])
def test_an_atomic_batch_names_no_record_that_it_undid(
    method: str, owner: Client
) -> None:
    body = {"name": "Acme", "external_ids": {"erp": "E-1"}}
    first = {"method": method, "resource": "companies", "body": body}
    if method == "upsert":
        first["body"] = body | {"match_on": "external_ids.erp"}
    second = {"method": "create", "resource": "companies", "body": body}
    batch = {"atomic": True, "operations": [first, second]}
    (error,) = owner.post(BATCH, batch).json["errors"]
    assert error == {
        "field": "operations[1].body.external_ids.erp",
        "code": "not_unique",
        "message": "Operation 0 gives its record this value.",
    }
    there = owner.create("/companies", body)["id"]
    (error,) = owner.post(BATCH, batch | {"operations": [second]}).json["errors"]
    assert error["record_id"] == there


@pytest.mark.parametrize(
    ("operation", "status", "path"),
    [
        ({"method": "update", "id": LOST, "body": {"value": 1}}, 404, ".id"),
        ({"method": "delete", "id": LOST}, 404, ".id"),
        ({"method": "update", "if_match": '"9"', "body": {"value": 1}}, 412, ""),
    ],
    ids=lambda value: str(value)[:30],
)
def test_an_atomic_batch_says_where_it_failed(
    owner: Client, operation: dict[str, Any], status: int, path: str
) -> None:
    deal = owner.create("/deals", {"name": "Fleet"})
    body = {"operations": [{"id": deal["id"]} | operation], "atomic": True}
    answer = owner.post("/deals/batch", body)
    assert answer.status == status, answer.body
    assert list(answer.codes) == [f"operations[0]{path}"]


def test_an_atomic_batch_tells_a_lost_object_from_a_lost_record(owner: Client) -> None:
    objects = {"method": "get", "resource": "records", "id": "rec_1", "object": "x"}
    answer = owner.post(BATCH, {"operations": [objects], "atomic": True})
    assert (answer.status, list(answer.codes)) == (404, ["operations[0].object"])


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
