"""What the feed tells of a change: its type, its values, and the record after it."""

from typing import Any

import pytest
from prospectconnect.options.v1.options_pb2 import STANDARD_METHOD_RESTORE

from tests.client import Client
from tests.end_to_end.changes.following import BOTH, Reader, types
from tests.end_to_end.scene import pipeline
from tests.promises.record_values import Maker
from tests.promises.records_suite import WRITTEN, Resource
from tests.world import Tenant

TOLD = tuple(each for each in WRITTEN if each.policy.permission_resource != "schema")
LATER = {"from": None, "to": "Lovelace"}


@pytest.fixture
def maker(owner: Client, tenant: Tenant) -> Maker:
    """Makes records as the owner."""
    return Maker(owner, tenant.users)


@pytest.mark.parametrize("resource", TOLD, ids=str)
def test_a_state_is_what_a_read_answers_with(resource: Resource, maker: Maker) -> None:
    maker.prepare(resource)
    reader = Reader(maker.client, include=BOTH)
    made = maker.client.create(resource.path, maker.full(resource, 0))
    told = [e for e in reader.read() if e["record"]["id"] == made["id"]]
    (created,) = told
    assert created["type"] == f"{resource.policy.resource}.created"
    # How its deliveries go is no part of a webhook.
    unkept = {f.name for f in resource.fields if f.policy.unstored} - {"masked"}
    assert created["state"] == {n: made[n] for n in made if n not in unkept}
    assert created["record"]["version"] == "1"
    assert created["at"] == made["created_at"]
    assert created["actor"]["user_id"] == made["created_by"]
    assert all(each["from"] is None for each in created["changed"].values())
    path = f"{resource.path}/{made['id']}"
    assert maker.client.delete(path).status == 204
    (deleted,) = [e for e in reader.read() if e["record"]["id"] == made["id"]]
    assert deleted["type"] == f"{resource.policy.resource}.deleted"
    assert (deleted["state"], deleted["changed"]) == (None, {})
    restored = maker.client.post(f"{path}/restore")
    if STANDARD_METHOD_RESTORE in resource.policy.without:
        assert restored.status == 404
        return
    back = restored.json
    (restored,) = [e for e in reader.read() if e["record"]["id"] == made["id"]]
    assert restored["type"] == f"{resource.policy.resource}.restored"
    assert restored["state"] == back
    assert restored["record"]["version"] == "3"


def test_a_change_tells_values_and_who_made_it(owner: Client) -> None:
    made = owner.create("/contacts", {"email": "ada@engine.example"})
    reader = Reader(owner, include=BOTH)
    body = {"last_name": "Lovelace", "custom_fields": {"plan": "gold"}}
    answer = owner.patch(f"/contacts/{made['id']}", body)
    (change,) = reader.read()
    assert change["id"].startswith("chg_")
    assert change["type"] == "contact.updated"
    record = {"resource": "contacts", "id": made["id"], "version": "2"}
    assert change["record"] == record
    assert change["changed"] == {
        "last_name": LATER,
        "name": {"from": "ada@engine.example", "to": "Lovelace"},
        "custom_fields.plan": {"from": None, "to": "gold"},
    }
    assert change["state"] == answer.json
    assert change["trace_id"] == answer.headers["x-trace-id"]
    assert change["actor"]["client_id"] is None
    assert change["actor"]["token_id"]
    assert "into" not in change


def test_nothing_comes_along_that_is_not_asked_for(owner: Client) -> None:
    reader = Reader(owner)
    owner.create("/contacts", {"email": "ada@engine.example"})
    (change,) = reader.read()
    assert change["state"] is None
    assert "changed" not in change


def test_the_specific_type_wins(owner: Client, tenant: Tenant) -> None:
    stages = pipeline(owner)
    deal = owner.create("/deals", {"name": "Engine"})["id"]
    task = owner.create("/tasks", {"name": "Call"})["id"]
    reader = Reader(owner)
    for stage in ("Qualified", "Won", "Lost", "New"):
        moved = owner.post(f"/deals/{deal}/stage", {"stage_id": stages[stage]})
        assert moved.status == 200, moved.body
    owner.patch(f"/deals/{deal}", {"value": 5})
    owner.patch(f"/deals/{deal}", {"owner_id": tenant.users["member"], "value": 6})
    owner.post(f"/tasks/{task}/complete")
    owner.post(f"/tasks/{task}/reopen")
    owner.patch(f"/tasks/{task}", {"assignee_id": None})
    assert types(reader.read()) == [
        "deal.stage_changed",
        "deal.won",
        "deal.lost",
        "deal.reopened",
        "deal.updated",
        "deal.owner_changed",
        "task.completed",
        "task.reopened",
        "task.owner_changed",
    ]


def test_merges_and_their_undoing_are_told(owner: Client) -> None:
    ids = [owner.create("/contacts", {"phone": f"12{n}"})["id"] for n in range(3)]
    reader = Reader(owner, include=BOTH)
    merged = owner.post(f"/contacts/{ids[0]}/merge", {"ids": ids[1:]}).json
    told = {(e["type"], e["record"]["id"]): e for e in reader.read()}
    assert set(told) == {
        ("contact.updated", ids[0]),
        ("contact.merged", ids[1]),
        ("contact.merged", ids[2]),
    }
    assert told["contact.merged", ids[1]]["into"] == ids[0]
    assert told["contact.merged", ids[1]]["state"] is None
    assert told["contact.updated", ids[0]]["state"] == merged["data"]
    undone = {"merge_id": merged["merge_id"]}
    assert owner.post(f"/contacts/{ids[0]}/unmerge", undone).status == 200
    assert sorted(types(reader.read())) == [
        "contact.unmerged",
        "contact.unmerged",
        "contact.updated",
    ]


def test_a_deletion_tells_what_it_clears(owner: Client) -> None:
    company = owner.create("/companies", {"name": "Acme"})["id"]
    body = {"email": "ada@engine.example", "company_id": company}
    contact = owner.create("/contacts", body)["id"]
    reader = Reader(owner, include=["changed"])
    assert owner.delete(f"/companies/{company}").status == 204
    told = {each["type"]: each for each in reader.read()}
    assert set(told) == {"company.deleted", "contact.updated"}
    cleared = told["contact.updated"]
    assert cleared["record"]["id"] == contact
    assert cleared["changed"] == {"company_id": {"from": company, "to": None}}


def test_an_erased_person_is_told_without_values(owner: Client) -> None:
    reader = Reader(owner, include=BOTH)
    made = owner.create("/contacts", {"email": "ada@engine.example"})
    owner.patch(f"/contacts/{made['id']}", {"last_name": "Lovelace"})
    erased = owner.post(f"/contacts/{made['id']}/erase", {"reason": "x"})
    assert erased.status == 200, erased.body
    told = reader.read()
    assert types(told) == ["contact.created", "contact.updated", "contact.erased"]
    assert all(each["state"] is None for each in told)
    assert all(each["changed"] == {} for each in told)


def test_states_are_told_far_from_images(owner: Client) -> None:
    """Of a record with many changes, each state stands, by pages of any size."""
    made = owner.create("/contacts", {"email": "ada@engine.example"})
    states: list[Any] = [made]
    for number in range(70):
        changed = {
            "lead_score": number + 1,
            "custom_fields": {f"k{number % 7}": number},
        }
        states.append(owner.patch(f"/contacts/{made['id']}", changed).json)
    for limit in (1, 7, 500):
        reader = Reader(owner, start="earliest", include=["state"], limit=limit)
        told = [e for e in reader.read() if e["record"]["id"] == made["id"]]
        assert [each["state"] for each in told] == states
