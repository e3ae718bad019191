"""Whose rights count: those of whoever asks, never those of the report's maker."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.reports.kept import contacts, counted, dashboard, report
from tests.world import Tenant


@pytest.fixture
def private(owner: Client) -> Any:
    """A report that the owner keeps to themselves."""
    return owner.create("/reports", report(name="Mine", visibility="private"))


def test_a_member_counts_their_own_records(owner: Client, member: Client) -> None:
    contacts(owner, web=2)
    contacts(member, fair=1)
    made = owner.create("/reports", report())
    path = f"/reports/{made['id']}/run"
    assert counted(owner.post(path, {}).json) == {"web": 2, "fair": 1}
    assert counted(member.post(path, {}).json) == {"fair": 1}
    for_csv = member.post(path, {}, accept="text/csv")
    assert "web" not in for_csv.body.decode()


def test_a_run_takes_the_right_to_read_the_records(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    made = owner.create("/reports", report())
    token = tenant.token(["report.read", "deal.read"])
    answer = open_client(token).post(f"/reports/{made['id']}/run", {})
    assert answer.status == 403
    assert answer.json["required"] == "contact.read"
    without = open_client(tenant.token(["contact.read"]))
    assert without.post(f"/reports/{made['id']}/run", {}).json["required"] == (
        "report.read"
    )


def test_nobody_else_meets_a_private_report(
    owner: Client, member: Client, private: Any, tenant: Tenant, open_client: OpenClient
) -> None:
    admin = open_client(tenant.tokens["admin"])
    path = f"/reports/{private['id']}"
    assert owner.get(path).status == 200
    for other in (admin, member):
        assert other.get(path).status == 404
        assert private["id"] not in str(other.pages("/reports"))
        found = other.search("/reports", ids=[private["id"]])
        assert found["data"] in ([], [None])
        assert other.search("/reports", search_text="Mine")["data"] == []
        assert other.post(f"{path}/run", {}).status == 404
        assert other.post(f"{path}/history", {}).status == 404
    assert admin.patch(path, {"name": "Ours"}).status == 404
    assert admin.delete(path).status == 404
    item = dashboard(private)
    assert admin.post("/dashboards", item).codes == {"items[0].report_id": "not_found"}


def test_no_change_of_a_private_report_is_told(
    owner: Client, private: Any, tenant: Tenant, open_client: OpenClient
) -> None:
    shared = owner.create("/reports", report(name="Ours"))
    owner.patch(f"/reports/{private['id']}", {"name": "Still mine"})
    admin = open_client(tenant.tokens["admin"])
    asked = {"start": "earliest", "resources": ["reports"], "include": ["state"]}
    told = admin.post("/changes/read", asked).json["data"]
    assert {each["record"]["id"] for each in told} == {shared["id"]}
    owner.delete(f"/reports/{private['id']}")
    again = admin.post("/changes/read", asked).json["data"]
    assert {each["record"]["id"] for each in again} == {shared["id"]}
    assert admin.post(f"/reports/{private['id']}/restore").status == 404


def test_a_report_that_is_shared_is_everybodys(
    owner: Client, member: Client, private: Any
) -> None:
    path = f"/reports/{private['id']}"
    owner.patch(path, {"visibility": "tenant"})
    assert member.get(path).status == 200
    owner.patch(path, {"visibility": "private"})
    assert member.get(path).status == 404
