"""Merges: what the survivor has, what moves, and where old ids lead."""

from typing import Any

from tests.client import Client


def merge(client: Client, survivor: Any, *others: Any, **more: Any) -> Any:
    ids = [each["id"] for each in others]
    answer = client.post(f"/contacts/{survivor['id']}/merge", {"ids": ids, **more})
    assert answer.status == 200, answer.body
    return answer.json


def test_a_survivor_keeps_its_values_and_takes_those_that_it_lacks(
    owner: Client,
) -> None:
    company = owner.create("/companies", {"name": "Acme"})
    ada = owner.create(
        "/contacts",
        {"email": "ada@x.example", "tags": ["VIP"], "external_ids": {"erp": "1"}},
    )
    double = owner.create(
        "/contacts",
        {
            "email": "other@x.example",
            "phone": "+1 555 0100",
            "company_id": company["id"],
            "tags": ["vip", "new"],
            "custom_fields": {"plan": "gold"},
            "external_ids": {"erp": "2", "shop": "3"},
        },
    )
    note = owner.create("/notes", {"body": "Hi", "contact_id": double["id"]})
    answer = merge(owner, ada, double)
    told = answer["data"]
    assert told["email"] == "ada@x.example"
    assert told["phone"] == "+1 555 0100"
    assert told["company_id"] == company["id"]
    assert told["tags"] == ["VIP", "new"]
    assert told["external_ids"] == {"erp": "1", "shop": "3"}
    assert told["custom_fields"] == {"plan": "gold"}
    assert told["merged_ids"] == [double["id"]]
    assert answer["moved"]["notes"] == 1
    path = f"/contacts/{ada['id']}"
    assert owner.get(path).json == told
    assert owner.get(f"/notes/{note['id']}").json["contact_id"] == ada["id"]
    led = owner.get(f"/contacts/{double['id']}")
    assert led.json == told
    assert led.headers["content-location"] == f"/v1{path}"
    refused = owner.delete(f"/contacts/{double['id']}")
    assert refused.status == 409
    assert refused.json["used_by"] == [ada["id"]]
    undone = owner.post(f"{path}/unmerge", {"merge_id": answer["merge_id"]})
    assert undone.status == 200, undone.body
    back = owner.get(f"/contacts/{double['id']}").json
    same = {k: v for k, v in double.items() if k not in ("updated_at",)}
    assert {**back, "updated_at": 0} == {**same, "updated_at": 0}
    assert owner.get(f"/notes/{note['id']}").json["contact_id"] == double["id"]
    now = owner.get(path).json
    assert {**now, "updated_at": 0} == {**ada, "updated_at": 0}
    found = owner.post("/merges/search", {}).json["data"]
    assert [each["id"] for each in found] == [answer["merge_id"]]
    assert found[0]["undone_at"]
