"""The order of checks: of all that is wrong with a request, the first answers.

The table below is the contract's section 2. Each request fails two checks of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.client import VERSION, Answer, Client
from tests.promises.record_values import UNKNOWN_DIGITS
from tests.world import Tenant

pytestmark = pytest.mark.every_topology

TOO_LARGE = b"{" * (1024 * 1024 + 1)


@dataclass(frozen=True, slots=True)
class Check:
    """A check: what a request needs to fail it, and what it then answers."""

    name: str
    fails: Mapping[str, Any]
    status: int
    slug: str
    says: str = ""


# Each token fails its own check and all later ones that a token can fail.
CHECKS = (
    Check("no route", {"collection": "persons"}, 404, "not-found", "route"),
    Check("no method", {"method": "PUT"}, 405, "method-not-allowed", "POST"),
    Check("token", {"token": "unknown"}, 401, "unauthorized"),
    Check("rate limit", {"token": "spent"}, 429, "rate-limited"),
    Check("version", {"version": "2026-13-01"}, 400, "bad-request", "Version"),
    Check("scope", {"token": "reader"}, 403, "forbidden", "scopes"),
    Check("role", {"token": "viewer"}, 403, "forbidden", "role"),
    Check("key", {"key": "a b"}, 400, "bad-request", "Idempotency-Key"),
    Check("query", {"query": "?limit=5"}, 400, "bad-request", "limit"),
    Check("size", {"body": TOO_LARGE}, 413, "payload-too-large"),
    Check("type", {"type": "text/plain"}, 415, "unsupported-media-type"),
    Check("coding", {"coding": "gzip"}, 415, "unsupported-media-type", "Content-Enc"),
    Check("JSON", {"body": b'{"tags": ['}, 400, "bad-request", "JSON"),
    Check("rules", {"body": b'{"tags": [5], "x": 1}'}, 422, "validation"),
    Check("record", {"record": f"con_{UNKNOWN_DIGITS}"}, 404, "not-found", "record"),
    Check("precondition", {"etag": '"7"'}, 412, "precondition-failed"),
)


@pytest.fixture
def good(tenant: Tenant, owner: Client) -> dict[str, Any]:
    """A request without a fault, in its parts."""
    return {
        "method": "POST",
        "collection": "contacts",
        "token": "owner",
        "version": VERSION,
        "key": "a",
        "query": "",
        "body": b'{"tags": ["VIP"]}',
        "type": "application/json",
        "coding": "identity",
        "record": owner.create("/contacts", {"email": "ada@example.com"})["id"],
        "etag": '"1"',
    }


@pytest.fixture
def tokens(tenant: Tenant, owner: Client) -> dict[str, str]:
    """The tokens of the table."""
    read = ["contact.read"]
    spent = tenant.token(read, "viewer", rate_limit=(1, 3600))
    path, headers = "/v1/me", {"authorization": f"Bearer {spent}", "version": VERSION}
    assert owner.raw("GET", path, None, headers).status == 200
    return {
        "owner": tenant.tokens["owner"],
        "unknown": "pcp_nobody",
        "spent": spent,
        "reader": tenant.token(read, "viewer"),
        "viewer": tenant.tokens["viewer"],
    }


def send(client: Client, tokens: Mapping[str, str], parts: Mapping[str, Any]) -> Answer:
    target = f"/v1/{parts['collection']}/{parts['record']}/tags{parts['query']}"
    headers = {
        "authorization": f"Bearer {tokens[parts['token']]}",
        "version": parts["version"],
        "idempotency-key": parts["key"],
        "content-type": parts["type"],
        "content-encoding": parts["coding"],
        "if-match": parts["etag"],
    }
    return client.raw(parts["method"], target, parts["body"], headers)


def test_a_request_that_fails_no_check_is_done(
    owner: Client, tokens: dict[str, str], good: dict[str, Any]
) -> None:
    answer = send(owner, tokens, good)
    assert (answer.status, answer.json["tags"]) == (200, ["VIP"])


@pytest.mark.parametrize(
    "index", range(len(CHECKS)), ids=[each.name for each in CHECKS]
)
def test_the_first_check_that_fails_answers(
    owner: Client, tokens: dict[str, str], good: dict[str, Any], index: int
) -> None:
    check = CHECKS[index]
    for later in CHECKS[index:]:
        parts = {**good, **later.fails, **check.fails}
        answer = send(owner, tokens, parts)
        assert answer.status == check.status, (later.name, answer.body)
        assert answer.json["type"].endswith(f"/{check.slug}"), later.name
        assert check.says in answer.json["detail"], later.name
    path = f"/contacts/{good['record']}"
    assert owner.get(path).json["tags"] == []


def test_what_no_gate_let_through_has_used_no_idempotency_key(
    owner: Client, tokens: dict[str, str], good: dict[str, Any]
) -> None:
    for check in CHECKS:
        send(owner, tokens, {**good, **check.fails})
    answer = send(owner, tokens, good)
    assert answer.status == 200
    assert "idempotent-replayed" not in answer.headers
