"""Tokens by the pages: made once, shown once, revoked after a question."""

import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from tests.client import Client
from tests.harness.people.account import (
    form_at,
    make_token,
    opened,
    secrets_in,
    sent,
    soon,
)
from tests.harness.people.oauth_scene import Scene, add_user
from tests.harness.people.person import Person

NEW = "/account/tokens/new"
# A tag, and a right-to-left override that would turn the rest of a line around.
HOSTILE = '"><script>alert(1)</script>{{7*7}}\u202egnp.exe'


@pytest.fixture
def member(desk: Scene) -> Person:
    """Somebody of the same tenant, whose role reaches less far."""
    email = f"max{time.monotonic_ns()}@{desk.tenant.name}.example"
    add_user(desk.tenant, email, "member")
    person = Person(desk.tenant.stack.http)
    person.log_in(email)
    return person


def test_a_token_is_made_used_seen_as_used_and_revoked(person: Person) -> None:
    token_id, secret = make_token(person, "contact.read", "deal.write")
    client = Client(person.address, secret)
    before = datetime.now(UTC)
    me = client.get("/me").json
    used = {f"{each:%b %Y, }" for each in (before, datetime.now(UTC))}
    assert me["token"]["scopes"] == ["contact.read", "deal.write"]
    ends = datetime.fromisoformat(me["token"]["expires_at"])
    assert abs(ends - datetime.now(UTC) - timedelta(days=90)) < timedelta(hours=1)
    listed = opened(person, "/account/tokens").text
    assert token_id in listed
    assert "Contacts: see" in listed
    assert "Deals: add and change" in listed
    assert secret not in listed

    def is_seen() -> bool:
        text = opened(person, "/account/tokens").text
        entry = text.partition(token_id)[2].partition("</tr>")[0]
        return any(each in entry for each in used)

    assert soon(is_seen), "not seen as used"
    page = sent(person, form_at(person, f"/account/tokens/{token_id}/revoke"))
    assert page.path == "/account/tokens?ended=1"
    assert token_id not in page.text
    assert soon(lambda: client.get("/me").status == 401)
    client.close()


def test_a_page_that_is_loaded_again_makes_nothing_and_shows_nothing(
    person: Person,
) -> None:
    form = form_at(person, NEW)
    filled = {"name": "Only one", "note.read": "on"}
    first = sent(person, form, **filled)
    assert first.answer.headers["cache-control"] == "no-store"
    assert secrets_in(first)
    before = opened(person, "/account/tokens").text.count("Only one")
    again = sent(person, form, **filled)
    assert again.answer.status == 409
    assert "sent before" in again.text
    assert not secrets_in(again)
    assert again.text.count("Only one") == before == 1


def test_what_is_missing_is_said_and_what_was_typed_stays(person: Person) -> None:
    form = form_at(person, NEW)
    page = sent(person, form, name=HOSTILE, lives="30")
    assert page.answer.status == 400
    assert "Tick at least one" in page.text
    assert "<script>" not in page.text
    assert page.forms[-1].fields["name"] == HOSTILE
    assert page.forms[-1].fields["lives"] == "30"
    page = sent(person, form, name="  ", **{"deal.read": "on"})
    assert page.answer.status == 400
    assert "Give it a name" in page.text
    assert page.forms[-1].fields["deal.read"] == "on"
    page = sent(person, form, name="x" * 101, **{"deal.read": "on"})
    assert (page.answer.status, secrets_in(page)) == (400, set())


def test_a_token_may_live_for_ever(person: Person) -> None:
    token_id, _ = make_token(person, "task.read", lives="never", name="For ever")
    entry = opened(person, "/account/tokens").text.partition(token_id)[2]
    assert 'data-told="Ends">Never</td>' in entry.partition("</tr>")[0]


@pytest.mark.parametrize("preset", ["read", "change", "all", "sync", "import"])
def test_a_preset_ticks_what_the_role_allows(
    person: Person, member: Person, preset: str
) -> None:
    for somebody in (person, member):
        plain = form_at(somebody, NEW)
        form = form_at(somebody, f"{NEW}?preset={preset}")
        ticked = {name for name, value in form.fields.items() if value == "on"}
        assert {"contact.read", "company.read"} <= ticked
        assert ("contact.write" in ticked) == (preset != "read")
        assert not [scope for scope in ticked if scope.startswith("token.")]
        assert "contact.erase" not in ticked, "what cannot be undone is a choice"
        assert not plain.fields.keys() & ticked, "nothing is ticked without one"
    assert "contact.delete" not in ticked, "the member's role has not got it"


@pytest.mark.parametrize("preset", ["", "x", "read'><script>", "all&preset=read"])
def test_no_preset_ticks_nothing(person: Person, preset: str) -> None:
    page = opened(person, f"{NEW}?preset={quote(preset)}")
    assert not [value for value in page.forms[-1].fields.values() if value == "on"]
    assert "'><script>" not in page.text


def test_names_are_text_that_turns_nothing_around(person: Person) -> None:
    token_id, _ = make_token(person, "note.read", name=HOSTILE)
    for path in ("/account/tokens", f"/account/tokens/{token_id}/revoke"):
        text = opened(person, path).text
        assert "<script>" not in text
        shown = text.partition("&#34;&gt;&lt;script&gt;")
        assert shown[0].endswith("<bdi>"), path
        assert shown[2].partition("\u202e")[2].startswith("gnp.exe</bdi>"), path


def test_a_role_gives_no_more_than_it_has(member: Person) -> None:
    text = opened(member, NEW).text
    assert "contact.read" in text
    assert "contact.delete" not in text
    assert "only your own" in text
    assert "does not reach further" in text
    _, secret = make_token(member, "contact.read", "contact.delete")
    client = Client(member.address, secret)
    assert "contact.delete" not in client.get("/me").json["permissions"]
    client.close()


def test_tokens_of_others_are_not_there(person: Person, member: Person) -> None:
    token_id, secret = make_token(person, "contact.read")
    path = f"/account/tokens/{token_id}/revoke"
    assert opened(member, path).answer.status == 404
    own = form_at(member, "/account").fields["form_token"]
    page = member.post(path, {"form_token": own})
    assert page.answer.status == 404  # type: ignore[union-attr]  # it is a page
    assert token_id not in opened(member, "/account/tokens").text
    client = Client(member.address, secret)
    assert client.get("/me").status == 200
    client.close()


@pytest.mark.parametrize("made", ["", "x", "{strangers}"])
def test_forms_of_others_do_nothing(person: Person, member: Person, made: str) -> None:
    token_id, _ = make_token(person, "contact.read")
    strangers = form_at(member, NEW).fields["form_token"]
    form = form_at(person, f"/account/tokens/{token_id}/revoke")
    page = sent(person, form, form_token=made.format(strangers=strangers))
    assert page.answer.status in (400, 403)
    form = form_at(person, NEW)
    filled = {"name": "Not made", "contact.read": "on"}
    page = sent(person, form, form_token=made.format(strangers=strangers), **filled)
    assert not secrets_in(page)
    assert token_id in opened(person, "/account/tokens").text
    assert "Not made" not in opened(person, "/account/tokens").text


@pytest.mark.parametrize("once", ["", "x", "0" * 24, "f" * 24, "../../etc"])
def test_a_form_that_nobody_was_shown_makes_nothing(person: Person, once: str) -> None:
    form = form_at(person, NEW)
    page = sent(person, form, name="Never shown", once=once, **{"deal.read": "on"})
    assert page.answer.status >= 400
    assert "Never shown" not in opened(person, "/account/tokens").text


@pytest.mark.parametrize(
    "path",
    ["", "/tokens", "/tokens/new", "/apps", "/apps/new", "/usage", "/requests"],
)
def test_whoever_is_not_logged_in_logs_in_first(desk: Scene, path: str) -> None:
    stranger = Person(desk.tenant.stack.http)
    page = opened(stranger, f"/account{path}")
    assert page.path.partition("?")[0] == "/oauth/login"
