"""What was made by a token ends with it, by whichever way that one ends."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import Any

import asyncpg
import pytest
from prospectconnect.iam.v1 import apps_pb2, grants_pb2, own_tokens_pb2, sessions_pb2
from prospectconnect.iam.v1 import own_tokens_pb2_grpc as own_grpc

from services.iam import tenants, tokens
from services.iam.bearer import hash_of
from services.iam.descent import MOST_MAKERS
from services.iam.oauth import apps
from tests.client import Client, moment
from tests.end_to_end.conftest import OpenClient
from tests.harness.people.oauth import App, error_of, refresh, session
from tests.harness.people.oauth_scene import Scene
from tests.harness.promptly import within
from tests.world import Tenant, administer

SCOPES = ["contact.all", "token.all"]

Made = dict[str, Any]
Open = Callable[[str], Client]


def made_by(client: Client, **more: Any) -> Made:
    """A token that a client makes."""
    made: Made = client.create("/tokens", {"scopes": SCOPES, **more})
    return made


def ends_within_a_second(tenant: Tenant, secrets: Sequence[str]) -> None:
    """All tokens are refused everywhere, and were not when this began."""
    over = time.monotonic() + 1
    for secret in reversed(secrets):
        left = max(0.0, over - time.monotonic())
        assert within(left, partial(has_ended, tenant, secret))


def has_ended(tenant: Tenant, secret: str) -> bool:
    with closing(Client(tenant.stack.http, secret)) as client:
        return client.get("/me").status == 401


def by_api(tenant: Tenant, root: str, portal: Client) -> None:
    with closing(tenant.client(token=root)) as client:
        token_id = client.get("/me").json["token"]["id"]
    assert portal.delete(f"/tokens/{token_id}").status == 204


def by_command(tenant: Tenant, root: str, portal: Client) -> None:
    administer(tenant.stack.database_url, lambda d: tokens.revoke_token(d, root))


def by_deactivation(tenant: Tenant, root: str, portal: Client) -> None:
    email = tenant.email("owner")
    administer(
        tenant.stack.database_url,
        lambda database: tenants.deactivate_user(database, tenant.name, email),
    )


def by_itself(tenant: Tenant, root: str, portal: Client) -> None:
    with closing(tenant.client(token=root)) as client:
        token_id = client.get("/me").json["token"]["id"]
        assert client.delete(f"/tokens/{token_id}").status == 204


@pytest.mark.parametrize("end", [by_api, by_command, by_deactivation, by_itself])
def test_what_ends_a_token_ends_all_that_came_of_it(
    tenant: Tenant, open_client: OpenClient, end: Callable[[Tenant, str, Client], None]
) -> None:
    root, portal = tenant.token(SCOPES), open_client(tenant.token(SCOPES))
    child = made_by(open_client(root))
    grandchild = made_by(open_client(child["secret"]))
    beside = made_by(portal)
    secrets = [root, child["secret"], grandchild["secret"]]
    assert {open_client(each).get("/me").status for each in secrets} == {200}
    end(tenant, root, portal)
    ends_within_a_second(tenant, secrets)
    if end is by_deactivation:
        return
    assert open_client(beside["secret"]).get("/me").status == 200
    for each in (child, grandchild):
        path = f"/tokens/{each['id']}"
        assert [ask(path).status for ask in (portal.get, portal.delete)] == [404, 404]
    listed = {each["id"] for each in portal.pages("/tokens")}
    assert listed.isdisjoint({child["id"], grandchild["id"]})


def test_a_child_ends_without_its_maker(
    tenant: Tenant, open_client: OpenClient
) -> None:
    root = open_client(tenant.token(SCOPES))
    child = made_by(root)
    grandchild = made_by(open_client(child["secret"]))
    assert root.delete(f"/tokens/{child['id']}").status == 204
    ends_within_a_second(tenant, [child["secret"], grandchild["secret"]])
    assert root.get("/me").status == 200


def test_a_token_that_is_made_as_its_maker_ends_is_never_good(
    tenant: Tenant, open_client: OpenClient
) -> None:
    """The edge may still take the maker for good; the new token falls with it."""
    root = tenant.token(SCOPES)
    client = open_client(root)
    assert client.get("/me").status == 200
    by_command(tenant, root, client)
    answer = client.post("/tokens", {"scopes": SCOPES})
    if answer.status == 201:
        assert open_client(answer.json["secret"]).get("/me").status == 401
    else:
        assert answer.status == 401


def test_no_descendant_outlives_its_maker(
    tenant: Tenant, open_client: OpenClient
) -> None:
    root = open_client(tenant.token(SCOPES, expires_in=timedelta(hours=1)))
    end = root.get("/me").json["token"]["expires_at"]
    later = "2099-01-01T00:00:00Z"
    child = open_client(made_by(root, expires_at=later)["secret"])
    grandchild = made_by(child, expires_at=later)
    assert moment(grandchild["expires_at"]) == moment(end)


def test_a_chain_has_a_last_token(tenant: Tenant, open_client: OpenClient) -> None:
    last = open_client(tenant.token(SCOPES))
    for _ in range(MOST_MAKERS - 1):
        last = open_client(made_by(last)["secret"])
    for scopes in (SCOPES, ["contact.read", "token.write"]):
        answer = last.post("/tokens", {"scopes": scopes})
        assert (answer.status, answer.codes) == (422, {"scopes[1]": "invalid"})
    made = last.create("/tokens", {"scopes": ["contact.read", "token.read"]})
    assert open_client(made["secret"]).get("/me").status == 200


def test_what_a_session_makes_stays_when_the_user_logs_out(scene: Scene) -> None:
    own = own_grpc.OwnTokenServiceStub(scene.oauth.channel)
    who = session(scene.session)
    form = scene.oauth.account_form(scene.session)
    once = f"{int(time.time()):08x}" + "0" * 16
    asked = own_tokens_pb2.CreateOwnTokenRequest(
        form_token=form,
        once=once,
        name="Import",
        scopes=SCOPES,
    )
    made = own.CreateOwnToken(asked, metadata=who, timeout=60)
    leaving = sessions_pb2.LogOutRequest(form_token=form)
    scene.oauth.sessions.LogOut(leaving, metadata=who, timeout=60)
    assert scene.lives(made.secret)


def test_the_page_that_revokes_a_token_ends_what_came_of_it(
    scene: Scene, open_client: OpenClient
) -> None:
    root = scene.token(SCOPES)
    client = open_client(root)
    child = made_by(client)
    asked = own_tokens_pb2.RevokeOwnTokenRequest(
        form_token=scene.oauth.account_form(scene.session),
        id=client.get("/me").json["token"]["id"],
    )
    own = own_grpc.OwnTokenServiceStub(scene.oauth.channel)
    own.RevokeOwnToken(asked, metadata=session(scene.session), timeout=60)
    assert scene.dies(root, seconds=1)
    assert scene.dies(child["secret"], seconds=1)


async def execute(scene: Scene, sql: str, *values: Any) -> None:
    """Runs a statement on the scene's tenant."""
    link = await asyncpg.connect(scene.tenant.stack.database_url)
    try:
        await link.execute(sql, scene.tenant.business_id, *values)
    finally:
        await link.close()


# No app makes tokens. Were one let to, these would be the ways in which they end.

_PLANT = """
UPDATE tokens AS t SET makers = ARRAY[m.id] FROM tokens AS m
WHERE t.business_id = $1 AND t.hash = $2 AND m.business_id = $1 AND m.hash = $3
"""

End = Callable[[Scene, App, Any], None]


def revoked(scene: Scene, app: App, issued: Any) -> None:
    scene.oauth.revoke(app, issued.access_token)


def refresh_token_revoked(scene: Scene, app: App, issued: Any) -> None:
    scene.oauth.revoke(app, issued.refresh_token)


def reused(scene: Scene, app: App, issued: Any) -> None:
    scene.oauth.refresh(app, issued.refresh_token)
    again = refresh(app, issued.refresh_token)
    method = scene.oauth.endpoint.ExchangeRefreshToken
    assert error_of(method, again) == "invalid_grant"


def taken_back(scene: Scene, app: App, issued: Any) -> None:
    form = scene.oauth.account_form(scene.session)
    scene.oauth.grants.RevokeGrantedApp(
        grants_pb2.RevokeGrantedAppRequest(form_token=form, client_id=app.id),
        metadata=session(scene.session),
        timeout=60,
    )


def deleted_by_itself(scene: Scene, app: App, issued: Any) -> None:
    asked = apps_pb2.DeleteAppRequest(
        client_id=app.id, registration_access_token=app.registration
    )
    scene.oauth.apps.DeleteApp(asked, timeout=60)


def deleted_by_command(scene: Scene, app: App, issued: Any) -> None:
    url = scene.tenant.stack.database_url
    administer(url, lambda database: apps.delete_app(database, app.id))


@pytest.mark.parametrize(
    "end",
    [
        revoked,
        refresh_token_revoked,
        reused,
        taken_back,
        deleted_by_itself,
        deleted_by_command,
    ],
)
def test_what_ends_an_apps_token_would_end_what_came_of_it(
    stage: Scene, end: End
) -> None:
    app = stage.oauth.register()
    issued = stage.oauth.exchange(app, stage.oauth.grant(app, stage.session))
    child = stage.token(SCOPES)
    hashes = hash_of(child), hash_of(issued.access_token)
    asyncio.run(execute(stage, _PLANT, *hashes))
    assert stage.lives(child)
    end(stage, app, issued)
    assert stage.dies(child, seconds=1)
