"""Forms that count for nothing: nobody is logged in by them, nothing is granted, taken
back or ended. The cases are in `refusals/deciding.py`, one line each.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

import pytest

from tests.client import Answer
from tests.end_to_end.refusals.case import Case, pairs_of
from tests.end_to_end.refusals.checks import check_page
from tests.end_to_end.refusals.deciding import (
    CONSENTS,
    COOKIES,
    HEADERS,
    LOGINS,
    LOGOUTS,
    TAKINGS_BACK,
)
from tests.harness.people.ledger import Ledger
from tests.harness.people.oauth import PASSWORD, pkce
from tests.harness.people.oauth_scene import Scene, add_user
from tests.harness.people.person import Page, Person
from tests.harness.people.web_app import WebApp, register, sent_back


@pytest.fixture(scope="module")
def app(desk: Scene) -> WebApp:
    """A public app."""
    return register(desk.tenant.stack.http)


@pytest.fixture(scope="module")
def stranger(desk: Scene) -> Person:
    """Another user of the tenant, logged in."""
    email = f"eve@{desk.tenant.name}.example"
    add_user(desk.tenant, email)
    person = Person(desk.tenant.stack.http)
    person.log_in(email)
    return person


def form_token(person: Person, target: str) -> str:
    page = person.open(target)
    assert isinstance(page, Page)
    return page.forms[0].fields["form_token"]


def new_request(person: Person, app: WebApp) -> str:
    """A request that waits for the person's answer."""
    page = person.open(app.target(pkce()[1]))
    assert isinstance(page, Page)
    return page.forms[0].fields["request"]


@pytest.fixture
def names(
    desk: Scene, person: Person, stranger: Person, app: WebApp
) -> Mapping[str, str]:
    """What the cases name."""
    request, other = new_request(person, app), new_request(person, app)
    asked = f"?{urlencode({'request': request})}"
    return {
        "request": request,
        "other_request": other,
        "consent": form_token(person, f"/oauth/consent{asked}"),
        "others_consent": form_token(person, f"/oauth/consent?request={other}"),
        "strangers_consent": form_token(stranger, f"/oauth/consent{asked}"),
        "login": form_token(person, "/oauth/login"),
        "login_for_request": form_token(person, f"/oauth/login{asked}"),
        "others_login": form_token(stranger, "/oauth/login"),
        "account": form_token(person, "/account/apps"),
        "strangers_account": form_token(stranger, "/account/apps"),
        "strangers_session": stranger.cookies["session"],
        **person.cookies,
        "email": desk.email,
        "password": PASSWORD,
        "pat": desk.tenant.tokens["owner"],
        "app": app.id,
    }


def send(
    path: str,
    good: Mapping[str, str],
    names: Mapping[str, str],
    case: Case,
    address: str,
) -> Answer:
    """Sends a form with a case's change in fields, cookies or headers."""
    cookies = {name: f"{{{name}}}" for name in COOKIES}
    pairs = [
        (name, value.format_map(names))
        for name, value in pairs_of({**cookies, **good}, case.change)
    ]
    kept = {name: value for name, value in pairs if name in COOKIES}
    headers = {name: value for name, value in pairs if name in HEADERS}
    fields = [p for p in pairs if p[0] not in (*COOKIES, *HEADERS)]
    browser = Person(address, kept, headers)
    return browser.send("POST", path, urlencode(fields).encode())


def check(answer: Answer, case: Case) -> None:
    """The answer says what it must, and leads nowhere else."""
    if case.status == 303:
        assert answer.status == 303
        assert answer.headers["location"].partition("?")[0] == case.error
        return
    check_page(answer, case.status)
    assert case.error in answer.body.decode(), answer.body
    assert not [c for c in answer.cookies if c.startswith("session")]


@pytest.mark.parametrize("case", LOGINS, ids=str)
def test_nobody_is_logged_in(
    desk: Scene, names: Mapping[str, str], ledger: Ledger, case: Case
) -> None:
    # An address of this test's own, so that no attempt counts against another's.
    email = f"{names['request'].lower()}@{desk.tenant.name}.example"
    add_user(desk.tenant, email)
    good = {"form_token": "{login}", "email": email, "password": "{password}"}
    with ledger.nothing_issued():
        answer = send("/oauth/login", good, names, case, desk.tenant.stack.http)
    check(answer, case)


@pytest.mark.parametrize("case", CONSENTS, ids=str)
def test_nothing_is_granted(
    names: Mapping[str, str], person: Person, ledger: Ledger, case: Case
) -> None:
    good = {"form_token": "{consent}", "request": "{request}", "answer": "allow"}
    with ledger.nothing_issued():
        answer = send("/oauth/consent", good, names, case, person.address)
    check(answer, case)
    page = person.open(f"/oauth/consent?request={names['request']}")
    assert sent_back(person.answer(page))["code"], "the request is still there"


@pytest.mark.parametrize("case", TAKINGS_BACK, ids=str)
def test_nothing_is_taken_back(
    names: Mapping[str, str],
    person: Person,
    ledger: Ledger,
    app: WebApp,
    case: Case,
) -> None:
    app.tokens(person)
    held = ledger.held()
    good = {"form_token": "{account}", "client_id": "{app}"}
    check(send("/account/apps", good, names, case, person.address), case)
    assert ledger.held() == held


@pytest.mark.parametrize("case", LOGOUTS, ids=str)
def test_nobody_is_logged_out(
    names: Mapping[str, str], person: Person, case: Case
) -> None:
    good = {"form_token": "{account}"}
    check(send("/oauth/logout", good, names, case, person.address), case)
    page = person.open("/account/apps")
    assert isinstance(page, Page)
    assert page.path == "/account/apps", "they are still logged in"


def test_the_good_forms_are_good(
    desk: Scene, names: Mapping[str, str], person: Person, ledger: Ledger, app: WebApp
) -> None:
    """What the cases change would otherwise do something, and the ledger shows it."""
    nothing = Case("", "", {}, "")
    app.tokens(person)
    login = {"form_token": "{login}", "email": "{email}", "password": "{password}"}
    consent = {"form_token": "{consent}", "request": "{request}", "answer": "allow"}
    for path, good in (("/oauth/login", login), ("/oauth/consent", consent)):
        # A login ends the session that was there, so it goes without.
        known = {**names, "session": ""} if path == "/oauth/login" else names
        before = ledger.held()
        answer = send(path, good, known, nothing, desk.tenant.stack.http)
        assert answer.status == 303
        assert ledger.held() - before
    before = ledger.held()
    taking = {"form_token": "{account}", "client_id": "{app}"}
    send("/account/apps", taking, names, nothing, desk.tenant.stack.http)
    assert ledger.held() < before
