"""Reports of what a newer contract would change, against what was really asked for."""

import random
import secrets
from collections import Counter
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.harness.promptly import within
from tests.rounds import rounds
from tests.world import Tenant

OLD, NEW = "2026-06-01", "2026-11-01"
REQUESTS = rounds("CONTRACT_REQUESTS")
# A value that no report may hold.
CANARY = f"canary{secrets.token_hex(6)}"

Key = tuple[str, str]


def report(client: Client, date: str = NEW) -> Any:
    answer = client.post(f"/contracts/{date}/report", {})
    assert answer.status == 200, answer.body
    assert CANARY not in answer.body.decode()
    return answer.json


def counts(told: Any) -> dict[Key, tuple[int, int]]:
    """How many requests and how many that differ, by operation and client."""
    return {
        (each["operation"], each["client"]["id"]): (each["requests"], each["differs"])
        for each in told["data"]
    }


def token_id(client: Client) -> str:
    return str(client.get("/me").json["token"]["id"])


def test_drawn_requests_are_counted_as_they_would_differ(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    seed = random.randrange(2**32)
    draw = random.Random(seed)
    asked, differing = Counter[Key](), Counter[Key]()
    tokens = [tenant.token() for _ in range(3)]
    ids = {token: token_id(open_client(token)) for token in tokens}
    for _ in range(REQUESTS):
        token, version = draw.choice(tokens), draw.choice((OLD, "2026-10-31", NEW))
        client = open_client(token, version)
        kind = draw.choice(("contacts", "deals", "tasks"))
        body = draw.choice(
            (
                {},
                {"include_total": None},
                {"include_total": False},
                {"search_text": CANARY},
            )
        )
        name = f"search{kind.title()}"
        assert client.post(f"/{kind}/search", body).status == 200
        asked[name, ids[token]] += 1
        is_old, says = version != NEW, body.get("include_total") is not None
        differing[name, ids[token]] += is_old and not says
        assert client.get("/users/usr_none").status == 404  # nothing changes for it
    expected = {key: (asked[key], n) for key, n in differing.items() if n}
    assert within(30, lambda: counts(report(owner)) == expected), seed
    told = report(owner)
    assert told["contract"] == NEW
    assert [e["differs"] for e in told["data"]] == sorted(
        (n for n in differing.values() if n), reverse=True
    )
    for each in told["data"]:
        assert each["client"]["email"] == tenant.email("owner")
        example = each["example"]
        assert (example["version"], example["changed_by"]) == (OLD, NEW)
        assert example["members"] == ["include_total"]
        assert len(example["trace_id"]) == 32
    assert report(owner, OLD) == {"contract": OLD, "data": []}


def test_it_is_for_owners_and_admins_of_the_tenant(
    tenant: Tenant, other_tenant: Tenant, open_client: OpenClient
) -> None:
    old = open_client(tenant.tokens["member"], OLD)
    assert old.post("/contacts/search", {}).status == 200
    for role in ("owner", "admin"):
        client = open_client(tenant.tokens[role])
        assert within(30, lambda each=client: report(each)["data"])  # type: ignore[misc]  # no type
    for role in ("manager", "member", "viewer"):
        answer = open_client(tenant.tokens[role]).post(f"/contracts/{NEW}/report", {})
        assert (answer.status, answer.json["refused_by"]) == (403, "role")
    reads = open_client(tenant.token(["contact.all"]))
    answer = reads.post(f"/contracts/{NEW}/report", {})
    assert (answer.status, answer.json["refused_by"]) == (403, "scope")
    assert report(open_client(other_tenant.tokens["owner"]))["data"] == []


@pytest.mark.parametrize(
    "date",
    ["2026-05-31", "2999-01-01", "x", "2026-6-1", "20260601", "%C3%A9", "2026-02-30"],
)
def test_a_day_without_a_contract_is_not_found(owner: Client, date: str) -> None:
    answer = owner.post(f"/contracts/{date}/report", {})
    assert answer.status == 404, answer.body
    assert "2026-06-01, 2026-11-01" in answer.json["detail"]
