"""A deleted record comes back, with what its deletion cleared and deleted elsewhere."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.restoring.kinds import EVERY, Kind, made

ONE = {"email": "ada@engines.example"}


def restored(client: Client, path: str, record_id: str) -> Any:
    answer = client.post(f"{path}/{record_id}/restore")
    assert answer.status == 200, answer.body
    return answer.json


@pytest.mark.parametrize("kind", EVERY, ids=str)
def test_a_record_comes_back_as_it_was(owner: Client, kind: Kind) -> None:
    path, before = made(owner, kind)
    at = f"{path}/{before['id']}"
    assert owner.delete(at).status == 204
    answer = owner.post(f"{at}/restore")
    assert answer.status == 200, answer.body
    assert answer.headers["etag"] == '"3"'
    changing = ("updated_at",)
    same = {name: value for name, value in before.items() if name not in changing}
    assert {name: answer.json[name] for name in same} == same
    read = owner.get(at)
    assert (read.status, read.json) == (200, answer.json)
    assert read.headers["etag"] == '"3"'
    assert before["id"] in [each["id"] for each in owner.search(path)["data"]]


@pytest.mark.parametrize("kind", EVERY, ids=str)
def test_a_living_record_is_answered_as_it_is(owner: Client, kind: Kind) -> None:
    path, before = made(owner, kind)
    answer = owner.post(f"{path}/{before['id']}/restore")
    assert (answer.status, answer.json) == (200, before)
    assert answer.headers["etag"] == '"1"'


def test_links_and_what_was_deleted_with_it_come_back(owner: Client) -> None:
    company = owner.create("/companies", {"name": "Engines"})
    contact = owner.create("/contacts", ONE | {"company_id": company["id"]})
    deal = owner.create("/deals", {"name": "D", "company_id": company["id"]})
    both = {"company_id": company["id"], "contact_id": contact["id"]}
    alone = owner.create("/notes", {"body": "a", "company_id": company["id"]})
    shared = owner.create("/notes", {"body": "b", **both})
    timeline = owner.pages("/activities", filters=[of(company["id"])])
    assert owner.delete(f"/companies/{company['id']}").status == 204
    assert owner.get(f"/notes/{alone['id']}").status == 404
    restored(owner, "/companies", company["id"])
    for path, record in (("contacts", contact), ("deals", deal), ("notes", shared)):
        found = owner.get(f"/{path}/{record['id']}")
        assert found.json["company_id"] == company["id"]
        assert found.headers["etag"] == '"3"'
    back = owner.get(f"/notes/{alone['id']}")
    assert back.json == alone | {"updated_at": back.json["updated_at"]}
    events = owner.pages("/activities", filters=[of(company["id"])])
    told = [each["metadata"]["event"] for each in events]
    assert told[0] == "restored"
    assert len(events) == len(timeline) + 1


def of(record_id: str) -> dict[str, str]:
    return {"field": "record_id", "operator": "eq", "value": record_id}


def test_what_is_new_in_its_place_stays(owner: Client) -> None:
    old, new = (owner.create("/companies", {"name": n}) for n in ("Old", "New"))
    kept, moved = (
        owner.create("/contacts", {"email": e, "company_id": old["id"]})
        for e in ("a@x.example", "b@x.example")
    )
    assert owner.delete(f"/companies/{old['id']}").status == 204
    change = {"company_id": new["id"]}
    assert owner.patch(f"/contacts/{moved['id']}", change).status == 200
    restored(owner, "/companies", old["id"])
    assert owner.get(f"/contacts/{moved['id']}").json["company_id"] == new["id"]
    assert owner.get(f"/contacts/{kept['id']}").json["company_id"] == old["id"]


def test_a_link_to_what_is_deleted_itself_is_cleared(owner: Client) -> None:
    company = owner.create("/companies", {"name": "Engines"})
    contact = owner.create("/contacts", ONE | {"company_id": company["id"]})
    for path, record in (("contacts", contact), ("companies", company)):
        assert owner.delete(f"/{path}/{record['id']}").status == 204
    assert restored(owner, "/contacts", contact["id"])["company_id"] is None
    told = owner.post(f"/contacts/{contact['id']}/history", {"limit": 2}).json["data"]
    assert {each["field"]: (each["from"] is None, each["to"]) for each in told} == {
        "company_id": (False, None),
        "deleted_at": (False, None),
    }
    assert {each["operation"] for each in told} == {"restored"}


def test_a_note_without_any_link_does_not_come_back(owner: Client) -> None:
    company = owner.create("/companies", {"name": "Engines"})
    note = owner.create("/notes", {"body": "a", "company_id": company["id"]})
    assert owner.delete(f"/companies/{company['id']}").status == 204
    refused = owner.post(f"/notes/{note['id']}/restore")
    assert refused.status == 422
    assert set(refused.codes.values()) == {"required"}
    restored(owner, "/companies", company["id"])
    assert owner.get(f"/notes/{note['id']}").status == 200


def test_what_was_deleted_by_itself_stays_deleted(owner: Client) -> None:
    company = owner.create("/companies", {"name": "Engines"})
    note = owner.create("/notes", {"body": "a", "company_id": company["id"]})
    contact = owner.create("/contacts", ONE | {"company_id": company["id"]})
    assert owner.delete(f"/notes/{note['id']}").status == 204
    assert owner.delete(f"/companies/{company['id']}").status == 204
    assert owner.delete(f"/contacts/{contact['id']}").status == 204
    restored(owner, "/companies", company["id"])
    assert owner.get(f"/notes/{note['id']}").status == 404
    assert owner.get(f"/contacts/{contact['id']}").status == 404


def test_a_taken_external_id_refuses_the_whole(owner: Client) -> None:
    ids = {"external_ids": {"crm": "7", "erp": "8"}}
    contact = owner.create("/contacts", ONE | ids)
    task = owner.create("/tasks", {"name": "Call", "contact_id": contact["id"]})
    assert owner.delete(f"/contacts/{contact['id']}").status == 204
    other = owner.create("/contacts", {"email": "b@x.example", **ids})
    refused = owner.post(f"/contacts/{contact['id']}/restore")
    assert refused.status == 422
    assert refused.codes == {
        "external_ids.crm": "not_unique",
        "external_ids.erp": "not_unique",
    }
    assert refused.json["errors"][0]["record_id"] == other["id"]
    assert owner.get(f"/tasks/{task['id']}").json["contact_id"] is None
    freed = {"external_ids": {"crm": None, "erp": "9"}}
    assert owner.patch(f"/contacts/{other['id']}", freed).status == 200
    assert restored(owner, "/contacts", contact["id"])["external_ids"] == {
        "crm": "7",
        "erp": "8",
    }
    assert owner.get(f"/tasks/{task['id']}").json["contact_id"] == contact["id"]
    again = owner.post("/contacts", {"email": "c@x.example", **ids})
    assert again.codes["external_ids.crm"] == "not_unique"


def test_a_note_whose_external_id_is_taken_stays_deleted(owner: Client) -> None:
    company = owner.create("/companies", {"name": "Engines"})
    bodies = [
        {"body": "a", "company_id": company["id"], "external_ids": {"crm": each}}
        for each in ("1", "2")
    ]
    free, taken = (owner.create("/notes", each) for each in bodies)
    other = owner.create("/companies", {"name": "Other"})
    assert owner.delete(f"/companies/{company['id']}").status == 204
    owner.create("/notes", bodies[1] | {"company_id": other["id"]})
    restored(owner, "/companies", company["id"])
    assert owner.get(f"/notes/{taken['id']}").status == 404
    assert owner.get(f"/notes/{free['id']}").json["external_ids"] == {"crm": "1"}
    refused = owner.post("/notes", bodies[0])
    assert refused.codes == {"external_ids.crm": "not_unique"}


def test_the_latest_contact_is_that_of_the_activities_which_are_back(
    owner: Client,
) -> None:
    contact = owner.create("/contacts", ONE)
    company = owner.create("/companies", {"name": "Engines"})
    call, later = (
        {"type": "call", "contact_id": contact["id"], "occurred_at": at}
        for at in ("2026-01-02T03:04:05Z", "2026-01-03T03:04:05Z")
    )
    owner.create("/activities", call | {"company_id": company["id"]})
    ended = owner.create("/activities", later | {"company_id": company["id"]})
    assert owner.delete(f"/contacts/{contact['id']}").status == 204
    assert owner.delete(f"/activities/{ended['id']}").status == 204
    back = owner.post(f"/contacts/{contact['id']}/restore")
    assert back.json["last_contacted_at"] == call["occurred_at"]
    read = owner.get(f"/contacts/{contact['id']}")
    assert (read.json, read.headers["etag"]) == (back.json, back.headers["etag"])


def test_a_stale_etag_restores_nothing(owner: Client) -> None:
    contact = owner.create("/contacts", ONE)
    at = f"/contacts/{contact['id']}"
    assert owner.delete(at).status == 204
    assert owner.post(f"{at}/restore", if_match='"1"').status == 412
    assert owner.get(at).status == 404
    assert owner.post(f"{at}/restore", if_match='"2"').status == 200


def test_a_repeat_gets_the_first_answer(owner: Client) -> None:
    contact = owner.create("/contacts", ONE)
    at = f"/contacts/{contact['id']}"
    assert owner.delete(at).status == 204
    first = owner.post(f"{at}/restore", idempotency_key="back")
    assert first.status == 200
    assert owner.delete(at).status == 204
    again = owner.post(f"{at}/restore", idempotency_key="back")
    assert again.headers["idempotent-replayed"] == "true"
    assert again.body == first.body
    assert owner.get(at).status == 404


def test_a_dry_run_restores_nothing(owner: Client) -> None:
    company = owner.create("/companies", {"name": "Engines"})
    note = owner.create("/notes", {"body": "a", "company_id": company["id"]})
    at = f"/companies/{company['id']}"
    assert owner.delete(at).status == 204
    dry = owner.post(f"{at}/restore", dry_run="true")
    assert (dry.status, dry.headers["dry-run"]) == (200, "true")
    assert dry.headers["etag"] == '"3"'
    assert owner.get(at).status == 404
    assert owner.get(f"/notes/{note['id']}").status == 404


def test_a_batch_restores(owner: Client) -> None:
    company = owner.create("/companies", {"name": "Engines"})
    contact = owner.create("/contacts", ONE | {"company_id": company["id"]})
    named = [("contacts", contact["id"]), ("companies", company["id"])]
    for method, status in (("delete", 204), ("restore", 200)):
        operations = [
            {"method": method, "resource": resource, "id": record_id}
            for resource, record_id in reversed(named)
        ]
        answer = owner.post("/batch", {"operations": operations})
        assert [each["status"] for each in answer.json["data"]] == [status] * 2
    assert answer.json["data"][1]["record"]["id"] == contact["id"]
    one = {"operations": [{"method": "restore", "id": contact["id"]}]}
    again = owner.post("/contacts/batch", one).json["data"][0]
    assert again["record"]["id"] == contact["id"]


def test_a_state_between_is_told_to_those_who_delete(owner: Client) -> None:
    contact = owner.create("/contacts", ONE | {"first_name": "Ada"})
    at = f"/contacts/{contact['id']}"
    assert owner.delete(at).status == 204
    deleted_at = owner.post(f"{at}/history", {"limit": 1}).json["data"][0]["at"]
    back = restored(owner, "/contacts", contact["id"])
    owner.patch(at, {"first_name": "Eva"})
    for moment, name in ((deleted_at, "Ada"), (back["updated_at"], "Ada")):
        state = owner.post(f"{at}/as_of", {"at": moment})
        assert (state.status, state.json["first_name"]) == (200, name)


def test_a_log_with_many_deletions_tells_every_state(owner: Client) -> None:
    """A deletion has no image, whatever its version; what follows has one."""
    contact = owner.create("/contacts", ONE | {"first_name": "0"})
    at = f"/contacts/{contact['id']}"
    times = {"0": contact["updated_at"]}
    for number in range(1, 70):
        if number % 2:
            assert owner.delete(at).status == 204
            restored(owner, "/contacts", contact["id"])
        answer = owner.patch(at, {"first_name": str(number)})
        times[str(number)] = answer.json["updated_at"]
    for name, moment in times.items():
        state = owner.post(f"{at}/as_of", {"at": moment})
        assert state.json["first_name"] == name
