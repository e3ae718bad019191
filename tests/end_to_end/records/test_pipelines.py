"""Pipelines: every tenant has one, administration makes more, the API shows them."""

from typing import Any

import pytest

from deploy.commands.pipeline_commands import parse_stage
from tests.client import Client
from tests.deploy import program
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.scene import pipeline
from tests.stacks import Stack
from tests.world import Tenant, administer, new_tenant

DEFAULT = [
    ("New", 10, "open"),
    ("Qualified", 30, "open"),
    ("Proposal", 60, "open"),
    ("Negotiation", 80, "open"),
    ("Won", 100, "won"),
    ("Lost", 0, "lost"),
]
STAGES = ("--stage", "Trial: day 1:5:open", "--stage", "Renewed:100:won")


def stages(record: Any) -> list[tuple[str, int, str]]:
    return [(s["name"], s["probability"], s["type"]) for s in record["stages"]]


def create(tenant: Tenant, name: str) -> str:
    where = ("--database-url", tenant.stack.database_url)
    named = ("--tenant", tenant.name, "--name", name)
    return program.output("pipeline", "create", *named, *STAGES, *where)


def test_a_new_tenant_has_a_pipeline(owner: Client) -> None:
    found = owner.search("/pipelines", include_total=True)
    assert found["meta"]["total"] == 1
    (record,) = found["data"]
    assert record["id"].startswith("pip_")
    assert (record["is_default"], record["position"]) == (True, 1)
    assert record["created_by"] is None
    assert stages(record) == DEFAULT
    assert [stage["position"] for stage in record["stages"]] == [1, 2, 3, 4, 5, 6]
    ids = {stage["id"] for stage in record["stages"]}
    assert len(ids) == 6
    assert all(each.startswith("stg_") for each in ids)
    answer = owner.get(f"/pipelines/{record['id']}")
    assert answer.json == record
    assert answer.headers["etag"]


def test_tenants_share_no_stage(owner: Client, stranger: Client) -> None:
    ours, theirs = pipeline(owner), pipeline(stranger)
    assert ours.id != theirs.id
    assert not set(ours.stages.values()) & set(theirs.stages.values())


def test_a_pipeline_that_a_command_made_is_there_at_once(
    owner: Client, tenant: Tenant
) -> None:
    made = create(tenant, " Renewals ")
    record = owner.get(f"/pipelines/{made}").json
    assert (record["name"], record["is_default"]) == ("Renewals", False)
    assert record["position"] == 2
    assert stages(record) == [("Trial: day 1", 5, "open"), ("Renewed", 100, "won")]
    deal = owner.create("/deals", {"name": "Pump", "pipeline_id": made})
    assert deal["stage_id"] == record["stages"][0]["id"]
    assert owner.create("/deals", {"name": "Pump"})["pipeline_id"] != made
    for order, names in (("position", ["Sales", "Renewals"]), ("name", None)):
        page = owner.search("/pipelines", order_by=order, sort_direction="asc")
        found = [each["name"] for each in page["data"]]
        assert found == (names or ["Renewals", "Sales"])
    assert len(owner.search("/pipelines", search_text="renew")["data"]) == 1


@pytest.fixture(scope="module")
def shared(database_url: str) -> Tenant:
    """A tenant for commands that must fail."""
    return new_tenant(Stack("none", "", "", database_url))


@pytest.mark.parametrize(
    ("tenant_name", "name", "given", "status", "explained"),
    [
        ("nobody", "P", "New:10:open", 1, "nobody"),
        ("", " ", "New:10:open", 1, "1 to 255"),
        ("", "x" * 256, "New:10:open", 1, "1 to 255"),
        ("", "P", "Won:100:won", 1, "open"),
        ("", "P", "New", 2, "New:10:open"),
        ("", "P", "New:101:open", 2, "New:10:open"),
        ("", "P", "New:10:shut", 2, "New:10:open"),
    ],
)
def test_a_command_that_cannot_be_followed_makes_nothing(
    shared: Tenant,
    tenant_name: str,
    name: str,
    given: str,
    status: int,
    explained: str,
) -> None:
    whose = ("--tenant", tenant_name or shared.name, "--name", name)
    where = ("--database-url", shared.stack.database_url)
    result = program.run("pipeline", "create", *whose, "--stage", given, *where)
    assert (result.returncode, result.stdout) == (status, "")
    assert explained in result.stderr
    assert "Traceback" not in result.stderr
    rows = administer(
        shared.stack.database_url,
        lambda database: database.rows(
            "SELECT name FROM pipelines WHERE business_id = $1", shared.business_id
        ),
    )
    assert [row[0] for row in rows] == ["Sales"]


@pytest.mark.parametrize(
    ("text", "name", "probability"),
    [
        ("New:10:open", "New", 10),
        (" a : b :0:open", "a : b", 0),
        ("x:100:open", "x", 100),
    ],
)
def test_a_stage_is_read(text: str, name: str, probability: int) -> None:
    stage = parse_stage(text)
    assert (stage.name, stage.probability) == (name, probability)


@pytest.mark.parametrize(
    "text",
    ["", "::", ":10:open", " :10:open", "New:-1:open", "New:1.5:open", "a:1:Open"],
)
def test_what_is_no_stage_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="New:10:open"):
        parse_stage(text)


def test_pipelines_are_read_with_the_scope_of_deals(
    tenant: Tenant, open_client: OpenClient
) -> None:
    reader = open_client(tenant.token(["deal.read"]))
    path = f"/pipelines/{pipeline(reader).id}"
    assert reader.get(path).status == 200
    refused = open_client(tenant.token(["contact.all", "deal.write"])).get(path)
    assert refused.status == 403
    assert refused.json["required"] == "deal.read"


def test_pipelines_cannot_be_changed_from_outside(owner: Client) -> None:
    path = f"/pipelines/{pipeline(owner).id}"
    before = owner.get(path).body
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        answer = owner.send(method, path, {"name": "Mine"})
        assert answer.status == 405
        assert answer.headers["allow"] == "GET"
    assert owner.post("/pipelines", {"name": "Mine"}).status == 404
    assert owner.get(path).body == before
