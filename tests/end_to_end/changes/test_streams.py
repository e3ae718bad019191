"""Streams tell what happens as it happens, from any cursor on, and end cleanly."""

import pytest

from services.iam import tokens
from tests.client import Client
from tests.end_to_end.changes.following import BOTH, Reader
from tests.harness.wire.events import streaming
from tests.stacks import Stack
from tests.world import Tenant, administer

pytestmark = pytest.mark.every_topology

SCOPES = ["change.read", "contact.read", "company.read"]


def test_a_stream_tells_what_happens_and_goes_on_from_its_ids(
    owner: Client, stack: Stack, tenant: Tenant
) -> None:
    token = tenant.tokens["owner"]
    with streaming(stack.http, token, include="changed,state") as events:
        assert events.block() == {"retry": "1000"}
        assert "id" in events.block()
        made = owner.create("/contacts", {"email": "ada@engine.example"})
        name, change = events.event()
        assert name == change["type"] == "contact.created"
        assert change["record"]["id"] == change["state"]["id"] == made["id"]
        assert change["changed"]["email"]["to"] == "ada@engine.example"
        after_first = events.last_id
    for number in range(3):
        owner.create("/companies", {"name": f"Acme {number}"})
    with streaming(stack.http, token, after_first) as events:
        told = [events.event()[1] for _ in range(3)]
        assert [each["type"] for each in told] == ["company.created"] * 3
        assert "state" not in told[0] or told[0]["state"] is None
        after_second = events.last_id
    # The same cursors lead through pages.
    reader = Reader(owner, "there", include=["state"])
    reader.cursor = after_second
    assert reader.page() == []


def test_each_event_has_a_cursor_of_its_own(
    owner: Client, stack: Stack, tenant: Tenant
) -> None:
    token, cursors = tenant.tokens["owner"], []
    with streaming(stack.http, token, types="contact.created") as events:
        events.block()
        for number in range(3):
            owner.create("/contacts", {"email": f"{number}@engine.example"})
        for _ in range(3):
            events.event()
            cursors.append(events.last_id)
    for number, cursor in enumerate(cursors[:-1], start=1):
        with streaming(stack.http, token, cursor, types="contact.created") as events:
            reader = Reader(owner, "there", types=["contact.created"])
            reader.cursor = cursor
            (first, *others) = reader.page()
            assert len(others) == 2 - number
            assert events.event()[1] == first


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("cursor=x", 400),
        ("limit=5", 400),
        ("start=yesterday", 400),
        ("types=contact.sung", 400),
        ("include=all", 400),
        ("start=2001-01-01T00:00:00Z", 410),
    ],
)
def test_what_is_wrong_from_the_start_is_a_problem(
    owner: Client, query: str, status: int
) -> None:
    answer = owner.get(f"/changes/stream?{query}")
    assert answer.status == status, answer.body
    assert answer.json["status"] == status


def test_who_may_not_read_gets_no_stream(tenant: Tenant) -> None:
    member = tenant.client("member")
    assert member.get("/changes/stream?resources=contacts").status == 403
    member.close()


def test_a_stream_ends_with_its_token(
    owner: Client, stack: Stack, tenant: Tenant
) -> None:
    token, url = tenant.token(SCOPES), stack.database_url
    with streaming(stack.http, token) as events:
        events.block()
        administer(url, lambda database: tokens.revoke_token(database, token))
        owner.create("/contacts", {"email": "ada@engine.example"})
        # What was committed within a second of it may still be told.
        name, told = events.event()
        while name != "problem":
            owner.create("/companies", {"name": "Acme"})
            name, told = events.event()
        assert told["status"] == 401
        assert events.rest() == b""


def test_a_stream_that_waits_ends_with_its_token_too(
    stack: Stack, tenant: Tenant
) -> None:
    token, url = tenant.token(SCOPES), stack.database_url
    with streaming(stack.http, token) as events:
        assert "id" in {**events.block(), **events.block()}
        administer(url, lambda database: tokens.revoke_token(database, token))
        name, told = events.event()  # within `PATIENCE_SECONDS`, though nothing happens
        assert (name, told["status"]) == ("problem", 401)
        assert events.rest() == b""


def test_a_client_that_leaves_is_forgotten(
    owner: Client, stack: Stack, tenant: Tenant
) -> None:
    token = tenant.tokens["owner"]
    for _ in range(3):
        with streaming(stack.http, token) as events:
            events.block()
    with streaming(stack.http, token, types="company.created") as events:
        events.block()
        owner.create("/contacts", {"email": "ada@engine.example"})
        made = owner.create("/companies", {"name": "Acme"})
        assert events.event()[1]["record"]["id"] == made["id"]


def test_include_takes_what_pages_take(
    owner: Client, stack: Stack, tenant: Tenant
) -> None:
    owner.create("/contacts", {"email": "ada@engine.example"})
    reader = Reader(owner, "earliest", include=BOTH, types=["contact.created"])
    with streaming(
        stack.http,
        tenant.tokens["owner"],
        start="earliest",
        include="state,changed",
        types="contact.created",
    ) as events:
        assert [events.event()[1]] == reader.read()
