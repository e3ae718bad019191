"""Who is logged in, and for how long: fixation, logging out, what the user granted."""

from urllib.parse import urlencode

import pytest

from tests.client import Client
from tests.harness.people.oauth import PASSWORD, pkce
from tests.harness.people.oauth_scene import Scene, add_user
from tests.harness.people.person import Page, Person, Sent
from tests.harness.people.web_app import WebApp, register, sent_back
from tests.harness.promptly import within


@pytest.fixture(scope="module")
def app(desk: Scene) -> WebApp:
    """A public app."""
    return register(desk.tenant.stack.http, client_name="Dialler & Söhne")


def opened(person: Person, target: str) -> Page:
    page = person.open(target)
    assert isinstance(page, Page)
    return page


def is_logged_in(person: Person) -> bool:
    return opened(person, "/account/apps").path == "/account/apps"


def is_out_soon(person: Person) -> bool:
    """Whether a session is refused within a second."""
    return within(1, lambda: not is_logged_in(person))


def test_a_session_is_never_one_that_was_there_before(desk: Scene) -> None:
    """Session fixation: whoever has set a cookie does not share the login after it."""
    fixed = Person(desk.tenant.stack.http)
    fixed.log_in(desk.email)
    victim = Person(fixed.address, {"session": fixed.cookies["session"]})
    victim.log_in(desk.email)
    assert victim.cookies["session"] != fixed.cookies["session"]
    assert is_logged_in(victim)
    assert is_out_soon(fixed), "the session that was there has ended"


def test_a_session_that_nobody_made_is_not_adopted(desk: Scene) -> None:
    made_up = "pcs_" + "A" * 56
    person = Person(desk.tenant.stack.http, {"session": made_up})
    assert not is_logged_in(person)
    person.log_in(desk.email)
    assert person.cookies["session"] != made_up
    assert not is_logged_in(Person(person.address, {"session": made_up}))


def test_a_browser_keeps_its_name_from_login_to_login(desk: Scene) -> None:
    person = Person(desk.tenant.stack.http)
    opened(person, "/oauth/login")
    name = person.cookies["browser"]
    person.log_in(desk.email)
    opened(person, "/oauth/logout")
    assert person.cookies["browser"] == name


def test_logging_out_asks_first_and_ends_the_session(desk: Scene) -> None:
    person = Person(desk.tenant.stack.http)
    person.log_in(desk.email)
    copy = Person(person.address, dict(person.cookies))
    page = opened(person, "/oauth/logout")
    assert "Log out?" in page.text
    assert is_logged_in(person), "a link logs nobody out"
    after = person.submit(page.forms[0])
    assert isinstance(after, Page)
    assert "You are logged out" in after.text
    assert "session" not in person.cookies
    assert is_out_soon(copy), "the session has ended, not only its cookie"


def test_a_session_begins_where_the_user_wanted_to_go(desk: Scene, app: WebApp) -> None:
    person = Person(app.address)
    page = person.log_in(desk.email)
    assert isinstance(page, Page)
    assert page.path == "/account"
    person = Person(app.address)
    page = person.log_in(desk.email, app.target(pkce()[1]))
    assert isinstance(page, Page)
    assert page.path.startswith("/oauth/consent?request=pcq_")


def test_another_account_decides_after_logging_in(desk: Scene, app: WebApp) -> None:
    email = f"mia@{desk.tenant.name}.example"
    add_user(desk.tenant, email, "viewer")
    person = Person(app.address)
    page = person.log_in(desk.email, app.target(pkce()[1]))
    assert isinstance(page, Page)
    request = page.forms[0].fields["request"]
    assert f'href="/oauth/login?request={request}"' in page.text
    page = person.log_in(email, f"/oauth/login?request={request}")
    assert isinstance(page, Page)
    assert email in page.text
    assert desk.email not in page.text
    sent_back(person.answer(page))


def test_a_session_that_ends_meanwhile_is_begun_again(desk: Scene, app: WebApp) -> None:
    person = Person(app.address)
    page = person.log_in(desk.email, app.target(pkce()[1]))
    assert isinstance(page, Page)
    other = Person(app.address, dict(person.cookies))
    other.submit(opened(other, "/oauth/logout").forms[0])
    assert is_out_soon(Person(app.address, dict(person.cookies)))
    again = person.submit(page.forms[0], answer="allow")
    assert isinstance(again, Page)
    assert again.path.startswith("/oauth/login?request=")
    page = person.log_in(desk.email, again.path)
    sent_back(person.answer(page))


def test_an_answer_counts_once(person: Person, app: WebApp) -> None:
    page = opened(person, app.target(pkce()[1]))
    (form,) = page.forms
    assert isinstance(person.submit(form, answer="allow"), Sent)
    for answer in ("allow", "deny"):
        again = person.submit(form, answer=answer)
        assert isinstance(again, Page)
        assert "has ended" in again.text
    reopened = opened(person, page.path)
    assert "has ended" in reopened.text


def test_a_browser_goes_on_without_its_form(desk: Scene, app: WebApp) -> None:
    """303 and no 307, by which a password would be sent to an app (RFC 9700, 4.12)."""
    person = Person(app.address)
    page = opened(person, app.target(pkce()[1]))
    fields = {**page.forms[0].fields, "email": desk.email, "password": PASSWORD}
    answer = person.send("POST", "/oauth/login", urlencode(fields).encode())
    assert answer.status == 303
    page = opened(person, answer.headers["location"])
    fields = {**page.forms[0].fields, "answer": "allow"}
    answer = person.send("POST", "/oauth/consent", urlencode(fields).encode())
    assert (answer.status, answer.body) == (303, b"")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_a_token_in_an_address_counts_for_nothing(
    desk: Scene, person: Person, app: WebApp
) -> None:
    token = app.tokens(person)["access_token"]
    client = Client(app.address)
    assert client.get(f"/me?access_token={token}").status == 401
    assert client.get("/me", cookie=f"session={token}").status == 401
    client.close()
    known = Client(app.address, token)
    assert known.get(f"/me?access_token={token}").status == 400
    known.close()


def test_no_app_is_taken_for_a_user(desk: Scene, person: Person) -> None:
    """Nobody chooses a client id, and none looks like a user's (RFC 9700, 4.15)."""
    kind = {"token_endpoint_auth_method": "client_secret_basic"}
    app = register(desk.tenant.stack.http, client_id="usr_" + "0" * 24, **kind)
    assert app.id.startswith("app_")
    token = app.tokens(person)["access_token"]
    told = app.post("/oauth/introspect", {"token": token}).json
    assert told["sub"].startswith("usr_")
    assert told["client_id"] == app.id


def test_a_user_sees_what_they_granted_and_takes_it_back(
    desk: Scene, app: WebApp
) -> None:
    email = f"zoe@{desk.tenant.name}.example"
    add_user(desk.tenant, email)
    person = Person(app.address)
    person.log_in(email)
    page = opened(person, "/oauth/apps")
    assert page.path == "/account/apps", "where it has moved to"
    assert "No app has access" in page.text
    tokens = app.tokens(person, scope="contact.all deal.read")
    page = opened(person, "/account/apps")
    assert "Dialler &amp; Söhne" in page.text
    assert "app.example" in page.text
    assert "Contacts: see, add and change, delete" in page.text
    assert "Deals: see" in page.text
    taking = next(form for form in page.forms if form.action == "/account/apps")
    client = Client(app.address, tokens["access_token"])
    assert client.get("/me").status == 200
    after = person.submit(taking)
    assert isinstance(after, Page)
    assert "has no access any more" in after.text
    assert "No app has access" in after.text
    assert within(1, lambda: client.get("/me").status == 401)
    client.close()
    assert app.refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"
    assert isinstance(person.submit(taking), Page), "twice is no fault"
