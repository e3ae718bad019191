"""A real pipeline of 8,800 deals, imported as a user would import it.

What the API holds afterwards is compared with the files, by searches from outside.
"""

import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from prospectconnect.crm.v1.pipelines_pb2 import (
    STAGE_TYPE_LOST,
    STAGE_TYPE_OPEN,
    STAGE_TYPE_WON,
)

from services.crm.pipelines import NewStage, create_pipeline
from services.iam import tenants
from services.postgres.database import Database
from tests.client import Client
from tests.loading.import_sales import PIPELINE, import_sales
from tests.loading.posting import LoadError, Poster
from tests.loading.sales import STAGES, agents
from tests.loading.source_data import rows
from tests.stacks import Stack
from tests.world import Tenant, administer, new_tenant

pytestmark = pytest.mark.nightly  # `test_load_people` imports less

COMPANIES, DEALS = 85, 8_800

_TYPES = (STAGE_TYPE_OPEN, STAGE_TYPE_OPEN, STAGE_TYPE_WON, STAGE_TYPE_LOST)

# Of some deals: how many are in each stage, and what they are worth together.
Sums = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Sales:
    """A tenant into which the sales were imported, and a client of its owner."""

    tenant: Tenant
    client: Client
    stages: Mapping[str, str]  # the names of stages by their ids

    def find(self, field: str, operator: str, **value: object) -> list[Any]:
        """The deals for which a condition holds, read page by page."""
        condition = {"field": field, "operator": operator, **value}
        return self.client.pages("/deals", filters=[condition], limit=100)

    def sums(self, deals: Iterable[Any]) -> Sums:
        return _sums((self.stages[each["stage_id"]], each["value"]) for each in deals)

    def ids(self, path: str, field: str) -> dict[str, str]:
        """The ids of all records under a path by a field of theirs."""
        found = self.client.pages(path, limit=100)
        return {each[field]: each["id"] for each in found}

    def totals(self) -> dict[str, int]:
        """How many records there are of each kind, timeline included."""
        paths = ("/companies", "/deals", "/activities")
        pages = {p: self.client.search(p, limit=1, include_total=True) for p in paths}
        return {path: page["meta"]["total"] for path, page in pages.items()}


def _sums(deals: Iterable[tuple[str, float | str | None]]) -> Sums:
    found: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for stage, value in deals:
        count, worth = found[stage]
        found[stage] = (count + 1, worth + int(value or 0))
    return dict(found)


def sums_by(column: str) -> dict[str, Sums]:
    """What the file says about the deals of each value of a column."""
    groups = defaultdict(list)
    for row in rows("crm-sales/sales_pipeline.csv"):
        groups[row[column]].append((row["deal_stage"], row["close_value"]))
    return {value: _sums(deals) for value, deals in groups.items()}


def run(stack: Stack, token: str) -> str:
    """Runs the importer as its users do; what it printed."""
    arguments = ("--url", f"http://{stack.http}", "--token", token)
    done = subprocess.run(
        [sys.executable, "-m", "tests.loading.import_sales", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"Importing deals: {DEALS} of {DEALS}\n" in done.stderr
    print(done.stdout)
    return done.stdout


def prepare(tenant: Tenant) -> None:
    """Makes the users and the pipeline, which the API only shows."""
    stages = [NewStage(STAGES[n], 25 * n, _TYPES[n]) for n in range(len(STAGES))]

    async def make(database: Database) -> None:
        for agent in agents():
            await tenants.create_user(
                database, tenant.name, agent.email, "member", name=agent.name
            )
        await create_pipeline(database, tenant.business_id, PIPELINE, stages)

    administer(tenant.stack.database_url, make)


@pytest.fixture(scope="module")
def sales(running_stacks: Callable[[str], Stack]) -> Iterator[Sales]:
    """Everything imported, once; nobody changes it."""
    tenant = new_tenant(running_stacks("together"))
    prepare(tenant)
    printed = run(tenant.stack, tenant.tokens["owner"])
    created = COMPANIES + DEALS
    assert printed.startswith(f"{created} records created, 0 were there already\n")
    with closing(tenant.client()) as client:
        pipelines = client.pages("/pipelines")
        stages = {s["id"]: s["name"] for each in pipelines for s in each["stages"]}
        yield Sales(tenant, client, stages)


@pytest.mark.parametrize(
    ("stage", "status", "count", "worth"),
    [
        ("Won", "won", 4_238, 10_005_534),
        ("Lost", "lost", 2_473, 0),
        ("Engaging", "open", 1_589, 0),
        ("Prospecting", "open", 500, 0),
    ],
)
def test_every_deal_is_in_its_stage(
    sales: Sales, stage: str, status: str, count: int, worth: int
) -> None:
    stage_id = next(key for key, name in sales.stages.items() if name == stage)
    found = sales.find("stage_id", "eq", value=stage_id)
    assert sales.sums(found) == {stage: (count, worth)}
    assert len({each["id"] for each in found}) == count
    assert {each["status"] for each in found} == {status}
    assert {each["closed_at"] is None for each in found} == {status == "open"}


def test_every_agent_has_the_deals_of_the_file(sales: Sales) -> None:
    expected = sums_by("sales_agent")
    owners = sales.ids("/users", "name")
    for agent in agents():
        found = sales.find("owner_id", "eq", value=owners[agent.name])
        assert sales.sums(found) == expected.get(agent.name, {}), agent


def test_every_company_has_the_deals_of_the_file(sales: Sales) -> None:
    expected = sums_by("account")
    companies = sales.ids("/companies", "name")
    assert companies.keys() == expected.keys() - {""}
    for name, company_id in companies.items():
        found = sales.find("company_id", "eq", value=company_id)
        assert sales.sums(found) == expected[name], name
    nobody = sales.find("company_id", "is_empty")
    assert len(nobody) == 1_425
    assert sales.sums(nobody) == expected[""]


def test_products_and_days_are_found(sales: Sales) -> None:
    deals = list(rows("crm-sales/sales_pipeline.csv"))
    products = Counter(row["product"] for row in deals)
    found = sales.find("custom_fields.product", "eq", value="GTX Pro")
    assert len(found) == products["GTXPro"] > 0
    assert not sales.find("custom_fields.product", "eq", value="GTXPro")
    days = ["2017-03-01", "2017-03-31"]
    march = sum(days[0] <= row["close_date"] <= days[1] for row in deals)
    assert len(sales.find("expected_close_date", "between", values=days)) == march > 0
    (one,) = sales.find("custom_fields.opportunity_id", "eq", value="Z063OYW0")
    assert one["name"] == "GTX Pro for Isdom"
    assert (one["value"], one["currency"]) == (4514, "USD")
    assert one["expected_close_date"] == "2017-03-11"
    assert one["custom_fields"]["engaged_on"] == "2016-10-25"


def test_every_company_is_as_the_file_says(sales: Sales) -> None:
    found = {each["name"]: each for each in sales.client.pages("/companies", limit=100)}
    for row in rows("crm-sales/accounts.csv"):
        company = found[row["account"]]
        assert company["annual_revenue"] == Decimal(row["revenue"]) * 10**6
        assert company["employee_count"] == int(row["employees"])
        fields = company["custom_fields"]
        assert fields["year_established"] == int(row["year_established"])
        assert fields.get("subsidiary_of", "") == row["subsidiary_of"]
    sectors = Counter(row["sector"] for row in rows("crm-sales/accounts.csv"))
    industries = Counter(each["industry"] for each in found.values())
    assert industries["technology"] == sectors["technolgy"]
    assert found["Zencorporation"]["country"] == "CN"


def test_an_import_run_again_creates_nothing(sales: Sales) -> None:
    before = sales.totals()
    # Each record has told its timeline that it was created, and no more.
    told = COMPANIES + DEALS
    assert before == {"/companies": COMPANIES, "/deals": DEALS, "/activities": told}
    printed = run(sales.tenant.stack, sales.tenant.tokens["owner"])
    assert printed.startswith(f"0 records created, {told} were there already\n")
    assert sales.totals() == before


def test_what_is_missing_is_said_before_anything_is_made(
    stack: Stack, tenant: Tenant, owner: Client
) -> None:
    poster = Poster(f"http://{stack.http}", tenant.tokens["owner"])
    with closing(poster):
        with pytest.raises(LoadError, match="no users yet: anna-snelling@crm-sales"):
            import_sales(poster, PIPELINE, lambda *_: None)
        prepare(tenant)
        with pytest.raises(LoadError, match="No pipeline 'Software' has the stages"):
            import_sales(poster, "Software", lambda *_: None)
    assert owner.pages("/companies") == []
