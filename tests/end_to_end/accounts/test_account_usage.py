"""Usage by the pages: counted, found by trace id, and never a stranger's."""

import re
import secrets
import time
from collections.abc import Iterator

import pytest

from services.postgres.database import Database
from tests import stacks
from tests.client import Client
from tests.harness.people.account import make_token, opened, soon
from tests.harness.people.oauth_scene import Scene, add_user, opened_scene
from tests.harness.people.person import Person
from tests.world import administer, new_tenant

# Texts of a client that must be nowhere: a value, a query, a name in a path.
CANARY = f"canary{secrets.token_hex(6)}"
TURNED = "\u202egnp.exe"


@pytest.fixture
def at_own_desk(desk: Scene) -> Iterator[Scene]:
    """A tenant of the test's own: what others ask for does not count."""
    with opened_scene(desk.tenant.stack) as scene:
        yield scene


def person_of(scene: Scene, role: str = "owner") -> Person:
    """Somebody of the tenant, logged in."""
    email = f"{role}{time.monotonic_ns()}@{scene.tenant.name}.example"
    add_user(scene.tenant, email, role)
    person = Person(scene.tenant.stack.http)
    person.log_in(email)
    return person


def total(person: Person) -> str:
    """How many requests the page of usage tells of."""
    text = opened(person, "/account/usage").text
    found = re.search(r"<dt>Requests</dt><dd>([0-9,]+)</dd>", text)
    assert found is not None
    return found[1]


def finds(person: Person, trace_id: str, words: str = "") -> bool:
    """Whether a request is found by its trace id."""
    page = opened(person, f"/account/requests?trace_id={trace_id}")
    return 'class="status' in page.text and words in page.text


def test_requests_are_counted_by_how_they_ended(at_own_desk: Scene) -> None:
    person = person_of(at_own_desk)
    _, secret = make_token(person, "contact.all", name="Counted")  # asks for /me once
    client = Client(person.address, secret)
    assert client.post("/contacts", {"email": "no address"}).status == 422
    assert client.get("/contacts/con_none").status == 404
    assert client.post("/deals/search", {}).status == 403
    assert client.post("/contacts/search", {}).status == 200
    client.close()
    assert soon(lambda: total(person) == "5")
    text = opened(person, "/account/usage").text
    for words in ("<dd>2</dd>", "<dd>3</dd>", "validation", "not-found", "forbidden"):
        assert words in text
    for path in ("/v1/contacts/search", "/v1/contacts/{id}", "/v1/deals/search"):
        assert path in text
    assert "<bdi>Counted</bdi>" in text
    assert text.count("<g>") == 30, "a column for each day"
    assert "2 went well, 3 client errors" in text


def test_what_the_rate_limit_refused_is_no_failure(at_own_desk: Scene) -> None:
    person, tenant = person_of(at_own_desk), at_own_desk.tenant
    client = Client(person.address, tenant.token(rate_limit=(2, 3600)))
    statuses = [client.get("/contacts/con_none").status for _ in range(5)]
    client.close()
    assert statuses == [404, 404, 429, 429, 429]
    assert soon(lambda: total(person) == "5")
    text = opened(person, "/account").text
    failed = re.search(r">Failed</a></h2>\s*<p class=\"figure\">([0-9,]+)</p>", text)
    assert failed is not None
    assert failed[1] == "2"
    assert ">3 more</a> met the rate limit" in text
    assert "rate-limited" not in text, "nor is one of them the latest that failed"
    assert "rate-limited" not in opened(person, "/account/requests?failed=1").text
    refused = opened(person, "/account/requests?limited=1").text
    assert refused.count("<code>rate-limited</code>") == 3
    assert "not-found" not in refused


def test_a_request_is_found_by_its_trace_id_and_holds_no_value(
    at_own_desk: Scene,
) -> None:
    person = person_of(at_own_desk)
    _, secret = make_token(person, "contact.all", name=f"<i>{TURNED}")
    client = Client(person.address, secret)
    bad = {"email": CANARY, "nested": {CANARY: CANARY}, "tags": [1]}
    answers = [
        (client.post("/contacts", bad), "validation"),
        (client.get(f"/contacts/con_{CANARY}"), "not-found"),
        (client.get(f"/me?{CANARY}=x"), "bad-request"),
        (client.post("/contacts", b'{"x'), "bad-request"),
    ]
    client.close()
    for answer, problem in answers:
        trace_id = answer.headers["x-trace-id"]
        assert soon(lambda: finds(person, trace_id, problem))  # noqa: B023 - called at once
    page = opened(person, "/account/requests?failed=1").text
    assert CANARY not in page
    assert secret not in page
    assert "email (invalid_format)" in page
    assert "tags[0] (invalid_type)" in page
    assert f"<bdi>&lt;i&gt;{TURNED}</bdi>" in page


def test_a_field_that_turns_the_text_around_stays_in_its_place(
    at_own_desk: Scene,
) -> None:
    person = person_of(at_own_desk)
    _, secret = make_token(person, "contact.all")
    client = Client(person.address, secret)
    answer = client.post("/contacts", {f"<b>{TURNED}": 1, "email": "a@b.example"})
    client.close()
    assert soon(lambda: finds(person, answer.headers["x-trace-id"]))
    text = opened(person, "/account/requests").text
    (detail,) = re.findall(r"<bdi>(&lt;b&gt;[^<]*)</bdi>", text)
    assert detail.endswith("(unknown_field)")
    assert "\u202e" not in detail, "it is kept as a character that can be seen"


def test_an_owner_sees_the_tenant_and_a_member_themselves(at_own_desk: Scene) -> None:
    owner, member = person_of(at_own_desk), person_of(at_own_desk, "member")
    _, own = make_token(owner, "contact.read", name="Owners")
    _, theirs = make_token(member, "contact.read", name="Members")
    traces = []
    for secret in (own, theirs):
        client = Client(owner.address, secret)
        traces.append(client.get("/contacts/con_none").headers["x-trace-id"])
        client.close()
    assert soon(lambda: finds(owner, traces[0]) and finds(owner, traces[1]))
    assert soon(lambda: finds(member, traces[1]))
    assert not finds(member, traces[0])
    assert (total(owner), total(member)) == ("4", "2")
    for path in ("/account/usage", "/account/requests", "/account"):
        text = opened(member, path).text
        assert "Owners" not in text
        assert "whole workspace" not in text
    assert "Members" in opened(owner, "/account/usage").text


def test_another_tenants_usage_is_nowhere(desk: Scene, at_own_desk: Scene) -> None:
    person, stranger = person_of(at_own_desk), person_of(desk)
    _, secret = make_token(person, "contact.read", name="Of one tenant")
    client = Client(person.address, secret)
    trace_id = client.get("/contacts/con_none").headers["x-trace-id"]
    client.close()
    assert soon(lambda: finds(person, trace_id))
    assert not finds(stranger, trace_id)
    for path in ("/account/usage", "/account/requests?all=1", "/account"):
        text = opened(stranger, path).text
        assert "Of one tenant" not in text
        assert trace_id not in text


@pytest.mark.parametrize("topology", stacks.TOPOLOGIES)
def test_an_edge_that_ends_reports_the_last(database_url: str, topology: str) -> None:
    with stacks.running(topology, database_url) as stack:
        tenant = new_tenant(stack)
        client = tenant.client()
        assert client.get("/me").status == 200
        client.close()

    async def counted(database: Database) -> tuple[int, bool]:
        rows = await database.rows(
            "SELECT sum(u.requests), (SELECT bool_or(t.last_used_at IS NOT NULL)"
            " FROM tokens AS t WHERE t.business_id = $1)"
            " FROM usage_days AS u WHERE u.business_id = $1",
            tenant.business_id,
        )
        return int(rows[0][0] or 0), rows[0][1]

    assert administer(database_url, counted) == (1, True)


@pytest.mark.parametrize("trace_id", ["x", "%27%3B--", "0" * 32, "%E2%80%AEx", "<b>"])
def test_a_trace_id_that_is_none_finds_nothing(person: Person, trace_id: str) -> None:
    page = opened(person, f"/account/requests?trace_id={trace_id}")
    assert page.answer.status == 200
    assert "no such request" in page.text
    assert "<b>" not in page.text
