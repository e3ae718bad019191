"""Whose rights count: those of the caller, never those of the report's maker."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.exports.exporting import exported, file
from tests.end_to_end.reports.kept import contacts, counted, dashboard, report
from tests.world import Tenant, let_transactions_end


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
    let_transactions_end()
    told = admin.post("/changes/read", asked).json["data"]
    assert {each["record"]["id"] for each in told} == {shared["id"]}
    owner.delete(f"/reports/{private['id']}")
    let_transactions_end()
    again = admin.post("/changes/read", asked).json["data"]
    assert {each["record"]["id"] for each in again} == {shared["id"]}
    assert admin.post(f"/reports/{private['id']}/restore").status == 404


def _told(client: Client, *, of: Any) -> list[Any]:
    """What the feed tells of a record."""
    asked = {"start": "earliest", "resources": ["reports"]}
    parts = {"include": ["state", "changed"]}
    let_transactions_end()
    told = client.post("/changes/read", asked | parts).json["data"]
    return [each for each in told if each["record"]["id"] == of["id"]]


def test_the_private_past_of_a_report_stays_its_makers(
    owner: Client,
    member: Client,
    private: Any,
    tenant: Tenant,
    open_client: OpenClient,
) -> None:
    path = f"/reports/{private['id']}"
    owner.patch(path, {"name": "Secret plan"})
    owner.patch(path, {"name": "Open 1", "visibility": "tenant"})
    owner.patch(path, {"name": "Open 2"})
    owner.patch(path, {"name": "Hidden again", "visibility": "private"})
    owner.patch(path, {"name": "Secret plan 2"})
    owner.patch(path, {"name": "Open 3", "visibility": "tenant"})
    owner.patch(path, {"name": "Open 4"})
    names = ["Open 1", "Open 2", "Open 3", "Open 4"]
    for client in (owner, open_client(tenant.tokens["admin"])):
        told = _told(client, of=private)
        assert [each["state"]["name"] for each in told] == names
        changed = [each["changed"]["name"]["from"] for each in told]
        assert changed == [None, "Open 1", None, "Open 3"]
    history = member.post(f"{path}/history", {"fields": ["name"]}).json["data"]
    assert [each["to"] for each in history] == names[::-1]
    assert [each["from"] for each in history] == ["Open 3", None, "Open 1", None]
    whole = str(member.post(f"{path}/history", {}).json)
    for secret in ("Mine", "Secret", "Hidden"):
        assert secret not in whole
        assert secret in str(owner.post(f"{path}/history", {}).json)


def test_an_export_of_reports_is_its_makers_alone(
    owner: Client, member: Client
) -> None:
    made = member.create("/reports", report(name="Theirs", visibility="private"))
    export = exported(member, "reports")
    assert made["id"] in file(member, export).body.decode()
    assert owner.get(f"/exports/{export['id']}").status == 200
    assert file(owner, export).status == 404
    several = exported(member, resources=["contacts", "reports"])
    assert file(owner, several).status == 404
    assert file(owner, exported(member)).status == 200


def test_a_report_that_is_shared_is_everybodys(
    owner: Client, member: Client, private: Any
) -> None:
    path = f"/reports/{private['id']}"
    owner.patch(path, {"visibility": "tenant"})
    assert member.get(path).status == 200
    owner.patch(path, {"visibility": "private"})
    assert member.get(path).status == 404
