"""Dated contracts: the one that a date asks for is applied, and kept."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.http.problem_checks import check_problem
from tests.world import Tenant

FIRST, SECOND = "2026-06-01", "2026-11-01"
ADA = {"email": "ada@example.com"}


def day(offset: int) -> str:
    """A day from today, in UTC."""
    return str((datetime.now(UTC) + timedelta(days=offset)).date())


@pytest.mark.parametrize(
    ("asked", "applied"),
    [
        (FIRST, FIRST),
        ("2026-06-02", FIRST),
        ("2026-10-31", FIRST),
        (SECOND, SECOND),
        ("2026-11-02", SECOND),
        pytest.param(day(0), SECOND, id="today"),
    ],
)
def test_the_newest_contract_up_to_the_date_is_applied(
    owner: Client, asked: str, applied: str
) -> None:
    answer = owner.get("/me", version=asked)
    assert (answer.status, answer.headers["version"]) == (200, applied)


@pytest.mark.parametrize(
    "asked",
    [
        *("", "1", "latest", "2026-6-1", "2026-02-30", "2026-05-31", "20260601"),
        pytest.param(day(2), id="in two days"),
    ],
)
def test_any_other_version_is_refused_with_those_that_exist(
    owner: Client, asked: str
) -> None:
    answer = owner.get("/me", version=asked)
    check_problem(answer, 400, "bad-request", "/v1/me")
    assert FIRST in answer.json["detail"]
    assert SECOND in answer.json["detail"]


def test_a_version_is_required(tenant: Tenant, open_client: OpenClient) -> None:
    client = open_client(tenant.tokens["owner"], version=None)
    for path in ("/contacts", "/contacts/search", "/users/search"):
        answer = client.post(path, {})
        check_problem(answer, 400, "bad-request", f"/v1{path}")
        assert SECOND in answer.json["detail"]


def test_the_first_contract_has_a_total_unasked(owner: Client) -> None:
    owner.create("/contacts", ADA)
    for path, total in (("/contacts", 1), ("/users", 5)):
        page = owner.post(f"{path}/search", {"limit": 1}, version=FIRST).json
        assert page["meta"]["total"] == total
        given = {"include_total": None}
        page = owner.post(f"{path}/search", given, version=FIRST).json
        assert page["meta"]["total"] == total
        declined = {"include_total": False}
        page = owner.post(f"{path}/search", declined, version=FIRST).json
        assert "total" not in page["meta"]


def test_the_second_contract_has_a_total_when_asked(owner: Client) -> None:
    owner.create("/contacts", ADA)
    for body in ({}, {"include_total": False}, {"include_total": None}):
        page = owner.post("/contacts/search", body, version=SECOND).json
        assert "total" not in page["meta"]
    asked = {"include_total": True}
    page = owner.post("/contacts/search", asked, version=SECOND).json
    assert page["meta"]["total"] == 1


def test_a_cursor_leads_on_under_another_contract(owner: Client) -> None:
    for _ in range(3):
        owner.create("/contacts", ADA)
    first = owner.post("/contacts/search", {"limit": 2}, version=FIRST).json
    body = {"limit": 2, "cursor": first["meta"]["cursor"]["next"]}
    second = owner.post("/contacts/search", body, version=SECOND).json
    assert len({each["id"] for each in first["data"] + second["data"]}) == 3


def test_everything_else_is_the_same_under_both(owner: Client) -> None:
    made = owner.post("/contacts", ADA, version=FIRST)
    path = f"/contacts/{made.json['id']}"
    assert owner.get(path, version=SECOND).body == made.body
    assert owner.get(path, version=FIRST).body == made.body
    bad = {"email": 5}
    first = owner.post("/contacts", bad, version=FIRST).json
    second = owner.post("/contacts", bad, version=SECOND).json
    assert first["errors"] == second["errors"]


def test_no_contract_ends_yet(owner: Client) -> None:
    for version in (FIRST, SECOND):
        headers = owner.get("/me", version=version).headers
        assert not {"deprecation", "sunset", "link"} & headers.keys()
