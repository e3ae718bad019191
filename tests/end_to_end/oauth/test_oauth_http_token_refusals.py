"""Codes and tokens that get nothing at the token endpoint, at revocation and at
introspection. The cases are in `refusals/redeeming.py`, one line each.
"""

from base64 import b64encode
from urllib.parse import quote_plus, urlencode

import pytest

from tests.client import Answer
from tests.end_to_end.refusals.case import Case, pairs_of
from tests.end_to_end.refusals.checks import check_error
from tests.end_to_end.refusals.redeeming import (
    EXCHANGES,
    INTROSPECTIONS,
    PROOFS,
    REFRESHES,
    REVOCATIONS,
)
from tests.harness.people.ledger import Ledger
from tests.harness.people.oauth_scene import Scene, add_user
from tests.harness.people.person import Person
from tests.harness.people.prepared import Cast, Prepared
from tests.harness.people.web_app import FORM, ask, register

EXCHANGE = {
    "grant_type": "authorization_code",
    "code": "{code}",
    "code_verifier": "{verifier}",
    "redirect_uri": "{callback}",
}
REFRESH = {"grant_type": "refresh_token", "refresh_token": "{refresh}"}
BASIC = {"user": "{id}", "secret": "{secret}"}


@pytest.fixture(scope="module")
def cast(desk: Scene, at_desk: Person) -> Cast:
    """Two people and three apps."""
    email = f"eve@{desk.tenant.name}.example"
    add_user(desk.tenant, email)
    stranger = Person(at_desk.address)
    stranger.log_in(email)
    secret = {"token_endpoint_auth_method": "client_secret_basic"}
    apps = [register(at_desk.address, **kind) for kind in (secret, secret, {})]
    return Cast(desk, at_desk, stranger, *apps)


@pytest.fixture
def prepared(cast: Cast) -> Prepared:
    """What a case may put into its request."""
    return Prepared(cast)


def ready(
    prepared: Prepared, good: dict[str, str], case: Case
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """The form and the headers of a request, with all that it names made."""
    pairs = [
        (name, value.format_map(prepared))
        for name, value in pairs_of({**BASIC, **good}, case.change)
    ]
    given = dict(pairs)
    basic = ":".join(quote_plus(given[name]) for name in BASIC)
    headers = {**FORM, "authorization": f"Basic {b64encode(basic.encode()).decode()}"}
    if "authorization" in given:
        headers["authorization"] = given["authorization"]
    elif "authorization" in case.change:
        del headers["authorization"]
    return [p for p in pairs if p[0] not in (*BASIC, "authorization")], headers


def refused_at(
    path: str, prepared: Prepared, ledger: Ledger, good: dict[str, str], case: Case
) -> None:
    pairs, headers = ready(prepared, good, case)
    with ledger.nothing_issued():
        answer = post(prepared, path, pairs, headers)
    check_error(answer, case.error, case.status)


def post(
    prepared: Prepared, path: str, pairs: list[tuple[str, str]], headers: dict[str, str]
) -> Answer:
    address, body = prepared.cast.app.address, urlencode(pairs).encode()
    return ask(address, "POST", path, body, headers)


@pytest.mark.parametrize("case", EXCHANGES, ids=str)
def test_a_code_gets_nothing(prepared: Prepared, ledger: Ledger, case: Case) -> None:
    refused_at("/oauth/token", prepared, ledger, EXCHANGE, case)


@pytest.mark.parametrize("case", REFRESHES, ids=str)
def test_a_refresh_token_gets_nothing(
    prepared: Prepared, ledger: Ledger, case: Case
) -> None:
    refused_at("/oauth/token", prepared, ledger, REFRESH, case)


@pytest.mark.parametrize("case", PROOFS, ids=str)
def test_an_app_that_does_not_prove_itself_gets_nothing(
    prepared: Prepared, ledger: Ledger, case: Case
) -> None:
    refused_at("/oauth/token", prepared, ledger, REFRESH, case)
    token = prepared["refresh"]
    assert prepared.cast.app.refresh(token).status == 200, "it was taken away"


@pytest.mark.parametrize("case", REVOCATIONS, ids=str)
def test_a_revocation_revokes_nothing(
    prepared: Prepared, ledger: Ledger, case: Case
) -> None:
    good = {"token": "{refresh}"}
    pairs, headers = ready(prepared, good, case)
    before = ledger.held()
    check_error(
        post(prepared, "/oauth/revoke", pairs, headers), case.error, case.status
    )
    assert ledger.held() == before


@pytest.mark.parametrize("case", INTROSPECTIONS, ids=str)
def test_an_introspection_tells_nothing(
    prepared: Prepared, ledger: Ledger, case: Case
) -> None:
    refused_at("/oauth/introspect", prepared, ledger, {"token": "{access}"}, case)


def test_the_good_requests_are_good(prepared: Prepared, ledger: Ledger) -> None:
    """What the cases change would otherwise be answered, and the ledger shows it."""
    for good in (EXCHANGE, REFRESH):
        pairs, headers = ready(prepared, good, Case("", "", {}, ""))
        before = ledger.held()
        assert post(prepared, "/oauth/token", pairs, headers).status == 200
        assert ledger.held() - before
