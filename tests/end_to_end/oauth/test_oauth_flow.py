"""OAuth over gRPC, as the edge uses it: from an app's question to its tokens."""

import pytest

from tests.harness.people.oauth import (
    CALLBACK,
    Granted,
    error_of,
    exchange,
    pkce,
    refresh,
)
from tests.harness.people.oauth_scene import Scene


def test_an_app_gets_what_its_user_grants(scene: Scene) -> None:
    app = scene.oauth.register()
    tokens = scene.oauth.exchange(app, scene.oauth.grant(app, scene.session))
    assert tokens.scope == "contact.read contact.write"
    assert tokens.expires_in == 3_600
    client = scene.tenant.client(token=tokens.access_token)
    me = client.get("/me").json
    assert me["user"]["email"] == scene.email
    assert me["token"]["kind"] == "oauth"
    assert me["token"]["client_id"] == app.id
    assert me["permissions"] == ["contact.read", "contact.write"]
    contact = client.create("/contacts", {"email": "a@b.example"})
    refusal = client.delete(f"/contacts/{contact['id']}")
    assert (refusal.status, refusal.json["refused_by"]) == (403, "scope")
    client.close()


def test_a_refresh_takes_the_place_of_what_was_before(scene: Scene) -> None:
    app = scene.oauth.register()
    first = scene.oauth.exchange(app, scene.oauth.grant(app, scene.session))
    second = scene.oauth.refresh(app, first.refresh_token)
    third = scene.oauth.refresh(app, second.refresh_token)
    refreshed = {each.refresh_token for each in (first, second, third)}
    assert len(refreshed) == 3
    assert all(scene.lives(each.access_token) for each in (first, second, third))


def test_a_second_use_of_a_code_ends_what_came_of_the_first(stage: Scene) -> None:
    app = stage.oauth.register()
    granted = stage.oauth.grant(app, stage.session)
    first = stage.oauth.exchange(app, granted)
    later = stage.oauth.refresh(app, first.refresh_token)
    assert (
        error_of(stage.oauth.endpoint.ExchangeCode, exchange(app, granted))
        == "invalid_grant"
    )
    assert stage.dies(first.access_token)
    assert stage.dies(later.access_token)
    again = refresh(app, later.refresh_token)
    assert error_of(stage.oauth.endpoint.ExchangeRefreshToken, again) == "invalid_grant"
    assert stage.events()[0] == "code_reused"


def test_a_second_use_of_a_refresh_token_ends_the_family(stage: Scene) -> None:
    app = stage.oauth.register()
    first = stage.oauth.exchange(app, stage.oauth.grant(app, stage.session))
    other = stage.oauth.exchange(app, stage.oauth.grant(app, stage.session))
    second = stage.oauth.refresh(app, first.refresh_token)
    third = stage.oauth.refresh(app, second.refresh_token)
    old = refresh(app, first.refresh_token)
    assert error_of(stage.oauth.endpoint.ExchangeRefreshToken, old) == "invalid_grant"
    assert stage.events()[0] == "refresh_token_reused"
    for tokens in (first, second, third):
        assert stage.dies(tokens.access_token)
        again = refresh(app, tokens.refresh_token)
        assert (
            error_of(stage.oauth.endpoint.ExchangeRefreshToken, again)
            == "invalid_grant"
        )
    assert stage.lives(other.access_token), "another authorization is another family"
    assert stage.oauth.refresh(app, other.refresh_token).access_token


def test_a_refresh_may_ask_for_less_and_then_for_all_again(stage: Scene) -> None:
    app = stage.oauth.register()
    granted = stage.oauth.grant(app, stage.session, scope="contact.all deal.read")
    first = stage.oauth.exchange(app, granted)
    assert first.scope == "contact.all deal.read"
    second = stage.oauth.refresh(app, first.refresh_token, scope="contact.read")
    assert second.scope == "contact.read"
    assert stage.oauth.refresh(app, second.refresh_token).scope == first.scope


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_an_app_with_a_secret_goes_the_same_way(stage: Scene, method: str) -> None:
    app = stage.oauth.register(token_endpoint_auth_method=method)
    assert app.secret
    tokens = stage.oauth.exchange(app, stage.oauth.grant(app, stage.session))
    assert stage.lives(stage.oauth.refresh(app, tokens.refresh_token).access_token)


@pytest.mark.parametrize(
    ("registered", "given"),
    [
        ("http://127.0.0.1/back", "http://127.0.0.1:51004/back"),
        ("http://127.0.0.1:8000/back", "http://127.0.0.1:9000/back"),
        ("http://[::1]:8000/back?a=b", "http://[::1]:9000/back?a=b"),
        ("http://localhost/back", "http://localhost:3000/back"),
        ("com.example.app:/back", "com.example.app:/back"),
        ("https://app.example/back?tenant=1", "https://app.example/back?tenant=1"),
    ],
)
def test_a_code_goes_where_the_app_registered(
    stage: Scene, registered: str, given: str
) -> None:
    app = stage.oauth.register(redirect_uris=[registered])
    verifier, challenge = pkce()
    request = stage.oauth.start(app, challenge, redirect_uri=given)
    approved = stage.oauth.approve(request, stage.session)
    assert approved.redirect_uri == given
    assert approved.state == "xyz"
    granted = Granted(approved.code, verifier)
    assert stage.oauth.exchange(app, granted, redirect_uri=given).access_token


def test_an_app_of_one_uri_need_not_name_it(stage: Scene) -> None:
    app = stage.oauth.register()
    verifier, challenge = pkce()
    request = stage.oauth.start(app, challenge, redirect_uri="", state="")
    approved = stage.oauth.approve(request, stage.session)
    assert (approved.redirect_uri, approved.state) == (CALLBACK, "")
    granted = Granted(approved.code, verifier)
    assert stage.oauth.exchange(app, granted, redirect_uri="").access_token


@pytest.mark.parametrize(
    ("registered", "scope"),
    [
        (
            "",
            "contact.read company.read deal.read task.read note.read activity.read"
            " schema.read record.read booking.read schedule.read consent.read"
            " report.read template.read meeting_type.read topic.read change.read",
        ),
        ("deal.all contact.read", "deal.all contact.read"),
    ],
)
def test_an_app_that_asks_for_no_scope_asks_for_its_own(
    stage: Scene, registered: str, scope: str
) -> None:
    app = stage.oauth.register(scope=registered)
    granted = stage.oauth.grant(app, stage.session, scope="")
    assert stage.oauth.exchange(app, granted).scope == scope
