"""What must be refused over HTTP is: with its RFC's error and status, and nothing comes
of it. The cases are in `refusals`, one line each.
"""

from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.end_to_end.refusals.asking import (
    CHALLENGE,
    TOLD_TO_THE_APP,
    TOLD_TO_THE_USER,
)
from tests.end_to_end.refusals.case import Case, pairs_of
from tests.end_to_end.refusals.checks import (
    check_description,
    check_error,
    check_page,
)
from tests.end_to_end.refusals.sending import WRONG, Wrong
from tests.harness.people.ledger import Ledger
from tests.harness.people.oauth import CALLBACK
from tests.harness.people.oauth_scene import Scene
from tests.harness.people.person import Page, Person, Sent
from tests.harness.people.web_app import WebApp, ask, register


@pytest.fixture(scope="module")
def apps(desk: Scene) -> tuple[WebApp, WebApp]:
    """Two public apps."""
    return register(desk.tenant.stack.http), register(desk.tenant.stack.http)


@pytest.fixture(scope="module")
def anyone(apps: tuple[WebApp, WebApp]) -> tuple[WebApp, Person]:
    """An app, and somebody who is not logged in."""
    return apps[0], Person(apps[0].address)


def target(app: WebApp, other: WebApp, change: Any) -> str:
    """Where an app sends its user, with something changed."""
    base = f"http://{app.address}"
    pairs = [
        (
            name,
            value.replace("{base}", base)
            .replace("{v1}", f"{base}/v1")
            .replace("{id}", app.id)
            .replace("{ID}", app.id.upper())
            .replace("{other_id}", other.id),
        )
        for name, value in pairs_of(app.asking(CHALLENGE), change)
    ]
    return f"/oauth/authorize?{urlencode(pairs)}"


@pytest.mark.parametrize("case", TOLD_TO_THE_APP, ids=str)
def test_an_app_is_told_where_it_registered(
    person: Person, ledger: Ledger, apps: tuple[WebApp, WebApp], case: Case
) -> None:
    path = target(*apps, case.change)
    with ledger.nothing_issued():
        sent = person.open(path)
    assert isinstance(sent, Sent), sent
    assert sent.location.startswith(f"{CALLBACK}?")
    told = sent.told
    assert told["error"] == case.error
    check_description(told["error_description"])
    assert told["iss"] == f"http://{person.address}"
    state = case.change.get("state", "x y&z")
    assert told.get("state") == (state if isinstance(state, str) else None)
    assert told.keys() <= {"error", "error_description", "iss", "state"}


@pytest.mark.parametrize("case", TOLD_TO_THE_USER, ids=str)
def test_a_user_is_not_sent_where_nobody_registered(
    person: Person, ledger: Ledger, apps: tuple[WebApp, WebApp], case: Case
) -> None:
    path = target(*apps, case.change)
    with ledger.nothing_issued():
        page = person.open(path)
    assert isinstance(page, Page), page
    check_page(page.answer, case.status)
    assert f"<code>{case.error}</code>" in page.text
    assert "evil.example" not in page.text, "not even as a link"


ANYTHING = st.text(max_size=40) | st.sampled_from(
    [CALLBACK, "code", "S256", CHALLENGE, "deal.read", "//evil.example", "\\\\evil"]
)
PARTS = st.sampled_from(
    ["", "/", "\\", "@", "#", "?", ":", "%2f", "%00", ".evil", "//"]
)


@settings(max_examples=150, deadline=None)
@given(
    changed=st.dictionaries(
        st.sampled_from(
            ["response_type", "scope", "state", "code_challenge", "resource"]
        ),
        ANYTHING,
        max_size=3,
    ),
    uri=st.tuples(PARTS, st.just(CALLBACK), PARTS, PARTS).map("".join) | ANYTHING,
    more=st.lists(st.tuples(ANYTHING, ANYTHING), max_size=2),
)
def test_no_request_sends_anybody_elsewhere(
    changed: dict[str, str],
    uri: str,
    more: list[tuple[str, str]],
    anyone: tuple[WebApp, Person],
) -> None:
    """Whatever is asked: to where the app registered, to our pages, or nowhere."""
    app, person = anyone
    pairs = [*app.asking(CHALLENGE, **changed, redirect_uri=uri).items(), *more]
    answer = person.send("GET", f"/oauth/authorize?{urlencode(pairs)}")
    location = answer.headers.get("location", "")
    if answer.status != 303:
        check_page(answer, 400)
    elif location.startswith("/oauth/consent?request=pcq_"):
        assert uri in ("", CALLBACK)
    else:
        assert location.startswith(f"{CALLBACK}?")
        assert urlsplit(location).hostname == "app.example"


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_is_wrong_as_http_is_refused(
    person: Person, ledger: Ledger, wrong: Wrong
) -> None:
    method, _, path = wrong.line.partition(" ")
    with ledger.nothing_issued():
        answer = ask(person.address, method, path, wrong.body, wrong.headers)
    if wrong.error:
        check_error(answer, wrong.error, wrong.status)
    else:
        check_page(answer, wrong.status)
    assert ("allow" in answer.headers) == (wrong.status == 405)
