"""The searches that the documents show find something in the demonstration data.

The reference sends them as they stand, so they are what a newcomer tries first.
"""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from deploy.demo.loading import load_demo
from deploy.demo.tenants import TENANT
from edge.openapi import files
from services.iam.tokens import issue_token
from services.postgres.database import Database
from tests import stacks
from tests.client import Client
from tests.promises.records_suite import RESOURCES
from tests.world import ALL_SCOPES, NO_LIMIT

CONTACTS = 700
PATHS = {"searchCustomRecords": RESOURCES["record"].path[1:]}
OWNER = f"owner@{TENANT}.example"

# Users have tokens of their own, and what is shown of these is of what they began
# themselves.
_OF_NOBODY = (
    *("searchTokens", "searchJobs", "searchMerges", "searchDeliveries"),
    *("searchImports", "searchImportRows", "searchExports"),
    "searchSandboxes",
)

EXAMPLES = {
    name: (example["path"], example["body"])
    for example_of in files.read_recording()["operations"].values()
    for name, example in example_of.items()
    if name.startswith("search") and name not in _OF_NOBODY
}


@pytest.fixture(scope="module")
def owner(migrated_database: Callable[[str], str]) -> Iterator[Client]:
    """A client that calls as the owner of the tenant `demo`."""
    url = migrated_database("demo_searches")
    token = asyncio.run(_loaded(url))
    with (
        stacks.running("together", url) as stack,
        closing(Client(stack.http, token)) as client,
    ):
        yield client


async def _loaded(url: str) -> str:
    """Loads the demonstration data; a token of their owner."""
    database = await Database.open(url)
    try:
        await load_demo(database, CONTACTS)
        return await issue_token(
            database, TENANT, OWNER, ALL_SCOPES, rate_limit=NO_LIMIT
        )
    finally:
        await database.close()


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_search_that_is_shown_finds_something(owner: Client, name: str) -> None:
    words = name.removeprefix("search")
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", words).lower()
    resource = PATHS.get(name, snake)
    _, body = EXAMPLES[name]
    assert owner.search(f"/{resource}", **body)["data"]


def test_the_funnel_tells_how_deals_of_the_last_months_went(owner: Client) -> None:
    """A funnel reads the log of changes, which the demonstration data bring along."""
    today = datetime.now(UTC)
    period = {
        "from": (today - timedelta(days=150)).isoformat(),
        "to": today.isoformat(),
    }
    funnel = owner.post("/deals/funnel", period)
    assert funnel.status == 200, funnel.body
    assert datetime.fromisoformat(funnel.json["kept_since"]) < today - timedelta(150)
    first, *_ = stages = funnel.json["data"]
    assert first["entered"] > first["left"] > 0
    assert first["conversion"] > 0
    assert first["median_seconds"] > 0
    assert sum(each["won"] for each in stages) > 0
    assert sum(each["lost"] for each in stages) > 0


def test_the_demonstration_has_an_import_with_rejected_rows(owner: Client) -> None:
    (found,) = (each for each in owner.pages("/imports") if each["failed"])
    assert (found["state"], found["failed"]) == ("succeeded", 3)
    rows = owner.pages(f"/imports/{found['id']}/rows")
    assert len(rows) == found["rows"]
    for each in rows:
        assert (each["id"] is None) == (each["status"] == "failed")
        if each["id"] is not None:
            assert owner.get(f"/contacts/{each['id']}").status == 200
    sent = owner.get(f"/imports/{found['id']}/errors.csv").body.decode().splitlines()
    assert sent[0] == "_problem,First name,Last name,E-mail,Phone,Company domain,Stand"
    assert len(sent) == 4
