"""A dry run answers what the request itself then answers, and writes nothing."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import asyncpg
import pytest

from tests.client import Answer, Client
from tests.end_to_end.batches.twins import OBJECT, Operations, Side, batch, single
from tests.end_to_end.documents.every_operation import one_pass, set_scene
from tests.promises.record_values import Maker
from tests.rounds import rounds
from tests.world import ALL_SCOPES, Tenant

ROUNDS = rounds("DRY_OPERATIONS")

# What changes from request to request: ids, times, and what is made at random.
_FLEETING = re.compile(
    r'"(?:[a-z]+_)?[0-9a-f]{24}"|"\d{4}-\d\d-\d\dT[^"]*"|"pcp_[^"]*"|"[0-9a-f]{32}"'
    r'|"(?:/v1)?/[^"]*[0-9a-f]{24}[^"]*"|(?:[a-z]+_)[0-9a-f]{24}'
)
# What the product writes by itself.
_BY_ITSELF = ("recent_requests", "tokens", "usage")


def contents(tenant: Tenant) -> Mapping[str, str]:
    """A digest of the tenant's rows, for each table of the database."""

    async def read() -> Mapping[str, str]:
        link = await asyncpg.connect(tenant.stack.database_url)
        try:
            tables = await link.fetch(
                "SELECT table_name FROM information_schema.columns"
                " WHERE column_name = 'business_id' AND table_schema = 'public'"
            )
            return {
                name: await link.fetchval(
                    "SELECT md5(coalesce(string_agg(t::text, '' ORDER BY t::text), ''))"
                    f" FROM {name} AS t WHERE t.business_id = $1",
                    tenant.business_id,
                )
                for (name,) in tables
                if not name.startswith(_BY_ITSELF)
            }
        finally:
            await link.close()

    return asyncio.run(read())


def lasting(answer: Answer) -> tuple[int, str]:
    """What two answers to the same request have in common."""
    return answer.status, _FLEETING.sub("~", answer.body.decode())


def tried(client: Client, tenant: Tenant, *request: Any, **headers: str) -> Answer:
    """The answer of a dry run, after which everything is as before."""
    before = contents(tenant)
    answer = client.send(*request, dry_run="true", **headers)
    assert contents(tenant) == before, request
    assert answer.headers["dry-run"] == "true"
    return answer


# The operations that only read, but for those whose method says so.
READS = ("Search", "Wait", "Read", "Find", "List")


def test_every_operation_can_be_tried(tenant: Tenant, owner: Client) -> None:
    owner.token = tenant.token((*ALL_SCOPES, "token.all"))
    scene, asked = set_scene(Maker(owner, tenant.users)), set()
    for sample in one_pass(scene, 0):
        if sample.method == "GET" or sample.name.startswith(READS):
            continue
        request = sample.method, sample.path, sample.body
        dry = tried(owner, tenant, *request)
        real = owner.send(*request)
        assert "dry-run" not in real.headers
        assert lasting(dry) == lasting(real), sample
        asked.add(sample.name)
    assert len(asked) > 60


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_random_operations(tenant: Tenant, owner: Client, seed: int) -> None:
    side, made = Side(owner), Operations(2_000 + seed)
    kind = {"slug": OBJECT, "singular_label": "Project", "plural_label": "Projects"}
    owner.create("/objects", kind)
    for most in (10, 20):
        operations = made.several(most)
        before = contents(tenant)
        dry = batch(side, operations, dry_run=True)
        assert contents(tenant) == before
        assert dry.headers["dry-run"] == "true"
        assert lasting(dry) == lasting(batch(side, operations, dry_run=True))
        for operation in operations:
            single(side, operation, set())


def test_a_dry_run_takes_no_key(owner: Client, tenant: Tenant) -> None:
    for path, body in (
        ("/companies", {"name": "Acme"}),
        (
            "/companies/batch",
            {"operations": [{"method": "create", "body": {"name": "B"}}]},
        ),
    ):
        request, key = ("POST", path, body), f"key-of-{path}"
        dry = tried(owner, tenant, *request, idempotency_key=key)
        assert "idempotent-replayed" not in dry.headers
        real = owner.send(*request, idempotency_key=key)
        assert "idempotent-replayed" not in real.headers
        again = tried(owner, tenant, *request, idempotency_key=key)
        assert again.headers["idempotent-replayed"] == "true"
        assert again.body == real.body


@pytest.mark.parametrize("value", ["yes", "1", ""])
def test_what_is_meant_as_a_dry_run_never_writes(owner: Client, value: str) -> None:
    answer = owner.post("/companies", {"name": "Acme"}, dry_run=value)
    assert answer.status == 400
    assert "Dry-Run" in answer.json["detail"]
    assert owner.search("/companies")["data"] == []
    assert owner.post("/companies", {"name": "A"}, dry_run="false").status == 201
