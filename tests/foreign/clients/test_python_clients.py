"""Clients for Python, unmodified: authlib, requests-oauthlib and the SDK of MCP."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from requests_oauthlib import OAuth2Session as RequestsSession

from tests.client import VERSION
from tests.foreign.clients.mcp_oauth import Allow, Kept, provider
from tests.harness.people.oauth import CALLBACK
from tests.harness.people.oauth_scene import Scene
from tests.harness.people.web_app import WebApp, register
from tests.harness.promptly import within

METHODS = ["none", "client_secret_basic", "client_secret_post"]
SCOPE = ["contact.read", "contact.write"]
HEADERS = {"Version": VERSION}


@pytest.fixture(autouse=True)
def without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The libraries insist on TLS unless they are told."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


def is_refused_soon(call: Callable[[], int]) -> bool:
    """Whether a call is a 401 within a second."""
    return within(1, lambda: call() == 401)


def registered(desk: Scene, method: str) -> WebApp:
    return register(desk.tenant.stack.http, token_endpoint_auth_method=method)


@pytest.mark.parametrize("method", METHODS)
def test_authlib_goes_the_whole_way(desk: Scene, allow: Allow, method: str) -> None:
    app, base = registered(desk, method), f"http://{desk.tenant.stack.http}"
    session = AuthlibSession(
        app.id,
        app.secret or None,
        scope=SCOPE,
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
    )
    verifier = generate_token(48)
    url, state = session.create_authorization_url(
        f"{base}/oauth/authorize", code_verifier=verifier
    )
    token = session.fetch_token(
        f"{base}/oauth/token",
        authorization_response=allow(url),
        state=state,
        code_verifier=verifier,
    )
    assert token["scope"] == " ".join(SCOPE)

    def call() -> int:
        status: int = session.get(f"{base}/v1/me", headers=HEADERS).status_code
        return status

    assert call() == 200
    again = session.refresh_token(f"{base}/oauth/token")
    assert again["access_token"] != token["access_token"]
    assert call() == 200
    if method != "none":
        told = session.introspect_token(
            f"{base}/oauth/introspect", token=again["access_token"]
        )
        assert told.json()["active"]
    revoked = session.revoke_token(f"{base}/oauth/revoke", token=again["refresh_token"])
    assert revoked.status_code == 200
    assert is_refused_soon(call)
    session.close()


@pytest.mark.parametrize("method", METHODS)
def test_requests_oauthlib_goes_the_whole_way(
    desk: Scene, allow: Allow, method: str
) -> None:
    app, base = registered(desk, method), f"http://{desk.tenant.stack.http}"
    session = RequestsSession(app.id, redirect_uri=CALLBACK, scope=SCOPE, pkce="S256")
    url, _ = session.authorization_url(f"{base}/oauth/authorize")
    proof: dict[str, Any] = {"include_client_id": method != "client_secret_basic"}
    if app.secret:
        proof["client_secret"] = app.secret
    token = session.fetch_token(
        f"{base}/oauth/token", authorization_response=allow(url), **proof
    )
    assert token["scope"] == SCOPE

    def call() -> int:
        status: int = session.get(f"{base}/v1/me", headers=HEADERS).status_code
        return status

    assert call() == 200
    given: dict[str, Any] = {"client_id": app.id, "client_secret": app.secret}
    if method == "client_secret_basic":
        given = {"auth": (app.id, app.secret)}
    again = session.refresh_token(f"{base}/oauth/token", **given)
    assert again["access_token"] != token["access_token"]
    assert call() == 200
    app.post("/oauth/revoke", {"token": again["refresh_token"]})
    assert is_refused_soon(call)
    session.close()


@pytest.mark.parametrize("method", [None, *METHODS])
def test_mcp_finds_its_way_from_a_401(
    desk: Scene, allow: Allow, method: str | None
) -> None:
    """401, resource metadata, server metadata, registration, PKCE, token, refresh."""
    base, kept = f"http://{desk.tenant.stack.http}", Kept()
    metadata = {"token_endpoint_auth_method": method} if method else {}

    async def scenario() -> None:
        auth = provider(f"{base}/v1/me", kept, allow, **metadata)
        async with httpx2.AsyncClient(auth=auth, headers=HEADERS) as client:
            answer = await client.get(f"{base}/v1/me")
            assert answer.status_code == 200
            assert answer.json()["token"]["kind"] == "oauth"
            assert kept.tokens is not None
            first = kept.tokens
            assert (await client.get(f"{base}/v1/me")).status_code == 200
            assert kept.tokens is first, "a token that is good is used again"
            auth.context.token_expiry_time = time.time() - 1
            assert (await client.get(f"{base}/v1/me")).status_code == 200
            assert kept.tokens.access_token != first.access_token
            assert kept.tokens.refresh_token != first.refresh_token

    asyncio.run(scenario())
    assert kept.client is not None
    assert kept.client.client_id is not None
