"""What pages show, and what they keep from frames, caches, scripts and referrers."""

import re

import pytest

from tests.client import Answer
from tests.harness.people.oauth import pkce
from tests.harness.people.oauth_scene import Scene, add_user
from tests.harness.people.person import Page, Person
from tests.harness.people.web_app import ask, register


def opened(person: Person, target: str) -> Page:
    page = person.open(target)
    assert isinstance(page, Page)
    return page


def policy_of(answer: Answer) -> dict[str, str]:
    parts = answer.headers["content-security-policy"].split("; ")
    return {
        name: sources for name, _, sources in (part.partition(" ") for part in parts)
    }


TARGETS = [
    "/oauth/login",
    "/account",
    "/account/tokens",
    "/account/tokens/new",
    "/account/apps",
    "/account/apps/new",
    "/account/usage",
    "/account/requests",
    "/account/history",
    "/account/merges",
    "/account/audit",
    "/oauth/logout",
    "/oauth/authorize",
    "consent",
]


@pytest.mark.parametrize("target", TARGETS)
def test_no_page_stands_in_a_frame_runs_a_script_or_stays(
    desk: Scene, person: Person, target: str
) -> None:
    if target == "consent":
        target = register(desk.tenant.stack.http).target(pkce()[1])
    page = opened(person, target)
    policy = policy_of(page.answer)
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert "unsafe" not in str(policy)
    scripts = re.findall(
        r"<script src=\"/files/theme-\w+\.js\" (\S+)></script>", page.text
    )
    if target.startswith("/account"):
        (integrity,) = scripts
        allowed = integrity.removeprefix('integrity="').removesuffix('"')
        assert policy["script-src"] == f"'{allowed}'", "the theme's, and no other"
        assert "connect-src" not in policy, "it can send nothing"
    else:
        assert not scripts
        assert "script-src" not in policy, "the default, none, holds"
    headers = page.answer.headers
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert page.text.count("<script") == len(scripts)
    assert not re.search(r"style=|\son\w+=|javascript:", page.text)
    assert page.text.count("<h1") == 1


@pytest.mark.parametrize(
    ("uri", "sources"),
    [
        ("https://app.example/back", "'self' https:"),
        ("http://127.0.0.1/back", "'self' https: http:"),
        ("com.example.app:/back", "'self' https: com.example.app:"),
    ],
)
def test_a_consent_lets_its_form_lead_to_the_app(
    desk: Scene, person: Person, uri: str, sources: str
) -> None:
    app = register(desk.tenant.stack.http, redirect_uris=[uri])
    page = opened(person, app.target(pkce()[1], redirect_uri=uri))
    assert policy_of(page.answer)["form-action"] == sources
    login = opened(Person(person.address), "/oauth/login")
    assert policy_of(login.answer)["form-action"] == "'self'"


def test_files_are_kept_for_good_under_their_contents(desk: Scene) -> None:
    address = desk.tenant.stack.http
    page = opened(Person(address), "/oauth/login")
    for path in re.findall(r'"(/files/[^"]+)"', page.text):
        answer = ask(address, "GET", path)
        assert answer.status == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        older = re.sub("-[0-9a-f]{16}", "-" + "0" * 16, path)
        other = ask(address, "GET", older)
        assert other.body == answer.body, "an edge of another version helps out"
        assert other.headers["cache-control"] == "no-store"
    for path in (
        "x",
        "style.css",
        "..%2frender.py",
        "%2e%2e%2frender.py",
        "style-x.py",
    ):
        assert ask(address, "GET", f"/files/{path}").status in (200, 404)
        assert b"def " not in ask(address, "GET", f"/files/{path}").body


HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}'&amp;"


def test_an_apps_name_is_text_and_nothing_else(desk: Scene) -> None:
    email = f"ida@{desk.tenant.name}.example"
    add_user(desk.tenant, email)
    app = register(desk.tenant.stack.http, client_name=HOSTILE)
    person = Person(app.address)
    login = opened(person, app.target(pkce()[1]))
    page = person.log_in(email, login.path)
    assert isinstance(page, Page)
    app.tokens(person)
    for shown in (login, page, opened(person, "/account/apps")):
        assert "<script>" not in shown.text
        assert "<img src=x" not in shown.text
        assert "{{7*7}}" in shown.text, "nor is it a template"
        assert "&lt;script&gt;" in shown.text


def test_what_was_typed_comes_back_as_text(desk: Scene) -> None:
    person = Person(desk.tenant.stack.http)
    (form,) = opened(person, "/oauth/login").forms
    page = person.submit(form, email=HOSTILE, workspace=HOSTILE, password="x")
    assert isinstance(page, Page)
    assert page.answer.status == 403
    assert "<script>" not in page.text
    assert page.forms[0].fields["email"] == HOSTILE
    assert page.forms[0].fields["password"] == "", "but for the password"


def test_a_consent_says_what_the_role_refuses(desk: Scene) -> None:
    email = f"max@{desk.tenant.name}.example"
    add_user(desk.tenant, email, "member")
    app = register(desk.tenant.stack.http)
    person = Person(app.address)
    page = person.log_in(email, app.target(pkce()[1], scope="contact.all deal.read"))
    assert isinstance(page, Page)
    allowed, _, refused = page.text.partition("Your role does not allow")
    assert "See contacts, with their e-mail addresses" in allowed
    assert "Add contacts and change them" in allowed
    assert "See deals" in allowed
    assert "only your own" in allowed
    assert "Delete contacts" in refused
    assert "Delete contacts" not in allowed
    assert "app.example" in allowed
    assert email in page.text


def test_a_consent_says_what_every_app_sees(desk: Scene, person: Person) -> None:
    app = register(desk.tenant.stack.http)
    page = opened(person, app.target(pkce()[1], scope="task.write"))
    can = page.text.partition("It will be able to")[2].partition("</dl>")[0]
    workplace = desk.tenant.name
    for told in (
        "Add tasks",
        "See who you are",
        f"See who works in {workplace}: names, e-mail addresses and roles",
        f"See the limits of {workplace}, and how much of them is used",
    ):
        assert told in can


def test_a_consent_for_an_owner_refuses_nothing(desk: Scene, person: Person) -> None:
    app = register(desk.tenant.stack.http, redirect_uris=["http://127.0.0.1/x"])
    page = opened(person, app.target(pkce()[1], redirect_uri="http://127.0.0.1:9/x"))
    assert "Your role does not allow" not in page.text
    assert "only your own" not in page.text
    assert "on this device" in page.text


def test_a_refusal_tells_the_developer_why(desk: Scene) -> None:
    page = opened(Person(desk.tenant.stack.http), "/oauth/authorize?client_id=x")
    assert "<code>invalid_client</code>" in page.text
    assert page.answer.headers["x-trace-id"] in page.text


@pytest.mark.parametrize("path", ["/oauth/", "/oauth/nothing", "/oauth/token/"])
def test_what_is_not_there_is_a_404(desk: Scene, path: str) -> None:
    assert ask(desk.tenant.stack.http, "GET", path).status == 404
