"""OAuth as the edge calls it: the services' methods, and all steps to a token."""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import grpc
from prospectconnect.iam.v1 import (
    access_pb2_grpc,
    apps_pb2,
    apps_pb2_grpc,
    authorizations_pb2,
    authorizations_pb2_grpc,
    grants_pb2,
    grants_pb2_grpc,
    sessions_pb2,
    sessions_pb2_grpc,
    token_endpoint_pb2,
    token_endpoint_pb2_grpc,
    tokens_pb2_grpc,
)

from tests.harness.wire.grpc_calls import as_edge, refused

CALLBACK = "https://app.example/callback"
PASSWORD = "correct horse battery staple"

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class App:
    """A registered app and its secrets."""

    id: str
    secret: str
    registration: str
    method: str

    def credentials(self, **changed: str) -> token_endpoint_pb2.ClientCredentials:
        """Its credentials, right or changed."""
        given = {
            "client_id": self.id,
            "client_secret": self.secret,
            "method": self.method,
        }
        return token_endpoint_pb2.ClientCredentials(**{**given, **changed})


@dataclass(frozen=True, slots=True)
class Granted:
    """A code and its verifier."""

    code: str
    verifier: str


def pkce() -> tuple[str, str]:
    """A verifier and its S256 challenge."""
    verifier = secrets.token_urlsafe(32)
    digest = sha256(verifier.encode()).digest()
    return verifier, urlsafe_b64encode(digest).decode().rstrip("=")


def session(secret: str) -> Pairs:
    """The metadata of a call by a logged-in user."""
    return (("authorization", f"Session {secret}"),)


class Oauth:
    """The services of a stack, and the steps of a flow with the usual values."""

    def __init__(self, channel: grpc.Channel) -> None:
        channel = as_edge(channel)
        self.channel = channel
        self.apps = apps_pb2_grpc.AppServiceStub(channel)
        self.sessions = sessions_pb2_grpc.SessionServiceStub(channel)
        self.authorizations = authorizations_pb2_grpc.AuthorizationServiceStub(channel)
        self.endpoint = token_endpoint_pb2_grpc.TokenEndpointServiceStub(channel)
        self.grants = grants_pb2_grpc.GrantServiceStub(channel)
        self.access = access_pb2_grpc.AccessServiceStub(channel)
        self.tokens = tokens_pb2_grpc.TokenServiceStub(channel)

    def register(self, **metadata: Any) -> App:
        """Registers an app; by default a public one."""
        given = {
            "client_name": "Dialler",
            "redirect_uris": [CALLBACK],
            "token_endpoint_auth_method": "none",
        }
        answer = self.apps.RegisterApp(
            apps_pb2.RegisterAppRequest(
                metadata=apps_pb2.AppMetadata(**{**given, **metadata})
            ),
            timeout=60,
        )
        return App(
            answer.app.id,
            answer.client_secret,
            answer.registration_access_token,
            answer.app.metadata.token_endpoint_auth_method,
        )

    def log_in(self, email: str, **changed: str) -> str:
        """Logs in and returns the session's secret."""
        return self.sessions.LogIn(self.login(email, **changed), timeout=60).session

    def login(self, email: str, **changed: str) -> sessions_pb2.LogInRequest:
        """The filled form of a new browser."""
        browser = changed.pop("browser", secrets.token_urlsafe(24))
        form = self.sessions.GetLoginForm(
            sessions_pb2.GetLoginFormRequest(
                browser=browser, request=changed.get("request", "")
            ),
            timeout=60,
        )
        given = {
            "browser": browser,
            "form_token": form.form_token,
            "email": email,
            "password": PASSWORD,
            "address": f"192.0.2.{secrets.randbelow(255)}",
        }
        return sessions_pb2.LogInRequest(**{**given, **changed})

    def start(self, app: App, challenge: str, **changed: Any) -> str:
        """Starts an authorization and returns the request."""
        request = self.asking(app, challenge, **changed)
        return self.authorizations.StartAuthorization(request, timeout=60).request

    def asking(
        self, app: App, challenge: str, **changed: Any
    ) -> authorizations_pb2.StartAuthorizationRequest:
        """A valid authorization request with changes."""
        given = {
            "client_id": app.id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "contact.read contact.write",
            "state": "xyz",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return authorizations_pb2.StartAuthorizationRequest(**{**given, **changed})

    def authorization(self, request: str, who: str) -> authorizations_pb2.Authorization:
        """The data of the consent page."""
        return self.authorizations.GetAuthorization(
            authorizations_pb2.GetAuthorizationRequest(request=request),
            metadata=session(who),
            timeout=60,
        )

    def approve(
        self, request: str, who: str
    ) -> authorizations_pb2.ApproveAuthorizationResponse:
        """The user consents."""
        shown = self.authorization(request, who)
        return self.authorizations.ApproveAuthorization(
            authorizations_pb2.ApproveAuthorizationRequest(
                request=request, form_token=shown.form_token, address="192.0.2.7"
            ),
            metadata=session(who),
            timeout=60,
        )

    def grant(self, app: App, who: str, **changed: Any) -> Granted:
        """All steps from the app's request to a code."""
        verifier, challenge = pkce()
        request = self.start(app, challenge, **changed)
        return Granted(self.approve(request, who).code, verifier)

    def exchange(
        self, app: App, granted: Granted, **changed: Any
    ) -> token_endpoint_pb2.IssuedTokens:
        """Exchanges a code."""
        return self.endpoint.ExchangeCode(exchange(app, granted, **changed), timeout=60)

    def refresh(
        self, app: App, token: str, **changed: Any
    ) -> token_endpoint_pb2.IssuedTokens:
        """Exchanges a refresh token."""
        return self.endpoint.ExchangeRefreshToken(
            refresh(app, token, **changed), timeout=60
        )

    def revoke(self, app: App, token: str) -> None:
        """Revokes a token."""
        self.endpoint.RevokeIssuedToken(
            token_endpoint_pb2.RevokeIssuedTokenRequest(
                client=app.credentials(), token=token
            ),
            timeout=60,
        )

    def introspect(self, app: App, token: str) -> token_endpoint_pb2.Introspection:
        """Asks about a token."""
        return self.endpoint.IntrospectIssuedToken(
            token_endpoint_pb2.IntrospectIssuedTokenRequest(
                client=app.credentials(), token=token
            ),
            timeout=60,
        )

    def granted_apps(self, who: str) -> list[grants_pb2.GrantedApp]:
        """The apps with access to a user's data."""
        return list(
            self.grants.ListGrantedApps(
                grants_pb2.ListGrantedAppsRequest(), metadata=session(who), timeout=60
            ).apps
        )

    def account_form(self, who: str) -> str:
        """The form token of the user's own pages."""
        return self.sessions.GetSession(
            sessions_pb2.GetSessionRequest(), metadata=session(who), timeout=60
        ).form_token


def exchange(
    app: App, granted: Granted, **changed: Any
) -> token_endpoint_pb2.ExchangeCodeRequest:
    """A valid request for tokens with changes."""
    given: dict[str, Any] = {
        "client": app.credentials(),
        "code": granted.code,
        "redirect_uri": CALLBACK,
        "code_verifier": granted.verifier,
        "address": "192.0.2.8",
    }
    return token_endpoint_pb2.ExchangeCodeRequest(**{**given, **changed})


def refresh(
    app: App, token: str, **changed: Any
) -> token_endpoint_pb2.ExchangeRefreshTokenRequest:
    """A valid request for new tokens with changes."""
    given: dict[str, Any] = {"client": app.credentials(), "refresh_token": token}
    return token_endpoint_pb2.ExchangeRefreshTokenRequest(**{**given, **changed})


def refusal_of(method: Any, request: Any, **options: Any) -> tuple[str, str]:
    """The OAuth error of a call that must be refused, and the URI that may get it."""
    found = refused(method, request, **options)
    assert found.reason == "OAUTH_REFUSED", found
    assert found.metadata is not None
    # The characters that RFC 6749 allows in an error_description.
    assert all(" " <= c <= "~" and c not in '"\\' for c in found.message)
    return found.metadata["oauth_error"], found.metadata.get("redirect_uri", "")


def error_of(method: Any, request: Any, **options: Any) -> str:
    """The OAuth error of a call that must be refused."""
    return refusal_of(method, request, **options)[0]
