"""The log tells the changes of batches as it tells those of single requests."""

from typing import Any

from tests.client import Client
from tests.end_to_end.batches.logs import ACTOR, rows_of
from tests.world import Tenant

COUNT = 40
PEOPLE = [{"email": f"c{n}@x.example", "tags": ["new"]} for n in range(COUNT)]


def history(client: Client, record_id: str) -> list[tuple[Any, ...]]:
    """The fields that changed and what was done, newest first."""
    answer = client.post(f"/contacts/{record_id}/history", {"limit": 100})
    assert answer.status == 200, answer.body
    told = ("field", "from", "to", "operation")
    return [
        tuple(each[name] for name in told)
        for each in answer.json["data"]
        if each["field"] not in ("id", "email", "name", "created_at", "updated_at")
    ]


def batch(client: Client, *operations: dict[str, Any], **more: Any) -> list[Any]:
    answer = client.post("/contacts/batch", {"operations": operations, **more})
    assert answer.status == 200, answer.body
    return [each.get("record") for each in answer.json["data"]]


def test_each_of_many_creations_has_its_history(owner: Client) -> None:
    alone = owner.create("/contacts", {"email": "alone@x.example", "tags": ["new"]})
    made = batch(owner, *({"method": "create", "body": each} for each in PEOPLE))
    expected = history(owner, alone["id"])
    assert expected
    for each in made:
        assert history(owner, each["id"]) == expected
        path, at = f"/contacts/{each['id']}", each["created_at"]
        assert owner.post(f"{path}/as_of", {"at": at}).json == each


def test_a_life_within_one_batch_is_told_whole(owner: Client, tenant: Tenant) -> None:
    company = owner.create("/companies", {"name": "Acme"})
    batch(
        owner,
        {"method": "create", "ref": "ada", "body": {**PEOPLE[0], "tags": []}},
        {"method": "update", "id": "@ada", "body": {"company_id": company["id"]}},
        {"method": "update", "id": "@ada", "body": {"city": "Rome"}},
        {"method": "delete", "id": "@ada"},
    )
    rows = [each for each in rows_of(tenant) if each["object"] == "contacts"]
    assert [(each["version"], each["operation"]) for each in rows] == [
        *((1, 1), (2, 2), (3, 2), (4, 3)),
    ]
    assert len({each["at"] for each in rows}) == len(rows)


def test_who_did_it_is_who_sent_the_batch(owner: Client, tenant: Tenant) -> None:
    single = owner.post("/contacts", {"email": "alone@x.example"})
    (row,) = rows_of(tenant)
    actor = {name: row[name] for name in ACTOR}
    assert actor["trace_id"] == single.headers["x-trace-id"]
    operations = [
        *({"method": "create", "body": each} for each in PEOPLE[:5]),
        {"method": "update", "id": single.json["id"], "body": {"city": "Rome"}},
    ]
    answer = owner.post("/contacts/batch", {"operations": operations})
    expected = actor | {"trace_id": answer.headers["x-trace-id"]}
    rows = [each for each in rows_of(tenant) if each != row]
    assert len(rows) == len(operations)
    for each in rows:
        assert {name: each[name] for name in ACTOR} == expected


def test_what_is_undone_is_not_told(owner: Client, tenant: Tenant) -> None:
    creates = [{"method": "create", "body": each} for each in PEOPLE[:5]]
    spoilt = [*creates, {"method": "create", "body": {"email": "nonsense"}}]
    failed = {"operations": spoilt, "atomic": True}
    assert owner.post("/contacts/batch", failed).status == 422
    dry = owner.post("/contacts/batch", {"operations": creates}, dry_run="true")
    assert dry.status == 200, dry.body
    assert rows_of(tenant) == []
    owner.post("/contacts/batch", {"operations": spoilt})
    assert len(rows_of(tenant)) == len(creates)
