"""Logs in by OAuth: the browser asks the user, and answers to an address of this
machine. PKCE binds the code to this process, and the app that it registers has no
secret. What the metadata of the server names is used only on the server's own address.
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2

from pcrm.exits import NOT_LOGGED_IN, NOT_REACHED, PROBLEM, CommandFailed, wrong_use
from pcrm.session import check_safe
from pcrm.store import Login

_TIMEOUT = 30.0
_METADATA = "/.well-known/oauth-authorization-server"
_PATH = "/callback"
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>pcrm</title>
<body style="font:1.1rem system-ui;margin:4rem auto;max-width:32rem">
<h1>{title}</h1><p>{text}</p>"""


def logged_in(
    address: str, scope: str | None, open_page: Callable[[str], object], patience: float
) -> Login:
    """Has the user log in and allow access. Raises CommandFailed.

    Args:
        address: The address of the API.
        scope: The scopes to ask for; all that the server has by default.
        open_page: Opens the page, or tells the user its address.
        patience: How many seconds the user may take.
    """
    check_safe(address)
    metadata = _metadata(address)
    wanted = scope or " ".join(metadata.get("scopes_supported", ()))
    with _Callback(("127.0.0.1", 0), _Answering) as server:
        redirect = f"http://127.0.0.1:{server.server_port}{_PATH}"
        app = _registered(metadata, redirect)
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": app["client_id"],
            "redirect_uri": redirect,
            "scope": wanted,
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        server.expect(state, str(metadata["issuer"]))
        open_page(f"{metadata['authorization_endpoint']}?{urlencode(asked)}")
        code = server.code(patience)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect,
        "client_id": app["client_id"],
        "code_verifier": verifier,
    }
    return _login(_post(metadata["token_endpoint"], form), _of_app(app))


def renewed(address: str, login: Login) -> Login:
    """The login with its next token. Raises CommandFailed if it has ended."""
    form = {
        "grant_type": "refresh_token",
        "refresh_token": login.refresh,
        "client_id": login.client_id,
    }
    return _login(_post(_metadata(address)["token_endpoint"], form), login)


def ended(address: str, login: Login) -> None:
    """Ends the tokens of a login, and the registration of its app."""
    if not login.refresh:
        return
    form = {"token": login.refresh, "client_id": login.client_id}
    _post(_metadata(address)["revocation_endpoint"], form, may_fail=True)
    where, token = login.registration
    if where and _origin(where) == _origin(address):
        _send("DELETE", where, headers={"Authorization": f"Bearer {token}"})


class _Callback(HTTPServer):
    """The address on this machine that the browser comes to with the code."""

    def expect(self, state: str, issuer: str) -> None:
        """Says which answer is wanted."""
        self.state, self.issuer = state, issuer
        self.answer: dict[str, str] | None = None

    def code(self, patience: float) -> str:
        """Waits for the code. Raises CommandFailed."""
        end = time.monotonic() + patience
        while self.answer is None:
            self.timeout = max(0.0, end - time.monotonic())
            if self.timeout == 0.0:
                hint = "pcrm login --no-browser, or a token in PCRM_TOKEN"
                message = "Nobody has answered in the browser."
                raise CommandFailed(message, NOT_LOGGED_IN, hint=hint)
            self.handle_request()
        if "code" not in self.answer:
            told = self.answer.get("error_description") or self.answer.get("error")
            raise CommandFailed(f"Access was not given: {told}", NOT_LOGGED_IN)
        return self.answer["code"]


class _Answering(BaseHTTPRequestHandler):
    """Takes the answer with the right state; to all others it is deaf."""

    server: _Callback
    timeout = 5  # seconds for a request: a silent connection holds nobody up

    def do_GET(self) -> None:
        """Takes the code, and tells the user to go back."""
        parts = urlsplit(self.path)
        told = {name: values[0] for name, values in parse_qs(parts.query).items()}
        is_ours = hmac.compare_digest(
            told.get("state", "").encode(), self.server.state.encode()
        )
        if parts.path != _PATH or not is_ours or told.get("iss") != self.server.issuer:
            self._say(404, "Not this page", "This address waits for something else.")
            return
        self.server.answer = told
        if "code" in told:
            self._say(200, "You are logged in", "You can close this window.")
        else:
            self._say(200, "No access", "You have not given access to pcrm.")

    def log_message(self, format: str, *args: Any) -> None:
        """Logs nothing: the address contains the code."""

    def _say(self, status: int, title: str, text: str) -> None:
        page = _PAGE.format(title=title, text=text).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(page)


def _metadata(address: str) -> Mapping[str, Any]:
    found = _send("GET", f"{address}{_METADATA}")
    names = ("authorization_endpoint", "token_endpoint", "revocation_endpoint")
    for name in (*names, "registration_endpoint"):
        if _origin(str(found.get(name, ""))) != _origin(str(found.get("issuer"))):
            raise CommandFailed(f"{address} has no usable OAuth metadata.", PROBLEM)
    if _origin(str(found["issuer"])) != _origin(address):
        raise wrong_use(
            f"{address} is called {found['issuer']} by its server.",
            f"--url {found['issuer']}",
        )
    return found


def _origin(url: str) -> tuple[str, str]:
    told = urlsplit(url)
    return told.scheme, told.netloc


def _registered(metadata: Mapping[str, Any], redirect: str) -> Mapping[str, Any]:
    body = {
        "client_name": "pcrm",
        "redirect_uris": [redirect],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
    }
    return _send("POST", metadata["registration_endpoint"], json=body)


def _of_app(app: Mapping[str, Any]) -> Login:
    where = app.get("registration_client_uri", "")
    registration = (where, app.get("registration_access_token", ""))
    return Login("", client_id=app["client_id"], registration=registration)


def _login(told: Mapping[str, Any], known: Login) -> Login:
    """The login with the tokens of an answer."""
    lifetime = told.get("expires_in")
    return Login(
        told["access_token"],
        told.get("refresh_token", known.refresh),
        time.time() + float(lifetime) if lifetime else None,
        known.client_id,
        known.registration,
    )


def _post(
    url: str, form: Mapping[str, str], *, may_fail: bool = False
) -> Mapping[str, Any]:
    try:
        return _send("POST", url, data=form)
    except CommandFailed as failure:
        if may_fail and failure.code != NOT_REACHED:
            return {}
        raise


def _send(method: str, url: str, **options: Any) -> Mapping[str, Any]:
    """Sends a request; redirects are not followed. Raises CommandFailed."""
    try:
        answer = httpx2.request(method, url, timeout=_TIMEOUT, **options)
    except httpx2.RequestError as error:
        hint = "check the address: PCRM_URL or --url"
        message = f"{_origin(url)[1]} was not reached: {error}"
        raise CommandFailed(message, NOT_REACHED, hint=hint) from error
    try:
        told = answer.json() if answer.content else {}
    except ValueError:
        told = {}
    if not answer.is_success or not isinstance(told, dict):
        told = told if isinstance(told, dict) else {}
        reason = (
            told.get("error_description") or told.get("detail") or told.get("error")
        )
        message = (
            f"{reason or 'The server answered with an error'} ({answer.status_code})"
        )
        ends = told.get("error") == "invalid_grant"
        code = NOT_LOGGED_IN if ends else PROBLEM
        raise CommandFailed(message, code, hint="pcrm login" if ends else "")
    return told
