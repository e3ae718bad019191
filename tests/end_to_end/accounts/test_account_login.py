"""Who must log in first comes to the page that they wanted, never to another site."""

import pytest

from tests import stacks
from tests.harness.people.account import form_at, make_token, opened, sent
from tests.harness.people.oauth import PASSWORD
from tests.harness.people.oauth_scene import Scene, opened_scene
from tests.harness.people.person import Page, Person, Sent
from tests.harness.programs.faulty_program import program

PAGES = (
    *("/account", "/account/usage", "/account/requests?trace_id=a%2Fb&failed=1"),
    *("/account/tokens", "/account/tokens/new", "/account/apps", "/account/apps/new"),
    *(
        "/account/history?fields=city&to=2026-11-05",
        "/account/merges",
        "/account/audit",
    ),
)
HOSTILE = (
    *("//evil.example", "/\\evil.example", "https:evil.example", "%2F%2Fevil.example"),
    *("https://evil.example/account/tokens", "/account/tokens\r\nLocation: //evil"),
    *("/account/../..//evil.example", "/oauth/logout", "/account/nothing"),
)


@pytest.mark.parametrize("wanted", PAGES)
def test_the_page_that_was_wanted_comes_after_the_login(
    desk: Scene, wanted: str
) -> None:
    stranger = Person(desk.tenant.stack.http)
    page = stranger.log_in(desk.email, wanted)
    assert isinstance(page, Page)
    assert (page.path, page.answer.status) == (wanted, 200)


def test_it_is_not_lost_by_a_wrong_password(desk: Scene) -> None:
    stranger = Person(desk.tenant.stack.http)
    form = form_at(stranger, "/account/tokens/new")
    again = sent(stranger, form, email=desk.email, password="wrong")
    assert again.answer.status == 403
    page = sent(stranger, again.forms[-1], email=desk.email, password=PASSWORD)
    assert page.path == "/account/tokens/new"


def test_a_form_whose_session_has_ended_is_shown_again(
    desk: Scene, person: Person
) -> None:
    token_id, _ = make_token(person, "contact.read")
    asked = f"/account/tokens/{token_id}/revoke"
    form = form_at(person, asked)
    del person.cookies["session"]
    login = sent(person, form)
    page = sent(person, login.forms[-1], email=desk.email, password=PASSWORD)
    assert page.path == asked
    assert token_id in opened(person, "/account/tokens").text, "nothing was done yet"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_link_has_a_login_lead_elsewhere(desk: Scene, hostile: str) -> None:
    """Neither in the address of the login page nor in its form."""
    stranger = Person(desk.tenant.stack.http)
    login = opened(stranger, "/oauth/login")
    filled = {"to": hostile, "email": desk.email, "password": PASSWORD}
    assert sent(stranger, login.forms[-1], **filled).path == "/account"
    quoted = "".join(f"%{byte:02X}" for byte in hostile.encode())
    (form,) = opened(stranger, f"/oauth/login?to={quoted}").forms
    assert form.fields["to"] == ""


@pytest.mark.canary
def test_a_login_that_leads_elsewhere_would_be_seen(database_url: str) -> None:
    way = stacks.running("together", database_url, program=program("any_way_back"))
    with way as stack, opened_scene(stack) as scene:
        stranger = Person(stack.http)
        (form,) = opened(stranger, "/oauth/login?to=https:evil.example").forms
        assert form.fields["to"] == "https:evil.example"
        away = stranger.submit(form, email=scene.email, password=PASSWORD)
        assert away == Sent("https:evil.example")
