"""Apps register themselves (RFC 7591) and keep their own registration (RFC 7592)."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from prospectconnect.iam.v1 import apps_pb2

from services.iam import audit
from services.postgres.database import Database
from tests import stacks
from tests.harness.people.oauth import CALLBACK, App, Oauth, error_of, pkce, refresh
from tests.harness.people.oauth_scene import Scene
from tests.harness.wire.grpc_calls import refused
from tests.world import administer

ALL_GRANTS = ["authorization_code", "refresh_token"]


def registering(**metadata: Any) -> apps_pb2.RegisterAppRequest:
    given = {"redirect_uris": [CALLBACK], **metadata}
    return apps_pb2.RegisterAppRequest(metadata=apps_pb2.AppMetadata(**given))


def own(app: App, **changed: Any) -> dict[str, Any]:
    """What names an app's own registration."""
    given = {"client_id": app.id, "registration_access_token": app.registration}
    return {**given, **changed}


def test_what_is_left_out_has_its_default(stage: Scene) -> None:
    answer = stage.oauth.apps.RegisterApp(registering(), timeout=60)
    metadata = answer.app.metadata
    assert metadata.client_name == "app.example"
    assert metadata.token_endpoint_auth_method == "client_secret_basic"
    assert list(metadata.grant_types) == ALL_GRANTS
    assert list(metadata.response_types) == ["code"]
    assert answer.client_secret.startswith("pck_")
    assert answer.registration_access_token.startswith("pcg_")


def test_an_app_reads_back_what_it_registered(stage: Scene) -> None:
    given = apps_pb2.AppMetadata(
        client_name="Größe 3 · Wähler",
        redirect_uris=[CALLBACK, "http://127.0.0.1/back", "com.example.app:/back"],
        token_endpoint_auth_method="none",
        grant_types=["authorization_code"],
        response_types=["code"],
        scope="contact.read deal.all",
        client_uri="https://app.example",
        logo_uri="https://app.example/logo.png",
        tos_uri="https://app.example/terms",
        policy_uri="https://app.example/privacy?lang=de",
        contacts=["dev@app.example"],
        software_id="4NRB1-0XZABZI9E6-5SM3R",
        software_version="1.2",
    )
    request = apps_pb2.RegisterAppRequest(metadata=given)
    answer = stage.oauth.apps.RegisterApp(request, timeout=60)
    assert answer.app.metadata == given
    assert answer.client_secret == ""
    named = apps_pb2.GetAppRequest(
        client_id=answer.app.id,
        registration_access_token=answer.registration_access_token,
    )
    assert stage.oauth.apps.GetApp(named, timeout=60) == answer.app


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": [CALLBACK] * 21}, "invalid_redirect_uri"),
        ({"redirect_uris": [CALLBACK, "http://a.example/"]}, "invalid_redirect_uri"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "\0"}, "invalid_client_metadata"),
        ({"grant_types": ["implicit"]}, "invalid_client_metadata"),
        ({"grant_types": ["refresh_token"]}, "invalid_client_metadata"),
        ({"grant_types": [*ALL_GRANTS, "password"]}, "invalid_client_metadata"),
        ({"grant_types": ["client_credentials"]}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
        ({"response_types": ["code", "id_token"]}, "invalid_client_metadata"),
        ({"scope": "everything"}, "invalid_client_metadata"),
        ({"scope": "token.all"}, "invalid_client_metadata"),
        ({"client_name": "x" * 101}, "invalid_client_metadata"),
        ({"client_name": "a\0b"}, "invalid_client_metadata"),
        ({"client_name": "a\nb"}, "invalid_client_metadata"),
        ({"client_name": "abc\u202egnp.exe"}, "invalid_client_metadata"),
        ({"client_name": "a\u200bb"}, "invalid_client_metadata"),
        ({"client_uri": "javascript:alert(1)"}, "invalid_client_metadata"),
        ({"client_uri": "com.example:/x"}, "invalid_client_metadata"),
        ({"logo_uri": "data:image/png,x"}, "invalid_client_metadata"),
        ({"tos_uri": "http://a.example/"}, "invalid_client_metadata"),
        ({"policy_uri": "https://a.example/#x"}, "invalid_client_metadata"),
        ({"contacts": ["a@b.example"] * 11}, "invalid_client_metadata"),
        ({"contacts": ["x" * 255]}, "invalid_client_metadata"),
        ({"software_id": "x" * 256}, "invalid_client_metadata"),
        ({"software_version": "\0"}, "invalid_client_metadata"),
    ],
)
def test_bad_metadata_registers_nothing(
    stage: Scene, metadata: dict[str, Any], error: str
) -> None:
    app = stage.oauth.register()
    assert error_of(stage.oauth.apps.RegisterApp, registering(**metadata)) == error
    given = {"redirect_uris": [CALLBACK], **metadata}
    update = apps_pb2.UpdateAppRequest(
        metadata=apps_pb2.AppMetadata(**given), **own(app)
    )
    assert error_of(stage.oauth.apps.UpdateApp, update) == error
    kept = stage.oauth.apps.GetApp(apps_pb2.GetAppRequest(**own(app)), timeout=60)
    assert kept.metadata.client_name == "Dialler"


@pytest.mark.parametrize(
    "changed",
    [
        {"registration_access_token": ""},
        {"registration_access_token": "x"},
        {"registration_access_token": "pcg_" + "0" * 39},
        {"client_id": "app_" + "0" * 24},
        {"client_id": "\0"},
        {"client_id": ""},
    ],
)
def test_a_registration_is_its_apps_own(stage: Scene, changed: dict[str, str]) -> None:
    app, other = stage.oauth.register(), stage.oauth.register()
    apps = stage.oauth.apps
    for named in (own(app, **changed), own(app, client_id=other.id)):
        get, delete = (
            apps_pb2.GetAppRequest(**named),
            apps_pb2.DeleteAppRequest(**named),
        )
        update = apps_pb2.UpdateAppRequest(
            metadata=apps_pb2.AppMetadata(redirect_uris=[CALLBACK]), **named
        )
        assert error_of(apps.GetApp, get) == "invalid_token"
        assert error_of(apps.UpdateApp, update) == "invalid_token"
        assert error_of(apps.DeleteApp, delete) == "invalid_token"
    for each in (app, other):
        assert apps.GetApp(apps_pb2.GetAppRequest(**own(each)), timeout=60)


def test_an_update_replaces_what_was_registered(stage: Scene) -> None:
    app = stage.oauth.register(scope="contact.read", client_uri="https://app.example")
    metadata = apps_pb2.AppMetadata(redirect_uris=["https://new.example/back"])
    update = apps_pb2.UpdateAppRequest(metadata=metadata, **own(app))
    answer = stage.oauth.apps.UpdateApp(update, timeout=60)
    assert answer.app.metadata.client_name == "new.example"
    assert not answer.app.metadata.client_uri
    assert answer.client_secret, "it became confidential"
    start = stage.oauth.authorizations.StartAuthorization
    old = stage.oauth.asking(app, pkce()[1])
    assert error_of(start, old) == "invalid_redirect_uri"
    update.client_secret = "x"
    assert error_of(stage.oauth.apps.UpdateApp, update) == "invalid_request"
    update.client_secret = answer.client_secret
    assert not stage.oauth.apps.UpdateApp(update, timeout=60).client_secret


def test_a_deleted_app_has_no_tokens(stage: Scene) -> None:
    app, kept = stage.oauth.register(), stage.oauth.register()
    tokens = stage.oauth.exchange(app, stage.oauth.grant(app, stage.session))
    others = stage.oauth.exchange(kept, stage.oauth.grant(kept, stage.session))
    request = stage.oauth.start(app, pkce()[1])
    delete = apps_pb2.DeleteAppRequest(**own(app))
    stage.oauth.apps.DeleteApp(delete, timeout=60)
    assert stage.dies(tokens.access_token, seconds=1)
    again = refresh(app, tokens.refresh_token)
    exchanging = stage.oauth.endpoint.ExchangeRefreshToken
    assert error_of(exchanging, again) == "invalid_client"
    with pytest.raises(grpc.RpcError):
        stage.oauth.authorization(request, stage.session)
    assert error_of(stage.oauth.apps.DeleteApp, delete) == "invalid_token"
    assert stage.lives(others.access_token)
    shown = {each.app.client_id for each in stage.oauth.granted_apps(stage.session)}
    assert app.id not in shown


def test_registrations_are_recorded_under_nobody(stage: Scene) -> None:
    app = stage.oauth.register()
    stage.oauth.apps.DeleteApp(apps_pb2.DeleteAppRequest(**own(app)), timeout=60)

    async def read(database: Database) -> list[str]:
        rows = await audit.read(database, audit.NOBODY, 0, 1_000)
        return [row[2] for row in rows if row[4] == app.id]

    events = administer(stage.tenant.stack.database_url, read)
    assert events == ["app_deleted", "app_registered"]


INITIAL = "initial-access-token-of-thirty-two-or-more"


@pytest.fixture(params=["closed", "token", "full"])
def bounded(request: pytest.FixtureRequest, database_url: str) -> Iterator[Any]:
    """The services with a bound on registration, and which it is."""
    env = {
        "closed": {"REGISTRATION": "closed"},
        "token": {"REGISTRATION": "token", "REGISTRATION_TOKEN": INITIAL},
        "full": {"REGISTRATIONS_PER_HOUR": "1"},
    }[request.param]
    env = {f"PROSPECTCONNECT_{name}": value for name, value in env.items()}
    with (
        stacks.running("together", database_url, env) as stack,
        grpc.insecure_channel(stack.grpc) as channel,
    ):
        yield request.param, Oauth(channel)


def test_registration_can_be_bounded(bounded: tuple[str, Oauth], stage: Scene) -> None:
    bound, oauth = bounded
    register = oauth.apps.RegisterApp
    if bound == "closed":
        assert error_of(register, registering()) == "access_denied"
    elif bound == "token":
        assert error_of(register, registering()) == "invalid_token"
        request = registering()
        request.initial_access_token = "x"
        assert error_of(register, request) == "invalid_token"
        request.initial_access_token = INITIAL
        assert register(request, timeout=60).app.id
    else:
        stage.oauth.register()
        assert refused(register, registering()).reason == "UNAVAILABLE"
