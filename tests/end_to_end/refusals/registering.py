"""Registrations: bodies that register nothing, tokens that are not the app's own."""

from typing import Any

from tests.end_to_end.refusals.case import Case
from tests.harness.people.oauth import CALLBACK

_uri, _data = "invalid_redirect_uri", "invalid_client_metadata"
HOST = "app.example"


def _body(rule: str, title: str, changed: Any, error: str = _data) -> Case:
    return Case(rule, title, changed, error)


def _uris(rule: str, title: str, *uris: str) -> Case:
    return _body(rule, title, {"redirect_uris": list(uris)}, _uri)


BODIES = (
    _uris("7591 2", "no redirect URI"),
    _body("7591 2", "none given", {"redirect_uris": None}, _uri),
    _body("7591 2", "a text for a list", {"redirect_uris": CALLBACK}, _uri),
    _body("7591 2", "numbers for URIs", {"redirect_uris": [1]}, _uri),
    _body("7591 2", "lists in the list", {"redirect_uris": [[CALLBACK]]}, _uri),
    _uris("7591 2", "one good, one bad", CALLBACK, f"http://{HOST}/back"),
    _uris("7591 2", "too many", *(f"{CALLBACK}/{n}" for n in range(21))),
    _uris("7591 5", "a scheme that runs", "javascript:alert(1)"),
    _uris("7591 5", "a document in itself", "data:text/html,x"),
    _uris("7591 5", "a file", "file:///etc/passwd"),
    _uris("7591 5", "a script of old", "vbscript:x"),
    _uris("9700 2.6", "http", f"http://{HOST}/back"),
    _uris(
        "9700 2.6", "http that looks like loopback", "http://localhost.evil.example/"
    ),
    _uris("9700 2.6", "a loopback address as a user", "http://127.0.0.1@evil.example/"),
    _uris("9700 4.1.3", "a wildcard host", f"https://*.{HOST}/back"),
    _uris("9700 4.1.3", "a wildcard path", f"https://{HOST}/*"),
    _uris("6749 3.1.2", "a fragment", f"{CALLBACK}#x"),
    _uris("6749 3.1.2", "a relative URI", "/back"),
    _uris("6749 3.1.2", "no host", "https:///back"),
    _uris("6749 3.1.2", "a user in it", f"https://user:pass@{HOST}/"),
    _uris("6749 3.1.2", "a port that is none", f"https://{HOST}:99999/"),
    _uris("6749 3.1.2", "a space in it", f"https://{HOST}/a b"),
    _uris("6749 3.1.2", "a Unicode host", "https://\u0430pp.example/back"),
    _uris("6749 3.1.2", "NUL in it", f"{CALLBACK}\0"),
    _uris("6749 3.1.2", "a line break", f"{CALLBACK}\r\nX: y"),
    _uris("6749 3.1.2", "too long", f"https://{HOST}/{'x' * 2_048}"),
    _uris("8252 8.4", "a private scheme without a dot", "myapp:/back"),
    _body("7591 2", "an unknown way of proof", {"token_endpoint_auth_method": "tls"}),
    _body("7591 2", "no text for it", {"token_endpoint_auth_method": ["none"]}),
    _body("9700 2.4", "the password grant", {"grant_types": ["password"]}),
    _body("9700 2.1.2", "the implicit grant", {"grant_types": ["implicit"]}),
    _body("9700 2.1.2", "a token at once", {"response_types": ["token"]}),
    _body("6749 4.4", "client credentials", {"grant_types": ["client_credentials"]}),
    _body("7591 2", "refreshing alone", {"grant_types": ["refresh_token"]}),
    _body("7591 2", "a text for grant_types", {"grant_types": "authorization_code"}),
    _body("7591 2", "an unknown scope", {"scope": "everything"}),
    _body("7591 2", "a list for scope", {"scope": ["deal.read"]}),
    _body("9700 2.3", "a scope for no app", {"scope": "token.all"}),
    _body("7591 2", "a name too long", {"client_name": "x" * 101}),
    _body("7591 2", "a number for a name", {"client_name": 1}),
    _body("7591 5", "a name turned around", {"client_name": "knab\u202e"}),
    _body("7591 5", "a name with NUL", {"client_name": "a\0b"}),
    _body("7591 5", "a home page that runs", {"client_uri": "javascript:alert(1)"}),
    _body("7591 5", "a logo in itself", {"logo_uri": "data:image/svg+xml,x"}),
    _body("7591 5", "terms without TLS", {"tos_uri": "http://app.example/"}),
    _body("7591 2", "too many contacts", {"contacts": ["a@b.example"] * 11}),
    _body("7591 3.1", "no JSON", b"{"),
    _body("7591 3.1", "a list", b"[]"),
    _body("7591 3.1", "a text", b'"x"'),
    _body("7591 3.1", "nothing", b"", _uri),
    _body("7591 3.1", "a member twice", b'{"client_name": "a", "client_name": "b"}'),
    _body("7591 3.1", "not UTF-8", b'{"client_name": "\xff"}'),
    _body("7591 3.1", "half a character", b'{"client_name": "\\ud800"}'),
    _body("7591 3.1", "nested without end", b"[" * 30_000),
)

# Of its own registration: the token, and what the body says that it must not.
TOKENS = tuple(
    Case("7592 2", title, token, "invalid_token", 401)
    for title, token in (
        ("no token", ""),
        ("nonsense for a token", "x"),
        ("a token nobody made", "pcg_" + "0" * 39),
        ("another app's token", "{other}"),
        ("a user's token", "{pat}"),
        ("a token with more", "{own}%00"),
    )
)
UPDATES = (
    _body("7592 2.2", "no client_id", {"client_id": None}, "invalid_request"),
    _body("7592 2.2", "another one", {"client_id": "{other_id}"}, "invalid_request"),
    _body("7592 2.2", "another secret", {"client_secret": "x"}, "invalid_request"),
    _body(
        "7592 2.2", "a secret that is no text", {"client_secret": 1}, "invalid_request"
    ),
    _body("7592 2.2", "a new token", {"registration_access_token": "x"}),
    _body("7592 2.2", "a new place", {"registration_client_uri": "https://x.example"}),
    _body("7592 2.2", "another age", {"client_id_issued_at": 1}),
    _body("7592 2.2", "another end", {"client_secret_expires_at": 1}),
    _uris("7592 2.2", "a URI that runs", "javascript:alert(1)"),
    _uris("7592 2.2", "no URI left"),
)
