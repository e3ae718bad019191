"""An app that uses OAuth over HTTP, with control over every step and header."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

from tests.client import Answer, Client
from tests.harness.people.oauth import CALLBACK, pkce
from tests.harness.people.person import Person, Sent

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}

Pairs = Sequence[tuple[str, str]]


def ask(
    address: str,
    method: str,
    target: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Sends one request on a new connection."""
    client = Client(address)
    answer = client.raw(method, target, body, headers or {})
    client.close()
    return answer


def basic(client_id: str, secret: str) -> dict[str, str]:
    """The header of HTTP Basic, form-encoded inside (RFC 6749, section 2.3.1)."""
    text = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
    return {"authorization": f"Basic {b64encode(text).decode()}"}


@dataclass(frozen=True, slots=True)
class WebApp:
    """A registered app at a server."""

    address: str
    id: str
    secret: str
    method: str
    registration: str

    def asking(self, challenge: str, **changed: str) -> dict[str, str]:
        """The parameters of a valid authorization request with changes."""
        given = {
            "client_id": self.id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "contact.read contact.write",
            "state": "x y&z",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return {**given, **changed}

    def target(self, challenge: str, **changed: str) -> str:
        """The path to which it redirects its users."""
        return f"/oauth/authorize?{urlencode(self.asking(challenge, **changed))}"

    def code(self, person: Person, **changed: str) -> tuple[str, str]:
        """A code from a logged-in person, and its verifier."""
        verifier, challenge = pkce()
        sent = person.answer(person.open(self.target(challenge, **changed)))
        return sent.told["code"], verifier

    def tokens(self, person: Person, **changed: str) -> dict[str, Any]:
        """All steps from the request to the tokens."""
        code, verifier = self.code(person, **changed)
        answer = self.exchange(code, verifier)
        assert answer.status == 200, answer.body
        tokens: dict[str, Any] = answer.json
        return tokens

    def exchange(self, code: str, verifier: str, **changed: str) -> Answer:
        """Exchanges a code."""
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": verifier,
        }
        return self.post("/oauth/token", {**given, **changed})

    def refresh(self, token: str, **changed: str) -> Answer:
        """Exchanges a refresh token."""
        given = {"grant_type": "refresh_token", "refresh_token": token}
        return self.post("/oauth/token", {**given, **changed})

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Sends a form, and authenticates as registered."""
        given, headers = dict(fields), dict(FORM)
        if self.method == "client_secret_basic":
            headers |= basic(self.id, self.secret)
        else:
            given["client_id"] = self.id
            if self.secret:
                given["client_secret"] = self.secret
        return ask(self.address, "POST", path, urlencode(given).encode(), headers)

    def own(self, method: str, body: object = None, token: str | None = None) -> Answer:
        """Sends a request about its own registration."""
        headers = {"authorization": f"Bearer {token or self.registration}"}
        data = None
        if body is not None:
            headers |= JSON
            data = json.dumps(body).encode()
        return ask(self.address, method, f"/oauth/register/{self.id}", data, headers)


def register(address: str, **metadata: Any) -> WebApp:
    """Registers an app; by default a public one."""
    answer = registering(address, **metadata)
    assert answer.status == 201, answer.body
    made = answer.json
    return WebApp(
        address,
        made["client_id"],
        made.get("client_secret", ""),
        made["token_endpoint_auth_method"],
        made["registration_access_token"],
    )


def registering(address: str, **metadata: Any) -> Answer:
    """Sends a request for a registration."""
    given = {
        "client_name": "Dialler",
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "none",
    }
    body = json.dumps({**given, **metadata}).encode()
    return ask(address, "POST", "/oauth/register", body, JSON)


def sent_back(sent: object, callback: str = CALLBACK) -> dict[str, str]:
    """The parameters for an app; the redirect must be to exactly its registered URI."""
    assert isinstance(sent, Sent), sent
    assert sent.location.startswith(f"{callback}?"), sent.location
    return sent.told
