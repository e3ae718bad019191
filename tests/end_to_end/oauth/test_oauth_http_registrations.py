"""Registrations that register nothing, and those that are not the app's own to change.

The cases are in `refusals/registering.py`, one line each.
"""

import json
from collections.abc import Mapping

import pytest

from tests.end_to_end.refusals.case import Case
from tests.end_to_end.refusals.checks import check_error
from tests.end_to_end.refusals.registering import BODIES, TOKENS, UPDATES
from tests.harness.people.ledger import Ledger
from tests.harness.people.oauth import CALLBACK
from tests.harness.people.oauth_scene import Scene
from tests.harness.people.web_app import JSON, WebApp, ask, register

GOOD = {"client_name": "Dialler", "redirect_uris": [CALLBACK]}


@pytest.fixture(scope="module")
def app(desk: Scene) -> WebApp:
    """An app with a secret."""
    kind = {"token_endpoint_auth_method": "client_secret_basic"}
    return register(desk.tenant.stack.http, **kind)


def body_of(good: Mapping[str, object], case: Case) -> bytes:
    if isinstance(case.change, bytes):
        return case.change
    return json.dumps({**good, **case.change}).encode()


@pytest.mark.parametrize("case", BODIES, ids=str)
def test_what_is_no_registration_registers_nothing(
    desk: Scene, ledger: Ledger, case: Case
) -> None:
    body = body_of(GOOD, case)
    with ledger.nothing_issued():
        answer = ask(desk.tenant.stack.http, "POST", "/oauth/register", body, JSON)
    check_error(answer, case.error, case.status)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("case", TOKENS, ids=str)
def test_a_registration_is_its_apps_own(
    desk: Scene, ledger: Ledger, app: WebApp, case: Case, method: str
) -> None:
    names = {
        "own": app.registration,
        "other": register(app.address).registration,
        "pat": desk.tenant.tokens["owner"],
    }
    headers = {**JSON, "authorization": f"Bearer {case.change.format_map(names)}"}
    body = json.dumps({**GOOD, "client_id": app.id}).encode()
    path = f"/oauth/register/{app.id}"
    with ledger.nothing_issued():
        answer = ask(app.address, method, path, body, headers)
    check_error(answer, case.error, case.status)
    assert app.own("GET").json["client_name"] == "Dialler"


@pytest.mark.parametrize("case", UPDATES, ids=str)
def test_an_update_says_what_is_the_apps_to_say(
    ledger: Ledger, app: WebApp, case: Case
) -> None:
    good = {**GOOD, "client_id": app.id, "client_name": "Changed"}
    body = body_of(good, case)
    headers = {**JSON, "authorization": f"Bearer {app.registration}"}
    path = f"/oauth/register/{app.id}"
    with ledger.nothing_issued():
        answer = ask(app.address, "PUT", path, body, headers)
    check_error(answer, case.error, case.status)
    assert app.own("GET").json["client_name"] == "Dialler"


def test_the_good_requests_are_good(ledger: Ledger, app: WebApp) -> None:
    """What the cases change would otherwise be answered, and the ledger shows it."""
    before = ledger.held()
    made = register(app.address, **GOOD)
    assert ledger.held() - before
    assert made.own("PUT", {**GOOD, "client_id": made.id}).status == 200
