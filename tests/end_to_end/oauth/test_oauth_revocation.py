"""Revocation (RFC 7009) and introspection (RFC 7662): of one's own tokens alone."""

import pytest

from tests.harness.people.oauth import (
    error_of,
    refresh,
)
from tests.harness.people.oauth_scene import Scene


def test_revoking_an_access_token_leaves_the_refresh_token(stage: Scene) -> None:
    app = stage.oauth.register()
    tokens = stage.oauth.exchange(app, stage.oauth.grant(app, stage.session))
    stage.oauth.revoke(app, tokens.access_token)
    assert stage.dies(tokens.access_token, seconds=1)
    assert stage.lives(stage.oauth.refresh(app, tokens.refresh_token).access_token)


@pytest.mark.parametrize("which", ["current", "spent"])
def test_revoking_a_refresh_token_ends_its_access_tokens(
    stage: Scene, which: str
) -> None:
    app = stage.oauth.register()
    first = stage.oauth.exchange(app, stage.oauth.grant(app, stage.session))
    second = stage.oauth.refresh(app, first.refresh_token)
    token = {"current": second, "spent": first}[which].refresh_token
    stage.oauth.revoke(app, token)
    assert stage.dies(first.access_token, seconds=1)
    assert stage.dies(second.access_token, seconds=1)
    again = refresh(app, second.refresh_token)
    assert error_of(stage.oauth.endpoint.ExchangeRefreshToken, again) == "invalid_grant"
    stage.oauth.revoke(app, token)


def test_an_app_revokes_none_of_another(stage: Scene) -> None:
    app, other = stage.oauth.register(), stage.oauth.register()
    tokens = stage.oauth.exchange(app, stage.oauth.grant(app, stage.session))
    for token in (tokens.access_token, tokens.refresh_token):
        with pytest.raises(Exception, match="another app's"):
            stage.oauth.revoke(other, token)
    assert stage.lives(tokens.access_token)
    assert stage.oauth.refresh(app, tokens.refresh_token).access_token
    for nonsense in ("x", "pca_" + "0" * 56, stage.tenant.tokens["owner"]):
        stage.oauth.revoke(app, nonsense)
    assert stage.lives(stage.tenant.tokens["owner"])


def test_an_app_learns_of_its_own_tokens_alone(stage: Scene) -> None:
    kind = {"token_endpoint_auth_method": "client_secret_post"}
    app, other = (stage.oauth.register(**kind) for _ in range(2))
    resource = ["https://api.example/v1"]
    granted = stage.oauth.grant(app, stage.session, resources=resource)
    tokens = stage.oauth.exchange(app, granted)
    told = stage.oauth.introspect(app, tokens.access_token)
    assert told.active
    assert told.scope == tokens.scope
    assert told.client_id == app.id
    assert told.token_type == "Bearer"
    assert told.username == stage.email
    assert told.business_id == stage.tenant.business_id
    assert told.expires_at.seconds - told.issued_at.seconds == 3_600
    assert list(told.resources) == resource
    told = stage.oauth.introspect(app, tokens.refresh_token)
    assert (told.active, told.token_type) == (True, "refresh_token")
    strangers = (stage.tenant.tokens["owner"], stage.session, "x", "pcr_" + "0" * 56)
    for token in (tokens.access_token, tokens.refresh_token):
        assert not stage.oauth.introspect(other, token).ListFields()
    for token in (*strangers, granted.code):
        assert not stage.oauth.introspect(app, token).ListFields()
    stage.oauth.revoke(app, tokens.refresh_token)
    for token in (tokens.access_token, tokens.refresh_token):
        assert not stage.oauth.introspect(app, token).ListFields()
