"""Jobs: who sees them, and what waiting and cancelling take."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.world import Tenant


@pytest.fixture
def job(owner: Client) -> Any:
    """The job that the owner of a new tenant has begun, and that has ended."""
    (found,) = owner.search("/jobs")["data"]
    return found


@pytest.mark.every_topology
def test_a_job_is_seen_by_who_began_it_and_by_admins(
    tenant: Tenant, job: Any, open_client: OpenClient
) -> None:
    for role in tenant.tokens:
        client = open_client(tenant.tokens[role])
        is_seen = role in ("owner", "admin")
        for answer in (
            client.get(f"/jobs/{job['id']}"),
            client.post(f"/jobs/{job['id']}/wait", {}),
            client.post(f"/jobs/{job['id']}/cancel", {}),
        ):
            assert answer.status == (200 if is_seen else 404), (role, answer.body)
        assert client.search("/jobs")["data"] == ([job] if is_seen else [])


def test_no_scope_is_needed(tenant: Tenant, job: Any, open_client: OpenClient) -> None:
    client = open_client(tenant.token(["contact.read"]))
    assert client.get(f"/jobs/{job['id']}").json == job


def test_a_job_of_another_tenant_is_as_one_that_never_was(
    job: Any, stranger: Client
) -> None:
    for path in (f"/jobs/{job['id']}", "/jobs/job_0123456789abcdef01234567", "/jobs/x"):
        assert stranger.get(path).status == 404
        assert stranger.post(f"{path}/wait", {}).status == 404
        assert stranger.post(f"{path}/cancel", {}).status == 404


def test_a_job_that_has_ended_stays_as_it_is(owner: Client, job: Any) -> None:
    path = f"/jobs/{job['id']}"
    assert owner.post(f"{path}/wait", {"wait_seconds": 20}).json == job
    assert owner.post(f"{path}/cancel", {}).json == job
    etag = owner.get(path).headers["etag"]
    assert owner.get(path, If_None_Match=etag).status == 304


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"wait_seconds": 0}, "too_small"),
        ({"wait_seconds": 21}, "too_large"),
        ({"wait_seconds": "5"}, "invalid_type"),
        ({"wait_seconds": 1.5}, "invalid_type"),
        ({"wait_seconds": 10**30}, "too_large"),
        ({"seconds": 5}, "unknown_field"),
        ({"id": "job_1"}, "unknown_field"),
    ],
)
def test_a_wait_takes_one_to_twenty_seconds(
    owner: Client, job: Any, body: dict[str, Any], code: str
) -> None:
    answer = owner.post(f"/jobs/{job['id']}/wait", body)
    assert answer.status == 422
    assert list(answer.codes.values()) == [code]


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", ""), ("PATCH", "/{id}"), ("DELETE", "/{id}"), ("GET", "")],
)
def test_jobs_are_begun_by_what_they_do_alone(
    owner: Client, job: Any, method: str, path: str
) -> None:
    path = path.format(id=job["id"])
    assert owner.send(method, f"/jobs{path}", {}).status in (404, 405)


def test_jobs_are_found_by_state_kind_and_time(owner: Client, job: Any) -> None:
    for field, value in (
        ("state", "succeeded"),
        ("kind", "create_field"),
        ("subject_id", job["subject_id"]),
        ("created_by", job["created_by"]),
        ("finished_at", job["finished_at"]),
    ):
        condition = {"field": field, "operator": "eq", "value": value}
        assert owner.search("/jobs", filters=[condition])["data"] == [job]
        condition["operator"] = "neq"
        assert owner.search("/jobs", filters=[condition])["data"] == []
    assert owner.search("/jobs", search_text=job["subject_id"])["data"] == [job]
