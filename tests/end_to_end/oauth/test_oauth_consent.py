"""The user decides: what they are shown, that only they can, and how they go back."""

from prospectconnect.iam.v1 import authorizations_pb2, grants_pb2

from services.postgres.database import Database
from tests.harness.people.oauth import (
    CALLBACK,
    App,
    error_of,
    exchange,
    pkce,
    session,
)
from tests.harness.people.oauth_scene import Scene, add_user
from tests.harness.wire.grpc_calls import Refusal, bearer, refused
from tests.world import administer


def test_a_consent_tells_what_the_role_refuses(stage: Scene) -> None:
    email = f"viewer@v.{stage.tenant.name}.example"
    add_user(stage.tenant, email, "viewer")
    who, app = stage.oauth.log_in(email), stage.oauth.register()
    scope = "contact.all deal.read"
    shown = stage.oauth.authorization(
        stage.oauth.start(app, pkce()[1], scope=scope), who
    )
    assert (shown.app.name, shown.app.host) == ("Dialler", "app.example")
    assert shown.user.email == email
    assert list(shown.scopes) == scope.split()
    abilities = [(a.resource, a.action, a.refused_by_role) for a in shown.abilities]
    assert abilities == [
        ("contact", "read", False),
        ("contact", "write", True),
        ("contact", "delete", True),
        ("deal", "read", False),
    ]
    tokens = stage.oauth.exchange(app, stage.oauth.grant(app, who, scope=scope))
    client = stage.tenant.client(token=tokens.access_token)
    refusal = client.post("/contacts", {"email": "a@b.example"})
    assert (refusal.status, refusal.json["refused_by"]) == (403, "role")
    client.close()


def test_a_no_ends_the_request(stage: Scene) -> None:
    app = stage.oauth.register()
    request = stage.oauth.start(app, pkce()[1])
    shown = stage.oauth.authorization(request, stage.session)
    answer = {"request": request, "form_token": shown.form_token}
    denied = stage.oauth.authorizations.DenyAuthorization(
        authorizations_pb2.DenyAuthorizationRequest(**answer),
        metadata=session(stage.session),
        timeout=60,
    )
    assert (denied.redirect_uri, denied.state) == (CALLBACK, "xyz")
    assert stage.events()[0] == "denied"
    yes = authorizations_pb2.ApproveAuthorizationRequest(**answer)
    approve = stage.oauth.authorizations.ApproveAuthorization
    assert error_of(approve, yes, metadata=session(stage.session)) == "invalid_request"


def test_a_request_that_was_not_answered_in_time_ends(stage: Scene) -> None:
    app = stage.oauth.register()
    request = stage.oauth.start(app, pkce()[1])

    async def age(database: Database) -> None:
        sql = (
            "UPDATE authorization_requests SET expires_at = now() WHERE client_id = $1"
        )
        await database.run(sql, app.id)

    administer(stage.tenant.stack.database_url, age)
    question = authorizations_pb2.GetAuthorizationRequest(request=request)
    get = stage.oauth.authorizations.GetAuthorization
    assert error_of(get, question, metadata=session(stage.session)) == "invalid_request"


def test_a_form_counts_for_its_request_and_its_session_alone(stage: Scene) -> None:
    app = stage.oauth.register()
    one, other = (stage.oauth.start(app, pkce()[1]) for _ in range(2))
    token = stage.oauth.authorization(one, stage.session).form_token
    second = stage.oauth.log_in(stage.email)
    approve = stage.oauth.authorizations.ApproveAuthorization
    for request, form_token, who in (
        (other, token, stage.session),
        (one, token, second),
        (one, "x", stage.session),
        (one, stage.oauth.account_form(stage.session), stage.session),
    ):
        answer = authorizations_pb2.ApproveAuthorizationRequest(
            request=request, form_token=form_token
        )
        found = refused(approve, answer, metadata=session(who))
        assert found.reason == "FORM_INVALID"


def test_no_token_decides_for_its_user(stage: Scene) -> None:
    app = stage.oauth.register()
    request = stage.oauth.start(app, pkce()[1])
    shown = stage.oauth.authorization(request, stage.session)
    answer = authorizations_pb2.ApproveAuthorizationRequest(
        request=request, form_token=shown.form_token
    )
    tokens = stage.oauth.exchange(app, stage.oauth.grant(app, stage.session))
    for secret in (stage.tenant.tokens["owner"], tokens.access_token):
        for metadata in (bearer(secret), session(secret)):
            approve = stage.oauth.authorizations.ApproveAuthorization
            assert refused(approve, answer, metadata=metadata).reason == "TOKEN_INVALID"


def test_a_user_sees_and_takes_back_what_they_granted(scene: Scene) -> None:
    oauth = scene.oauth
    one, other = oauth.register(client_name="One"), oauth.register(client_name="Two")
    tokens = oauth.exchange(one, oauth.grant(one, scene.session))
    more = oauth.exchange(one, oauth.grant(one, scene.session, scope="deal.read"))
    kept = oauth.exchange(other, oauth.grant(other, scene.session))
    pending = oauth.grant(one, scene.session)
    oauth.grant(oauth.register(), scene.session)  # holds nothing yet
    shown = oauth.granted_apps(scene.session)
    assert [(each.app.name, list(each.scopes)) for each in shown] == [
        ("Two", ["contact.read", "contact.write"]),
        ("One", ["contact.read", "contact.write", "deal.read"]),
    ]
    take_back(scene, one)
    assert scene.dies(tokens.access_token, seconds=1)
    assert scene.dies(more.access_token, seconds=1)
    assert (
        error_of(oauth.endpoint.ExchangeCode, exchange(one, pending)) == "invalid_grant"
    )
    assert scene.lives(kept.access_token)
    assert [each.app.name for each in oauth.granted_apps(scene.session)] == ["Two"]
    assert refuse_taking_back(scene, one).reason == "NOT_FOUND"
    assert scene.events().count("app_revoked_by_user") == 1


def test_nobody_takes_back_what_another_user_granted(stage: Scene) -> None:
    app = stage.oauth.register()
    tokens = stage.oauth.exchange(app, stage.oauth.grant(app, stage.session))
    email = f"other@o.{stage.tenant.name}.example"
    add_user(stage.tenant, email)
    other = stage.oauth.log_in(email)
    assert refuse_taking_back(stage, app, other).reason == "NOT_FOUND"
    assert stage.lives(tokens.access_token)


def taking_back(scene: Scene, app: App, who: str) -> grants_pb2.RevokeGrantedAppRequest:
    return grants_pb2.RevokeGrantedAppRequest(
        client_id=app.id, form_token=scene.oauth.account_form(who)
    )


def take_back(scene: Scene, app: App) -> None:
    request = taking_back(scene, app, scene.session)
    metadata = session(scene.session)
    scene.oauth.grants.RevokeGrantedApp(request, metadata=metadata, timeout=60)


def refuse_taking_back(scene: Scene, app: App, who: str = "") -> Refusal:
    who = who or scene.session
    request = taking_back(scene, app, who)
    return refused(scene.oauth.grants.RevokeGrantedApp, request, metadata=session(who))
