"""OAuth over HTTP, as apps and people use it: the whole way, in each topology."""

import re
import time
from urllib.parse import urlencode

import pytest

from tests.client import Client
from tests.harness.people.oauth import pkce
from tests.harness.people.oauth_scene import Scene
from tests.harness.people.person import Page, Person
from tests.harness.people.web_app import WebApp, ask, register, sent_back
from tests.harness.promptly import within

METHODS = ["none", "client_secret_basic", "client_secret_post"]


def status_of(app: WebApp, access_token: str) -> int:
    """The status of a call with a token."""
    client = Client(app.address, access_token)
    status = client.get("/me").status
    client.close()
    return status


@pytest.mark.parametrize("method", METHODS)
def test_an_app_gets_tokens_and_new_ones_and_gives_them_back(
    desk: Scene, person: Person, method: str
) -> None:
    app = register(desk.tenant.stack.http, token_endpoint_auth_method=method)
    verifier, challenge = pkce()
    told = sent_back(person.answer(person.open(app.target(challenge))))
    issuer = f"http://{app.address}"
    assert told == {"code": told["code"], "state": "x y&z", "iss": issuer}
    answer = app.exchange(told["code"], verifier)
    tokens = answer.json
    assert answer.headers["cache-control"] == "no-store"
    assert {name: tokens[name] for name in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": 3_600,
        "scope": "contact.read contact.write",
    }
    assert status_of(app, tokens["access_token"]) == 200
    again = app.refresh(tokens["refresh_token"]).json
    assert again.keys() == tokens.keys()
    assert status_of(app, again["access_token"]) == 200
    revoked = app.post("/oauth/revoke", {"token": again["refresh_token"]})
    assert (revoked.status, revoked.body) == (200, b"")
    for each in (tokens, again):
        ended = each["access_token"]
        assert within(1, lambda: status_of(app, ended) == 401)  # noqa: B023 - at once


def test_a_person_logs_in_once_and_is_asked_each_time(desk: Scene) -> None:
    app = register(desk.tenant.stack.http)
    person = Person(app.address)
    page = person.log_in(desk.email, app.target(pkce()[1]))
    sent_back(person.answer(page))
    for _ in range(2):
        page = person.open(app.target(pkce()[1]))
        assert isinstance(page, Page)
        assert page.path.startswith("/oauth/consent?"), "no app is let in unasked"
        sent_back(person.answer(page))


def test_a_person_says_no(desk: Scene, person: Person) -> None:
    app = register(desk.tenant.stack.http)
    told = sent_back(person.answer(person.open(app.target(pkce()[1])), "deny"))
    issuer = f"http://{app.address}"
    assert told == {"error": "access_denied", "state": "x y&z", "iss": issuer}


def test_an_app_without_a_state_gets_none(desk: Scene, person: Person) -> None:
    app = register(desk.tenant.stack.http)
    told = sent_back(person.answer(person.open(app.target(pkce()[1], state=""))))
    assert told.keys() == {"code", "iss"}


@pytest.mark.parametrize(
    ("registered", "given"),
    [
        ("http://127.0.0.1/back", "http://127.0.0.1:51004/back"),
        ("http://[::1]:8000/back?a=b", "http://[::1]:9000/back?a=b"),
        ("http://localhost/back", "http://localhost:3000/back"),
        ("com.example.app:/back", "com.example.app:/back"),
        ("https://app.example/back?tenant=1&x=%20", ""),
    ],
)
def test_the_answer_goes_where_the_app_registered(
    desk: Scene, person: Person, registered: str, given: str
) -> None:
    app = register(desk.tenant.stack.http, redirect_uris=[registered])
    verifier, challenge = pkce()
    target = app.target(challenge, redirect_uri=given)
    sent = person.answer(person.open(target))
    back = given or registered
    assert sent.location.startswith(back + ("&" if "?" in back else "?"))
    code = sent.told["code"]
    assert app.exchange(code, verifier, redirect_uri=back).status == 200


def test_resources_of_this_server_are_taken(desk: Scene, person: Person) -> None:
    kind = {"token_endpoint_auth_method": "client_secret_post"}
    app = register(desk.tenant.stack.http, **kind)
    verifier, challenge = pkce()
    ours = f"http://{app.address}/v1"
    more = urlencode({"resource": f"http://{app.address}"})
    target = f"{app.target(challenge, resource=ours)}&{more}"
    code = sent_back(person.answer(person.open(target)))["code"]
    tokens = app.exchange(code, verifier, resource=ours).json
    told = app.post("/oauth/introspect", {"token": tokens["access_token"]}).json
    assert told["aud"] == [ours, f"http://{app.address}"]
    assert (told["active"], told["iss"]) == (True, f"http://{app.address}")
    assert (told["client_id"], told["username"]) == (app.id, desk.email)
    assert told["exp"] - told["iat"] == 3_600
    other = app.refresh(tokens["refresh_token"], resource=f"http://{app.address}/v2")
    assert (other.status, other.json["error"]) == (400, "invalid_target")
    assert app.refresh(tokens["refresh_token"], resource=ours).status == 200


def test_of_a_token_that_is_not_its_own_an_app_learns_nothing(
    desk: Scene, person: Person
) -> None:
    kind = {"token_endpoint_auth_method": "client_secret_basic"}
    one, other = (register(desk.tenant.stack.http, **kind) for _ in range(2))
    tokens = one.tokens(person)
    for token in (tokens["access_token"], tokens["refresh_token"], "x"):
        answer = other.post("/oauth/introspect", {"token": token})
        assert answer.json == {"active": False}


def test_an_app_keeps_its_registration(desk: Scene) -> None:
    method = "client_secret_post"
    app = register(desk.tenant.stack.http, token_endpoint_auth_method=method)
    shown = app.own("GET").json
    assert shown["registration_access_token"] == app.registration
    where = f"http://{app.address}/oauth/register/{app.id}"
    assert shown["registration_client_uri"] == where
    assert "client_secret" not in shown
    body = {
        "client_id": app.id,
        "client_secret": app.secret,
        "client_name": "Caller",
        "redirect_uris": ["https://new.example/back"],
        "token_endpoint_auth_method": method,
        "logo_uri": None,
        "application_type": "web",
    }
    changed = app.own("PUT", body)
    assert changed.status == 200, changed.body
    assert changed.json["client_name"] == "Caller"
    assert changed.json["client_secret_expires_at"] == 0
    gone = app.own("DELETE")
    assert (gone.status, gone.body) == (204, b"")
    assert app.own("GET").status == 401


def test_a_registration_tells_all_that_holds(desk: Scene) -> None:
    answer = ask(
        desk.tenant.stack.http,
        "POST",
        "/oauth/register",
        b'{"redirect_uris": ["https://a.example/b"], "unknown": {"x": [1]}}',
        {"content-type": "application/json; charset=utf-8"},
    )
    assert answer.status == 201
    made = answer.json
    assert re.fullmatch("app_[0-9a-f]{24}", made["client_id"])
    assert made["client_secret"]
    assert made["client_secret_expires_at"] == 0
    assert made["client_id_issued_at"] <= time.time()
    assert made["token_endpoint_auth_method"] == "client_secret_basic"
    assert made["grant_types"] == ["authorization_code", "refresh_token"]
    assert made["response_types"] == ["code"]
    assert made["redirect_uris"] == ["https://a.example/b"]
    assert "unknown" not in made


def test_an_app_of_a_browser_may_call_from_anywhere(desk: Scene) -> None:
    address = desk.tenant.stack.http
    origin = {"origin": "https://spa.example"}
    wanted = {
        **origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }
    for path in ("/oauth/token", "/oauth/revoke", "/oauth/register"):
        answer = ask(address, "OPTIONS", path, headers=wanted)
        assert answer.status == 204
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "POST" in answer.headers["access-control-allow-methods"]
        assert "Authorization" in answer.headers["access-control-allow-headers"]
        refused = ask(address, "POST", path, b"", origin)
        assert refused.status >= 400
        assert refused.headers["access-control-allow-origin"] == "*"
    metadata = "/.well-known/oauth-authorization-server"
    answer = ask(address, "GET", metadata, headers=origin)
    assert answer.headers["access-control-allow-origin"] == "*"
    for path in ("/oauth/authorize", "/oauth/login", "/oauth/consent", "/account/apps"):
        answer = ask(address, "GET", path, headers=origin)
        assert "access-control-allow-origin" not in answer.headers
        assert ask(address, "OPTIONS", path, headers=wanted).status == 405
