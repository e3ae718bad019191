"""Authorization requests that are refused, with the error that the RFC has for it.

The refusal names a URI, to which the user may be sent, only where the app registered
it: no request makes an open redirector of the server.
"""

from typing import Any

import pytest
from prospectconnect.iam.v1 import oauth_errors_pb2

from tests.harness.people.oauth import (
    CALLBACK,
    App,
    pkce,
    refusal_of,
)
from tests.harness.people.oauth_scene import Scene

CHALLENGE = pkce()[1]
UNKNOWN_APP = "app_" + "0" * 24


@pytest.fixture
def app(stage: Scene) -> App:
    """A public app."""
    return stage.oauth.register()


# Nobody but the user is told: there is no address to trust.
@pytest.mark.parametrize(
    "client_id", ["", UNKNOWN_APP, "app_", "*", "app_\0", "' OR true --", "x" * 5_000]
)
def test_an_unknown_app_is_not_redirected_to(
    stage: Scene, app: App, client_id: str
) -> None:
    request = stage.oauth.asking(app, CHALLENGE, client_id=client_id)
    start = stage.oauth.authorizations.StartAuthorization
    assert refusal_of(start, request) == ("invalid_client", "")


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/callback/",
        "https://app.example/callback?",
        "https://app.example/callback?a=b",
        "https://app.example/callback#",
        "https://app.example/callback#x",
        "https://app.example/callback ",
        " https://app.example/callback",
        "https://app.example/callback\n",
        "https://app.example/callback\0",
        "https://app.example/callback%00",
        "https://app.example/Callback",
        "https://app.example/./callback",
        "https://app.example/x/../callback",
        "https://app.example/callbac%6b",
        "https://app.example//callback",
        "https://app.example/",
        "https://app.example",
        "https://app.example:443/callback",
        "https://app.example:8443/callback",
        "https://app.example./callback",
        "https://APP.example/callback",
        "HTTPS://app.example/callback",
        "http://app.example/callback",
        "https://user@app.example/callback",
        "https://app.example@evil.example/callback",
        "https://evil.example/https://app.example/callback",
        "https://app.example.evil.example/callback",
        "https://evilapp.example/callback",
        "https://sub.app.example/callback",
        "https://*.example/callback",
        "https://app.example\\@evil.example/callback",
        "https://\uff41pp.example/callback",
        "https://\u0430pp.example/callback",
        "//app.example/callback",
        "/callback",
        "callback",
        "*",
        "javascript:alert(1)//https://app.example/callback",
        "data:text/html,x",
        "x" * 1_000_000,
    ],
)
def test_an_unregistered_uri_is_not_redirected_to(
    stage: Scene, app: App, uri: str
) -> None:
    request = stage.oauth.asking(app, CHALLENGE, redirect_uri=uri)
    start = stage.oauth.authorizations.StartAuthorization
    assert refusal_of(start, request) == ("invalid_redirect_uri", "")


def test_an_app_of_several_uris_must_name_one(stage: Scene) -> None:
    app = stage.oauth.register(redirect_uris=[CALLBACK, f"{CALLBACK}/2"])
    request = stage.oauth.asking(app, CHALLENGE, redirect_uri="")
    start = stage.oauth.authorizations.StartAuthorization
    assert refusal_of(start, request) == ("invalid_redirect_uri", "")


FAULT = oauth_errors_pb2.RequestFault(
    error=oauth_errors_pb2.OAUTH_ERROR_INVALID_TARGET, description="Not of here."
)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": "CODE"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": CHALLENGE[:-1]}, "invalid_request"),
        ({"code_challenge": CHALLENGE + "A"}, "invalid_request"),
        ({"code_challenge": CHALLENGE + "="}, "invalid_request"),
        ({"code_challenge": "+" + CHALLENGE[1:]}, "invalid_request"),
        ({"code_challenge": "é" + CHALLENGE[1:]}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        ({"code_challenge_method": "S256 "}, "invalid_request"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
        ({"state": "\0"}, "invalid_request"),
        ({"state": "a\r\nLocation: https://evil.example"}, "invalid_request"),
        ({"state": "é"}, "invalid_request"),
        ({"state": "x" * 4_097}, "invalid_request"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"scope": "contact.read everything"}, "invalid_scope"),
        ({"scope": "contact.read  deal.read"}, "invalid_scope"),
        ({"scope": "contact.read\tdeal.read"}, "invalid_scope"),
        ({"scope": " "}, "invalid_scope"),
        ({"scope": "CONTACT.READ"}, "invalid_scope"),
        ({"scope": "contact.*"}, "invalid_scope"),
        ({"scope": "contact.read\0"}, "invalid_scope"),
        ({"scope": "token.write"}, "invalid_scope"),
        ({"scope": "token.all"}, "invalid_scope"),
        ({"scope": "contact.read " * 2_000}, "invalid_scope"),
        ({"resources": ["https://api.example/v1"] * 11}, "invalid_target"),
        ({"resources": [""]}, "invalid_target"),
        ({"resources": ["https://api.example/\0"]}, "invalid_target"),
        ({"resources": ["https://api.example/" + "x" * 3_000]}, "invalid_target"),
        ({"fault": FAULT}, "invalid_target"),
    ],
)
def test_the_app_is_told_where_it_registered(
    stage: Scene, app: App, changed: dict[str, Any], error: str
) -> None:
    request = stage.oauth.asking(app, CHALLENGE, **changed)
    start = stage.oauth.authorizations.StartAuthorization
    assert refusal_of(start, request) == (error, CALLBACK)


def test_an_app_asks_for_no_more_than_it_registered(stage: Scene) -> None:
    app = stage.oauth.register(scope="contact.all deal.read")
    start = stage.oauth.authorizations.StartAuthorization
    for scope in ("contact.read", "contact.all deal.read", "contact.write"):
        start(stage.oauth.asking(app, CHALLENGE, scope=scope), timeout=60)
    for scope in ("deal.write", "deal.all", "contact.read task.read"):
        request = stage.oauth.asking(app, CHALLENGE, scope=scope)
        assert refusal_of(start, request) == ("invalid_scope", CALLBACK)


def test_state_and_resources_are_bounded_together(stage: Scene, app: App) -> None:
    start, here = stage.oauth.authorizations.StartAuthorization, "https://a.example/"
    state = "x" * (4_096 - len(here))
    assert stage.oauth.start(app, CHALLENGE, state=state, resources=[here])
    assert stage.oauth.start(app, CHALLENGE, state="x" * 4_096), "as was promised"
    for changed in (
        {"state": f"{state}x", "resources": [here]},
        {"resources": [f"{here}{'x' * 2_000}{n}" for n in range(3)]},
    ):
        request = stage.oauth.asking(app, CHALLENGE, **changed)
        assert refusal_of(start, request) == ("invalid_request", CALLBACK)
