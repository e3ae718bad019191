"""An app makes a sandbox for its user: what it may copy, and when its token ends."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from prospectconnect.iam.v1 import apps_pb2, grants_pb2

from services.iam import tenants
from tests.client import Client
from tests.end_to_end.sandboxes.boxes import inside
from tests.harness.people.oauth import App, session
from tests.harness.people.oauth_scene import Scene, add_user
from tests.harness.promptly import within
from tests.world import administer

SCOPES = "sandbox.read sandbox.write sandbox.delete schema.read deal.read"
NOTHING = {"name": "Of an app", "copy": "nothing"}


@dataclass(frozen=True, slots=True)
class Granted:
    """An app, its tokens, and a client that calls with the access token."""

    app: App
    tokens: Any
    client: Client


@contextmanager
def granted(scene: Scene, scope: str, who: str = "") -> Iterator[Granted]:
    """An app to which a user has granted scopes."""
    kind = {"token_endpoint_auth_method": "client_secret_post"}
    app = scene.oauth.register(scope=scope, **kind)
    code = scene.oauth.grant(app, who or scene.session, scope=scope)
    tokens = scene.oauth.exchange(app, code)
    with closing(scene.tenant.client(token=tokens.access_token)) as client:
        yield Granted(app, tokens, client)


def refused_by(client: Client, body: Any) -> tuple[int, str, str]:
    answer = client.post("/sandboxes", body)
    return answer.status, answer.json["refused_by"], answer.json["required"]


def test_an_app_copies_only_what_its_scopes_and_its_users_role_let_it_read(
    stage: Scene,
) -> None:
    schema = {"name": "A", "copy": "schema"}
    with granted(stage, "contact.read schema.read deal.read") as its:
        assert refused_by(its.client, NOTHING) == (403, "scope", "sandbox.write")
    with granted(stage, "sandbox.write deal.read") as its:
        assert refused_by(its.client, schema) == (403, "scope", "schema.read")
        sample = {"name": "A", "copy": "schema_and_sample"}
        assert its.client.post("/sandboxes", sample).status == 403
        made = its.client.create("/sandboxes", NOTHING)
        path = f"/sandboxes/{made['id']}"
        assert its.client.delete(path).status == 403, "that is a scope of its own"
        fault = {"answer": 500, "for_requests": 1}
        assert its.client.post(f"{path}/faults", fault).status == 200
    with granted(stage, SCOPES) as its:
        assert its.client.delete(path).status == 204
        made = its.client.create("/sandboxes", schema)
        assert its.client.delete(f"/sandboxes/{made['id']}").status == 204
    email = f"seller@{stage.tenant.name}.example"
    add_user(stage.tenant, email, "member")
    with granted(stage, f"{SCOPES} contact.read", stage.oauth.log_in(email)) as its:
        answer = its.client.post("/sandboxes", NOTHING)
        assert answer.status == 403, "no app has more than its user"
        assert its.client.post("/sandboxes/search", {}).status == 403


def test_a_token_in_a_sandbox_ends_no_later_than_the_token_of_the_app(
    stage: Scene,
) -> None:
    with granted(stage, SCOPES) as its:
        made = its.client.create("/sandboxes", {**NOTHING, "expires_in_days": 30})
        live = stage.oauth.introspect(its.app, its.tokens.access_token)
        with inside(its.client, made) as box:
            token = box.get("/me").json["token"]
            assert token["expires_at"] < made["expires_at"]
            ends = live.expires_at.ToJsonString()[:19]
            assert token["expires_at"][:19] == ends
            longer = {"scopes": ["contact.read"], "expires_at": made["expires_at"]}
            more = box.create("/tokens", longer)
            assert more["expires_at"][:19] == ends, "nor what it makes"
        assert its.client.delete(f"/sandboxes/{made['id']}").status == 204


def revoke(scene: Scene, its: Granted, _: Any) -> None:
    scene.oauth.revoke(its.app, its.tokens.access_token)


def revoke_all(scene: Scene, its: Granted, _: Any) -> None:
    scene.oauth.revoke(its.app, its.tokens.refresh_token)


def end_access(scene: Scene, its: Granted, _: Any) -> None:
    request = grants_pb2.RevokeGrantedAppRequest(
        client_id=its.app.id, form_token=scene.oauth.account_form(scene.session)
    )
    who = session(scene.session)
    scene.oauth.grants.RevokeGrantedApp(request, metadata=who, timeout=60)


def delete_app(scene: Scene, its: Granted, _: Any) -> None:
    request = apps_pb2.DeleteAppRequest(
        client_id=its.app.id, registration_access_token=its.app.registration
    )
    scene.oauth.apps.DeleteApp(request, timeout=60)


def delete_sandbox(_: Scene, its: Granted, sandbox: Any) -> None:
    assert its.client.delete(f"/sandboxes/{sandbox['id']}").status == 204


def deactivate(scene: Scene, _: Granted, __: Any) -> None:
    tenant = scene.tenant
    administer(
        tenant.stack.database_url,
        lambda database: tenants.deactivate_user(database, tenant.name, scene.email),
    )


@pytest.mark.parametrize(
    "end", [revoke, revoke_all, end_access, delete_app, delete_sandbox, deactivate]
)
def test_a_token_of_an_app_in_a_sandbox_ends_with(
    scene: Scene, end: Callable[[Scene, Granted, Any], None]
) -> None:
    """So do the tokens that were made with it. Another user's sandbox goes on."""
    with closing(scene.tenant.client()) as owner, granted(scene, SCOPES) as its:
        other = owner.create("/sandboxes", NOTHING)
        made = its.client.create("/sandboxes", NOTHING)
        with inside(owner, made) as box, inside(owner, other) as another:
            more = box.create("/tokens", {"scopes": ["contact.all"]})["secret"]
            box.create("/contacts", {"email": "a@box.example"})
            end(scene, its, made)
            assert within(5, lambda: box.get("/me").status == 401)
            box.token = more
            assert within(5, lambda: box.get("/me").status == 401)
            assert box.post("/contacts", {"email": "b@box.example"}).status == 401
            assert another.get("/me").status == 200


def test_a_token_in_a_sandbox_outlives_a_refresh_of_the_apps_token(
    scene: Scene,
) -> None:
    with granted(scene, SCOPES) as its:
        made = its.client.create("/sandboxes", NOTHING)
        with inside(its.client, made) as box:
            scene.oauth.refresh(its.app, its.tokens.refresh_token)
            assert its.client.get("/me").status == box.get("/me").status
            assert box.get("/me").status == 200


def test_an_app_reaches_nothing_live_with_its_token_in_a_sandbox(stage: Scene) -> None:
    with granted(stage, f"{SCOPES} contact.all") as its:
        live = its.client.create("/contacts", {"email": "live@app.example"})
        made = its.client.create("/sandboxes", NOTHING)
        with inside(its.client, made) as box:
            assert box.get(f"/contacts/{live['id']}").status == 404
            assert box.search("/contacts")["data"] == []
            for path in ("/sandboxes", f"/sandboxes/{made['id']}/reset"):
                refused = box.post(path, NOTHING if path == "/sandboxes" else {})
                assert refused.status == 403
                assert "use a live token" in refused.json["detail"]
            inner = box.create("/contacts", {"email": "box@app.example"})
        assert its.client.get(f"/contacts/{inner['id']}").status == 404
        assert its.client.delete(f"/sandboxes/{made['id']}").status == 204
