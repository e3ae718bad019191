"""Tasks: done and opened again, each once, whoever asks how often."""

from typing import Any

import pytest

from tests.client import Client, moment
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.scene import told
from tests.harness.at_once import at_once, crowd
from tests.world import Tenant

CALL = {"name": "Call Ada"}
DONE = ("status", "completed_at", "completed_by")


@pytest.fixture
def contact(owner: Client) -> str:
    """The id of a contact."""
    return str(owner.create("/contacts", {"email": "ada@example.com"})["id"])


@pytest.fixture
def path(owner: Client, contact: str) -> str:
    """The path of a task about the contact."""
    return f"/tasks/{owner.create('/tasks', CALL | {'contact_id': contact})['id']}"


def found(client: Client, **query: Any) -> list[str]:
    return [task["name"] for task in client.search("/tasks", **query)["data"]]


def test_a_task_is_open_and_the_callers(owner: Client, tenant: Tenant) -> None:
    task = owner.create("/tasks", CALL)
    assert [task[name] for name in DONE] == ["open", None, None]
    assert task["priority"] == "medium"
    assert task["assignee_id"] == tenant.users["owner"]
    assert task["due_date"] is task["contact_id"] is None


def test_null_sets_the_priority_back_and_frees_from_the_assignee(owner: Client) -> None:
    nulls = {"priority": None, "assignee_id": None}
    task = owner.create("/tasks", CALL | nulls)
    assert (task["priority"], task["assignee_id"]) == ("medium", None)
    path = f"/tasks/{task['id']}"
    assert owner.patch(path, {"priority": "high"}).json["priority"] == "high"
    assert owner.patch(path, nulls).json["priority"] == "medium"


def test_a_task_is_completed_and_reopened(
    owner: Client, tenant: Tenant, open_client: OpenClient, path: str, contact: str
) -> None:
    admin = open_client(tenant.tokens["admin"])
    before = owner.get(path).json
    done = admin.post(f"{path}/complete", {})
    assert done.status == 200
    assert owner.get(path).body == done.body
    assert done.json["status"] == "completed"
    assert done.json["completed_by"] == tenant.users["admin"]
    times = before["updated_at"], done.json["completed_at"], done.json["updated_at"]
    assert list(times) == sorted(times, key=moment)
    opened = owner.post(f"{path}/reopen", {})
    assert [opened.json[name] for name in DONE] == ["open", None, None]
    changed = {name for name in before if opened.json[name] != before[name]}
    assert changed == {"updated_at"}
    names = [each["event"] for each in told(owner, contact)]
    assert names == ["created", "task_completed", "task_reopened"]


def test_what_is_so_already_stays_as_it_is(
    owner: Client, tenant: Tenant, open_client: OpenClient, path: str, contact: str
) -> None:
    admin = open_client(tenant.tokens["admin"])
    for action in ("reopen", "complete", "reopen"):
        first = owner.post(f"{path}/{action}")
        again = admin.post(f"{path}/{action}", {})
        assert (again.status, again.body) == (200, first.body)
        assert again.headers["etag"] == first.headers["etag"]
    assert len(told(owner, contact)) == 3


def test_a_repeated_completion_gets_the_first_answer(owner: Client, path: str) -> None:
    first = owner.post(f"{path}/complete", {}, idempotency_key="k")
    owner.post(f"{path}/reopen", {})
    again = owner.post(f"{path}/complete", {}, idempotency_key="k")
    assert again.body == first.body
    assert again.headers["idempotent-replayed"] == "true"
    assert owner.get(path).json["status"] == "open"
    other = owner.post(f"{path}/reopen", {}, idempotency_key="k")
    assert other.json["type"].endswith("idempotency-key-reused")


@pytest.mark.parametrize("value", ["completed", "open", None, 1])
def test_a_patch_completes_no_task_and_says_what_does(
    owner: Client, path: str, value: object
) -> None:
    answer = owner.patch(path, {"status": value})
    assert (answer.status, answer.codes) == (422, {"status": "read_only"})
    assert "POST /v1/tasks/{id}/complete" in answer.json["errors"][0]["message"]


@pytest.mark.parametrize("action", ["complete", "reopen"])
def test_an_action_takes_no_field_and_keeps_to_its_precondition(
    owner: Client, path: str, action: str
) -> None:
    owner.post(f"{path}/{'complete' if action == 'reopen' else 'reopen'}", {})
    for field in ("completed_at", "completed_by", "etag", "id"):
        answer = owner.post(f"{path}/{action}", {field: "x"})
        assert answer.codes == {field: "unknown_field"}
    etag = owner.get(path).headers["etag"]
    assert owner.post(f"{path}/{action}", {}, if_match='"0"').status == 412
    assert owner.post(f"{path}/{action}", {}, if_match=etag).status == 200
    assert owner.post(f"{path}/{action}", {}, if_match=etag).status == 412
    never = f"/tasks/task_0123456789abcdef01234567/{action}"
    assert owner.post(never, {}).status == 404


def test_who_may_not_write_a_task_may_not_complete_it(
    owner: Client, tenant: Tenant, member: Client, open_client: OpenClient, path: str
) -> None:
    assert member.post(f"{path}/complete", {}).status == 404
    viewer = open_client(tenant.tokens["viewer"])
    assert viewer.post(f"{path}/complete", {}).json["refused_by"] == "role"
    reader = open_client(tenant.token(["task.read"]))
    assert reader.post(f"{path}/complete", {}).json["required"] == "task.write"
    owner.patch(path, {"assignee_id": tenant.users["member"]})
    done = member.post(f"{path}/complete", {}).json
    assert done["completed_by"] == tenant.users["member"]


def test_completions_at_once_are_one(
    tenant: Tenant, owner: Client, path: str, contact: str
) -> None:
    with crowd(tenant, 12) as clients:
        answers = at_once(lambda each: each.post(f"{path}/complete", {}), clients)
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    names = [each["event"] for each in told(owner, contact)]
    assert names == ["created", "task_completed"]


def test_a_task_without_links_is_completed_in_silence(owner: Client) -> None:
    path = f"/tasks/{owner.create('/tasks', CALL)['id']}"
    assert owner.post(f"{path}/complete", {}).json["status"] == "completed"
    assert owner.search("/activities")["data"] == []


def test_tasks_are_found_by_day_and_by_what_they_are_about(
    owner: Client, contact: str
) -> None:
    company = owner.create("/companies", {"name": "Acme"})["id"]
    about = {"contact_id": contact, "company_id": company}
    for name, body in (
        ("both", {"due_date": "2026-06-17", **about}),
        ("one", {"due_date": "2026-06-16", "contact_id": contact}),
        ("none", {"description": "Nothing\nof ADA"}),
    ):
        owner.create("/tasks", {"name": name, **body})
    for direction, names in (
        ("asc", ["one", "both", "none"]),
        ("desc", ["both", "one", "none"]),
    ):
        assert found(owner, order_by="due_date", sort_direction=direction) == names
    by_record = {"field": "record_id", "operator": "eq", "value": company}
    assert found(owner, filters=[by_record]) == ["both"]
    unlinked = {"field": "record_id", "operator": "is_empty"}
    assert found(owner, filters=[unlinked]) == ["none"]
    until = {"field": "due_date", "operator": "lte", "value": "2026-06-16"}
    assert found(owner, filters=[until]) == ["one"]
    assert found(owner, search_text="nothing ada") == ["none"]
