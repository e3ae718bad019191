"""What the token endpoint refuses: with the RFC's error, and no token is left behind.

A code that is shown wrongly is good for nothing afterwards.
"""

import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

import pytest
from prospectconnect.iam.v1 import token_endpoint_pb2

from services.iam import tenants
from services.postgres.database import Database
from tests.harness.people.oauth import (
    CALLBACK,
    App,
    Granted,
    error_of,
    exchange,
    pkce,
    refresh,
)
from tests.harness.people.oauth_scene import Scene, add_user
from tests.world import administer

CHALLENGE = pkce()[1]
UNKNOWN_APP = "app_" + "0" * 24


@pytest.fixture
def app(stage: Scene) -> App:
    """A public app."""
    return stage.oauth.register()


@pytest.fixture
def confidential(stage: Scene) -> App:
    """An app with a secret."""
    return stage.oauth.register(token_endpoint_auth_method="client_secret_basic")


def secret_of(prefix: str) -> str:
    """A well-formed secret that nobody made."""
    return prefix + "0" * 50 + "000000"


BASIC = "client_secret_basic"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": pkce()[0]}, "invalid_grant"),
        ({"redirect_uri": "https://app.example/other"}, "invalid_grant"),
        ({"redirect_uri": f"{CALLBACK}/"}, "invalid_grant"),
        ({"redirect_uri": "https://app.example/callback\0"}, "invalid_request"),
        ({"resources": ["https://elsewhere.example/v1"]}, "invalid_target"),
    ],
)
def test_a_code_shown_wrongly_is_spent(
    stage: Scene, app: App, changed: dict[str, Any], error: str
) -> None:
    granted = stage.oauth.grant(app, stage.session, resources=["https://a.example/v1"])
    request = exchange(app, granted, **changed)
    assert error_of(stage.oauth.endpoint.ExchangeCode, request) == error
    if error == "invalid_request":  # it was not looked at
        return
    right = exchange(app, granted)
    assert error_of(stage.oauth.endpoint.ExchangeCode, right) == "invalid_grant"
    assert issued_to(stage, app) == 0


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": ""}, "invalid_request"),
        ({"code_verifier": "a" * 42}, "invalid_request"),
        ({"code_verifier": "a" * 129}, "invalid_request"),
        ({"code_verifier": "a" * 42 + "!"}, "invalid_request"),
        ({"code_verifier": "a" * 42 + "\0"}, "invalid_request"),
        ({"code": ""}, "invalid_request"),
        ({"code": "x"}, "invalid_grant"),
        ({"code": "\0"}, "invalid_grant"),
        ({"code": secret_of("pcc_")}, "invalid_grant"),
        ({"code": secret_of("pcr_")}, "invalid_grant"),
        ({"code": "x" * 1_000_000}, "invalid_grant"),
        ({"client": {"client_id": ""}}, "invalid_client"),
        ({"client": {"client_id": UNKNOWN_APP}}, "invalid_client"),
        ({"client": {"client_id": "\0"}}, "invalid_client"),
        ({"client": {"client_secret": "x"}}, "invalid_client"),
        ({"client": {"client_secret": "x", "method": BASIC}}, "invalid_client"),
        ({"client": {"method": BASIC}}, "invalid_client"),
        ({"client": {"method": ""}}, "invalid_client"),
    ],
)
def test_a_code_that_nobody_looked_at_stays_good(
    stage: Scene, app: App, changed: dict[str, Any], error: str
) -> None:
    granted = stage.oauth.grant(app, stage.session)
    if "client" in changed:
        changed = {"client": app.credentials(**changed["client"])}
    request = exchange(app, granted, **changed)
    assert error_of(stage.oauth.endpoint.ExchangeCode, request) == error
    assert issued_to(stage, app) == 0
    tokens = stage.oauth.exchange(app, granted)
    stage.oauth.revoke(app, tokens.refresh_token)


@pytest.mark.parametrize(
    "changed",
    [
        {"client_secret": ""},
        {"client_secret": "", "method": "none"},
        {"method": "client_secret_post"},
        {"client_secret": "pck_" + "0" * 39},
        {"client_secret": "\0"},
    ],
)
def test_an_app_with_a_secret_proves_itself_as_it_registered_to(
    stage: Scene, confidential: App, changed: dict[str, str]
) -> None:
    endpoint = stage.oauth.endpoint
    granted = stage.oauth.grant(confidential, stage.session)
    tokens = stage.oauth.exchange(confidential, granted)
    client = confidential.credentials(**changed)
    calls = [
        (endpoint.ExchangeCode, exchange(confidential, granted, client=client)),
        (
            endpoint.ExchangeRefreshToken,
            refresh(confidential, tokens.refresh_token, client=client),
        ),
        (
            endpoint.RevokeIssuedToken,
            token_endpoint_pb2.RevokeIssuedTokenRequest(
                client=client, token=tokens.access_token
            ),
        ),
        (
            endpoint.IntrospectIssuedToken,
            token_endpoint_pb2.IntrospectIssuedTokenRequest(
                client=client, token=tokens.access_token
            ),
        ),
    ]
    for method, request in calls:
        assert error_of(method, request) == "invalid_client"
    assert stage.lives(tokens.access_token)


def test_a_verifier_of_another_form_is_refused_even_where_it_matches(
    stage: Scene, app: App
) -> None:
    for verifier in ("a" * 42, "a" * 129, "ä" * 43, "a" * 42 + "+"):
        digest = sha256(verifier.encode()).digest()
        challenge = urlsafe_b64encode(digest).decode().rstrip("=")
        request = stage.oauth.start(app, challenge)
        granted = Granted(stage.oauth.approve(request, stage.session).code, verifier)
        asking = exchange(app, granted)
        error = error_of(stage.oauth.endpoint.ExchangeCode, asking)
        assert error == "invalid_request"


def test_another_app_gets_nothing_for_a_code(stage: Scene, confidential: App) -> None:
    app = stage.oauth.register()
    granted = stage.oauth.grant(app, stage.session)
    stolen = exchange(confidential, granted)
    assert error_of(stage.oauth.endpoint.ExchangeCode, stolen) == "invalid_grant"
    own = exchange(app, granted)
    assert error_of(stage.oauth.endpoint.ExchangeCode, own) == "invalid_grant"
    assert issued_to(stage, app) == 0


@pytest.mark.parametrize("table", ["authorization_codes", "refresh_tokens"])
def test_what_has_expired_is_refused(stage: Scene, table: str) -> None:
    app = stage.oauth.register()
    granted = stage.oauth.grant(app, stage.session)
    call: tuple[Any, Any] = stage.oauth.endpoint.ExchangeCode, exchange(app, granted)
    if table == "refresh_tokens":
        tokens = stage.oauth.exchange(app, granted)
        request = refresh(app, tokens.refresh_token)
        call = stage.oauth.endpoint.ExchangeRefreshToken, request
    age(stage, table)
    assert error_of(*call) == "invalid_grant"


def test_a_user_who_is_gone_gives_nothing(stage: Scene) -> None:
    email = f"{secrets.token_hex(4)}@{stage.tenant.name}.example"
    add_user(stage.tenant, email)
    who, app = stage.oauth.log_in(email), stage.oauth.register()
    granted = stage.oauth.grant(app, who)
    tokens = stage.oauth.exchange(app, stage.oauth.grant(app, who))
    administer(
        stage.tenant.stack.database_url,
        lambda database: tenants.deactivate_user(database, stage.tenant.name, email),
    )
    endpoint = stage.oauth.endpoint
    code, again = exchange(app, granted), refresh(app, tokens.refresh_token)
    assert error_of(endpoint.ExchangeCode, code) == "invalid_grant"
    assert error_of(endpoint.ExchangeRefreshToken, again) == "invalid_grant"
    assert stage.dies(tokens.access_token)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"refresh_token": ""}, "invalid_request"),
        ({"refresh_token": "x"}, "invalid_grant"),
        ({"refresh_token": secret_of("pcr_")}, "invalid_grant"),
        ({"refresh_token": secret_of("pcc_")}, "invalid_grant"),
        ({"scope": "contact.delete"}, "invalid_scope"),
        ({"scope": "contact.all"}, "invalid_scope"),
        ({"scope": "contact.read deal.read"}, "invalid_scope"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"scope": "token.all"}, "invalid_scope"),
        ({"resources": ["https://elsewhere.example/v1"]}, "invalid_target"),
        ({"client": {"client_id": UNKNOWN_APP}}, "invalid_client"),
        ({"client": {"client_secret": "x"}}, "invalid_client"),
    ],
)
def test_a_refresh_token_that_is_asked_too_much_of_stays_good(
    stage: Scene, app: App, changed: dict[str, Any], error: str
) -> None:
    resource = ["https://a.example/v1"]
    granted = stage.oauth.grant(app, stage.session, resources=resource)
    tokens = stage.oauth.exchange(app, granted)
    if "client" in changed:
        changed = {"client": app.credentials(**changed["client"])}
    request = refresh(app, tokens.refresh_token, **changed)
    assert error_of(stage.oauth.endpoint.ExchangeRefreshToken, request) == error
    again = stage.oauth.refresh(app, tokens.refresh_token, resources=resource)
    stage.oauth.revoke(app, again.refresh_token)


def test_another_app_gets_nothing_for_a_refresh_token(
    stage: Scene, app: App, confidential: App
) -> None:
    tokens = stage.oauth.exchange(app, stage.oauth.grant(app, stage.session))
    stolen = refresh(confidential, tokens.refresh_token)
    endpoint = stage.oauth.endpoint
    assert error_of(endpoint.ExchangeRefreshToken, stolen) == "invalid_grant"
    assert stage.oauth.refresh(app, tokens.refresh_token).access_token


def test_an_app_that_registered_for_no_refresh_token_gets_none(stage: Scene) -> None:
    app = stage.oauth.register(grant_types=["authorization_code"])
    tokens = stage.oauth.exchange(app, stage.oauth.grant(app, stage.session))
    assert tokens.refresh_token == ""
    request = refresh(app, secret_of("pcr_"))
    error = error_of(stage.oauth.endpoint.ExchangeRefreshToken, request)
    assert error == "unauthorized_client"


def issued_to(scene: Scene, app: App) -> int:
    """How many tokens of an app there are."""
    sql = "SELECT count(*) FROM tokens WHERE business_id = $1 AND client_id = $2"

    async def count(database: Database) -> int:
        rows = await database.rows(sql, scene.tenant.business_id, app.id)
        return int(rows[0][0])

    return administer(scene.tenant.stack.database_url, count)


def age(scene: Scene, table: str) -> None:
    """Lets what is in a table of the tenant have expired a second ago."""
    sql = f"""
    UPDATE {table} SET expires_at = now() - interval '1 second' WHERE business_id = $1
    """
    administer(
        scene.tenant.stack.database_url,
        lambda database: database.run(sql, scene.tenant.business_id),
    )
