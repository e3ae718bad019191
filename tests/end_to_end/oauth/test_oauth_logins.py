"""Logging in: refusals are all alike. Attempts become slow; no account is locked."""

import secrets
import time
from collections import Counter
from typing import Any

import grpc
import pytest
from prospectconnect.iam.v1 import sessions_pb2

from services.iam import attempts, audit, tenants
from services.iam.audit_chain import Verified, verify
from services.postgres.database import Database, Row
from tests.harness.at_once import at_once
from tests.harness.people.oauth import PASSWORD, Oauth, pkce, session
from tests.harness.people.oauth_scene import Scene, add_user, business_of, new_user
from tests.harness.wire.grpc_calls import Refusal, refusal, refused
from tests.world import administer, new_tenant

MOST_LOGINS = 40


def attempt(oauth: Oauth, email: str, **changed: str) -> str | Refusal:
    """Tries to log in: a session, or how it was refused."""
    request = oauth.login(email, **changed)
    try:
        return oauth.sessions.LogIn(request, timeout=60).session
    except grpc.RpcError as error:
        return refusal(error, sent=email)


@pytest.fixture
def email(stage: Scene) -> str:
    return new_user(stage)


def test_address_and_password_begin_a_session(stage: Scene, email: str) -> None:
    who = stage.oauth.log_in(email.upper())
    shown = stage.oauth.sessions.GetSession(
        sessions_pb2.GetSessionRequest(), metadata=session(who), timeout=60
    )
    assert shown.user.email == email
    assert shown.business.id == stage.tenant.business_id
    assert stage.oauth.log_in(email) != who, "a session is never one of before"


def test_all_who_are_not_let_in_get_one_answer(stage: Scene, email: str) -> None:
    inactive, without = new_user(stage), f"none@{stage.tenant.name}.example"

    async def prepare(database: Database) -> None:
        await tenants.deactivate_user(database, stage.tenant.name, inactive)
        await tenants.create_user(database, stage.tenant.name, without, "owner")

    administer(stage.tenant.stack.database_url, prepare)
    answers = [
        attempt(stage.oauth, email, password="wrong"),
        attempt(stage.oauth, email, password=PASSWORD + " "),
        attempt(stage.oauth, email, workspace="no such workspace"),
        attempt(stage.oauth, inactive),
        attempt(stage.oauth, without),
        attempt(stage.oauth, without, password="x"),
        attempt(stage.oauth, "nobody@nowhere.example"),
        attempt(stage.oauth, "no address"),
        attempt(stage.oauth, "' OR true --"),
    ]
    assert len({str(each) for each in answers}) == 1
    assert isinstance(answers[0], Refusal)
    assert answers[0].reason == "LOGIN_REFUSED"


def test_nobody_takes_as_long_as_somebody(stage: Scene) -> None:
    """By the quickest of several: what else the machine does only adds to a time."""

    def seconds(email: str) -> float:
        request = stage.oauth.login(email, password="wrong")
        begun = time.perf_counter()
        answer = refused(stage.oauth.sessions.LogIn, request)
        took = time.perf_counter() - begun
        assert answer.reason == "LOGIN_REFUSED"
        return took

    known, unknown = list[float](), list[float]()
    for _ in range(MOST_LOGINS):  # each by an account that nothing was counted against
        known.append(seconds(new_user(stage)))
        unknown.append(seconds(f"{secrets.token_hex(6)}@at-all.example"))
        if len(known) > 3 and 0.5 < min(unknown) / min(known) < 2:
            return
    raise AssertionError((known, unknown))


def test_an_address_of_several_workspaces_needs_one_named(stage: Scene) -> None:
    other = new_tenant(stage.tenant.stack)
    email = new_user(stage)
    administer(
        stage.tenant.stack.database_url,
        lambda database: tenants.create_user(
            database, other.name, email, "viewer", "another password"
        ),
    )
    for password in (PASSWORD, "another password"):
        answer = attempt(stage.oauth, email, password=password)
        assert isinstance(answer, Refusal)
        assert answer.reason == "LOGIN_REFUSED"
    here = stage.oauth.log_in(email, workspace=stage.tenant.name)
    assert business_of(stage, here) == stage.tenant.business_id
    there = {"password": "another password", "workspace": other.name}
    assert business_of(stage, stage.oauth.log_in(email, **there)) == other.business_id
    crossed = {"password": "another password", "workspace": stage.tenant.name}
    assert isinstance(attempt(stage.oauth, email, **crossed), Refusal)


def test_attempts_from_one_place_become_slow(stage: Scene, email: str) -> None:
    place = {"address": "198.51.100.7"}
    tries = [attempt(stage.oauth, email, password=f"{n}", **place) for n in range(6)]
    assert reasons(tries) == ["LOGIN_REFUSED"] * 5 + ["LOGIN_LIMITED"]
    limited = attempt(stage.oauth, email, **place)
    assert isinstance(limited, Refusal)
    assert limited.retry_seconds is not None
    assert 0 < limited.retry_seconds <= 60
    assert stage.oauth.log_in(email, address="203.0.113.9"), "from elsewhere it is open"


# Each pair is one in SQL's lower case, and two in Python's.
SPELLINGS = (("i", "\u0130"), ("\u03c3@", "\u03a3@"))


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_an_account_has_one_budget_however_it_is_spelled(
    stage: Scene, one: str, other: str
) -> None:
    begin = f"{secrets.token_hex(6)}ki\u03c3"
    email = f"{begin}@{stage.tenant.name}.example"
    add_user(stage.tenant, email)
    spelled = email.replace(one, other, 1)
    assert stage.oauth.log_in(spelled), "both find the user"
    place = {"address": "198.51.100.10"}
    tries = [
        attempt(stage.oauth, each, password="x", **place)
        for each in (email, spelled, email, spelled, email, spelled, email)
    ]
    assert reasons(tries) == ["LOGIN_REFUSED"] * 5 + ["LOGIN_LIMITED"] * 2


def test_a_network_of_version_6_is_one_place(stage: Scene, email: str) -> None:
    tries = [
        attempt(stage.oauth, email, password="x", address=f"2001:db8:0:1::{n}")
        for n in range(6)
    ]
    assert reasons(tries)[-1] == "LOGIN_LIMITED"


def test_attempts_at_once_buy_no_more(stage: Scene, email: str) -> None:
    requests = [
        stage.oauth.login(email, password=f"{n}", address="198.51.100.8")
        for n in range(20)
    ]
    tries = at_once(lambda each: refused(stage.oauth.sessions.LogIn, each), requests)
    assert sorted(reasons(tries)) == ["LOGIN_LIMITED"] * 15 + ["LOGIN_REFUSED"] * 5


def test_attempts_from_everywhere_keep_nobody_out_of_a_known_browser(
    stage: Scene, email: str
) -> None:
    browser = secrets.token_urlsafe(24)
    stage.oauth.log_in(email, browser=browser)
    administer(stage.tenant.stack.database_url, lambda each: flood(each, email))
    stranger = attempt(stage.oauth, email, address="203.0.113.99")
    assert reasons([stranger]) == ["LOGIN_LIMITED"]
    assert stage.oauth.log_in(email, browser=browser), "the user's own browser"
    tries = [
        attempt(stage.oauth, email, password="x", browser=browser) for _ in range(6)
    ]
    assert reasons(tries)[-1] == "LOGIN_LIMITED", "a known browser has its own budget"


async def flood(database: Database, email: str) -> None:
    """Attempts from so many places that one more is too many; one was a log-in."""
    for number in range(attempts.STRANGE_PLACES.at_once - 1):
        each = attempts.attempt_of(email, f"browser {number}", f"203.0.113.{number}")
        await attempts.pay(database, each)


def test_a_login_gives_back_what_was_paid(stage: Scene, email: str) -> None:
    place = {"address": "198.51.100.9"}
    for _ in range(2):
        for _ in range(4):
            attempt(stage.oauth, email, password="x", **place)
        assert stage.oauth.log_in(email, **place)


def reasons(tries: list[Any]) -> list[str]:
    return [each.reason if isinstance(each, Refusal) else "" for each in tries]


def test_a_login_form_counts_for_its_browser_and_its_matter(
    stage: Scene, email: str
) -> None:
    app = stage.oauth.register()
    asked = stage.oauth.start(app, pkce()[1])
    assert stage.oauth.log_in(email, request=asked)
    for changed in (
        {"form_token": "x"},
        {"form_token": stage.oauth.account_form(stage.session)},
        {"form_token": stage.oauth.login(email).form_token},
        {"request": asked, "form_token": stage.oauth.login(email).form_token},
    ):
        request = stage.oauth.login(email, **changed)
        assert refused(stage.oauth.sessions.LogIn, request).reason == "FORM_INVALID"


def test_a_login_form_shows_which_app_asks(stage: Scene) -> None:
    asked = stage.oauth.start(stage.oauth.register(), pkce()[1])
    request = sessions_pb2.GetLoginFormRequest(browser="b" * 32, request=asked)
    shown = stage.oauth.sessions.GetLoginForm(request, timeout=60)
    assert (shown.app.name, shown.app.host) == ("Dialler", "app.example")
    request.request = "pcq_" + "0" * 39
    found = refused(stage.oauth.sessions.GetLoginForm, request)
    assert (found.reason, found.metadata) == (
        "OAUTH_REFUSED",
        {"oauth_error": "invalid_request"},
    )


def test_logins_and_failures_are_recorded(stage: Scene, email: str) -> None:
    attempt(stage.oauth, email, password="wrong")
    stage.oauth.log_in(email)
    assert stage.events()[:2] == ["logged_in", "login_refused"]


def test_attempts_with_one_address_have_one_mark_even_after_its_erasure(
    stage: Scene, email: str
) -> None:
    url, tenant = stage.tenant.stack.database_url, stage.tenant.business_id

    async def forget(database: Database) -> int:
        async with database.transaction() as transaction:
            return await audit.forget(transaction, tenant, [email])

    def refused() -> list[Row]:
        rows = administer(url, lambda database: audit.read(database, tenant, 0, 1_000))
        return [row for row in rows if row["event"] == "login_refused"]

    others = len(refused())
    attempt(stage.oauth, email, password="wrong")
    attempt(stage.oauth, email.upper(), password="wrong")
    assert administer(url, forget) == 2
    attempt(stage.oauth, email, password="wrong")
    attempt(stage.oauth, new_user(stage), password="wrong")
    now = refused()  # the latest first
    refusals = now[: len(now) - others]
    marks = Counter(row["target"] for row in refusals)
    assert sorted(marks.values()) == [1, 3]
    assert all(mark.startswith("eml_") for mark in marks)
    assert sum(email in str(row["details"]) for row in refusals) == 1

    async def verified(database: Database) -> Verified:
        return await verify(database, tenant, {})

    assert administer(url, verified).found == []
