"""A tenant with records of every type, with texts that a search may stumble over.

Nobody changes them once they are in.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from services.crm.pipelines import DEFAULT_STAGES, create_pipeline
from services.iam.tenants import create_user
from services.postgres.database import Database
from tests.client import Client
from tests.end_to_end.search.drawing import Filling
from tests.end_to_end.search.filling import OTHER_OBJECT, RECORDS_OF_OBJECT, fill
from tests.promises import oracle
from tests.promises.oracle_records import RECORDS
from tests.promises.search_words import EVERY_WORD
from tests.stacks import Stack
from tests.world import Tenant, administer, new_tenant

PAGE = 100
SHARED = "tenant"


@dataclass(frozen=True, slots=True)
class Searcher:
    """Somebody who searches: a client, what they see, and the companies' names."""

    client: Client
    world: oracle.World
    companies: Sequence[oracle.Record]

    def check(self, path: str, query: Mapping[str, Any], pages: int) -> int:
        """Holds so many pages of a search against the oracle; how many it finds."""
        seen, facts = self.world[path], RECORDS[path]
        expected = oracle.search(seen, query, facts, self.companies)
        body, found, by_id = dict(query), list[str](), {r["id"]: r for r in seen}
        for _ in range(pages):
            answer = self.client.post(f"/{path}/search", body)
            assert answer.status == 200, (path, body, answer.body)
            page = answer.json
            found += [record["id"] for record in page["data"]]
            assert found == expected[: len(found)], (path, body, found, expected)
            assert all(record == by_id[record["id"]] for record in page["data"])
            told = page["meta"].get("total")
            assert told == (len(expected) if body.get("include_total") else None), body
            if not page["meta"]["cursor"]["has_more"]:
                assert found == expected, (path, body, found, expected)
                break
            assert len(page["data"]) == body.get("limit", 25)
            body["cursor"] = page["meta"]["cursor"]["next"]
        return len(expected)


@dataclass(frozen=True, slots=True)
class SearchWorld:
    """The owner, who sees everything, and a member, who sees their own."""

    owner: Searcher
    member: Searcher


def make_world(stack: Stack) -> SearchWorld:
    """Makes the tenant and its records."""
    tenant = new_tenant(stack)
    owner, member = tenant.client(), tenant.client("member")
    administer(stack.database_url, lambda database: _administered(database, tenant))
    fill(Filling(owner, member, tenant, Random(1815)))
    world = {path: owner.pages(f"/{path}", limit=PAGE) for path in RECORDS}
    # Members also see what goes on with their records of the other object.
    further = owner.pages(f"/{OTHER_OBJECT}", limit=PAGE)
    every = {**world, RECORDS_OF_OBJECT: [*world[RECORDS_OF_OBJECT], *further]}
    seen = oracle.seen_by(tenant.users["member"], every)
    of_object = [e for e in seen[RECORDS_OF_OBJECT] if e not in further]
    seen = {**seen, RECORDS_OF_OBJECT: of_object}
    # Private reports are seen by their makers alone.
    own = [e for e in member.pages("/reports", limit=PAGE) if e["visibility"] != SHARED]
    shared = [each for each in world["reports"] if each["visibility"] == SHARED]
    seen = {**seen, "reports": [*shared, *own]}
    return SearchWorld(
        Searcher(owner, world, world["companies"]), Searcher(member, seen, ())
    )


async def _administered(database: Database, tenant: Tenant) -> None:
    """Pipelines and users, which the API does not make."""
    random = Random(1)
    for _ in range(6):
        name = " ".join(random.sample(EVERY_WORD, 2))[:60].strip() or "x"
        await create_pipeline(database, tenant.business_id, name, DEFAULT_STAGES)
        email = f"{secrets.token_hex(3)}@{tenant.name}.example"
        await create_user(database, tenant.name, email, "viewer", name=name)
